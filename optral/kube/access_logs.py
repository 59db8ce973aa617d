"""Access logs of proxies: what the status and the response flags of a request mean.

Envoy writes flags behind the status (`503 UF`) or as `response_flags` in JSON. Source: Envoy documentation, access logging.
"""

import re

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


def signs(line: str) -> tuple[str, ...] | None:
    """The log signs of a line of an access log: by its response flags, else by a gateway's status. None for any other line."""
    if '" ' in line and (request := _REQUEST.search(line)) is not None:
        status, flags = request.groups()
        if flags is None:
            return ("dependency",) if status in _GATEWAY else ()
        return _of_flags(flags)
    if "response_flags" in line and (found := _JSON.search(line)) is not None:
        return _of_flags(found.group(1))
    return None


def _of_flags(flags: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(SIGN_OF_FLAG[flag] for flag in flags.split(",") if flag in SIGN_OF_FLAG))
