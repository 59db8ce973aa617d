"""What a change takes away while it is made: pods that are replaced, budgets that it touches, who depends on them, and for how long.

It is an estimate from the dry run and the inventory. What neither shows is unknown, and said so. `flows/executions/impact.py` gathers the
facts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from optral.kube import diff
from optral.runbooks.model import Execution, Step
from optral.terms.verbs import PLURALS

TEMPLATE = "spec.template."
GONE = frozenset({"deletePod", "evict"})


class Caps(NamedTuple):
    """How many pods an execution may take away: above `approval` somebody has to approve it, above `most` it is refused."""

    approval: int = 20
    most: int = 200


DEFAULT_CAPS = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectContext:
    """What the inventory shows around the object of a step. `start_s`: how long its present pods took to become ready."""

    manifest: Mapping[str, Any]
    pods: int = 0
    start_s: Sequence[float] = ()
    budgets: Sequence[str] = ()
    dependents: Sequence[str] = ()


class _Taken(NamedTuple):
    """Pods that are replaced and removed, how many are away at once (None: unknown), and the turns in which that happens."""

    replaced: int = 0
    removed: int = 0
    at_once: int | None = 0
    turns: int = 1


def of_step(step: Step, changes: Sequence[Mapping[str, Any]], seen: ObjectContext) -> dict[str, Any]:
    """The impact of one step, as it stands in the plan."""
    taken = _taken(step, changes, seen)
    touched = bool(taken.replaced or taken.removed)
    return {
        "step": step.name,
        "podsReplaced": taken.replaced,
        "podsRemoved": taken.removed,
        "unavailableAtOnce": taken.at_once,
        "unavailableSeconds": _seconds(taken, seen.start_s),
        "budgets": list(seen.budgets) if touched else [],
        "dependents": list(seen.dependents) if touched or _redirects(step, changes) else [],
    }


def _taken(step: Step, changes: Sequence[Mapping[str, Any]], seen: ObjectContext) -> _Taken:
    paths = {str(change.get("path", "")): change for change in changes}
    if step.verb in GONE:
        return _Taken(replaced=1, at_once=1)
    if step.verb == "drain":
        return _Taken(replaced=sum(path.startswith("pods[") for path in paths), at_once=None)
    if any(path.startswith(TEMPLATE) for path in paths):
        return _rollout(step.kind, seen)
    if (scaled := paths.get("spec.replicas")) is not None and isinstance(scaled.get("from"), int) and isinstance(scaled.get("to"), int):
        removed = max(0, scaled["from"] - scaled["to"])
        return _Taken(removed=removed, at_once=removed)
    if step.kind == "Job" and (suspended := paths.get("spec.suspend")) is not None and suspended.get("to") is True:
        active = diff.at(seen.manifest, "status.active")
        removed = active if isinstance(active, int) else 0
        return _Taken(removed=removed, at_once=removed)
    return _Taken(at_once=None) if _redirects(step, changes) else _Taken()


def _redirects(step: Step, changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the traffic of a Service goes elsewhere, or nowhere."""
    return step.kind == "Service" and bool(changes)


def _rollout(kind: str, seen: ObjectContext) -> _Taken:
    """The pods of a workload are replaced as its update strategy says (Kubernetes API reference)."""
    strategy = diff.at(seen.manifest, "spec.strategy" if kind == "Deployment" else "spec.updateStrategy") or {}
    if kind not in PLURALS or strategy.get("type") == "OnDelete":
        return _Taken()
    if strategy.get("type") == "Recreate":
        return _Taken(replaced=seen.pods, at_once=seen.pods)
    default = "25%" if kind == "Deployment" else 1
    limit = (strategy.get("rollingUpdate") or {}).get("maxUnavailable", default)
    at_once = min(seen.pods, _resolved(limit, seen.pods, rounds_up=kind == "DaemonSet"))
    return _Taken(replaced=seen.pods, at_once=at_once, turns=math.ceil(seen.pods / at_once) if at_once else 0)


def _resolved(limit: Any, pods: int, *, rounds_up: bool) -> int:
    """A number of pods, or a percentage of them."""
    if isinstance(limit, str) and limit.endswith("%") and limit[:-1].isdecimal():
        share = pods * int(limit[:-1]) / 100
        return math.ceil(share) if rounds_up else math.floor(share)
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else 1


def _seconds(taken: _Taken, start_s: Sequence[float]) -> int | None:
    """For how long pods are away; None when that is unknown, and when they do not come back."""
    if taken.at_once == 0:
        return 0
    if taken.at_once is None or taken.removed or not start_s:
        return None
    return max(1, round(median(start_s) * taken.turns))


def of_plan(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The impact of a whole plan."""
    return {"pods": sum(step["podsReplaced"] + step["podsRemoved"] for step in steps), "steps": [dict(step) for step in steps]}


def hashed(impact: Mapping[str, Any] | None) -> list[Any]:
    """What an approval is bound to; the time is an estimate that differs each time."""
    return [
        [step["step"], step["podsReplaced"], step["podsRemoved"], step["unavailableAtOnce"], step["budgets"], step["dependents"]]
        for step in (impact or {}).get("steps", ())
    ]


def excess(execution: Execution, impact: Mapping[str, Any] | None, most: int) -> str | None:
    """Why this takes away more than allowed; None when it does not. An undo only brings back what was there."""
    pods = (impact or {}).get("pods", 0)
    return f"{pods} pods would be replaced or removed, and at most {most} are allowed" if pods > most and not execution.undo_of else None


def grown(planned: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str | None:
    """Why a step takes away more now than when it was planned; None when it does not."""
    was = next((step for step in (planned or {}).get("steps", ()) if step["step"] == now["step"]), None)
    if was is None:
        return None
    before, after = (one["podsReplaced"] + one["podsRemoved"] for one in (was, now))
    if after > before:
        return f"{before} pods would have been replaced or removed when it was planned, and {after} would be now"
    new = sorted(set(now["budgets"]) - set(was["budgets"]))
    return f"it touches PodDisruptionBudget {', '.join(new)} now, and did not when it was planned" if new else None
