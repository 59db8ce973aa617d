"""The verbs a step may use, as this package needs them: which values each takes, and which object it touches."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from optral.kit.mappings import without_none
from optral.runbooks.language.controls import CONDITIONS, CONTROLS, TIMES
from optral.terms import fields, verbs
from optral.terms.errors import Invalid
from optral.terms.verbs import VERBS, Verb

BY_NAME: Mapping[str, Verb] = {**VERBS, **CONTROLS}
ON_ERROR = ("stop", "continue", "rollback")
LEAST_TIMEOUT_S = 5  # of a step that sends a command
ABOUT: Mapping[str, str] = {
    "get": "Read an object.",
    "events": "Read the Events of an object.",
    "logs": "Read the end of a container's log.",
    "probe": "Check whether the agent can reach a Service or a pod.",
    "restart": "Replace the pods of a Deployment, StatefulSet or DaemonSet according to its update strategy.",
    "scale": "Set the number of replicas of a Deployment or StatefulSet.",
    "setResources": "Set the limits and requests of one container.",
    "setImage": "Set the tag or digest of the image of one container. The repository stays.",
    "patch": "Set one field of the closed table: replicas, probes, limits and requests, tolerations, HPA bounds and others.",
    "rollback": "Restore the pod template of an earlier revision.",
    "rerunJob": "Create a Job from the template of a Job that failed.",
    "renewCertificate": "Let cert-manager issue a certificate again.",
    "deletePod": "Delete one pod.",
    "evict": "Delete one pod, if its PodDisruptionBudgets allow it.",
    "cordon": "Mark a node as unschedulable.",
    "uncordon": "Mark a node as schedulable.",
    "drain": "Cordon a node, evict its pods, and wait until they are gone.",
    "wait": "Wait for some time, or until a condition holds.",
    "condition": "Continue only if a condition holds.",
    "approval": "Wait until somebody approves the plan again.",
    "notify": "Send a message to the webhooks that receive runbook.notification.",
    "report": "Write down what holds an object, what would be lost, and which commands a person would run. Changes nothing.",
}
"""What each action does, for people who write a definition."""
VALUES: Mapping[str, str] = {
    "kind": "Kind of the object.",
    "namespace": "Namespace of the object.",
    "name": "Name of the object.",
    "uid": "Uid of the object; only the Events of this one are read.",
    "pod": "Name of the pod.",
    "node": "Name of the node.",
    "container": "Name of the container in the pod template.",
    "previous": "Whether to read the log of the run before the last restart.",
    "tailLines": "How many lines to read from the end.",
    "sinceSeconds": "Only lines of the last so many seconds.",
    "limitBytes": "How many bytes to read at most.",
    "check": "What to check.",
    "port": "Port to connect to.",
    "host": "Host outside the cluster that the environment of the pod names.",
    "replicas": "Number of replicas.",
    "limits": "New limits; what is not given stays.",
    "requests": "New requests; what is not given stays.",
    "cpu": "CPU as a quantity, such as 500m.",
    "memory": "Memory as a quantity, such as 256Mi.",
    "tag": "New tag of the image.",
    "digest": "New digest of the image.",
    "field": "Field to change, such as readinessProbe.port.",
    "value": "New value of the field.",
    "key": "Which entry to change, where the field has several: a label, a port or a resource.",
    "remove": "Whether to remove the entry instead of changing it.",
    "toRevision": "Revision to restore; the previous one if it is not given.",
    "ofCronJob": "Whether to rerun a Job that a CronJob created, too.",
    "deleteEmptyDirData": "Whether to evict pods with emptyDir volumes, whose data is lost.",
    "evictBarePods": "Whether to evict pods without a controller, which are not created again.",
    "timeoutSeconds": "How long to wait.",
    "seconds": "How long to wait; this or until.",
    "until": "Condition to wait for; this or seconds.",
    "when": "Condition that must hold.",
    "otherwise": "If the condition does not hold: stop ends the execution as failed, skip skips the remaining steps.",
    "message": "Text for people.",
    "about": "What to report: finalizers that hold a deleted object, or a volume whose claim is gone.",
}
"""What each value of an action is."""


def least_risk(verb: str, values: Mapping[str, Any]) -> str:
    """The least risk of a step with these values; a reference is a value that is not known yet."""
    return verbs.least_risk(BY_NAME[verb], {name: value for name, value in values.items() if not _is_reference(value)})


def misfit(verb: str, values: Mapping[str, Any]) -> str | None:
    """Why the verb cannot take these values; None when it can, or when a reference leaves it open."""
    try:
        if "${" not in str({name: value for name, value in values.items() if name not in CONDITIONS}):
            checked(verb, values)
        elif verb == "patch" and "${" not in f"{values.get('kind')}{values.get('field')}":
            fields.find(str(values.get("kind")), str(values.get("field")))
    except (Invalid, ValueError) as error:
        return error.say if isinstance(error, Invalid) else str(error)
    return None


def misfits(verb: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Why literal values do not fit, by name. References are left out, and so are names that the verb does not take."""
    types = {struct.encode_name: struct.type for struct in msgspec.structs.fields(BY_NAME[verb].params)}
    found = {name: _misfit(types[name], value) for name, value in values.items() if name in types}
    return without_none(found)


def _misfit(kind: Any, value: Any) -> str | None:
    if _is_reference(value):
        return None
    try:
        msgspec.convert(_literals(value), kind)
    except ValueError as error:  # also of msgspec
        return str(error)[:300]
    return None


def _literals(value: Any) -> Any:
    """The value without the members that are references."""
    return {name: _literals(inner) for name, inner in value.items() if not _is_reference(inner)} if isinstance(value, dict) else value


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


@cache
def fields_of(verb: str) -> Mapping[str, bool]:
    """The values a verb takes in a step, and whether each is needed. A value of a step is never a list."""
    return {struct.encode_name: struct.required for struct in msgspec.structs.fields(BY_NAME[verb].params) if not _takes_list(struct)}


@cache
def schema_of(verb: str) -> Mapping[str, Any]:
    """The JSON Schema of the values a verb takes, with `$defs` where it needs them; a reference is not in it."""
    return msgspec.json.schema(BY_NAME[verb].params)


@cache
def in_steps() -> tuple[str, ...]:
    """The verbs that a step can use: those that do not need a list, for a value of a step is never one."""
    needed = {name: [struct for struct in msgspec.structs.fields(verb.params) if struct.required] for name, verb in BY_NAME.items()}
    return tuple(name for name, fields_needed in needed.items() if not any(map(_takes_list, fields_needed)))


def _takes_list(one: msgspec.structs.FieldInfo) -> bool:
    return isinstance(msgspec.inspect.type_info(one.type), (msgspec.inspect.VarTupleType, msgspec.inspect.ListType))


def checked(verb: str, values: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """Kind (short), namespace and name of what a step with these values is about; empty for a control that names no object.

    Raises `Invalid` when the verb does not take them.
    """
    kind, namespace, name = verbs.check(BY_NAME[verb], values).target
    return kind.partition(".")[0], namespace or None, name


def times_of(verb: str) -> tuple[int, int] | None:
    """The least and the most `timeoutSeconds` of a step; None where it takes none."""
    return TIMES.get(verb) if verb in CONTROLS else (LEAST_TIMEOUT_S, BY_NAME[verb].timeout_s)


def errors_of(verb: str) -> tuple[str, ...]:
    """What `onError` may be: an execution never goes on after a condition or an approval that failed."""
    return tuple(one for one in ON_ERROR if one != "continue" or verb not in ("condition", "approval"))
