"""What log lines say, as far as a pattern can tell.

Lines are written by applications, so by anybody: they only choose among kinds of trouble. No name, number or remedy is ever taken out of
one; a host in a line counts when the cluster has a Service or the workload a variable of that name.
"""

import re
from typing import NamedTuple

MAX_BYTES = 64 * 1024
MAX_LINE = 2000


class Sign(NamedTuple):
    """A line that tells something. `kind` is one of `KINDS`."""

    kind: str
    line: str


_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("architecture", r"exec format error"),
        (
            "command",
            r"executable file not found|: command not found|can't open file '[^']+'|cannot find module|no such file or directory.{0,40}exec",
        ),
        ("port", r"address (?:already )?in use|EADDRINUSE|bind: .{0,40}in use"),
        ("heap", r"OutOfMemoryError|heap out of memory|MemoryError|fatal error: runtime: out of memory|cannot allocate memory"),
        ("disk", r"no space left on device|ENOSPC|disk quota exceeded"),
        (
            "certificate",
            r"x509:|certificate (?:has expired|verify failed|is not (?:yet )?valid|signed by unknown)|tls: (?:failed|bad|unknown)",
        ),
        (
            "credentials",
            r"access denied for user|authentication failed|password authentication|invalid (?:credentials|username or password|api key|token)"
            r"|WRONGPASS|NOAUTH|\b401\b.{0,20}unauthorized|permission denied for (?:database|relation|schema)|login failed",
        ),
        (
            "setting",
            r"(?:env(?:ironment)?(?:[ _]var(?:iable)?s?)?\b.{0,80}?(?:not (?:set|found|defined|provided)|missing|required|undefined|empty|unset))"
            r"|(?:(?:missing|required|unset|undefined)\b.{0,40}?(?:env(?:ironment)?\b|variable|setting|configuration|config key))"
            r"|KeyError: ['\"][A-Z][A-Z0-9_]+['\"]|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b\"?'? (?:is |was )?(?:not set|missing|required|undefined|must be set|unset|empty)"
            r"|(?:must|please) (?:set|provide|specify) [A-Z][A-Z0-9_]{2,}",
        ),
        (
            "config",
            r"(?:invalid|malformed|bad|failed to (?:parse|load|read)|cannot (?:parse|load|read)|unable to (?:parse|load|read)|error (?:parsing|loading|reading))"
            r".{0,40}(?:config|yaml|json|toml|properties|settings)|(?:yaml|json|toml): (?:line|unmarshal|invalid)|unknown (?:field|flag|option|directive)",
        ),
        (
            "dependency",
            r"connection (?:refused|timed out|reset)|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|no such host|ENOTFOUND|EAI_AGAIN|name or service not known"
            r"|temporary failure in name resolution|could not (?:connect|resolve)|cannot connect|unable to connect|failed to connect|can't connect|UnknownHost"
            r"|i/o timeout|no route to host|dial tcp|getaddrinfo|server misbehaving|connect: |(?:status|code|statuscode)\W{1,3}unavailable\b|StatusCode\.UNAVAILABLE",
        ),
        ("write", r"permission denied|EACCES|EPERM|read-only file system|EROFS|operation not permitted"),
    )
)
KINDS = tuple(kind for kind, _ in _PATTERNS)
_ERROR = re.compile(r"\b(?:error|fatal|panic|exception|traceback|failed|failure|critical|abort(?:ed|ing)?|cannot|unable)\b", re.IGNORECASE)
_LISTENING = re.compile(
    r"(?:listen(?:ing|s)?|started|serving|running|bound|accepting)\b.{0,60}?(?:port\W{0,3}|:)(\d{2,5})\b", re.IGNORECASE
)


def signs(text: str) -> list[Sign]:
    """Lines that a pattern knows, last line first, one per kind. The end of a log is what counts: at most its last 64 KiB."""
    found: dict[str, Sign] = {}
    for line in reversed(lines(text)):
        for kind, pattern in _PATTERNS:
            if kind not in found and pattern.search(line):
                found[kind] = Sign(kind, line)
                break
    return list(found.values())


def lines(text: str) -> list[str]:
    return [line[:MAX_LINE] for line in text[-MAX_BYTES:].splitlines() if line.strip()]


def last_error(text: str) -> str | None:
    """The last line that speaks of an error; the last line of all when none does."""
    found = lines(text)
    return next((line for line in reversed(found) if _ERROR.search(line)), found[-1] if found else None)


def listening(text: str) -> list[tuple[int, str]]:
    """(port, line) of lines that say where the application listens."""
    return [(int(match.group(1)), line) for line in lines(text) if (match := _LISTENING.search(line)) and 0 < int(match.group(1)) < 65536]


def names(line: str, word: str) -> bool:
    """Whether the line names this host or address: as a whole word, not as a part of another name."""
    return re.search(rf"(?<![A-Za-z0-9_.-]){re.escape(word)}(?![A-Za-z0-9_-])", line) is not None
