"""A reachability probe on request: through the tunnel to the agent, which decides whether it connects, and back.

The target is an object of the inventory. Whether and how it may be probed is up to the agent (docs/agent.md); its codes become errors that
a caller can act on. The audit records who asked.
"""

from dataclasses import dataclass

from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.commands.model import Command, NewCommand, State
from optral.flows.executions import commands as command_flow
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import probes, verbs
from optral.terms.actor import Actor
from optral.terms.errors import Invalid, NotFound, OptralError, Refused, Unavailable
from optral.terms.probes import Check, ProbeResult

WAIT_S = 10.0
KINDS = ("Service", "Pod")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What to check of which Service or pod. `port` is of the Service or the pod; none for dns. `host`: one that the pod's environment
    names, instead of the pod itself."""

    resource_id: str
    check: Check
    port: int | None = None
    host: str = ""


async def perform(store: Store, actor: Actor, asked: ProbeRequest, *, wait_s: float = WAIT_S) -> ProbeResult:
    """Have it performed, within `wait_s` seconds.

    Raises `NotFound`; `Invalid` for what is no Service or pod, and for a check that does not fit; `Refused`: cluster_offline,
    agent_too_old, probes_off, target_denied, container_not_started, agent_refuses; `Unavailable` when no answer comes in time, or when the
    agent performed too many.
    """

    def look(tx: Transaction) -> tuple[Resource, Cluster]:
        found = resources.get(tx, asked.resource_id)
        return found, clusters.get(tx, found.cluster_id)

    target, cluster = await store.read(actor, look)
    if target.kind not in KINDS:
        raise Invalid("not_probeable", say=f"only Services and pods are probed; {target.name} is a {target.short_kind}")
    command = command_of(target.cluster_id, params_of(target, asked), origin="probe")
    command_flow.check_present(cluster)
    check_able(cluster)
    done = await command_flow.ask(store, actor, command, wait_s=wait_s)
    return result_of(done)


def params_of(target: Resource, asked: ProbeRequest) -> verbs.Params:
    """Raises `Invalid`."""
    given: dict[str, str | int] = {"check": asked.check, "kind": target.kind, "namespace": target.namespace or "", "name": target.name}
    given |= ({"port": asked.port} if asked.port is not None else {}) | ({"host": asked.host} if asked.host else {})
    return verbs.check(verbs.find("probe"), given)


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
        raise Refused("agent_too_old", say=f"the agent of {cluster.name} does not know probes; upgrade it")
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
        case "NOT_STARTED":
            return Refused("container_not_started", say=say)
        case "POLICY_DENIED" | "RBAC_DENIED" | "UNSUPPORTED":
            return Refused("agent_refuses", say=say)
        case "BUSY":
            return Unavailable("agent_slow", say=say, retry_after_s=60)
    return Unavailable(
        "agent_slow", say=f"no result was received: {say}", retry_after_s=5, log=f"{command.id} {command.state} {command.code}"
    )
