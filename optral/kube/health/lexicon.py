"""What the words of condition types, reasons and phases mean across projects.

A name such as `ReconcileFailed` is split into words, and a word that begins with a stem of the lists below decides. Names are the
vocabulary of an API, messages are prose: of a message a few plain phrases count, and only where the name decides nothing.
"""

import re
from functools import lru_cache
from itertools import pairwise

from optral.kube.health.model import State


def _stems(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FAILING = _stems(
    """abort backoff broken conflict corrupt crash cycle dead degrad denied denies disconnected duplicate err exceed exhaust expir fail
    fatal forbidden illegal impaired incompatible incorrect insufficient invalid lost malformed misconfigur mismatch missing nonexist orphan
    outofsync prevent problem refus reject stall timedout timeout unable unacceptable unauthorized undefined unexpected unhealthy
    unmanageable unreachable unrecoverable unresolv unschedulable unsupported unsuccessful unusable violat wrong"""
)
_NO_FAILURE = frozenset(_stems("errorless failover failback deadline deadlines"))
_FAILING_ALONE = frozenset({("red",), ("bad",), ("down",), ("critical",), ("warning",), ("health", "warn"), ("health", "err")})
_FAILING_PAIRS = frozenset(
    {("not", word) for word in _stems("found exist permitted allowed supported valid reachable matching")}
    | {("timed", "out"), ("can", "not"), ("out", "of"), ("no", "such"), ("no", "match"), ("limit", "reached")}
)
_NEGATIONS = frozenset(_stems("no not never without non"))
_NOTHING = frozenset(_stems("found matched exists"))
_MOVING = _stems(
    """adding applying await backing booting bootstrap building changing cloning configuring connecting converging copying creating deleting
    deploying downloading draining executing finalizing importing incomplete initial installing issuing joining launching migrating
    modifying ongoing pending planning preparing processing progress promoting propagating provisioning pulling queued rebalancing
    rebooting rebuilding reconciling recovering registering renewing replacing requested resizing restarting restoring retrying rolling
    rollout scaling scheduling starting stopping submitted switchover synchronizing syncing terminating transition unknown updating
    upgrading validating verifying waiting"""
)
_GOOD = frozenset(
    _stems(
        """accepted active alive applied available bound complete completed connected deployed done enabled established exists
        finished green healthy installed issued listening live loaded normal ok online operational passed programmed promoted
        provisioned ready reconciled registered resolved running satisfied scheduled stable succeed succeeded success successful
        successfully synced uptodate up valid verified"""
    )
)
_RESTING = _stems("suspend pause hibernat halted disabled inactive dormant stopped")
_TO_ZERO = ("scaled", "to", "zero")
_PARTLY = frozenset(_stems("not non partially partial"))
_PROSE_FAILING = re.compile(
    r"\b(?:fail(?:s|ed|ure)?|errors?|cannot|can't|could not|couldn't|unable to|not found|does ?n[o']t exist|invalid|denied|forbidden"
    r"|unauthorized|refused|rejected|timed out|deadline exceeded|unreachable|no such|conflicts? with|no match(?:es)?|unsupported"
    r"|not supported|exceed(?:s|ed)|crash(?:ed|ing)?|mismatch|back-off|unexpected(?:ly)?|already exists|not allowed|not authorized"
    r"|malformed|expired)\b",
    re.IGNORECASE,
)
_PROSE_MOVING = re.compile(
    r"\b(?:waiting|in progress|pending|progressing|being (?:created|updated|deployed|provisioned)|not yet|reconciling|initializing"
    r"|starting|has not (?:started|completed|finished)|still|creating|updating|provisioning)\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\s*(?:an? )?(?:fatal |unexpected |internal )?(?:error|exception|failed|failure|failing|cannot|could not|unable)\b", re.IGNORECASE
)
MAX_PROSE = 2000


@lru_cache(2048)
def words(name: str) -> tuple[str, ...]:
    """The words of an identifier in lower case: `HTTPRouteNotFound` gives http, route, not, found."""
    return tuple(word.lower() for word in _WORD.findall(name[:200]))


@lru_cache(2048)
def meaning(name: str) -> State | None:
    """What an identifier says of its object: degraded, progressing, suspended or healthy; None where its words do not tell."""
    found = words(name)
    if _is_failure(found):
        return State.DEGRADED
    if any(word.startswith(_RESTING) for word in found) or found == _TO_ZERO:
        return State.SUSPENDED
    if any(word.startswith(_MOVING) for word in found):
        return State.PROGRESSING
    if found and found[-1] in _GOOD:
        return State.PROGRESSING if _PARTLY.intersection(found) else State.HEALTHY
    return None


def names_failure(name: str) -> bool:
    """Whether a single word of an identifier names a failure: `SyncFailed`, not `NoneFound`."""
    return _has_failing_word(words(name))


def names_work(name: str) -> bool:
    """Whether an identifier names work that goes on: `ProgrammingInProgress`, `Installing`."""
    found = words(name)
    return not _is_failure(found) and any(word.startswith(_MOVING) for word in found)


def is_error(message: str) -> bool:
    """Whether a sentence begins as the text of an error does."""
    return _ERROR.match(message) is not None


def of_message(message: str) -> State | None:
    """What a sentence says: degraded or progressing; None where it does not tell."""
    beginning = message[:MAX_PROSE]
    if _PROSE_FAILING.search(beginning):
        return State.DEGRADED
    return State.PROGRESSING if _PROSE_MOVING.search(beginning) else None


def _is_failure(found: tuple[str, ...]) -> bool:
    if found in _FAILING_ALONE or _has_failing_word(found):
        return True
    if found and found[0] == "no" and found[-1] in _NOTHING:
        return True
    return any(pair in _FAILING_PAIRS for pair in pairwise(found))


def _has_failing_word(found: tuple[str, ...]) -> bool:
    if found == ("missing",):  # as a phase: something that is not there yet
        return False
    return any(
        word.startswith(_FAILING) and word not in _NO_FAILURE and not (at and found[at - 1] in _NEGATIONS) for at, word in enumerate(found)
    )
