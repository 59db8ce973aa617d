"""Background tasks with an owner: each has a name, its failure is seen, and none outlives a stop."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """A named set of background tasks. A task that ends with an exception is reported once to `on_failure(name, error)`."""

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_failure(task.get_name(), error)

    async def stop(self, *, deadline_s: float = 10) -> None:
        """Cancel all tasks and wait for them; raises TimeoutError with the names of those that do not end in time."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=deadline_s)
            if late:
                raise TimeoutError("still running: " + ", ".join(sorted(task.get_name() for task in late)))

    async def idle(self) -> None:
        """Wait until none runs, those that begin meanwhile included. What a task does at its end is done then."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def __len__(self) -> int:
        return len(self._tasks)
