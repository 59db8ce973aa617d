"""Facts: what an explanation names. One closed list; `Cause.facts` says which of them an answer of that cause has to name.

A rule states a fact in a sentence (`case.cite`), so the verifier checks it like any other quotation. A cause that lists `port|log_line`
needs one of the two. `subject` is the object at fault, which every answer names.
"""

from collections.abc import Collection

SUBJECT = "subject"
FACTS: dict[str, str] = {
    SUBJECT: "the object at fault",
    # --- what is at fault or missing
    "object": "the object that is missing or at fault",
    "key": "the key of a ConfigMap or Secret",
    "container": "the container",
    "pod": "the pod",
    "node": "the node",
    "workload": "the workload",
    "service": "the Service",
    "claim": "the claim",
    "volume": "the volume",
    "quota": "the quota",
    "webhook": "the webhook",
    "rule": "the rule of the route",
    "subset": "the subset",
    "listener": "the listener of the Gateway",
    # --- what is configured
    "image": "the image",
    "program": "the program or command",
    "path": "the path",
    "port": "the port",
    "protocol": "the protocol",
    "handler": "the kind of probe",
    "setting": "the setting",
    "address": "the address that is called",
    "line": "the line of the file",
    "device": "the device",
    "library": "the library or module",
    "database": "the database",
    "table": "the table",
    "column": "the column",
    "verb": "the verb that is denied",
    "resource": "the resource that is denied",
    "label": "the label or term that is required",
    "taint": "the taint",
    "topology": "the topology key",
    "user": "the user",
    "hook": "the lifecycle hook",
    "gate": "the gate",
    "finalizer": "the finalizer",
    "priority": "the priority",
    "schedule": "the schedule",
    "strategy": "the update strategy",
    "metric": "the metric or resource",
    "provisioner": "the provisioner",
    # --- values
    "memory_limit": "the memory limit",
    "request": "what is requested",
    "capacity": "what is available",
    "limit": "the limit",
    "deadline": "the deadline",
    "timeout": "the time that is allowed",
    "count": "how many",
    "usage": "how much is used",
    "rate": "how fast it changes",
    "share": "which share of the time or of a total",
    "expiry": "when it expires",
    "since": "since when",
    "previous": "the value before the change",
    "current": "the value after the change",
    # --- what is reported
    "exit_code": "the exit code",
    "status": "the status of the response",
    "reason": "the reason that is reported",
    "condition": "the condition",
    "message": "the message that reports it",
    "log_line": "the log line that reports it",
}


def lacking(required: Collection[str], stated: Collection[str]) -> list[str]:
    """The required facts that are not stated; of alternatives (`port|log_line`) the first."""
    names = {SUBJECT, *stated}
    return [choice.partition("|")[0] for choice in required if names.isdisjoint(choice.split("|"))]


def described(required: Collection[str]) -> str:
    """Required facts for people: ``the port (`port`) or the log line (`log_line`); the node (`node`)``."""
    return "; ".join(" or ".join(f"{FACTS[name]} (`{name}`)" for name in choice.split("|")) for choice in required)
