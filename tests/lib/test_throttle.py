"""Attempts are counted for all processes together, and without Redis by each alone."""

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.lib.throttle import Throttle

LIMITS = (RateLimitItemPerMinute(3), RateLimitItemPerHour(4))


@pytest.fixture(params=["redis", "away"])
def client(request: pytest.FixtureRequest, redis_url: str) -> Redis:
    """Redis, or one that does not answer."""
    url = redis_url if request.param == "redis" else "unix:///nonexistent/socket"
    client = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    request.addfinalizer(client.close)
    return client


def test_the_attempt_after_the_last_one_waits(client: Redis) -> None:
    throttle = Throttle(client, "test")
    assert [throttle.hit("anna", *LIMITS) for _ in range(3)] == [0, 0, 0]
    assert 1 <= throttle.hit("anna", *LIMITS) <= 60
    assert 60 < throttle.hit("anna", *LIMITS) <= 3600
    assert throttle.hit("bert", *LIMITS) == 0


def test_what_was_no_attempt_is_taken_back(client: Redis) -> None:
    throttle = Throttle(client, "test")
    for _ in range(10):
        assert throttle.hit("anna", *LIMITS) == 0
        throttle.take_back("anna", *LIMITS)


def test_attempts_are_forgotten(client: Redis) -> None:
    throttle = Throttle(client, "test")
    for _ in range(4):
        throttle.hit("anna", *LIMITS)
    throttle.clear("anna", *LIMITS)
    assert throttle.hit("anna", *LIMITS) == 0


def test_processes_count_together(redis_url: str) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(2)]
    first, second = (Throttle(client, "test") for client in clients)
    assert [first.hit("anna", *LIMITS), second.hit("anna", *LIMITS)] == [0, 0]
    assert first.hit("anna", *LIMITS) == 0
    assert second.hit("anna", *LIMITS) > 0
    for client in clients:
        client.close()
