"""What a log line reports, in words that name what the line names: the table, the file and its line, the user, the limit.

A value that the line does not show in full, that is long, or that must not be quoted, is not named; the sentence then is the general one.
"""

import re

from optral.analysis.engine import verifier
from optral.analysis.model import Sentence
from optral.analysis.reading.evidence import excerpt
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.quotes import MAX_VALUE, quote
from optral.kube.log_table import SIGNS

SLOT_OF_FACT = {"address": "host", "path": "file", "setting": "key"}
"""The slot that a fact is read from, where their names differ."""
WORDS: dict[str, tuple[str, ...]] = {
    "library": ("{library} is missing from the image",),
    "command": ("the program {program} does not exist",),
    "heap": ("the application has used up its limit of {limit} bytes",),
    "disk": ("no space is left for {path}",),
    "certificate": ("a certificate expired at {expiry}", "the certificate of {address} is not accepted"),
    "credentials": ("database {database} rejects user {user}", "user {user} is rejected", "{address} rejects the credentials"),
    "setting": ("the required setting {setting} is missing",),
    "config": ("line {line} of {path} cannot be read", "{path} cannot be read", "the setting {setting} is not accepted"),
    "schema": (
        "column {column} does not exist",
        "table {table} does not exist",
        "database {database} does not exist",
        "role {user} does not exist",
    ),
    "rights": ("the ServiceAccount may not {verb} {resource}",),
    "write": ("the application may not read or write {path}",),
    "file": ("{path} does not exist",),
    "full": ("the server accepts no more connections than {limit}", "{address} accepts no more connections"),
    "frozen": ("{address} is read-only",),
    "dependency": ("a connection to {address}, port {port}, failed", "a connection to {address} failed"),
}
"""By log sign, the words that say most first."""
_PLACE = re.compile(r"{(\w+)}")
_MEANINGS = {sign.name: sign.meaning.rstrip(".") for sign in SIGNS}


def reported(sign: str, line: LogLine, general: str) -> Sentence:
    """What the line reports, and the line; `general` says so where the line names nothing."""
    for words in WORDS.get(sign, ()):
        named = {name: value for name in places(words) if (value := _shown(line, SLOT_OF_FACT.get(name, name)))}
        if len(named) == len(places(words)):
            return quote(f"The log reports that {words}", line.text, line.evidence_id, fact="log_line", **named)
    return quote(general, line.text, line.evidence_id, fact="log_line")


def places(words: str) -> list[str]:
    """The facts that words name."""
    return _PLACE.findall(words)


def meaning(sign: str) -> str:
    """What a sign means, as a sentence about the log."""
    words = _MEANINGS[sign]
    return f"The log reports that {words if words[1].isupper() else words[0].lower() + words[1:]}"


def _shown(line: LogLine, slot: str) -> str | None:
    value = line.slots.get(slot)
    if value is None or len(value) > MAX_VALUE or "`" in value or value.casefold() not in excerpt(line.text).casefold():
        return None
    return value if verifier.may_be_quoted(value) else None
