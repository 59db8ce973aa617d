"""Requests in logs: what the status and the response flags of one mean, whether it was served or made, and whether many fail.

Envoy writes flags behind the status (`503 UF`) or as `response_flags` in JSON. Source: Envoy documentation, access logging.
"""

import re
from collections import deque

_REQUEST = re.compile(r'"(?:[A-Z]{3,8}|-) [^"]{1,2000}" (\d{1,3})(?: ([A-Z]{2,8}(?:,[A-Z]{2,8}){0,4}))?(?: |$)')
_JSON = re.compile(r'"response_flags"\s{0,2}:\s{0,2}"([A-Z]{2,8}(?:,[A-Z]{2,8}){0,4}|-)"')
SIGN_OF_FLAG = {
    "UH": "dependency",
    "UF": "dependency",
    "UC": "dependency",
    "UR": "dependency",
    "UT": "dependency",
    "LR": "dependency",
    "NC": "route",
    "NR": "route",
    "UO": "rate",
    "RL": "rate",
    "UAEX": "credentials",
}
"""By response flag: no healthy host, connection failed, ended, reset or too slow; no route or cluster; overflow, rate limit; denied."""
_GATEWAY = frozenset({"502", "503", "504"})
ERRORS = "errors"
_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_METHOD = re.compile(rf"\b(?:{_METHODS})\b")
_FORMATS = (  # a text without which the pattern cannot match, and the pattern
    ('" ', re.compile(rf'"(?:{_METHODS}|-) [^"]{{1,2000}}" (\d{{3}})(?=[ ,]|$)')),  # common and combined format, Envoy, servers of Python
    ("|", re.compile(r"\| {0,2}(\d{3}) {0,2}\|")),  # Gin
    ("tatus", re.compile(r'"(?:status|status_?[cC]ode|statusCode|http_status|DownstreamStatus)"\s{0,2}:\s{0,2}"?(\d{3})\b')),  # JSON
    ("response_code", re.compile(r'"response_code"\s{0,2}:\s{0,2}"?(\d{3})\b')),
    ("status", re.compile(r"\bstatus(?:_code)?=(\d{3})\b")),  # logfmt
    (" ", re.compile(rf"\b(?:{_METHODS}) \S{{1,1000}} (\d{{3}}) \d")),  # morgan
)
_PATH = re.compile(r'"(?:path|ur[il]|request_?[uU]ri|[rR]equestPath)"\s{0,2}:\s{0,2}"([^"?]{1,300})')
_SERVED = re.compile(rf"\b(?:{_METHODS}) (?:https?://[^/\s\"]{{1,253}})?(/[^\s?\"]{{0,300}})")
_MADE = re.compile(r"https?://[^/\s\"']{1,253}(/[^\s?\"']{0,300})")
_PROBES = ("kube-probe/", "HealthChecker/", "GoogleHC/")
"""User agents of health checks: what they are answered is no request of anybody."""
_CALLED = re.compile(r"https?://([a-z0-9.-]{1,253})", re.IGNORECASE)
_ANSWERED = re.compile(
    r"\b(?:status(?:[ _]?code)?|HTTP(?:/\d(?:\.\d)?)?|error|response|returned|code)\W{1,4}([45]\d{2})\b"
    r"|\b([45]\d{2}) (?:Client Error|Server Error|Bad |Internal |Request |Payload |Content |Unprocessable |Unsupported |Method )"
    r"|\b(50[234]) (?:Service |Gateway )",
    re.IGNORECASE,
)
_OF_ANSWER = {"401": "credentials", "403": "credentials", "429": "rate"} | dict.fromkeys(_GATEWAY, "dependency")
_ORDINARY = frozenset({"404", "408", "409", "410", "412", "416", "425", "428", "451", "499"})
"""Statuses that programs ask for in ordinary operation: whether something exists, or has changed meanwhile."""
_PRIVATE = re.compile(r"(?:10|127|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.[\d.]{3,11}")
MIN_FAILED, MIN_SHARE = 10, 0.1
WINDOW_MINUTES = 5


def signs(line: str) -> tuple[str, ...] | None:
    """The log signs of a line of an access log: by its response flags, else by a gateway's status. None for any other line."""
    if '" ' in line and (request := _REQUEST.search(line)) is not None:
        status, flags = request.groups()
        if flags is None:
            return _of_status(status)
        return _of_flags(flags)
    if "response_flags" in line and (found := _JSON.search(line)) is not None:
        return _of_flags(found.group(1))
    if (served := _status(line)) is not None:
        return _of_status(served)
    return _of_call(line)


def _of_status(status: str) -> tuple[str, ...]:
    return ("dependency",) if status in _GATEWAY else (ERRORS,) if status[0] == "5" else ()


def _of_flags(flags: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(SIGN_OF_FLAG[flag] for flag in flags.split(",") if flag in SIGN_OF_FLAG))


def _of_call(line: str) -> tuple[str, ...] | None:
    """The sign of a call to a server of the cluster that was answered with an error. What servers elsewhere answer is theirs to explain."""
    if "://" not in line or (answered := _ANSWERED.search(line)) is None or not any(map(_is_inside, _CALLED.findall(line))):
        return None
    status = next(status for status in answered.groups() if status is not None)
    return None if status in _ORDINARY else (_OF_ANSWER.get(status, "response"),)


def answered(line: str) -> tuple[str, str] | None:
    """The path and the status of the request that a line is about: one that was served, or one that was made."""
    if (status := _status(line)) is None:
        made = _ANSWERED.search(line) if "://" in line else None
        status = next(group for group in made.groups() if group is not None) if made is not None else None
    path = next((found for pattern in (_SERVED, _PATH, _MADE) if (found := pattern.search(line)) is not None), None) if status else None
    return None if status is None or path is None else (path.group(1), status)


def _is_inside(host: str) -> bool:
    """Whether a host is surely one of the cluster: a short name, a name of a Service, or a private address."""
    return "." not in host or ".svc" in host or _PRIVATE.fullmatch(host) is not None


def _status(line: str) -> str | None:
    """The status of the request that a line of an access log is about; None for any other line."""
    if _METHOD.search(line) is None:
        return None
    found = (pattern.search(line) for needed, pattern in _FORMATS if needed in line)
    return next((match.group(1) for match in found if match is not None), None)


def request(line: str) -> str:
    """The request that a line of an access log is about: of JSON its method, path and status, else the line."""
    method, path = _METHOD.search(line), _PATH.search(line)
    return line if method is None or path is None else f"{method.group()} {path.group(1)} {_status(line)}"


def is_failed(line: str) -> bool | None:
    """Whether the request that a line is about failed in the server (a status of 500 and above). None for other lines, and for probes."""
    status = _status(line)
    if status is None or any(agent in line for agent in _PROBES):
        return None
    return status[0] == "5"


def is_error_of_request(line: str) -> bool:
    """Whether a line of a proxy's error log is about one request, which its access log shows as well."""
    return ', request: "' in line and "upstream" in line


class Requests:
    """How many requests the log of one container shows, and how many of them failed, over the last minutes."""

    def __init__(self) -> None:
        self._minutes: deque[list[int]] = deque(maxlen=WINDOW_MINUTES)

    def add(self, at: float, *, is_failed: bool) -> None:
        """`at` is in seconds since 1970."""
        minute = int(at // 60)
        while self._minutes and self._minutes[0][0] <= minute - WINDOW_MINUTES:
            self._minutes.popleft()
        if not self._minutes or self._minutes[-1][0] < minute:
            self._minutes.append([minute, 0, 0])
        self._minutes[-1][1] += 1
        self._minutes[-1][2] += is_failed

    @property
    def are_shown(self) -> bool:
        """Whether the log shows requests at all."""
        return bool(self._minutes)

    @property
    def are_failing(self) -> bool:
        """Whether enough requests failed to be more than the errors of ordinary operation."""
        total, failed = (sum(minute[part] for minute in self._minutes) for part in (1, 2))
        return failed >= MIN_FAILED and failed >= MIN_SHARE * total
