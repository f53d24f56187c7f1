"""`wsgi:app` is the application for gunicorn and flask; `python wsgi.py` starts everything."""

import gc
import sys
from pathlib import Path
from types import ModuleType

# What is imported stays: to look for garbage meanwhile takes a third of the start.
gc.disable()

if __name__ == "__main__":
    # The supervisor needs settings and app.lib, not the application: a package without its
    # contents saves a second at the start and 60 MB as long as it runs.
    package = sys.modules["app"] = ModuleType("app")
    package.__path__ = [str(Path(__file__).parent / "app")]

from app.lib.hardening import become_undumpable  # noqa: E402

become_undumpable()

if __name__ == "__main__":
    from app.serve import main

    gc.enable()
    sys.exit(main())
else:
    from app.application import create_app

    app = create_app()
    gc.freeze()  # later collections pass over it
    gc.enable()
