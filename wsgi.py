"""`wsgi:app` is the application for gunicorn and flask; `python wsgi.py` starts everything."""

import gc
import sys

from app.lib.hardening import become_undumpable

become_undumpable()

# What is imported stays: to look for garbage meanwhile takes a third of the start.
gc.disable()

if __name__ == "__main__":
    # The supervisor needs no application: without it, it starts sooner and stays small.
    from app.serve import main

    gc.enable()
    sys.exit(main())
else:
    from app.application import create_app

    app = create_app()
    gc.freeze()  # later collections pass over it
    gc.enable()
