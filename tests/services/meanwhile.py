"""What a second person does while the first one has not finished."""

import threading
from collections.abc import Callable

from flask import Flask

from app.db import transaction
from app.errors import DomainError


def meanwhile(app: Flask, use_case: Callable[[], object]) -> tuple[threading.Thread, list]:
    """A second person, who begins when the thread is started, and how it ended for him."""
    ended: list[object] = []

    def act() -> None:
        with app.app_context():
            try:
                with transaction():
                    ended.append(use_case())
            except DomainError as error:
                ended.append(error)

    return threading.Thread(target=act), ended
