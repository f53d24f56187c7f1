"""What a real server of the 2.10 line answered is answered here, request by request, or it is known
in what the answers differ and why."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.contract.document import transactions
from tests.contract.test_transactions import absent
from tests.golden.differences import listed, shown
from tests.golden.exchanges import ELSEWHERE, FOLDER, NOT_YET, NOT_YET_OPERATIONS, ORDER, group
from tests.golden.replay import Replay

OF_ITS_OWN = {"role_matrix"}  # test_roles.py


def test_every_answer_is_as_recorded_or_its_difference_is_listed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(app.config["HELIOGRAPH"], INTEGRATION_ALIAS="golden-global-alias")
    monkeypatch.setitem(app.config, "HELIOGRAPH", config)
    found, known = set(Replay(app).run()), set(listed())
    assert not found - known, f"new differences:\n{shown(found - known)}"
    assert not known - found, f"gone, take them out of the list:\n{shown(known - found)}"


def test_every_difference_has_a_reason() -> None:
    assert all(reason.endswith(".") for reason in listed().values())


def test_no_exchange_is_left_out_unseen() -> None:
    played = {e.name for name, first, end in ORDER for e in group(name)[first:end]}
    groups = {path.stem for path in FOLDER.glob("*.json")} - OF_ITS_OWN - NOT_YET.keys()
    assert played == {e.name for name in groups for e in group(name)}
    assert played >= ELSEWHERE.keys()


def test_what_is_skipped_is_not_there_yet(app: Flask) -> None:
    """The lists may only shrink: a group, or an operation, that is routed by now is replayed."""
    assert set(NOT_YET.values()) <= absent()
    assert {o for o in NOT_YET_OPERATIONS if _is_routed(app, o)} == set()
    documented = {t.operation for t in transactions()}
    assert NOT_YET_OPERATIONS & documented <= absent()


def _is_routed(app: Flask, operation: str) -> bool:
    method, _, path = operation.partition(" ")
    words = ("7" if word.startswith("{") else word for word in path.split("/"))
    return app.url_map.bind("").test("/api" + "/".join(words), method)
