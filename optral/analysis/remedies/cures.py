"""Makes a remedy executable: the edit of one field becomes the built-in runbook that changes this field, with its parameters.

Every parameter is read from the edit and the object that it changes. An edit that no runbook makes stays a command to copy.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from optral.analysis.model import Action, Hypothesis
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit
from optral.analysis.rules.rule import JOB
from optral.kube.images import version_of
from optral.kube.kinds import LONG_RUNNING
from optral.terms.risks import BUILTIN

_PROBES = frozenset({"livenessProbe", "readinessProbe", "startupProbe"})
_RUN_BY_ITSELF = frozenset({"Job.batch", "CronJob.batch", "Pod"})


class Call(NamedTuple):
    """A runbook with its parameters."""

    runbook: str
    parameters: Mapping[str, Any]


def executable(case: Case, one: Hypothesis) -> Hypothesis:
    """The hypothesis with a runbook for each action that is the edit of one field, and with the Job to run again, if one failed."""
    found = [_executable(case, action) for action in one.actions]
    again = _run_again(case, one)
    return replace(one, actions=tuple(found if again is None else [*found, again]))


def _executable(case: Case, action: Action) -> Action:
    if action.runbook is not None or action.edit is None or (obj := case.snap.at(action.edit.ref)) is None:
        return action
    if (call := call_of(action.edit, obj)) is None:
        return action
    return replace(action, runbook=call.runbook, parameters=call.parameters, risk=BUILTIN[call.runbook])


def call_of(change: Edit, obj: SnapshotObject) -> Call | None:
    """The runbook that makes this edit of this object; None where there is none."""
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in change.path.split("/")[1:])
    make = _of_workload if obj.kind in LONG_RUNNING else _BY_KIND.get(obj.kind)
    return None if make is None else make(obj, steps, change)


def _of_service(service: SnapshotObject, steps: tuple[str, ...], change: Edit) -> Call | None:
    match steps:
        case ("spec", "selector", key):
            return Call("set-service-selector", {**_named(service), "key": key, "value": change.after})
        case ("spec", "ports", index, "targetPort") if isinstance(change.after, int):
            port = service.many("spec.ports")[int(index)]
            served = actions.port_of(port)
            return None if served is None else Call("set-target-port", {**_named(service), "port": served, "targetPort": change.after})
        case ("spec", "ports", index, "protocol"):
            served = actions.port_of(service.many("spec.ports")[int(index)])
            return None if served is None else Call("set-port-protocol", {**_named(service), "port": served, "protocol": change.after})
    return None


def _of_cron_job(job: SnapshotObject, steps: tuple[str, ...], change: Edit) -> Call | None:
    return Call("resume-cronjob", _named(job)) if steps == ("spec", "suspend") and change.after is False else None


def _of_workload(workload: SnapshotObject, steps: tuple[str, ...], change: Edit) -> Call | None:
    match steps:
        case ("spec", "template", "spec", "containers" | "initContainers" as field, index, *rest):
            container = workload.many(f"spec.template.spec.{field}")[int(index)].get("name")
            target = {"kind": workload.short_kind, **_named(workload), "container": container}
        case _:
            return None
    match rest:
        case [probe, _, "port"] if probe in _PROBES and isinstance(change.after, int):
            return Call("set-probe", {**target, "field": f"{probe}.port", "value": change.after})
        case [probe, "httpGet", "path"] if probe in _PROBES:
            return Call("set-probe-path", {**target, "field": f"{probe}.path", "value": change.after})
        case ["resources", "limits", "cpu"]:
            return Call("raise-cpu-limit", {**target, "limit": change.after})
        case ["image"] if (version := version_of(change.before, change.after)) is not None:
            return Call("fix-image-tag", {**target, **version})
    return None


def _run_again(case: Case, one: Hypothesis) -> Action | None:
    """The failed Job of the issue, where what made it fail is another object."""
    question = case.question
    job = case.snap.at(question.resource)
    if question.type != JOB or job is None or job.kind != "Job.batch" or one.subject.kind in _RUN_BY_ITSELF:
        return None
    _, failed = job.condition("Failed")
    return actions.run_again(case, job) if failed.get("status") == "True" else None


def _named(obj: SnapshotObject) -> dict[str, Any]:
    return {"namespace": obj.namespace, "name": obj.name}


_BY_KIND: Mapping[str, Callable[[SnapshotObject, tuple[str, ...], Edit], Call | None]] = {
    "Service": _of_service,
    "CronJob.batch": _of_cron_job,
}
