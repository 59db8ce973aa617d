"""Topics, and the hubs that wake their followers. A hub carries the key of what changed, not the data.

What must travel up (new events, a revocation, a queued command) is a topic that a package declares. A transaction publishes a key of the
topic; after the commit, the followers of that key wake up and read the rows. A slow follower loses nothing: many signals become one
wake-up. Each server has its own `Hubs`, created with its store. Use a hub on one event loop only. `passing_on` also forwards the keys to
other processes, which `deliver` them to their followers.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K")


class Follower(Generic[K]):
    """One waiting reader. `wait` returns as soon as something was published since the last `wait`."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self.pending: set[K] = set()

    def wake(self, key: K) -> None:
        self.pending.add(key)
        self._woken.set()

    async def wait(self, timeout_s: float) -> set[K]:
        """Wait at most `timeout_s` seconds; return the keys published meanwhile (empty on timeout)."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return set()
        self._woken.clear()
        keys, self.pending = self.pending, set()
        return keys


class Hub(Generic[K]):
    """Followers by key. Memory is bounded by followers × keys they follow."""

    def __init__(self) -> None:
        self._followers: dict[K, set[Follower[K]]] = {}
        self._carriers: list[Callable[[K], None]] = []

    def publish(self, key: K) -> None:
        """Wake the followers of this key, here and in other processes."""
        self.deliver(key)
        for carry in self._carriers:
            carry(key)

    def deliver(self, key: K) -> None:
        """Wake the followers of this key in this process alone."""
        for follower in tuple(self._followers.get(key, ())):
            follower.wake(key)

    def deliver_all(self) -> None:
        """Wake every follower in this process: news may have been missed."""
        for key in tuple(self._followers):
            self.deliver(key)

    @contextmanager
    def passing_on(self, carry: Callable[[K], None]) -> Iterator[None]:
        """Also hand each published key to `carry`, which must not raise or block, while the context is open."""
        self._carriers.append(carry)
        try:
            yield
        finally:
            self._carriers.remove(carry)

    @contextmanager
    def follow(self, *keys: K) -> Iterator[Follower[K]]:
        follower: Follower[K] = Follower()
        for key in keys:
            self._followers.setdefault(key, set()).add(follower)
        try:
            yield follower
        finally:
            for key in keys:
                group = self._followers[key]
                group.discard(follower)
                if not group:
                    del self._followers[key]

    def join(self, follower: Follower[Any], key: K) -> None:
        """Let a follower also follow this key, besides what it follows here or in other hubs; `leave` ends it."""
        self._followers.setdefault(key, set()).add(follower)

    def leave(self, follower: Follower[Any], key: K) -> None:
        group = self._followers.get(key)
        if group is not None:
            group.discard(follower)
            if not group:
                del self._followers[key]

    def __len__(self) -> int:
        return sum(len(group) for group in self._followers.values())


@dataclass(frozen=True, slots=True)
class Topic(Generic[K]):
    """What can be published, with keys of type `K`: a constant of the package that publishes it. Other servers know it by its name."""

    name: str


ANY = "any"
"""The key of a topic that has only one."""

News = tuple[Topic[Any], Any]
"""A topic, and the key to publish."""


class Hubs:
    """The hub of each topic, for one server."""

    def __init__(self) -> None:
        self._hubs: dict[str, Hub[Any]] = {}

    def __getitem__(self, topic: Topic[K]) -> Hub[K]:
        return self._hubs.setdefault(topic.name, Hub())

    def publish_all(self, news: Iterable[News]) -> None:
        """Publish each key in this order."""
        for topic, key in news:
            self[topic].publish(key)
