"""Count attempts in windows of time, for all processes together; say how long to wait."""

import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter as Counter
from redis import Redis, RedisError

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Throttle:
    """Counters in Redis. While it does not answer, this process counts alone: attempts are
    neither unlimited nor refused then."""

    def __init__(self, client: Redis, prefix: str) -> None:
        shared = RedisStorage("redis://", client.connection_pool, key_prefix=prefix)
        self._shared = Counter(shared)
        self._client, self._prefix = client, prefix
        self._own = Counter(MemoryStorage())

    def hit(self, key: str, *limits: RateLimitItem) -> int:
        """Count an attempt; return 0, or the seconds until the next one is looked at."""
        return max(self._ask(_hit, item, key) for item in limits)

    def wait(self, key: str, *limits: RateLimitItem) -> int:
        """The seconds until an attempt is looked at, 0: now; nothing is counted."""
        return max(self._ask(_wait, item, key) for item in limits)

    def take_back(self, key: str, *limits: RateLimitItem) -> None:
        """An attempt that was counted turned out to be none."""
        for item in limits:
            self._ask(_take_back, item, key)

    def clear(self, key: str, *limits: RateLimitItem) -> None:
        """Forget all attempts of a key."""
        for item in limits:
            self._ask(_clear, item, key)

    def clear_all(self, start: str) -> None:
        """Forget all attempts whose key begins with `start`, which has no wildcard of Redis."""
        try:
            for name in self._client.scan_iter(match=f"{self._prefix}:*/{start}*", count=1000):
                self._client.delete(name)
        except (RedisError, OSError) as error:
            logger.warning("attempts are not forgotten", extra={"reason": str(error)})

    def _ask(
        self, do: Callable[[Counter, RateLimitItem, str], T], item: RateLimitItem, key: str
    ) -> T:
        try:
            return do(self._shared, item, key)
        except (RedisError, OSError) as error:
            logger.warning("attempts are counted without Redis", extra={"reason": str(error)})
            return do(self._own, item, key)


def _hit(counter: Counter, item: RateLimitItem, key: str) -> int:
    return 0 if counter.hit(item, key) else _rest(counter, item, key)


def _wait(counter: Counter, item: RateLimitItem, key: str) -> int:
    return 0 if counter.test(item, key) else _rest(counter, item, key)


def _rest(counter: Counter, item: RateLimitItem, key: str) -> int:
    reset = counter.get_window_stats(item, key).reset_time
    return max(1, math.ceil(reset - time.time()))


def _take_back(counter: Counter, item: RateLimitItem, key: str) -> None:
    counter.hit(item, key, cost=-1)


def _clear(counter: Counter, item: RateLimitItem, key: str) -> None:
    counter.clear(item, key)
