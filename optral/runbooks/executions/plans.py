"""Plans: what an execution would change, the hash an approval is bound to, the bounds of a step, and drift since the plan."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from optral.kube.quantities import read_milli, to_milli
from optral.runbooks.executions import impact
from optral.runbooks.language.definition import Action
from optral.runbooks.model import Execution, Step
from optral.terms import bounds


class Planned(NamedTuple):
    """What the dry run of a step gave."""

    step: Step
    result: Mapping[str, Any]


def out_of_bounds(action: Action, diff: Sequence[Mapping[str, Any]]) -> str | None:
    """Why what a step would do goes too far; None when it does not. A bound on a path whose old value is unknown cannot be kept."""
    for bound in action.bounds:
        for change in diff:
            if not _is_about(str(change.get("path", "")), bound.path):
                continue
            before, after = read_milli(change.get("from")), read_milli(change.get("to"))
            if after is None:
                return f"{bound.path}: {change.get('to')!r} is no quantity"
            if before is None:
                if bound.only_raise:
                    return f"{bound.path} has no value now, so there is nothing to raise"
                continue
            if bound.only_raise and after <= before:
                return f"{bound.path} is {change.get('from')} now; it may only be raised"
            up_to = 0 if bound.up_to is None else to_milli(bound.up_to)
            if bounds.is_too_much(before, after, factor=bound.max_factor, up_to=up_to):
                return f"{bound.path} is {change.get('from')} now; at most {bound.max_factor:g} times that is allowed"
    return None


def moved(action: Action, diff: Sequence[Mapping[str, Any]]) -> str | None:
    """What is no longer as the step expects to find it; None when everything is, and when it expects nothing."""
    if not action.expects:
        return None
    found = {str(change.get("path", "")): change.get("from") for change in diff}
    for path in sorted(found.keys() | action.expects.keys()):
        if path not in found:
            return f"{path} no longer has the value {action.expects[path]!r} that the execution left"
        if path not in action.expects:
            return f"{path} was changed since; an undo would also revert that"
        if found[path] != action.expects[path]:
            return f"{path} is {found[path]!r} now, and the execution left {action.expects[path]!r}"
    return None


def _is_about(path: str, bound: str) -> bool:
    """Whether a path of the diff, such as `spec.template.spec.containers[api].resources.limits.memory`, ends in the bound's
    (`limits.memory`), or is an entry of the map that the bound names: `hard` for `spec.hard[limits.memory]`."""
    _, found, rest = f".{path}".rpartition(f".{bound}")
    return bool(found) and (not rest or rest[0] == "[" or (rest[0] == "." and "." not in rest[1:]))


def plan_of(
    execution: Execution,
    planned: Sequence[Planned],
    managers: Sequence[Mapping[str, Any]],
    taken: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What would happen: the steps, the server's diff of each, who else manages what is touched, its impact, and the hash of it all."""
    results = {one.step.id: one.result for one in planned}
    steps = [
        {
            "name": one.step.name,
            "verb": one.step.verb,
            "object": _object(one.step),
            "values": dict(one.step.values),
            "isWrite": one.step.is_write,
        }
        for one in planned
    ]
    diff = [{"step": one.step.name, **_change(change)} for one in planned for change in (results[one.step.id].get("diff") or [])]
    made: dict[str, Any] = {"steps": steps, "diff": diff, "managers": [dict(manager) for manager in managers]}
    made |= {} if taken is None else {"impact": dict(taken)}
    return made | {"hash": plan_hash(execution, made)}


def _object(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "namespace": step.namespace, "name": step.object_name, "uid": step.uid}


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": str(change.get("path", "")), "from": change.get("from"), "to": change.get("to")}


def plan_hash(execution: Execution, plan: Mapping[str, Any]) -> str:
    """What an approval is bound to: runbook and version, cluster, steps with values and uids, the diff and the impact."""
    said = [
        execution.runbook_id,
        execution.runbook_version,
        execution.cluster_id,
        plan["steps"],
        [_started_from(one) for one in plan["diff"]],
        impact.hashed(plan.get("impact")),
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _started_from(change: Mapping[str, Any]) -> list[Any]:
    """A change without what differs each time it is planned: the moment a restart writes into its annotation."""
    is_moment = str(change["path"]).endswith("restartedAt") or "restartedAt" in str(change["path"])
    return [change["step"], change["path"], change["from"], None if is_moment else change["to"]]


def drift(plan: Mapping[str, Any], step: Step, diff: Sequence[Mapping[str, Any]]) -> str | None:
    """What changed in the cluster between the plan and now, as far as this step cares; None when nothing did.

    What earlier steps of the same execution wrote is no drift.
    """
    own = _before(plan, step)
    written = {change["path"] for change in plan["diff"] if change["step"] in own}
    planned = {change["path"]: _started_from(change) for change in plan["diff"] if change["step"] == step.name}
    now = {str(change.get("path", "")): _started_from({"step": step.name, **_change(change)}) for change in diff}
    for path in sorted(planned.keys() | now.keys()):
        is_done_already = step.verb == "drain" and path not in now  # a pod that is gone by itself, a node that is cordoned
        if path not in written and not is_done_already and planned.get(path) != now.get(path):
            was, is_now = planned.get(path), now.get(path)
            return f"{path} would have gone from {_from(was)} when it was planned, and would go from {_from(is_now)} now"
    return None


def _before(plan: Mapping[str, Any], step: Step) -> set[str]:
    """The names of the earlier steps that change the same object."""
    return {one["name"] for one in plan["steps"][: step.position] if one["isWrite"] and one["object"] == _object(step)}


def is_written_before(plan: Mapping[str, Any], step: Step) -> bool:
    """Whether an earlier step of the same execution changes the object: its impact then differs from the plan."""
    return bool(_before(plan, step))


def _from(change: Sequence[Any] | None) -> str:
    return "no change" if change is None else repr(change[2])
