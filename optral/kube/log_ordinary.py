"""Lines that show a sign in ordinary operation: what a server reports of its clients, features that are off, files that come and go.

A line is ordinary only for the signs that it can be ordinary for: a server that logs which client it served still fails when it cannot
reach its database.
"""

import re

from optral.kube import log_signs
from optral.kube.log_table import DEPENDENCY

PASSING_S, PASSING_TIMES = 75.0, 3
"""A connection that ends or an answer that is late is ordinary, unless more than three come, each within this time after the last."""
_TRIED = re.compile(
    r"refused|\bdial\b|\blookup\b|no route|no such host|\bconnect(?:\(\))?[ :]|connect(?:ing|Timeout| ?timed| ?timeout)"
    r"|(?:to|be) (?:establish|obtain|acquire)|is not available|pool ?timed|connection pool|QueuePool|bootstrap",
    re.IGNORECASE,
)
"""What was not connected at all, rather than closed or late: a refused connection does not pass by itself."""
_ANSWERED = re.compile(r"\b50[234] (?:Service|Gateway|Bad)\b", re.IGNORECASE)
_MOVED = re.compile(r"not[_ ]?leader", re.IGNORECASE)
"""Another member leads since the client last asked: it asks again. No leader at all does not pass."""
_OF_CLIENTS = frozenset({"authentication", "credentials", "schema", "topic"})
_OF_STATEMENTS = _OF_CLIENTS | {"frozen"}
_SERVER_LOG = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S{0,8} [^\s:]{1,6}(?: |:\S{0,80}:)\[\d+\].{0,80}?\b(?:FATAL|ERROR): "  # PostgreSQL
    r"|\[(?:Note|Warning)\] (?:\[\S{1,12}\] ){0,2}(?:Access denied|Aborted connection)"  # MySQL, MariaDB
    r"|<\d+\.\d+\.\d+> .{0,80}(?:login refused|invalid credentials)|operation \S{1,40} caused a c\w+ exception"  # RabbitMQ
    r'|"c":"(?:ACCESS|NETWORK)"|failed authentication with /'  # MongoDB, Kafka
    r"|\bpath: /\S{1,200}, params: \{",  # Elasticsearch, OpenSearch
    re.IGNORECASE,
)
"""Lines in which a server tells which client it refused: the client has the failure, or is a scanner. The server is well."""
_ADDRESS = r"[/\"'=: ]{0,3}\d{1,3}(?:\.\d{1,3}){3}\b(?!:\d{1,4}\b)"
_NAMED_CLIENT = re.compile(
    r"(?:\[client|\bclient:|\bfrom|\brip=|unknown\[|\b(?:client|remote)(?:[._-]?(?:ip|addr(?:ess)?|host))?[\"']?[=:])" + _ADDRESS,
    re.IGNORECASE,
)
_ANSWER_OF_SERVER = re.compile(
    r"\bupstream\b|://|\bpq:|SQLSTATE|FATAL: |Operational|NOAUTH|WRONGPASS|\bdial\b|\blookup\b|MongoServer|ACCESS_REFUSED", re.IGNORECASE
)
"""Phrases of drivers and proxies: the program that logs them is the client of another server."""
_ACCEPTED = re.compile(
    r"\b(?:read|write|readfrom) (?:tcp|udp)\d? \S{1,60}:(\d{1,5})->\S{1,60}:(\d{1,5})\b"
    r"|\bL:/\S{1,60}:(\d{1,5}) [-!] R:[^\s/]{0,253}/\S{1,60}:(\d{1,5})\b"
    r"|localAddress=/\S{1,60}:(\d{1,5}), remoteAddress=/\S{1,60}:(\d{1,5})\b"
)
"""A connection with both of its ends, this one first: a client's port is a high one."""
_FIRST_CLIENT_PORT = 32768
_CLIENT_LEFT = re.compile(
    r"ClientAbort|\bwriting to client\b|(?:reading|receiving|sending)(?: \w{1,20}){0,3} (?:from|to) client|while reading client request"
    r"|request from (?:client|\()|processing of request from|\bpreface from client|peek(?:ing)? (?:first|client)"
    r"|\baccepting (?:a )?client|JsonWebTokenError|\bhttp\.server\b|\bwhile serving\b|ServerTransport\b|ServerErrorHandler"
    r"|communication error\.",
    re.IGNORECASE,
)
"""A server whose client went away."""
_BAD_REQUEST = re.compile(
    r"\bstatus(?:_?code)?\W{1,4}4\d\d\b|\bbad request\b|\bResolved \[|\badmission denied\b|\bHTTP 4\d\d\b", re.IGNORECASE
)
_OPTIONAL = re.compile(
    r"\b(?:is|are|will be|remains?)(?: \w{1,20})? (?:disabled|off|skipped)\b"
    r"|\b(?:using|use|falling back to) (?:the |its )?(?:built-in )?defaults?\b"
    r"|\bdefaulting to\b|\bempty or invalid\b|(?<!not )\boptional\b|\bfeature[- ]flags?\b|(?:^|[\s/'\"])\.env\b|\bno \S{1,80} file found\b",
    re.IGNORECASE,
)
_PASSING_FILE = re.compile(
    r"(?<![\w.-])(?:/host\w{0,8})?/(?:proc|sys|run/udev|tmp|var/log/(?:pods|containers)|var/lib/kubelet)/\S"
    r"|(?:\b(?:delet(?:e|ed|ing)|unlink|remov(?:e|ed|ing))\b|^(?:rm|ls|find): ).{0,200}no such file",
    re.IGNORECASE,
)
"""Files of the kernel, of other pods and temporary ones go away at any time, and so does what shall be deleted."""


def is_ordinary(signs: tuple[str, ...], text: str) -> bool:
    """Whether a line that shows these signs, and no other, says nothing of the program itself."""
    shown = frozenset(signs)
    if shown <= _OF_STATEMENTS and _SERVER_LOG.search(text) is not None:
        return True
    if shown <= _OF_STATEMENTS | {"protocol", "rate"}:
        is_of_client = any(pattern.search(text) is not None for pattern in (_NAMED_CLIENT, _CLIENT_LEFT))
        return is_of_client and _ANSWER_OF_SERVER.search(text) is None
    if shown == {DEPENDENCY}:
        return _is_of_client(text)
    if shown <= {"config", "file", "setting"}:
        return any(pattern.search(text) is not None for pattern in (_OPTIONAL, _PASSING_FILE if "file" in shown else _BAD_REQUEST))
    return False


def is_of_server(text: str) -> bool:
    """Whether a server wrote the line about itself and its clients, rather than a client about its server."""
    return _SERVER_LOG.search(text) is not None


def _is_of_client(text: str) -> bool:
    """Whether a connection that ended is one that this server accepted, or that the program itself gave up."""
    if _TRIED.search(text) is not None:
        return "context canceled" in text and not log_signs.is_refused(text) and not log_signs.is_name_failure(text)
    if ends := _ACCEPTED.findall(text):
        here, there = (int(port) for port in ends[-1] if port)
        return here < _FIRST_CLIENT_PORT <= there
    return _CLIENT_LEFT.search(text) is not None and "upstream" not in text


def passes(signs: tuple[str, ...], text: str) -> bool:
    """Whether a failure ends by itself, as far as a line shows: a closed connection, a late answer, an election."""
    if signs != (DEPENDENCY,):
        return signs == ("quorum",) and _MOVED.search(text) is not None
    if _ANSWERED.search(text) is not None:
        return True
    return _TRIED.search(text) is None and (log_signs.is_closed(text) or log_signs.is_timeout(text))


class Passing:
    """How many failures that end by themselves came one soon after the other."""

    def __init__(self) -> None:
        self._times, self._last_at = 0, 0.0

    def add(self, at: float) -> bool:
        """Whether so many came that this one counts."""
        self._times = self._times + 1 if at - self._last_at <= PASSING_S else 1
        self._last_at = at
        return self._times > PASSING_TIMES
