"""flask first-admin creates the administrator of the settings, or says where to begin."""

from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.extensions import settings
from app.services import auth, setup


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command with these settings."""

    def run(**values: str) -> Result:
        monkeypatch.setitem(app.config, "HELIOGRAPH", replace(settings(), **values))  # type: ignore[arg-type]
        return app.test_cli_runner().invoke(args=["first-admin"])

    return run


def test_it_creates_the_administrator_of_the_settings(run: Any) -> None:
    done = run(ADMIN="root", ADMIN_PASSWORD="from the settings")
    assert (done.exit_code, done.output) == (0, "Administrator root was created\n")
    assert auth.sign_in("root", "from the settings", ip="127.0.0.1").admin
    assert run(ADMIN="root").output == "There is an administrator already; nothing was changed\n"


def test_without_settings_it_names_the_set_up_page(run: Any, app: Flask) -> None:
    assert run().output == f"Nobody can sign in yet. Open {setup.address()}\n"


def test_a_missing_password_is_one_line(run: Any) -> None:
    done = run(ADMIN="root")
    assert done.exit_code == 1
    assert done.output == "Error: SEMAPHORE_ADMIN_PASSWORD: Type a password\n"
