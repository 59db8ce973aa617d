"""What a probe from the agent's pod would decide: a rule attaches the question to its hypothesis, and the result changes its level.

A probe sees what its vantage sees. A refusal proves that nothing listens there, unless a NetworkPolicy may have refused the agent; a
success proves that something listens, and not that a caller under other policies gets through. Silence decides next to nothing. `EFFECTS`
is the whole truth table, and docs/analysis.md shows it; `rules/probe_results.py` applies it.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

from optral.analysis.reading.snapshot import SnapshotObject
from optral.terms.probes import Check, Outcome, ProbeResult, Reason
from optral.terms.verbs import Probe

VERSION = 1
"""Rises when the effect of a result changes: stored analyses are then done again."""


class Role(StrEnum):
    """What a probe tests of a cause, in the words of the documentation."""

    NOT_LISTENING = "nothing listens on the port"
    LISTENING = "the application listens on the other port"
    PROBED = "nothing listens on the port of the kubelet's probe"
    NO_ENDPOINTS = "the Service has no endpoints"
    DOWN = "the dependency does not accept connections"
    UP = "the dependency accepts connections"
    POLICY = "a NetworkPolicy that also blocks the agent"
    POLICY_OF_CALLER = "a NetworkPolicy that does not block the agent"
    NAME = "the name resolves for others"
    RESOLVER = "the cluster DNS does not respond"
    CERTIFICATE = "the server's certificate is invalid"


class ProbeOutcome(StrEnum):
    """What a result shows."""

    REACHABLE = "reachable"
    REFUSED = "refused"
    NOT_FOUND = "name not found"
    SILENT = "no answer"
    EXPIRED = "certificate expired"
    OTHER_NAME = "certificate for another name"


class Effect(IntEnum):
    """What a result does to a hypothesis."""

    REFUTES = -2
    """It is ruled out."""
    WEAKENS = -1
    """One level down."""
    NOTHING = 0
    """It decides nothing, and is not cited."""
    AGREES = 1
    """It becomes evidence; the level stays."""
    SUPPORTS = 2
    """One level up, at most to `STRONG`."""
    CONFIRMS = 3
    """It proves it."""


EFFECTS: Mapping[Role, Mapping[ProbeOutcome, Effect]] = {
    Role.NOT_LISTENING: {ProbeOutcome.REACHABLE: Effect.REFUTES, ProbeOutcome.REFUSED: Effect.CONFIRMS},
    Role.LISTENING: {ProbeOutcome.REACHABLE: Effect.SUPPORTS, ProbeOutcome.REFUSED: Effect.WEAKENS},
    Role.PROBED: {ProbeOutcome.REACHABLE: Effect.REFUTES, ProbeOutcome.REFUSED: Effect.AGREES},
    Role.NO_ENDPOINTS: {ProbeOutcome.REACHABLE: Effect.REFUTES, ProbeOutcome.REFUSED: Effect.AGREES},
    Role.DOWN: {ProbeOutcome.REACHABLE: Effect.WEAKENS, ProbeOutcome.REFUSED: Effect.SUPPORTS},
    Role.UP: {ProbeOutcome.REACHABLE: Effect.SUPPORTS, ProbeOutcome.REFUSED: Effect.REFUTES},
    Role.POLICY: {ProbeOutcome.REACHABLE: Effect.REFUTES, ProbeOutcome.SILENT: Effect.SUPPORTS},
    Role.POLICY_OF_CALLER: {ProbeOutcome.REACHABLE: Effect.SUPPORTS, ProbeOutcome.REFUSED: Effect.REFUTES},
    Role.NAME: {ProbeOutcome.REACHABLE: Effect.SUPPORTS, ProbeOutcome.NOT_FOUND: Effect.REFUTES, ProbeOutcome.SILENT: Effect.WEAKENS},
    Role.RESOLVER: {ProbeOutcome.REACHABLE: Effect.WEAKENS, ProbeOutcome.NOT_FOUND: Effect.WEAKENS, ProbeOutcome.SILENT: Effect.SUPPORTS},
    Role.CERTIFICATE: {
        ProbeOutcome.REACHABLE: Effect.WEAKENS,
        ProbeOutcome.EXPIRED: Effect.CONFIRMS,
        ProbeOutcome.OTHER_NAME: Effect.SUPPORTS,
    },
}
"""What is not in it has no effect."""


class Ask(NamedTuple):
    """A probe, and what it tests of the hypothesis that it is attached to."""

    role: Role
    probe: Probe


def effect_of(role: Role, seen: ProbeOutcome) -> Effect:
    return EFFECTS[role].get(seen, Effect.NOTHING)


def seen_in(result: ProbeResult) -> ProbeOutcome:
    """What a result shows, wherever it was seen from."""
    if result.outcome is Outcome.REACHABLE:
        if result.is_expired:
            return ProbeOutcome.EXPIRED
        other = result.certificate is not None and result.certificate.covers_name is False
        return ProbeOutcome.OTHER_NAME if other else ProbeOutcome.REACHABLE
    return {Reason.REFUSED: ProbeOutcome.REFUSED, Reason.NAME_NOT_FOUND: ProbeOutcome.NOT_FOUND}.get(
        result.reason or Reason.FAILED, ProbeOutcome.SILENT
    )


# --- what can be asked: agents refuse everything else (docs/agent.md)


def of_service(role: Role, service: SnapshotObject, port: int | None = None, *, check: Check = "tcp") -> tuple[Ask, ...]:
    """About a port of a Service; its first TCP port without one."""
    if not _is_probeable(service) or service.text("spec.clusterIP") in ("", "None"):
        return ()
    offered = [one.get("port") for one in service.many("spec.ports") if (one.get("protocol") or "TCP") == "TCP"]
    chosen = next((one for one in offered if isinstance(one, int) and port in (None, one)), None)
    return () if chosen is None else (Ask(role, _probe(check, service, chosen)),)


def of_name(role: Role, service: SnapshotObject) -> tuple[Ask, ...]:
    """About the name of a Service."""
    return (Ask(role, _probe("dns", service, None)),) if _is_probeable(service) else ()


def of_pod(role: Role, pod: SnapshotObject, port: object, *, protocol: object = None) -> tuple[Ask, ...]:
    """About a TCP port of a pod that has an address of its own."""
    address = pod.text("status.podIP")
    if (
        not address
        or address == pod.text("status.hostIP")
        or (protocol or "TCP") != "TCP"
        or not isinstance(port, int)
        or not 0 < port < 65536
    ):
        return ()
    return (Ask(role, _probe("tcp", pod, port)),)


def _is_probeable(service: SnapshotObject) -> bool:
    return service.kind == "Service" and bool(service.map("spec.selector")) and service.text("spec.type") != "ExternalName"


def _probe(check: Check, obj: SnapshotObject, port: int | None) -> Probe:
    return Probe(check=check, kind="Pod" if obj.kind == "Pod" else "Service", namespace=obj.namespace or "", name=obj.name, port=port)
