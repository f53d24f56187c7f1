import os

import pytest

from app.lib.file_lock import locked, try_lock


class GivenUp(Exception):
    pass


def test_a_lock_is_held_once_and_free_when_its_descriptor_is_closed(tmp_path):
    first = try_lock(tmp_path / "lock")
    assert first is not None and try_lock(tmp_path / "lock") is None
    os.close(first)
    second = try_lock(tmp_path / "lock")
    assert second is not None
    os.close(second)


def test_a_duplicate_keeps_it(tmp_path):
    first = try_lock(tmp_path / "lock")
    duplicate = os.dup(first)
    os.close(first)
    assert try_lock(tmp_path / "lock") is None
    os.close(duplicate)


def test_waiting_for_it_can_be_given_up(tmp_path):
    held = try_lock(tmp_path / "lock")
    calls = []

    def wait():
        calls.append(1)
        if len(calls) == 3:
            raise GivenUp

    with pytest.raises(GivenUp), locked(tmp_path / "lock", wait):
        pytest.fail("it was held by somebody else")
    os.close(held)


def test_it_is_got_when_the_other_lets_go_and_is_free_afterwards(tmp_path):
    held = try_lock(tmp_path / "lock")
    with locked(tmp_path / "lock", lambda: os.close(held)):
        assert try_lock(tmp_path / "lock") is None
    again = try_lock(tmp_path / "lock")
    assert again is not None
    os.close(again)


def test_a_link_is_no_lock(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "other")
    with pytest.raises(OSError):
        try_lock(tmp_path / "lock")
    assert not (tmp_path / "other").exists()
