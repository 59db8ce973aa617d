"""What the log of a container reports, as far as patterns recognize it.

Lines are written by applications, so by anybody: they only choose among kinds of failure. What a line names is quoted and never acted on; a
host in a line counts when the cluster has a Service or the workload a variable of that name. A line that addresses its reader (names a root
cause, imitates a tool call or a command, pretends to be somebody) reports nothing, and neither does the line that continues it.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from optral.analysis.causes import CAUSES
from optral.kube import log_records, log_signs
from optral.kube.logs import is_refusal

MAX_BYTES = 64 * 1024
MAX_LINE = 2000
MAX_LINES = 400  # the last ones; every pattern is tried on each kind of line


class Sign(NamedTuple):
    """A message with a meaning. `kind` is the name of a log sign (`kube/log_table.py`), `slots` what it names (`kube/log_slots.py`)."""

    kind: str
    line: str
    slots: Mapping[str, str] = MappingProxyType({})


_ERROR = re.compile(
    r"\b(?:\w{0,80}error|fatal|panic|\w{0,80}exception|traceback|failed|failure|critical|abort(?:ed|ing)?|cannot|unable)\b", re.IGNORECASE
)
_EXIT = re.compile(
    r"\b(?:aborting|exiting|shutting down|shutdown complete|boot failed|giving up|terminating)\b[\W\d]{0,20}$|\bexiting:? \w{1,60}$|=$"
    r"|did not exit normally|\bexiting .{0,30}due to fatal|configuration file \S{1,200} contains errors|errors? found in configuration"
    r"|error\(s\) found in configuration|exit(?:ed|ing)? with (?:code|status|an error)|\ba complete log of this run",
    re.IGNORECASE,
)
"""Lines with which servers end once they have said why: PostgreSQL, MySQL, RabbitMQ, Kafka, Elasticsearch, HAProxy, npm."""
_LISTENING = re.compile(
    r"(?:listen(?:ing|s|er)?|started|serving|running|bound|accepting|(?:ready|waiting) for connections)\b.{0,120}?"
    r"(?:port(?:\(s\)|s)?\W{0,3}|:)(\d{2,5})\b",
    re.IGNORECASE,
)
_STARTED = re.compile(
    r"ready (?:to accept|to serve|for connections|for start up)|accepting connections|start(?:ed)? worker process"
    r"|\b(?:server|application|service|app)\b.{0,40}\b(?:has )?(?:started|is (?:up|running|ready)|ready)\b"
    r"|\bstarted \S{1,80} in \d|start(?:ed|up) (?:complete|completed|finished|in \d)|boot(?:ed)? complete",
    re.IGNORECASE,
)


_SPEAKS = re.compile(
    r"(?<!with )root[ _-]?cause|probable cause|rootCause|\bhypothes|\bdiagnos[ei]|\bverdict\b|\bconfidence\W{1,4}\d|\btrust this\b"
    r"|(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|instructions?|rules|evidence|logs?)\b"
    r"|new instructions?|system prompt|you are (?:now|an?)\b|as an ai\b"
    r"|dear (?:operator|assistant|model|engineer)|attention[ ,:]+(?:operator|model|assistant|ai)"
    r"|^\W*(?:system|assistant|user|developer|human|tool)\W*[:>\]]|<\|?/?(?:system|assistant|user|im_start|im_end|tool|function)|\[/?INST\]|</?s>"
    r"|tool_?(?:call|use|result)|function_?call|submit_analysis|check_hypothesis|\"(?:tool|tool_calls|recommendedActions|runbook)\""
    r"|\b(?:kubectl|helm|crictl|systemctl) [a-z]|\bcurl https?:|\brm -rf\b|\bsudo \b|\brunbook\b"
    r"|\b(?:please|must|should|need to|recommend(?:ed)?(?: to)?|suggested?)\b.{0,40}"
    r"\b(?:delete|restart|scale|cordon|drain|roll ?back|approve)\b",
    re.IGNORECASE,
)
_RUNS_ON = re.compile(r"(?:[:,=\\-]|\b(?:is|was|the|a|an|of|to|that|because|say|says))\s*$", re.IGNORECASE)
_CAUSE_IDS = frozenset(cause.id for cause in CAUSES if "_" in cause.id)
_PROGRAMS_WRITE = frozenset({"permission_denied", "invalid_config"})
"""Ids of causes that programs write as names of errors of their own (gRPC, PostgreSQL)."""
_IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z]+)+")


@lru_cache(maxsize=2048)
def _speaks(shape: str) -> bool:
    text = unicodedata.normalize("NFKC", shape)
    return _SPEAKS.search(text) is not None or any(
        name in _CAUSE_IDS and name not in _PROGRAMS_WRITE for name in _IDENTIFIER.findall(text.lower())
    )


def forget() -> None:
    """Forget what was read: for measuring, as if every log were new."""
    for cache in (_speaks, log_signs.of_shape, log_signs.shape, _reporting, _signs):
        cache.cache_clear()


def reporting(text: str) -> list[str]:
    """The lines that report something: without those that speak to their reader, and without what these run on into."""
    return list(_reporting(text))


@lru_cache(maxsize=32)
def _reporting(text: str) -> tuple[str, ...]:
    found: list[str] = []
    is_spoken = False
    for line in lines(text):
        shape = log_signs.shape(line)
        runs_on = is_spoken
        is_spoken = _speaks(shape)
        if is_spoken or runs_on:
            is_spoken = _RUNS_ON.search(shape) is not None
        else:
            found.append(line)
    return tuple(found)


def signs(text: str) -> list[Sign]:
    """What the records of a log mean, one per kind: errors before information, the newest first, of each its deepest cause.

    The end of a log is what counts: its last 400 lines, at most 64 KiB.
    """
    return list(_signs(text))


@lru_cache(maxsize=32)
def _signs(text: str) -> tuple[Sign, ...]:
    found: dict[str, Sign] = {}
    readings = [one for one in log_signs.read_all(list(_reporting(text))) if one.signs]
    readings.reverse()
    for one in sorted(readings, key=lambda one: -one.record.severity):
        kind = next((kind for kind in one.signs if kind not in found), None)
        if kind is not None and not _speaks(log_signs.shape(one.message)):
            found[kind] = Sign(kind, one.message, log_signs.slots(kind, one))
    return tuple(found.values())


def lines(text: str) -> list[str]:
    """The last lines that a container wrote; the errors of whoever read them for us are none of its words."""
    found = [_bounded(line) for line in text[-MAX_BYTES:].splitlines() if line.strip() and not is_refusal(line)]
    return found[-MAX_LINES:]


def _bounded(line: str) -> str:
    return line[: log_records.MAX_JSON if log_records.is_json(line) else MAX_LINE]


def last_error(text: str) -> str | None:
    """The last line that reports an error; without one, the last line. The heading of a Python stack reports nothing, nor does a line that
    only says that the program ends: the reason stands before it, often as information."""
    found = [line for line in reporting(text) if line.strip() != "Traceback (most recent call last):"]
    error = next((line for line in reversed(found) if _ERROR.search(line) and not _EXIT.search(line)), None)
    if error is not None or not found:
        return error
    end = next((index for index, line in enumerate(found) if _EXIT.search(line)), len(found))
    return (found[:end] or found)[-1]


def listening(text: str) -> list[tuple[int, str]]:
    """(port, line) of lines that say where the application listens."""
    return [
        (int(match.group(1)), line) for line in reporting(text) if (match := _LISTENING.search(line)) and 0 < int(match.group(1)) < 65536
    ]


def started(text: str) -> str | None:
    """The last line that says that the application has come up."""
    return next((line for line in reversed(reporting(text)) if _STARTED.search(line)), None)


def names(line: str, word: str) -> bool:
    """Whether the line names this host or address: as a whole word, not as a part of another name."""
    return re.search(rf"(?<![A-Za-z0-9_.-]){re.escape(word)}(?![A-Za-z0-9_-])", line) is not None
