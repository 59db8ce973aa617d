"""What the lines of a log say about the servers that a program calls: one of them does not answer, or it answers with a refusal."""

from functools import lru_cache

from optral.kube import log_signs
from optral.kube.log_signs import DEPENDENCY

MAX_LINES, MAX_LINE = 400, 300  # of a log
MAX_KEPT, MAX_REFUSALS = 10, 4
DISK = "disk"
DOWN = frozenset({DEPENDENCY, "full", "frozen", "memory", DISK})
"""Signs that a server is down for everybody who calls it."""
NOT_READY = frozenset({"quorum", "starting"})
"""Signs that a server is up and cannot serve: it has no leader, starts or stops."""
REFUSALS = frozenset({"credentials", "schema", "certificate"})
"""Signs that a server answers and refuses what it is asked; another caller may be served."""


@lru_cache(maxsize=4096)
def signs(line: str) -> tuple[str, ...]:
    """The log signs of a line that are about a server."""
    found = [sign for sign in log_signs.of_line(line) if sign in REFUSALS | NOT_READY or (sign in DOWN and sign != DISK)]
    return (*found, DISK) if log_signs.is_disk_of_server(line) else tuple(found)


def is_refusal(line: str) -> bool:
    """Whether a server has answered, so that the line does not say that it cannot be reached."""
    found = signs(line)
    return bool(found) and not NOT_READY.intersection(found) and DEPENDENCY not in found


def error_lines(text: str) -> tuple[str, ...]:
    """The lines by which the program cannot reach something that it calls (`kube/log_signs.py`); the newest ten."""
    found = [line.strip()[:MAX_LINE] for line in text.splitlines()[-MAX_LINES:] if log_signs.is_dependency_failure(line)]
    return tuple(dict.fromkeys(reversed(found)))[:MAX_KEPT]


def kept(text: str) -> tuple[str, ...]:
    """What grouping keeps of a log: the newest refusals of each form, at most four, and the error lines."""
    newest: dict[str, str] = {}
    for line in reversed(text.splitlines()[-MAX_LINES:]):
        if is_refusal(line) or NOT_READY.intersection(signs(line)):
            newest.setdefault(log_signs.shape(line), line.strip()[:MAX_LINE])
            if len(newest) == MAX_REFUSALS:
                break
    return tuple(dict.fromkeys((*newest.values(), *error_lines(text))))
