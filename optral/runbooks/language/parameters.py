"""The parameters of an execution: check what was given, fill the steps with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from optral.kit.mappings import without_none
from optral.runbooks.language import actions, controls, defaults, definition
from optral.runbooks.language.defaults import Sources
from optral.runbooks.language.definition import REFERENCE, Action, Definition
from optral.terms.errors import Invalid
from optral.terms.refs import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A step with its values filled in, and the object it is about."""

    action: Action
    values: Mapping[str, Any] = field(default_factory=dict)
    object: ObjectRef


def check(runbook: Definition, given: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
    """The values an execution runs with: those given, else the defaults. Raises `Invalid` naming every mistake."""
    known = {parameter.name: parameter for parameter in runbook.parameters}
    errors = [
        _error(name, "unknown_parameter", f"{runbook.slug} has no such parameter; its parameters: {', '.join(known) or 'none'}")
        for name in given
        if name not in known
    ]
    values: dict[str, Any] = {}
    for name, one in known.items():
        value = given.get(name)
        if value is None:
            value = defaults.value(one.default, sources)
        if value is None:
            if one.required:
                errors.append(_error(name, "missing_parameter", f"{name} is required: {one.description or one.type}"))
        elif (why := definition.misfit(one, value)) is not None:
            errors.append(_error(name, "bad_parameter", f"{name} {why}"))
        else:
            values[name] = value
    if errors:
        raise Invalid("invalid_parameters", say="; ".join(error["message"] for error in errors[:5]), errors=errors)
    return values


def _error(name: str, code: str, message: str) -> dict[str, str]:
    return {"field": f"parameters.{name[:100]}", "code": code, "message": message[:500]}


def bind(runbook: Definition, values: Mapping[str, Any], target: Mapping[str, str | None]) -> list[Binding]:
    """The steps with their references filled in. A reference to what was not given leaves its value out where the verb can do without."""
    bound = []
    for step in runbook.steps:
        filled = {name: value if _is_condition(step, name) else _filled(value, values, target) for name, value in step.values.items()}
        present = without_none(filled)
        lacking = [name for name, is_needed in actions.fields_of(step.verb).items() if is_needed and name not in present]
        if lacking:
            say = f"step {step.name!r} has no value for {', '.join(lacking)}; give the parameter it comes from"
            raise Invalid("invalid_parameters", say=say, errors=[_error(name, "missing_parameter", say) for name in lacking])
        bound.append(Binding(action=step, values=present, object=ObjectRef(*actions.checked(step.verb, present))))
    lead = lead_of(bound).object
    return [one if one.object.kind else replace(one, object=lead) for one in bound]


def places(runbook: Definition, sources: Sources) -> Iterator[tuple[Action, str | None]]:
    """The steps whose namespace is known before somebody gives a parameter; None for objects without one, such as nodes."""
    for step, values in filled(runbook, sources):
        namespace = values.get("namespace")
        if isinstance(namespace, str) or not actions.BY_NAME[step.verb].is_namespaced:
            yield step, namespace or None


def filled(runbook: Definition, sources: Sources) -> Iterator[tuple[Action, dict[str, Any]]]:
    """The steps with the values that are known before somebody gives a parameter; others are None."""
    values = {parameter.name: defaults.value(parameter.default, sources) for parameter in runbook.parameters}
    for step in runbook.steps:
        yield step, {name: _filled(value, values, sources.get("target", {})) for name, value in step.values.items()}


def lead_of(bindings: Sequence[Binding]) -> Binding:
    """The step that an execution is named after: the first that changes something, else the first that is about an object."""
    writes = (binding for binding in bindings if binding.action.is_write)
    return next(writes, None) or next((binding for binding in bindings if binding.object.kind), bindings[0])


def _is_condition(step: Action, name: str) -> bool:
    """Conditions are judged when it is their turn, and refer to parameters until then."""
    return step.is_control and name in controls.CONDITIONS


def _filled(value: Any, values: Mapping[str, Any], target: Mapping[str, str | None]) -> Any:
    if isinstance(value, Mapping):
        inner = {name: _filled(one, values, target) for name, one in value.items()}
        return without_none(inner) or None
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    if found[1] == "target":
        return target.get(found[2])
    given = values.get(found[2])
    if found[3] and isinstance(given, str):
        return (definition.split_resource(given) or {}).get(found[3])
    return given


def lock_of(cluster_id: str, ref: ObjectRef) -> str:
    """The name under which one object of one cluster has one writer."""
    return f"{cluster_id}/{ref.short_kind}/{ref.namespace or ''}/{ref.name}"
