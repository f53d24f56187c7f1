import pytest

from app.services.limits import matched

ANSWER = {
    "more": False,
    "hosts": [
        {"name": "web1", "groups": ["web", "prod"]},
        {"name": "web2", "groups": ["web"]},
        {"name": "db1", "groups": ["db", "prod"]},
        {"name": "fe80::1", "groups": []},
    ],
}


@pytest.mark.parametrize(("limit", "names"), [
    ([], {"web1", "web2", "db1", "fe80::1"}),
    (["all"], {"web1", "web2", "db1", "fe80::1"}),
    (["web"], {"web1", "web2"}),
    (["web*", "db"], {"web1", "web2", "db1"}),
    (["web:&prod"], {"web1"}),
    (["web", "!web2"], {"web1"}),
    (["!web"], {"db1", "fe80::1"}),
    (["fe80::1"], {"fe80::1"}),
    (["nowhere"], set()),
    (["", " db1 "], {"db1"}),
    (["~web\\d"], None),
    (["web[0]"], None),
])  # fmt: skip
def test_a_limit_matches_names_and_groups(limit: list[str], names: set[str] | None) -> None:
    assert matched(ANSWER, limit) == names


def test_of_some_of_the_hosts_nothing_is_known() -> None:
    assert matched(ANSWER | {"more": True}, ["web"]) is None
