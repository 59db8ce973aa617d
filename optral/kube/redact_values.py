"""What a value looks like: the patterns by which the redactor finds secrets in any text, whatever its key is called."""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import re2

# (kind, pattern): group 1 stays, group 2 is masked. No value class begins with `[` or `$`: a marker or a `$(VARIABLE)` is no secret.
# Written in the common part of `re` and re2; `scan` runs all of them over JSON as it travels, so none may cross a `"`.
_WORDS = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_.-]?key|access[_.-]?key|account[_.-]?key|credentials?|private[_.-]?key|auth[_.-]?key)"
)
# Where an option begins: `payments-credentials not found` holds none, but two dashes do anywhere. Before one dash stands what no name ends
# with; in JSON a line's end is written `\n`, and a terminal's color `\u001b[1m`.
_OPTION = r"((?:--|(?:^|[^A-Za-z0-9_.-]|\\[nrt]|\\u[0-9a-fA-F]{4}|(?:\x1b|\\u001[bB])\[[0-9;?]*[A-Za-z])-)"
_DETECTORS: tuple[tuple[str, str], ...] = (
    ("pem", r"()(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^\"\[]*)"),
    ("jwt", r"()(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),
    ("bearer", r"([Bb](?:earer|EARER) +)([A-Za-z0-9._~+/=-]{20,}|[A-Za-z._~+/=-]*[0-9][A-Za-z0-9._~+/=-]{3,})"),
    ("basic", r"([Bb](?:asic|ASIC) +)([A-Za-z0-9+/]{6,}[0-9+/=][A-Za-z0-9+/=]*)"),
    ("userinfo", r"(://)([^\s/@:\"\\\[]*:[^\s@\"\\\[]{1,200})@"),
    ("userinfo", r"(://)([^\s/@:\"\\\[]{8,200})@"),
    ("signature", r"([?&;]sig=)([^\s\"'&\[$]{8,})"),
    ("assigned", r"((?i:" + _WORDS + r")[A-Za-z0-9_.-]{0,40}[\"']?=[\"']?)([^\s\"'\\&;,\[\]$][^\s\"'\\&;,\[\]]{2,})"),
    ("flag", _OPTION + r"[A-Za-z0-9_.-]{0,60}(?i:" + _WORDS + r") +)([^\s\"'\\&;,\[\]$-][^\s\"'\\&;,\[\]]{2,})"),
    ("aws", r"()\b((?:AKIA|ASIA)[A-Z0-9]{16})"),
    ("google", r"()(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,})"),
    ("cloud", r"()(do[opr]_v1_[a-f0-9]{32,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{40,})"),
    ("git", r"()(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|gl(?:pat|rt|dt|cbt|ptt)-[A-Za-z0-9_-]{16,})"),
    ("chat", r"()(xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})"),
    ("webhook", r"((?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks)/)([A-Za-z0-9/_-]{20,})"),
    ("payment", r"()\b([rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{20,})"),
    ("model", r"()\b(sk-[A-Za-z0-9_-]{32,})"),
    ("package", r"()(npm_[A-Za-z0-9]{30,}|pypi-AgE[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})"),
    ("optral", r"()\b(mh[te]_[A-Za-z0-9]{40,})"),
    ("optral", r"(/(?:setup|invite)#)([A-Za-z0-9_-]{40,})"),  # one-time links, which a server prints
)
SUBSTITUTIONS = tuple((kind, re.compile(pattern)) for kind, pattern in _DETECTORS)


PATTERNS = tuple(pattern for _, pattern in _DETECTORS)
WORDS = r"(?i:" + _WORDS + r"|authorization|cookie)"


def alternation(patterns: Sequence[str]) -> Any:
    """Any of these patterns, for `re2` over bytes."""
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 64 * 1024 * 1024  # the automaton of all detectors must not be thrown away in the middle of a scan
    return re2.compile("|".join(patterns).encode(), options)


SCAN = alternation(PATTERNS)
MENTION = alternation([WORDS])
# Free text says "token: abc123" and "failed to fetch token: pod not found" alike: masked is what has a digit, or follows a password word.
# What the kernel says of a file that is called so (`/run/secrets/db-password: permission denied`) is no password.
_OF_FILE = (
    r"(?!(?:permission denied|operation not permitted|no such file|file exists|(?:not|is) a directory|read-only file system"
    r"|too many open files|no space left|input/output error)\b|(?:YES|NO)\))"
)
_PASSWORD_IN_PROSE = re.compile(
    r"(?i)(?<!\[redacted:)((?:pass(?:word|wd|phrase)|pwd)[A-Za-z0-9_.-]{0,40}[\"']?\s*(?::|\bis\b)\s*[\"']?)"
    + _OF_FILE
    + r"([^\s\"',;\[\]$]{3,})"
)
_SECRET_IN_PROSE = re.compile(
    r"(?i)(?<!\[redacted:)("
    + _WORDS
    + r"[A-Za-z0-9_.-]{0,40}[\"']?\s*:\s*[\"']?)([^\s\"',;\[\]$]*\d[^\s\"',;\[\]]{3,}|[^\s\"',;\[\]$]{24,})"
)
_HEADER = re.compile(r"(?i)((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?|(?:set-)?cookie:\s*)([^\s\"'\[][^\"'\[\]\n]{5,})")
PROSE = (("password", _PASSWORD_IN_PROSE), ("assigned", _SECRET_IN_PROSE), ("header", _HEADER))
LONG_TOKEN = re.compile(r"(?<![A-Za-z0-9+_=/-])[A-Za-z0-9+_=-]{32,}")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
MARKER = re.compile(r"\[redacted:[a-z0-9.-]{1,40}:[0-9a-f]{8}\]")


def scan(raw: bytes) -> bool:
    """Tell whether anything in these bytes looks like a secret by value; about 15–20 µs per 8 KB. Names of keys are not judged."""
    return SCAN.search(raw) is not None


def is_opaque(part: str) -> bool:
    """A path or host part that names nothing: long, with digits among letters (a token in a URL)."""
    return len(part) >= 16 and any(c.isdigit() for c in part) and any(c.isalpha() for c in part)


def looks_secret(text: str) -> bool:
    return SCAN.search(text.encode("utf-8", "surrogatepass")) is not None


def entropy(text: str) -> float:
    """Bits per character, by the text's own frequencies."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


def substituted(text: str, mask: Callable[[str, str], str], *, mentions: bool) -> str:
    """The text with each secret replaced by `mask(kind, secret)`. `mentions`: also what follows a word for a secret, as in prose."""
    for kind, pattern in SUBSTITUTIONS:
        text = pattern.sub(partial(_replacement, mask, kind), text)
    if not mentions:
        return text
    for kind, pattern in PROSE:
        text = pattern.sub(partial(_replacement, mask, kind), text)
    return LONG_TOKEN.sub(lambda found: mask("entropy", found.group()) if entropy(found.group()) >= 4 else found.group(), text)


def _replacement(mask: Callable[[str, str], str], kind: str, found: re.Match[str]) -> str:
    tail = found.string[found.end(2) : found.end()]
    return found.group(1) + mask(kind, found.group(2)) + tail


def hides(value: str) -> bool:
    """Whether base64 decodes to something that looks like a secret or mentions one."""
    try:
        plain = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return SCAN.search(plain) is not None or (plain.isascii() and MENTION.search(plain) is not None)
