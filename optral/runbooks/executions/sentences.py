"""What a step of a plan does, as a sentence: `Rolls back Deployment shop/web to revision 4. Replaces 3 pods, no downtime.`"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optral.kit.words import counted

Values = Mapping[str, Any]


def of_step(step: Mapping[str, Any], taken: Mapping[str, Any] | None) -> str | None:
    """What a step that writes does and takes away; `taken`: its impact, if that is known. None for a step that changes nothing."""
    if not step["isWrite"] or step["verb"] not in _SAYS:
        return None
    does = _SAYS[step["verb"]](_named(step["object"]), step.get("values") or {})
    return f"{does}. {of_impact(taken)}" if taken else f"{does}."


def of_impact(taken: Mapping[str, Any]) -> str:
    """`Replaces 3 pods, 1 at a time unavailable, for about 12 s in all.`"""
    replaced, removed = taken["podsReplaced"], taken["podsRemoved"]
    said = [f"{verb} {counted(many, 'pod')}" for verb, many in (("replaces", replaced), ("removes", removed)) if many]
    if not said and not taken["dependents"]:
        return "Replaces and removes no pods."
    text = ", ".join([*said, _downtime(taken.get("unavailableAtOnce"), taken.get("unavailableSeconds"))])
    return f"{text[0].upper()}{text[1:]}."


def _downtime(at_once: int | None, seconds: int | None) -> str:
    if at_once is None:
        return "downtime unknown"
    if at_once == 0:
        return "no downtime"
    return f"{at_once} at a time unavailable, {'for an unknown time' if seconds is None else f'for about {seconds} s in all'}"


def _named(ref: Mapping[str, Any]) -> str:
    place = f"{ref['namespace']}/" if ref.get("namespace") else ""
    return f"{ref['kind']} {place}{ref['name']}"


def of_failure(runbook: str, steps: Sequence[tuple[str, Values]]) -> str:
    """That these steps (verb, values), the changes of a runbook, did not help: `The memory limit of 128Mi did not suffice.`"""
    if {verb for verb, _ in steps} != {"setResources"}:
        return f"The runbook {runbook} did not help."
    amounts = [f"{what} of {amount}" for _, values in steps for what, amount in _amounts(values)]
    return f"The {' and the '.join(amounts)} did not suffice."


def _amounts(values: Values) -> list[tuple[str, Any]]:
    """("memory limit", "128Mi") and so on."""
    of = ((name.removesuffix("s"), values.get(name) or {}) for name in ("limits", "requests"))
    return [(f"{what} {name}", amount) for name, given in of for what, amount in given.items()]


def _set_resources(named: str, values: Values) -> str:
    amounts = [f"the {what} to {amount}" for what, amount in _amounts(values)]
    return f"Sets {' and '.join(amounts)} for container {values.get('container')} of {named}"


def _set_image(named: str, values: Values) -> str:
    return f"Sets the image of container {values.get('container')} of {named} to {values.get('tag') or values.get('digest')}"


def _patch(named: str, values: Values) -> str:
    key = f"[{values['key']}]" if values.get("key") else ""
    inside = f" for container {values['container']}" if values.get("container") else ""
    field = f"{values.get('field')}{key}{inside} of {named}"
    return f"Removes {field}" if values.get("remove") else f"Sets {field} to {_value(values.get('value'))}"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rollback(named: str, values: Values) -> str:
    return f"Rolls back {named} to " + (f"revision {values['toRevision']}" if values.get("toRevision") else "the previous revision")


def _scale(named: str, values: Values) -> str:
    return f"Scales {named} to {counted(values.get('replicas', 0), 'replica')}"


_SAYS: Mapping[str, Callable[[str, Values], str]] = {
    "restart": lambda named, _: f"Restarts {named}",
    "scale": _scale,
    "setResources": _set_resources,
    "setImage": _set_image,
    "patch": _patch,
    "rollback": _rollback,
    "rerunJob": lambda named, _: f"Runs {named} again",
    "renewCertificate": lambda named, _: f"Renews {named}",
    "deletePod": lambda named, _: f"Deletes {named}",
    "evict": lambda named, _: f"Evicts {named}",
    "cordon": lambda named, _: f"Marks {named} as unschedulable",
    "uncordon": lambda named, _: f"Marks {named} as schedulable",
    "drain": lambda named, _: f"Drains {named}",
}
