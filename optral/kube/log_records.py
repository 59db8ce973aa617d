"""Records of a log: lines that belong together, their messages from the deepest cause outwards, and how severe they are.

A stack trace is one record: of `Caused by:`, `nested exception is`, ` ---> ` and numbered causes the last is the deepest, of chained Python
tracebacks the first. Frames are left out. Of JSON lines the messages, errors and stack traces are read, however deeply nested; a line
that was cut off still shows what it has.
"""

import json
import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from optral.kit import printable

MAX_LINE = 2000  # characters of a line that are read
MAX_JSON = 16 * 1024  # of a JSON line, whose stack trace has its cause at its end
MAX_PARTS = 60  # messages of a record that are read


class Severity(IntEnum):
    """How severe a record says that it is. A record without a level counts as an error: what it means decides."""

    DEBUG = 0
    INFO = 1
    ERROR = 2


class Record(NamedTuple):
    """Lines that belong together: their messages, the deepest cause first, and their text in its own order."""

    severity: Severity
    messages: tuple[str, ...]
    text: str


_PREFIX = re.compile(r"^(?:[\w.-]{1,60}\s{1,20})?\|\s?(?=\S)")
_FIELD = re.compile(
    r'"(?:message|msg|@m|@mt|@x|err|error|errors|exception|stack|stacktrace|stack_trace|reason|errorMessage|error\.(?:message|stack_trace))"'
    r'\s{0,2}:\s{0,2}"((?:[^"\\]|\\.){1,16000})'
)
_LEVEL_FIELD = re.compile(r'"(?:level|severity|log\.level|@l|s|lvl|levelname)"\s{0,2}:\s{0,2}"?([A-Za-z]{1,12}|\d{2})\b')
_LEVEL = re.compile(
    r"^[IWEF](?=\d{4} )|(?:\blevel=|\blvl=|[\[<|(])\s?(trace|debug|info|information|note|notice|system|warn(?:ing)?|error|err|erro|eror|"
    r"severe|critical|crit|fatal|panic|emerg|alert)\b|\b(TRACE|DEBUG|INFO|NOTICE|LOG|WARN(?:ING)?|ERROR|ERR|SEVERE|CRITICAL|FATAL|PANIC)\b|"
    r"\s(trace|debug|info|warn|warning|error|fatal)\t",
    re.IGNORECASE,
)
_WORD_OF_LEVEL = {"trace": 0, "debug": 0, "d": 0, "info": 1, "information": 1, "note": 1, "notice": 1, "system": 1, "log": 1, "i": 1}
_CONTINUES = re.compile(
    r"\s|Caused by:|During handling of the|The above exception was|\.{3} \d|--- End of|goroutine \d|note: run with|\|\s"
    r"|(?:DETAIL|HINT|CONTEXT|STATEMENT|LINE \d{1,9}|QUERY):|->|ORA-\d|at [\w.$<]+\(|[\w.$]{2,200}(?:Exception|Error|Throwable)(?:: |$)|>>>"
    r"|Migration checksum|Reading the configuration file|called `Result|Bad directive|You need to|>"
)
_FRAME = re.compile(
    r"\s*(?:at [\w.$/<>\[\]@ ]{1,300}\(|at [^\s:]{1,300}:\d|at async |File \"[^\"]{1,300}\", line \d|\.{3} \d{1,9} |#\d{1,4} "
    r"|\d{1,4}: 0x[0-9a-f]|--- End of|goroutine \d|note: run with|\S{1,300}\.go:\d{1,7} \+0x|[\w.(*)/-]{1,300}\(0x[0-9a-f, x.{}]{1,400}\)$)"
)
_CHAINED = re.compile(r"During handling of the above|The above exception was the direct cause")
_DEEPER = re.compile(r"; nested exception is | ---> |\s\(Caused by ")
_CAUSE_LINE = re.compile(r"\s*Caused by:\s?|\s+---> |\s{2,8}\d{1,3}: ")


def clean(line: str) -> str:
    """A line without colors, invisible characters and the prefix that a collector put before it; quotes are not escaped."""
    text = printable.visible(line)
    return text.replace('\\"', '"').replace("\\n", " ").replace("\\t", " ") if "\\" in text else text


def is_json(line: str) -> bool:
    """Whether a line is an object in JSON, whole or cut off."""
    return line.lstrip()[:1] == "{" and '":' in line[:400]


def records(lines: Iterable[str]) -> list[Record]:
    """The records of a log, in order."""
    return [record for _, record in numbered(lines)]


def numbered(lines: Iterable[str]) -> list[tuple[int, Record]]:
    """The records of a log, in order, each with the number of its first line, counted from 0."""
    groups: list[tuple[int, list[str]]] = []
    for number, raw in enumerate(lines):
        line = raw[: MAX_JSON if is_json(raw) else MAX_LINE]
        if is_json(line) or not groups or is_json(groups[-1][1][0]) or not _continues(groups[-1][1], line):
            groups.append((number, [line]))
        else:
            groups[-1][1].append(line)
    return [(number, _record(group)) for number, group in groups]


def _continues(group: list[str], line: str) -> bool:
    shown = _PREFIX.sub("", line, count=1)
    if shown.startswith("Traceback (most recent"):
        return not any("Traceback (most recent" in one for one in group) or _CHAINED.search(group[-1]) is not None
    if _CONTINUES.match(shown) is not None:
        return True
    return _FRAME.match(_PREFIX.sub("", group[-1], count=1)) is not None and any("Traceback (most recent" in one for one in group)


def _record(group: list[str]) -> Record:
    if is_json(group[0]):
        return _of_json(group[0])
    shown = [_PREFIX.sub("", line, count=1) for line in group]
    text = "\n".join(clean(line) for line in shown)
    return Record(severity(shown[0]), _deepest_first(shown), text)


def _deepest_first(lines: list[str]) -> tuple[str, ...]:
    found: list[tuple[int, int, str]] = []
    chained = sum(_CHAINED.search(line) is not None for line in lines)
    depth = 2 * chained
    for line in lines:
        if _CHAINED.search(line):
            depth -= 2
            continue
        if _FRAME.match(line):
            continue
        depth += _CAUSE_LINE.match(line) is not None
        for number, piece in enumerate(_DEEPER.split(clean(line))):
            depth += number > 0
            if piece.strip():
                found.append((-depth, len(found), piece.strip()))
    return tuple(piece for _, _, piece in sorted(found)[:MAX_PARTS])


def _of_json(line: str) -> Record:
    texts = [_unescaped(match.group(1)) for match in _FIELD.finditer(line)]
    level = _LEVEL_FIELD.search(line)
    stated = _severity_of(level.group(1)) if level is not None else Severity.ERROR
    inner = [record for text in dict.fromkeys(texts) for record in records(text.splitlines())]
    messages = tuple(dict.fromkeys(message for record in inner for message in record.messages))
    spoken = [record.severity for record in inner if _LEVEL.search(record.text[:120]) is not None]
    whole = clean(line)
    return Record(max([stated, *spoken]), (*messages, whole)[:MAX_PARTS], "\n".join([*texts, whole]))


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")


def severity(line: str) -> Severity:
    """How severe a line says that it is, in its first 120 characters."""
    match = _LEVEL.search(line[:120])
    return Severity.ERROR if match is None else _severity_of(match.group().strip(" \t[<|(="))


def _severity_of(word: str) -> Severity:
    if word.isdigit():
        return Severity.ERROR if int(word) >= 40 else Severity.INFO if int(word) >= 30 else Severity.DEBUG
    return Severity(_WORD_OF_LEVEL.get(word.lower().rpartition("=")[2].strip(), 2))


def messages(line: str) -> Iterator[str]:
    """The messages of one line, the deepest cause first."""
    yield from records([line])[0].messages if line.strip() else ()
