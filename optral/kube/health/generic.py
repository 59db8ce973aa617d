"""Health of a resource of any kind, by the conventions of the field: kstatus, the API conventions, and the names that operators use.

In this order: what somebody paused; what the controller has not looked at yet (`observedGeneration`); conditions that name a failure;
conditions that sum the object up (`Ready`, `Available`, …); phases; texts of errors. A condition about an older generation counts as not
reported. A summary that is false without a word of failure is progress: only time turns it into a failure.
"""

from typing import Any

from optral.kube.health import lexicon
from optral.kube.health.model import (
    HEALTHY,
    MAX_MESSAGE,
    MAX_REASON,
    NOT_OBSERVED,
    UNKNOWN,
    Health,
    Reported,
    State,
    Tree,
    conditions,
    dated,
    generation,
    number,
    part,
    text,
)

SUMMARIES = ("Ready", "Healthy", "Available", "Synced", "Accepted", "Programmed", "Reconciled", "Succeeded", "Valid", "Applied")
"""Conditions that sum an object up, when True is good. The first that is False is the one to show."""
_PAUSED_SPEC = ("suspend", "suspended", "paused", "hibernate", "hibernated")
_PAUSED_ANNOTATIONS = ("paused", "pause", "pause-reconciliation", "reconcile-paused", "reconcile-disabled")
_PHASES = frozenset({"phase", "state", "status", "health"})
_WISHES = frozenset({"desired", "previous", "target", "expected", "wanted", "old", "prior"})
"""Words of keys that tell what is wanted or was, not what is."""
MAX_DEPTH = 4
MAX_NODES = 500
_ERRORS = ("error", "errorMessage", "failureMessage", "failureReason", "lastError", "lastErrorMessage", "errorReason", "errorDescription")
_NO_ERROR = frozenset({"", "-", "0", "false", "nil", "no error", "no errors", "none", "null", "n/a", "ok", "success"})
_TOLD = ("message", "statusMessage", "phaseMessage", "failureMessage", "errorMessage", "error", "lastErrorMessage", "lastError",
         "lastFailure", "errorDescription", "detail", "description")  # fmt: skip
_REASONED = ("reason", "statusReason", "failureReason", "errorReason")
_NO_PARTS = frozenset(
    {"conditions", "history", "lastAppliedSpec", "lastAppliedConfiguration", "spec", "config", "configuration", "template"}
)
"""Keys of a status that hold no state of a part: the past, and copies of what is wanted."""
_ONCE = frozenset({"Succeeded", "Complete", "Completed", "Finished"})
"""Conditions of work that ends by itself: being False means that it still runs."""
_SEVERITIES = {"Error": State.DEGRADED, "Info": State.PROGRESSING}
_GOOD_STARTS = frozenset({"resolved", "accepted", "valid", "connected", "healthy", "ready", "available"})
"""First words of positive condition types such as `ResolvedRefs`."""
_QUIET = frozenset({"info", "informational"})


def before_status(tree: Tree) -> Health | None:
    """What decides before the status is read: a deletion, a pause, no status, or one about an older generation."""
    if text(tree, "metadata", "deletionTimestamp"):
        return Health(State.PROGRESSING, "metadata.deletionTimestamp", "Terminating")
    if (paused := _find_pause(tree)) is not None:
        return paused
    return _find_outdated(tree) if isinstance(part(tree, "status"), dict) else UNKNOWN


def assess_status(tree: Tree) -> Health:
    """The health that the status of an object shows, of which nothing is known but its JSON."""
    by_conditions, by_phase = from_conditions(conditions(tree), current=generation(tree)), from_phases(tree)
    if by_phase is not None and by_phase.state is State.SUSPENDED:
        return by_phase
    if by_conditions is not None and by_conditions.state in (State.DEGRADED, State.SUSPENDED):
        return by_conditions
    if by_phase is not None and (by_conditions is None or by_phase.state is State.DEGRADED):
        return by_phase
    if (of_part := from_parts(tree)) is not None:
        return of_part
    if by_conditions is not None:
        return by_conditions
    return from_errors(tree) or UNKNOWN


def _find_pause(tree: Tree) -> Health | None:
    """The switch by which somebody paused the object."""
    for name in _PAUSED_SPEC:
        if part(tree, "spec", name) is True:
            return Health(State.SUSPENDED, f"spec.{name}")
    annotations = part(tree, "metadata", "annotations")
    for key, value in annotations.items() if isinstance(annotations, dict) else ():
        if isinstance(key, str) and key.rpartition("/")[2] in _PAUSED_ANNOTATIONS and value in ("true", "True", ""):
            return Health(State.SUSPENDED, f"metadata.annotations.{key}"[:MAX_REASON])
    return None


def _find_outdated(tree: Tree) -> Health | None:
    """The status is about an older generation of the spec."""
    observed, wanted = number(tree, "status", "observedGeneration"), generation(tree)
    if observed is not None and observed < wanted:
        return Health(State.PROGRESSING, "status.observedGeneration", NOT_OBSERVED, f"observed generation {observed} of {wanted}")
    return None


def from_conditions(reported: list[Reported], *, current: int = 0) -> Health | None:
    """What these conditions say together; None where none of them is of a known convention."""
    live = [one for one in reported if one.observed is None or not current or one.observed >= current]
    if not live:
        return Health(State.PROGRESSING, "status.conditions", NOT_OBSERVED) if reported else None
    by_state: dict[State | None, list[Reported]] = {}
    for one in live:
        by_state.setdefault(judge(one), []).append(one)
    for state in (State.DEGRADED, State.SUSPENDED, State.PROGRESSING):
        if state in by_state:
            first = min(by_state[state], key=_prominence)
            return first.health(state, must_end=state is State.PROGRESSING and first.type in SUMMARIES and first.type not in _ONCE)
    return HEALTHY if State.HEALTHY in by_state else None


def current(tree: Tree) -> list[Reported]:
    """The conditions that are about the present generation."""
    return [one for one in conditions(tree) if one.observed is None or one.observed >= generation(tree)]


def judge(one: Reported) -> State | None:
    """What one condition says of the object; None for a type of no known convention."""
    of_type = _polarity(one.type)
    if of_type is None:
        return State.DEGRADED if one.status == "False" and lexicon.names_failure(one.reason) else None
    if of_type is State.HEALTHY:
        return _positive(one)
    if one.status != "True":
        if of_type is State.PROGRESSING and one.status == "False" and lexicon.meaning(one.reason) is State.DEGRADED:
            return State.DEGRADED
        return State.HEALTHY if of_type is State.DEGRADED and one.status == "False" else None
    if of_type is State.PROGRESSING:
        return _moving(one)
    return of_type


def _positive(one: Reported) -> State | None:
    if one.status == "True":
        return State.HEALTHY
    if one.severity in _SEVERITIES and one.status == "False":
        return _SEVERITIES[one.severity]
    is_summary = one.type in SUMMARIES or lexicon.words(one.type)[-1] in ("ready", "available", "healthy", "synced")
    said = lexicon.meaning(one.reason)
    if one.status == "False" and said in (None, State.PROGRESSING, State.HEALTHY) and lexicon.is_error(one.message):
        return State.DEGRADED
    if one.status == "Unknown":
        return State.PROGRESSING if is_summary else None
    return _unfulfilled(one, said, is_summary=is_summary)


def _unfulfilled(one: Reported, said: State | None, *, is_summary: bool) -> State | None:
    """What a condition that does not hold says by its reason (`said`), or by its message if it sums up the object."""
    if is_summary and said is not State.DEGRADED and not lexicon.names_work(one.reason):
        said = lexicon.of_message(one.message) or said
    if said in (State.DEGRADED, State.SUSPENDED):
        return said
    return State.PROGRESSING if is_summary or said is State.PROGRESSING else None


def _moving(one: Reported) -> State | None:
    """`Progressing` is True also while a Deployment is complete, and says so in its reason."""
    said = lexicon.meaning(one.reason)
    if said in (State.DEGRADED, State.HEALTHY):
        return said
    return State.PROGRESSING


def _polarity(kind: str) -> State | None:
    """What it means that a condition of this type is True."""
    found = lexicon.words(kind)
    if not found or found[0] in _QUIET:
        return None
    said = lexicon.meaning(kind)
    if said is None and found[0] in _GOOD_STARTS:
        return State.HEALTHY
    if said is State.PROGRESSING and len(found) > 1 and found[-1] in ("ready", "available", "healthy") and "not" in found:
        return State.DEGRADED
    return said


def _prominence(one: Reported) -> tuple[bool, int]:
    """A condition that says why goes before one that does not."""
    return not one.message, SUMMARIES.index(one.type) if one.type in SUMMARIES else len(SUMMARIES)


def from_phases(tree: Tree) -> Health | None:
    """What `status.phase` and its like say: every text of the status whose key ends in phase, state, status or health."""
    found = [health for name in tree["status"] if (health := _of_phase(tree, name)) is not None]
    ranked = (State.DEGRADED, State.SUSPENDED, State.PROGRESSING, State.HEALTHY)
    return min(found, key=lambda health: ranked.index(health.state), default=None)


def _of_phase(tree: Tree, name: str) -> Health | None:
    if name == "healthy" and part(tree, "status", name) is False:
        return Health(State.DEGRADED, "status.healthy", "False", message_of(tree))
    phase = text(tree, "status", name)
    if not phase or len(phase) > 64 or not is_phase(name):
        return None
    state = lexicon.of_message(phase) if " " in phase else lexicon.meaning(phase)
    return None if state is None else Health(state, f"status.{name}", phase[:MAX_REASON], message_of(tree), dated(tree["status"]))


def is_phase(key: str) -> bool:
    """Whether a key of a status names the phase of the object: `phase`, `clusterStatus`, `jobState`."""
    found = lexicon.words(key)
    return bool(found) and found[-1] in _PHASES and not _WISHES.intersection(found)


def from_parts(tree: Tree) -> Health | None:
    """What the parts of a status say, such as the parents of a route or the members of a cluster: the first that has failed.

    Looks `MAX_DEPTH` levels deep, at conditions and phases, and only for words of failure: a part that still starts is no news.
    """
    waiting: list[tuple[str, Any, int]] = [("status", value, 0) for value in (tree["status"],)]
    for _ in range(MAX_NODES):
        if not waiting:
            return None
        path, node, depth = waiting.pop(0)
        if depth and (found := _of_part(path, node, generation(tree))) is not None:
            return found
        if depth < MAX_DEPTH:
            waiting += [(f"{path}.{key}"[:MAX_REASON], value, depth + 1) for key, value in _children(node)]
    return None


def _children(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [(str(key), value) for key, value in list(node.items())[:50] if key not in _NO_PARTS and isinstance(value, (dict, list))]
    if isinstance(node, list):
        return [(str(at), value) for at, value in enumerate(node[:50]) if isinstance(value, (dict, list))]
    return []


def _of_part(path: str, node: Any, current: int) -> Health | None:
    if not isinstance(node, dict):
        return None
    by_conditions = from_conditions(conditions(node, "conditions"), current=current)
    if by_conditions is not None and by_conditions.state is State.DEGRADED:
        return by_conditions._replace(shown_by=f"{path}.{by_conditions.shown_by}"[:MAX_REASON])
    for key, value in node.items():
        if isinstance(value, str) and len(value) <= 64 and is_phase(key) and lexicon.meaning(value) is State.DEGRADED:
            return Health(State.DEGRADED, f"{path}.{key}"[:MAX_REASON], value[:MAX_REASON], message_beside(node), dated(node))
    return None


def message_of(tree: Tree) -> str:
    """The sentence that a status gives beside its phase."""
    return message_beside(part(tree, "status"))


def message_beside(node: Any) -> str:
    """What stands beside a phase: the message, or the error that is recorded, after the reason if it does not contain it."""
    told, reason = (
        next((found for name in names if (found := text(node, name) or text(node, name, "message"))), "") for names in (_TOLD, _REASONED)
    )
    return (told if not reason or reason in told else f"{reason}: {told}" if told else reason)[:MAX_MESSAGE]


def from_errors(tree: Tree) -> Health | None:
    """A status that holds the text of an error."""
    for name in _ERRORS:
        if (message := text(tree, "status", name)) and message.casefold().strip(" .") not in _NO_ERROR:
            return Health(State.DEGRADED, f"status.{name}", "Error", message[:MAX_MESSAGE])
    return None
