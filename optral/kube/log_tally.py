"""How often, how long and until when a container's log shows each sign: what tells a lasting failure from a line.

A line with a sign is no failure by itself. A connection is refused during start-up, a retry succeeds, one request fails. A sign lasts
once it has come several times over some time, is still coming, and no later line says that it has ended. Times are seconds since 1970.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from optral.kube import access_logs, log_ordinary, log_records, log_signs, logs, times
from optral.kube.access_logs import ERRORS

MAX_EXAMPLE = 1000  # characters
FORGET_S = 1800.0
"""A sign that has not come for so long has ended, however rarely it came before."""
HELD = frozenset({"alarm"})
HELD_S = 12 * 3600.0
"""Signs of a state: one line says that it begins, and it holds until a line says that it has ended, at most half a day."""
OVER_S, OVER_TIMES = 180.0, 5
"""A sign has ended when it has not come for three minutes, and for five times as long as it usually took to come again."""
STARTUP_S = 60.0
"""What a program cannot reach counts only after the first minute of its container: until then it waits for what starts beside it."""


class Line(NamedTuple):
    """One line of a log with the time at which the runtime received it."""

    at: float
    text: str


class Pace(NamedTuple):
    """How often a sign must come, over how many seconds, before it lasts."""

    times: int
    seconds: float


USUAL = Pace(3, 60)
PACES = {
    "alarm": Pace(1, 0),
    "architecture": Pace(2, 30),
    "command": Pace(2, 30),
    "config": Pace(2, 30),
    ERRORS: Pace(10, 60),
    "crd": Pace(3, 60),
    "file": Pace(2, 30),
    "full": Pace(3, 30),
    "heap": Pace(2, 60),
    "library": Pace(2, 30),
    "lock": Pace(10, 300),
    "rate": Pace(10, 120),
    "response": Pace(5, 90),
    "route": Pace(5, 60),
    "setting": Pace(2, 30),
    "starting": Pace(5, 180),
}
"""Signs that do not keep the usual pace: some are final when they come twice, some are part of ordinary operation until they go on."""
TOGETHER_S = 1.0
"""Lines of one record are written within a second. The same exception a second later is another occurrence, not one more of its lines."""
RECOVERABLE = frozenset({"alarm", "certificate", "credentials", "dependency", "frozen", "full", "memory", "quorum", "rate", "starting"})
"""Signs of a state that a line can say has ended."""
STARTING = RECOVERABLE - HELD | {ERRORS, "response"}
"""Signs that are part of a start: what the program calls may start beside it."""
_RECOVERED = re.compile(
    r"\bre-?connected\b|\bconnection (?:re-?)?(?:established|restored)|\bconnected to\b|\bsuccessfully connected\b|\brecovered\b"
    r"|\b(?:back|healthy|ready|available|reachable) again\b|\bback online\b|\bretry succeeded\b|\bsucceeded after\b"
    r"|\balarm (?:was |is |has been )?cleared\b",
    re.IGNORECASE,
)


class Occurrences(NamedTuple):
    """How often a sign came, and when first and last."""

    times: int
    first_at: float
    last_at: float


def over_at(sign: str, seen: Occurrences) -> float:
    """When a sign ends, unless it comes again."""
    usual_gap = (seen.last_at - seen.first_at) / max(seen.times - 1, 1)
    return seen.last_at + (HELD_S if sign in HELD else min(max(OVER_S, OVER_TIMES * usual_gap), FORGET_S))


def lasts(sign: str, seen: Occurrences, *, now: float, started_at: float = 0.0) -> bool:
    """Whether a sign has come often and long enough to be a failure, and still comes. `started_at`: when the container started."""
    pace = PACES.get(sign, USUAL)
    first_at = max(seen.first_at, started_at + STARTUP_S) if sign in STARTING else seen.first_at
    return seen.times >= pace.times and seen.last_at - first_at >= pace.seconds and now <= over_at(sign, seen)


_IDS = re.compile(r"[A-Za-z]{0,40}\d[0-9A-Za-z]{3,}|\d+\.\d+")
"""Ids, times and amounts. Numbers of up to three digits stay: a status of 503 means something."""


@dataclass(slots=True)
class Tally:
    """One sign in the log of one container. `example` is the newest of the messages that name most, as the container wrote it."""

    sign: str
    first_at: float
    last_at: float
    count: int = 0
    example: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    quoted_at: float = 0.0

    def quote(self, message: str, slots: dict[str, str], at: float) -> None:
        """Keep a message as the example, unless one of the last minutes names more."""
        if _detail(slots) >= _detail(self.slots) or at - self.quoted_at > OVER_S:
            self.example, self.slots, self.quoted_at = message, slots, at

    def lasts(self, *, now: float, started_at: float = 0.0) -> bool:
        return lasts(self.sign, Occurrences(self.count, self.first_at, self.last_at), now=now, started_at=started_at)


def _detail(slots: dict[str, str]) -> tuple[bool, int]:
    """How much a line names: a host name more than an IP address, and then how much it names."""
    return not slots.get("host", "")[-1:].isdigit() and "host" in slots, len(slots)


Redact = Callable[[list[str]], Iterable[str]]
"""Masks what is secret in the lines of one log."""


class LogTally:
    """The signs of one container's log. Feed it with new lines only, in their order."""

    def __init__(self) -> None:
        self.signs: dict[str, Tally] = {}
        self._requests = access_logs.Requests()
        self._passing = log_ordinary.Passing()

    def take(self, lines: Sequence[Line], redact: Redact) -> None:
        """Keep the signs of new lines. Only lines that may show one are redacted, and nothing is kept of a line before that."""
        if self.count(lines) or self.signs:
            texts = redact([line.text for line in lines])
            self.add([line._replace(text=text) for line, text in zip(lines, texts, strict=True)])

    def count(self, lines: Iterable[Line]) -> bool:
        """Count the requests of new lines. Returns whether the lines may show a sign: then `add` them too."""
        others = []
        for line in lines:
            if (is_failed := access_logs.is_failed(line.text)) is None:
                others.append(line.text)
            else:
                self._requests.add(line.at, is_failed=is_failed)
        return self._requests.are_failing or shows_anything(others)

    def add(self, lines: Sequence[Line]) -> None:
        """Keep the signs of new lines, which `count` has seen."""
        for written in _at_once(lines):
            for number, record in log_records.numbered(line.text for line in written):
                self._add(record, written[number].at)

    def _add(self, record: log_records.Record, at: float) -> None:
        reading = _read(record)
        if not reading.signs:
            if record.severity is not log_records.Severity.DEBUG and _RECOVERED.search(record.text[: log_records.MAX_LINE]):
                self._end()
            return
        if record.severity is log_records.Severity.DEBUG or self._is_usual(record, reading):
            return
        passes = log_ordinary.passes(reading.signs, reading.message)
        if passes and not self._passing.add(at):
            return
        for sign in reading.signs:
            tally = self.signs.get(sign)
            if tally is None or (passes and at - tally.last_at > log_ordinary.PASSING_S):
                tally = self.signs[sign] = Tally(sign, at, at)
            tally.count += 1
            tally.last_at = max(tally.last_at, at)
            tally.quote(reading.message[:MAX_EXAMPLE], log_signs.slots(sign, reading), at)

    def _is_usual(self, record: log_records.Record, reading: log_signs.Reading) -> bool:
        """Whether it is one failed request among many that succeed, part of ordinary operation, or said as information only."""
        text = record.text[: log_records.MAX_LINE]
        if record.severity is log_records.Severity.INFO and access_logs.signs(reading.message) is None and access_logs.signs(text) is None:
            return True
        if log_ordinary.is_ordinary(reading.signs, text):
            return True
        is_request = access_logs.is_failed(text) is not None or (self._requests.are_shown and access_logs.is_error_of_request(text))
        return is_request and {log_signs.DEPENDENCY, ERRORS}.issuperset(reading.signs) and not self._requests.are_failing

    def _end(self) -> None:
        """A line says that what could not be reached can be reached again."""
        for sign in RECOVERABLE & self.signs.keys():
            del self.signs[sign]

    def forget(self, now: float) -> None:
        """Drop what has ended long ago."""
        for sign in [sign for sign, tally in self.signs.items() if now - tally.last_at > (HELD_S if sign in HELD else FORGET_S)]:
            del self.signs[sign]

    def lasting(self, *, now: float, started_at: float = 0.0) -> list[Tally]:
        return [tally for tally in self.signs.values() if tally.lasts(now=now, started_at=started_at)]


def _read(record: log_records.Record) -> log_signs.Reading:
    """What a record means: by its messages, else by the request that the whole of it is about."""
    reading, text = log_signs.read(record), record.text[: log_records.MAX_LINE]
    if not access_logs.is_failed(text) or not {log_signs.DEPENDENCY, ERRORS}.issuperset(reading.signs):
        return reading
    return reading._replace(signs=reading.signs or access_logs.signs(text) or (), message=access_logs.request(text))


def shows_anything(texts: Iterable[str]) -> bool:
    """Whether any line shows a sign. Most logs show none, and of a healthy log most lines differ only in what `_IDS` matches."""
    return any(_shows(_IDS.sub("0", text[: log_records.MAX_JSON])) for text in texts)


@lru_cache(maxsize=8192)
def _shows(form: str) -> bool:
    return bool(log_signs.of_line(form))


def seconds(stamp: str) -> float:
    """A time of `logs.stamped` in seconds since 1970."""
    return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()


def _at_once(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines in groups that were written at once: a record of several lines is, and the same error a second later is another record."""
    group: list[Line] = []
    for line in lines:
        if group and line.at - group[-1].at >= TOGETHER_S:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def of_lines(lines: Iterable[Line], redact: Redact = list) -> LogTally:
    """The tally of one log that was read whole."""
    tally = LogTally()
    tally.take(list(lines), redact)
    return tally


NEWEST = 50  # lines of a log without times
TIMED = 10  # a log has times if every tenth line has: of a stack only the first line does


def lasting_in(texts: Sequence[str], *, now: float, started_at: float = 0.0, redact: Redact = list) -> list[Tally]:
    """The signs that last in a log that was read whole. Without times, those that come often enough among its newest lines."""
    lines = [logs.stamped(text) for text in texts]
    has_times = bool(lines) and TIMED * sum(bool(time) for time, _ in lines) >= len(lines)
    counted = lines if has_times else lines[-NEWEST:]
    tally = of_lines(_with_times(counted), redact)
    if has_times:
        return tally.lasting(now=now, started_at=started_at)
    return [_spread(tally, now) for tally in tally.signs.values() if tally.count >= PACES.get(tally.sign, USUAL).times]


def _with_times(lines: Sequence[tuple[str, str]]) -> list[Line]:
    """The lines, each with its time in seconds; one without a time has that of the line before."""
    found: list[Line] = []
    for time, text in lines:
        at = times.moment(time) if time else None
        found.append(Line(at.timestamp() if at is not None else found[-1].at if found else 0.0, text))
    return found


def _spread(tally: Tally, now: float) -> Tally:
    """A tally without times as one that lasts until now."""
    first_at = now - PACES.get(tally.sign, USUAL).seconds - STARTUP_S
    return replace(tally, first_at=first_at, last_at=now)
