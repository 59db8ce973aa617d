"""The agent's memory of writes, on its disk before they happen: RECEIVED, RUNNING, then how it ended.

A command that comes again finds its entry: an end is reported again, a write that a dead process left RUNNING is either done again
(idempotent) or answered as unknown. Lines are appended and synced; the last 64 ends and all of the last hour are kept. The silence of a
journal proves nothing about a command that was sent before: it may have gone to an agent with another disk, or with a copy of this one.
"""

import errno
import hashlib
import os
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from optral.kit.clock import Clock
from optral.terms.errors import Misconfigured

FILE = "commands.journal"
KEPT = 64
KEPT_FOR = timedelta(hours=1)
OPEN_KEPT_FOR = timedelta(days=1)  # the control plane gives a command up after minutes
MOST = 1024
COMPACT_AT_LINES = 512
OPEN = frozenset({"received", "running"})


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one write. `digest` is of verb and parameters: the same id with others is a forgery. `plan` is its dry run.

    `attempt` is the last one that reached this agent.
    """

    id: str
    verb: str
    digest: str
    state: str
    at: datetime
    attempt: int = 1
    code: str = ""
    message: str = ""
    result: dict[str, Any] | None = None
    plan: dict[str, Any] | None = None

    @property
    def is_final(self) -> bool:
        return self.state not in OPEN


class _Born(msgspec.Struct, frozen=True, kw_only=True):
    born: datetime


class Journal:
    """`directory` None keeps it in memory: enough for an agent that only reads. One process at a time. Methods block on the disk."""

    def __init__(self, directory: Path | None, clock: Clock) -> None:
        self._path = None if directory is None else directory / FILE
        self._clock = clock
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._born = clock.now()
        self._lines, self._is_torn = 0, False
        if self._path is not None:
            self._open(self._path)

    @property
    def is_durable(self) -> bool:
        return self._path is not None

    def begin(self) -> None:
        """Have the file from now on, so that its age tells what it has seen. Raises `Misconfigured` when it cannot be written."""
        if self._path is None or self._path.exists():
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._compact()
        except OSError as error:
            raise Misconfigured("state_dir", say=f"the journal {self._path} cannot be written: {error.strerror}") from error

    def find(self, command_id: str) -> Entry | None:
        return self._entries.get(command_id)

    def write(self, entry: Entry) -> None:
        """Keep the entry, durably, before returning. Raises `OSError`: then nothing may be done."""
        if self._path is not None and not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._compact()
        self._append(msgspec.json.encode(entry))
        self._keep(entry)
        if self._lines >= COMPACT_AT_LINES:
            self._compact()

    def _keep(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self._entries.move_to_end(entry.id)

    def _forget_old(self) -> None:
        before = self._clock.now() - KEPT_FOR
        ended = [entry for entry in self._entries.values() if entry.is_final]
        excess = len(ended) - KEPT
        for number, entry in enumerate(ended):
            if number < excess and (entry.at < before or len(ended) - number > MOST):
                del self._entries[entry.id]
        for entry in [one for one in self._entries.values() if not one.is_final and one.at < self._clock.now() - OPEN_KEPT_FOR]:
            del self._entries[entry.id]

    # --- the file ----------------------------------------------------------------------------------------------------------------

    def _open(self, path: Path) -> None:
        if not path.exists():
            return
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise Misconfigured("state_dir", say=f"the journal {path} cannot be used: {error.strerror}") from error
        try:
            if lines and lines[0]:
                self._born = msgspec.json.decode(lines[0], type=_Born).born
        except msgspec.MsgspecError:
            lines = []  # not a journal of ours: one that begins now
        for line in lines[1:]:
            try:
                self._keep(msgspec.json.decode(line, type=Entry))
            except msgspec.MsgspecError:
                continue  # the last line of a process that died while it wrote: what it announced never began
        try:
            self._compact()
        except OSError as error:
            raise Misconfigured("state_dir", say=f"the journal {path} cannot be written: {error.strerror}") from error

    def _append(self, line: bytes) -> None:
        if self._path is None:
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        try:
            whole = (b"\n" if self._is_torn else b"") + line + b"\n"
            self._is_torn = True  # until all of it is on the disk: half a line must not swallow the next
            if os.write(descriptor, whole) != len(whole):
                raise OSError(errno.ENOSPC, "the disk took half a line")
            os.fsync(descriptor)
            self._is_torn = False
        finally:
            os.close(descriptor)
        self._lines += 1

    def _compact(self) -> None:
        self._forget_old()
        if self._path is None:
            return
        lines = [msgspec.json.encode(_Born(born=self._born)), *(msgspec.json.encode(entry) for entry in self._entries.values())]
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"\n".join(lines) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._lines = len(lines)


def digest_of(verb: str, params: Mapping[str, Any], *, uid: str, resource_version: str) -> str:
    """What one command id stands for."""
    raw = msgspec.json.encode([verb, sorted(params.items(), key=lambda pair: pair[0]), uid, resource_version])
    return hashlib.sha256(raw).hexdigest()[:32]
