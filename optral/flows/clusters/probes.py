"""A reachability probe on request: through the tunnel to the agent, which decides whether it connects, and back.

The target is an object of the inventory. Whether and how it may be probed is up to the agent (docs/agent.md); its codes become errors that
a caller can act on. The audit records who asked.
"""

from dataclasses import dataclass

from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.commands.model import Command, NewCommand, State
from optral.flows import commands as command_flow
from optral.kube import objects, ports
from optral.kube.objects import Pod, Service
from optral.kube.objects.pods import ContainerPort
from optral.resources import lookup, service as resources
from optral.resources.model import Resource
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import probes, verbs
from optral.terms.actor import Actor
from optral.terms.errors import NotFound, OptralError, Refused, Unavailable
from optral.terms.probes import Check, ProbeResult

WAIT_S = 10.0
KINDS = ("Service", "Pod")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What to check of which Service or pod. `port` None: the first that the object names; dns has none. `host`: one that the pod's
    environment names, instead of the pod itself."""

    resource_id: str
    check: Check
    port: int | None = None
    host: str = ""


async def perform(store: Store, actor: Actor, asked: ProbeRequest, *, wait_s: float = WAIT_S) -> ProbeResult:
    """Have it performed, within `wait_s` seconds.

    Raises `NotFound`; `Refused`: not_probeable, cluster_offline, agent_too_old, probes_off, target_denied, container_not_started,
    agent_refuses; `Unavailable` when no answer comes in time, or when the agent performed too many.
    """

    def look(tx: Transaction) -> tuple[Cluster, NewCommand]:
        found = resources.get(tx, asked.resource_id)
        return clusters.get(tx, found.cluster_id), command_of(found.cluster_id, _params(tx, found, asked), origin="probe")

    cluster, command = await store.read(actor, look)
    command_flow.check_present(cluster)
    check_able(cluster)
    done = await command_flow.ask(store, actor, command, wait_s=wait_s)
    return result_of(done)


def _params(tx: Transaction, target: Resource, asked: ProbeRequest) -> verbs.Params:
    """Raises `Refused` for what cannot be probed, or not by this check."""
    if target.kind not in KINDS:
        raise Refused("not_probeable", say=f"only Services and pods are probed; {target.name} is a {target.short_kind}")
    if asked.host and target.kind != "Pod":
        raise Refused("not_probeable", say="a host is probed for the pod whose environment names it; name that pod")
    if asked.check == "dns" and target.kind == "Pod" and not asked.host:
        raise Refused("not_probeable", say="only Services and hosts have names; name a Service, or a host that the pod's environment names")
    given: dict[str, str | int] = {"check": asked.check, "kind": target.kind, "namespace": target.namespace or "", "name": target.name}
    if asked.check != "dns":
        given["port"] = asked.port or _first_port(tx, target, asked)
    return verbs.check(verbs.find("probe"), given | ({"host": asked.host} if asked.host else {}))


def _first_port(tx: Transaction, target: Resource, asked: ProbeRequest) -> int:
    """The first TCP port that the object names. Raises `Refused`."""
    found = None if asked.host else lookup.named(tx, target.cluster_id, target.kind, target.namespace or "", target.name)
    if found is not None:
        named = objects.decode(target.kind, found.read())
        offered = ports.declared(named) if isinstance(named, Pod) else named.spec.ports if isinstance(named, Service) else ()
        numbers = (
            one.container_port if isinstance(one, ContainerPort) else one.port for one in offered if ports.protocol(one) == ports.TCP
        )
        if (first := next(numbers, None)) is not None:
            return first
    raise Refused("not_probeable", say=f"{target.short_kind} {target.name} names no TCP port; send the port")


def command_of(cluster_id: str, params: verbs.Params, *, origin: str) -> NewCommand:
    plain = verbs.plain(params)
    return NewCommand(cluster_id=cluster_id, verb="probe", params=plain, expires_in_s=WAIT_S, timeout_s=int(WAIT_S), origin=origin)


def is_able(cluster: Cluster) -> bool:
    """Whether the agent performs probes."""
    return probes.CAPABILITY_ON in cluster.agent_capabilities


def check_able(cluster: Cluster) -> None:
    """Raises `Refused` unless the agent performs probes."""
    if is_able(cluster):
        return
    if probes.CAPABILITY_OFF not in cluster.agent_capabilities:
        raise Refused("agent_too_old", say=f"the agent of {cluster.name} does not support probes; upgrade it")
    say = f"the agent of {cluster.name} performs no probes: set probes.enabled of its chart, or list probe under reads in its local policy"
    raise Refused("probes_off", say=say)


def result_of(command: Command) -> ProbeResult:
    """What the agent found. Raises as `perform`."""
    if command.state is not State.SUCCEEDED or command.result is None:
        raise _refusal(command)
    try:
        return probes.read(command.result)
    except ValueError as error:
        raise Unavailable("agent_slow", say="the result of the probe cannot be read", log=f"{command.id}: {error}") from error


def _refusal(command: Command) -> OptralError:
    say = command.message or "the agent did not answer in time"
    match command.code:
        case "NOT_FOUND":
            return NotFound("resource_gone", say=f"{command.target.kind} {command.target.name} no longer exists")
        case "TARGET_DENIED":
            return Refused("target_denied", say=say)
        case "BUSY":
            return Unavailable("agent_slow", say=say, retry_after_s=60)
    return command_flow.refusal(command, missing="no result was received")
