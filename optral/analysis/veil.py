"""What of an analysis somebody may read who sees only some namespaces of the cluster.

An explanation of one namespace may rest on objects of another one, or of none, such as nodes. Evidence of these is left out with
everything that rests on it: sentences, hypotheses, changes and actions. What is left is still true. Objects outside of namespaces keep
their names, which are on every pod (`spec.nodeName`) and claim (`spec.volumeName`); objects of other namespaces do not.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

Sees = Callable[[str | None], bool]
"""Whether the reader may see objects of this namespace; None: objects outside of namespaces."""
HIDDEN = "Part of the explanation is hidden: it is based on objects that your access does not include."
ELSEWHERE = "The cause is outside of the namespaces that your access includes."


def over(result: Mapping[str, Any], sees: Sees) -> Mapping[str, Any]:
    """The result of an analysis as the reader may see it. `hidden` is how much of its evidence was left out; absent if none was."""
    evidence = result.get("evidence") or []
    known = [one for one in evidence if sees(_namespace(one["ref"]))]
    ids = frozenset(one["id"] for one in known)
    cause = result.get("rootCause")
    if len(known) == len(evidence) and (cause is None or _may_name(cause["subject"], sees)):
        return result
    cause = None if cause is None else _cause(cause, ids, sees)
    shown = {**result, **_lists(result, ids, sees), "summary": _summary(result, cause), "evidence": known}
    shown |= {"missingEvidence": [], "warnings": [], "hidden": max(1, len(evidence) - len(known))}
    shown.pop("rootCause", None)
    return shown if cause is None else shown | {"rootCause": cause}


def _lists(result: Mapping[str, Any], ids: Collection[str], sees: Sees) -> dict[str, list[Any]]:
    """The lists of a result without what rests on hidden evidence or names a hidden object."""

    def of(name: str, may_stay: Callable[[Mapping[str, Any]], bool]) -> list[Any]:
        return [one for one in result.get(name) or [] if may_stay(one)]

    return {
        "hypotheses": of("hypotheses", lambda one: _may_name(one["subject"], sees) and _rests_on(one, ids)),
        "changes": of("changes", lambda one: one["evidenceId"] in ids and sees(_namespace(one["ref"]))),
        "timeline": of("timeline", lambda one: one.get("evidenceId") in ids),
        "affected": of("affected", lambda one: sees(_namespace(one))),
        "recommendedActions": of("recommendedActions", lambda one: _rests_on(one, ids) and _is_inside(one, sees)),
    }


def _cause(cause: Mapping[str, Any], ids: Collection[str], sees: Sees) -> dict[str, Any] | None:
    """The cause with the sentences that rest on what may be seen; None for an object of another namespace."""
    if not _may_name(cause["subject"], sees):
        return None
    claims = [claim for claim in cause["claims"] if claim["evidenceIds"] and set(claim["evidenceIds"]) <= set(ids)]
    explanation = " ".join([*(claim["text"] for claim in claims), HIDDEN])
    return dict(cause) | {"claims": claims, "explanation": explanation, "facts": [], "missingFacts": []}


def _summary(result: Mapping[str, Any], cause: Mapping[str, Any] | None) -> str:
    if cause is not None:
        return f"{cause['title']}. {cause['explanation']}"
    return HIDDEN if result.get("rootCause") is None else ELSEWHERE


def _namespace(ref: Mapping[str, Any]) -> str | None:
    return ref.get("namespace") or None


def _may_name(ref: Mapping[str, Any], sees: Sees) -> bool:
    """Objects outside of namespaces may be named."""
    namespace = _namespace(ref)
    return namespace is None or sees(namespace)


def _rests_on(one: Mapping[str, Any], ids: Collection[str]) -> bool:
    return set(one.get("evidenceIds") or ()) <= set(ids)


def _is_inside(action: Mapping[str, Any], sees: Sees) -> bool:
    """Whether an action changes only objects that the reader may see."""
    edit = action.get("edit")
    namespace = (action.get("parameters") or {}).get("namespace")
    return (edit is None or sees(_namespace(edit["target"]))) and (namespace is None or sees(str(namespace)))
