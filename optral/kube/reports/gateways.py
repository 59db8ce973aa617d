"""What the controllers of Gateway API report in the conditions of Gateways, listeners and routes.

Source: Gateway API reference (GatewayConditionType, ListenerConditionType, RouteConditionType). The API server sets the conditions of a new
Gateway to Unknown with the reason Pending until a controller processes it.
"""

ACCEPTED, RESOLVED_REFS, PROGRAMMED = "Accepted", "ResolvedRefs", "Programmed"
OF_GATEWAY = (ACCEPTED, PROGRAMMED)
OF_LISTENER = (ACCEPTED, RESOLVED_REFS, PROGRAMMED)
OF_ROUTE = (ACCEPTED, RESOLVED_REFS)
REPEATS_LISTENERS = "ListenersNotValid"
"""Reason of a condition of a Gateway that repeats what a listener reports."""
NOT_MET = frozenset({"False", "Unknown"})
_NOT_PROCESSED = frozenset({"", "Pending"})


def is_fault(status: str, reason: str) -> bool:
    """Whether a controller reports that the condition is not met; not where none has processed the object."""
    return status == "False" or (status == "Unknown" and reason not in _NOT_PROCESSED)
