"""A container's log, on request: through the tunnel to the agent and back, redacted there, never kept for long.

The agent's codes become errors that a caller can act on: the container does not exist, it has not started, the cluster is offline.
"""

from dataclasses import dataclass

from optral.commands.model import Command, NewCommand, State
from optral.flows import commands as command_flow
from optral.kube import logs
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.store.store import Store
from optral.terms import verbs
from optral.terms.actor import Actor
from optral.terms.errors import Invalid, NotFound, OptralError, Refused

WAIT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which part of whose log. `container` empty: the pod's default one."""

    resource_id: str
    container: str = ""
    previous: bool = False
    tail_lines: int = 500
    since_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The end of a container's log. `truncated`: what came before is not in it."""

    container: str
    previous: bool
    text: str
    lines: int
    truncated: bool


async def read(store: Store, actor: Actor, asked: LogRequest, *, wait_s: float = WAIT_S) -> Log:
    """Fetch it, within `wait_s` seconds.

    Raises `NotFound` (the pod, the container, an earlier run), `Invalid` for what is no pod, `Refused`: cluster_offline, agent_too_old,
    container_not_started, agent_refuses, node_unreachable, log_not_kept; `Unavailable` when no answer comes in time.
    """
    pod = await store.read(actor, lambda tx: resources.get(tx, asked.resource_id))
    if pod.kind != "Pod":
        raise Invalid("not_a_pod", say=f"only pods have logs; {pod.name} is a {pod.short_kind}: its pods are under /tree")
    command = await command_flow.ask(store, actor, _command(pod, asked), wait_s=wait_s)
    if command.state is not State.SUCCEEDED or command.result is None:
        raise _refusal(command)
    if (uid := command.result.get("podUid")) not in (pod.uid, "", None):
        raise NotFound("pod_gone", say=f"the pod {pod.name} was replaced by another pod with the same name (uid {uid})")
    result = command.result
    text, refusal = logs.without_refusal(str(result.get("text", "")))
    if refusal is not None and not text:
        raise Refused("log_not_kept", say=f"the node has no such log: {refusal}")
    return Log(
        container=str(result.get("container", "")),
        previous=bool(result.get("previous")),
        text=text,
        lines=int(result.get("lines") or 0),
        truncated=bool(result.get("truncated")),
    )


def _command(pod: Resource, asked: LogRequest) -> NewCommand:
    params = verbs.Logs(
        namespace=pod.namespace or "",
        pod=pod.name,
        container=asked.container,
        previous=asked.previous,
        tail_lines=asked.tail_lines,
        since_seconds=asked.since_seconds,
        limit_bytes=verbs.MAX_LOG_BYTES,
    )
    return NewCommand(
        cluster_id=pod.cluster_id, verb="logs", params=verbs.plain(params), expires_in_s=WAIT_S, timeout_s=int(WAIT_S), origin="logs"
    )


def _refusal(command: Command) -> OptralError:
    say = command.message or "the agent did not answer in time"
    match command.code:
        case "CONTAINER_NOT_FOUND":
            return NotFound("container_not_found", say=say)
        case "NO_PREVIOUS":
            return NotFound("no_previous_log", say=say)
        case "NOT_FOUND":
            return NotFound("pod_gone", say=f"the pod {command.target.name} no longer exists")
        case "KUBELET_UNREACHABLE":
            return Refused("node_unreachable", say=say)
    return command_flow.refusal(command, missing="no log was received")
