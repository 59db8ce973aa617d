"""The logs of many containers together, merged by time, and continued where an earlier read ended.

Nothing is kept between two reads: `Progress` says how far each log is known, and the caller brings it back. Pods are looked up at each
read, so those that come are followed and those that go are named. A reader that returns late gets the newest lines, with a mark where lines
are missing. What was read is deleted from the queue of commands at once.

A read is audited. One that only goes on with the pods of an audited read is audited again after ten minutes.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, State
from optral.flows import commands as command_flow
from optral.kit.paging import PageRequest
from optral.kube import pod_containers
from optral.resources import lookup, service as resources
from optral.resources.model import Resource, ResourceFilter
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import verbs
from optral.terms.actor import Actor
from optral.terms.errors import NotFound, OptralError, Refused
from optral.terms.ids import CommandId

MAX_PODS = 20
MAX_SOURCES = verbs.MAX_LOG_SOURCES
LIMIT_BYTES = 512 * 1024  # of the lines of one read
WAIT_S = 12.0
ANSWER_S = WAIT_S  # how long the caller waits for the agent
LOOK_EVERY_S = 1.5
AUDITED_FOR = timedelta(minutes=10)
CAPABILITY = "logs.v2"
_OUTCOMES = {"": "read", "NOT_STARTED": "waiting", "NOT_FOUND": "gone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsRequest:
    """Whose logs: pods and objects that own pods, by id, or the pods that fit a filter.

    `containers` empty: the default one of each pod, or all of them with `all_containers`. `tail_lines` is of each container.
    """

    resource_ids: tuple[str, ...] = ()
    fits: ResourceFilter | None = None
    containers: tuple[str, ...] = ()
    all_containers: bool = False
    previous: bool = False
    tail_lines: int = 200
    since_seconds: int | None = None


class Mark(NamedTuple):
    """How far the log of one container is known: up to the first `seen` lines of the time `after`."""

    resource_id: str
    pod: str
    container: str
    after: str
    seen: int
    restarts: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a reader has. `audited_at`: when the read that these go back to was written into the audit."""

    audited_at: datetime
    marks: tuple[Mark, ...] = ()


class LogLine(NamedTuple):
    """`time` as the container runtime stamped it, UTC; empty if it did not. `source`: its place in `sources`."""

    time: str
    source: int
    text: str


@dataclass(slots=True, kw_only=True)
class Source:
    """One container. `outcome`: read, waiting (it has not started), gone (the pod), failed.

    `has_earlier`: lines before the first one are left out; in a read that goes on, lines are missing. `is_new`: it was not there before.
    """

    resource_id: str
    pod: str
    namespace: str
    cluster_id: str
    container: str
    outcome: str = "failed"
    reason: str = ""
    has_earlier: bool = False
    has_restarted: bool = False
    is_new: bool = False
    uid: str = ""
    mark: Mark | None = None
    """Before this read."""
    restarts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """The new lines, the oldest first. `left_out`: pods and containers beyond the bounds, which are not read."""

    lines: Sequence[LogLine]
    sources: Sequence[Source]
    clusters: Mapping[str, Cluster]
    left_out: int
    progress: Progress

    @property
    def has_news(self) -> bool:
        """Whether a reader would see a difference."""
        return bool(self.lines) or any(one.is_new or one.has_restarted or _has_turned(one) for one in self.sources)


def _has_turned(source: Source) -> bool:
    return source.mark is not None and source.mark.outcome != source.outcome


async def read(store: Store, actor: Actor, asked: LogsRequest, known: Progress | None, *, wait_s: float, stopping: asyncio.Event) -> Logs:
    """The lines that are not known yet; waits at most `wait_s` seconds until there are any.

    Raises `NotFound`, `Refused`: cluster_offline, agent_too_old, agent_refuses; `Unavailable`. The log of one
    container that cannot be read is said in its source.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + wait_s
    while True:
        found = await _read(store, actor, asked, known)
        if found.has_news or loop.time() + LOOK_EVERY_S > ends_at or stopping.is_set():
            return found
        known = found.progress
        await asyncio.sleep(LOOK_EVERY_S)


async def _read(store: Store, actor: Actor, asked: LogsRequest, known: Progress | None) -> Logs:
    chosen = await store.read(actor, lambda tx: _chosen(tx, asked, known))
    now = chosen.now
    is_audited = known is not None and now - known.audited_at < AUDITED_FOR and not any(one.is_new for one in chosen.sources)
    groups: dict[tuple[str, str], list[Source]] = {}
    for one in chosen.sources:
        if one.outcome != "gone":
            groups.setdefault((one.cluster_id, one.namespace), []).append(one)
    answers = await asyncio.gather(
        *(_ask(store, actor, asked, group, chosen.clusters[cluster_id], is_audited=is_audited) for (cluster_id, _), group in groups.items())
    )
    shown = _merged(answers, chosen.sources)
    audited_at = known.audited_at if is_audited and known is not None else now
    marks = tuple(_mark(one, number, shown) for number, one in enumerate(chosen.sources) if one.outcome != "gone" or one.uid)
    return Logs(
        lines=shown,
        sources=chosen.sources,
        clusters=chosen.clusters,
        left_out=chosen.left_out,
        progress=Progress(audited_at, marks),
    )


def _merged(answers: "Sequence[list[_Line] | OptralError]", sources: Sequence[Source]) -> list[LogLine]:
    """The lines of all answers by time. Raises the first error if no answer has lines."""
    read = [answer for answer in answers if not isinstance(answer, OptralError)]
    if not read and (error := next((answer for answer in answers if isinstance(answer, OptralError)), None)) is not None:
        raise error
    places = {id(one): number for number, one in enumerate(sources)}
    lines = sorted((line for answer in read for line in answer), key=lambda line: line[0])
    return [LogLine(time, places[id(source)], text) for time, source, text in lines]


# --- whose logs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    sources: list[Source]
    left_out: int
    clusters: Mapping[str, Cluster]
    now: datetime


def _chosen(tx: Transaction, asked: LogsRequest, known: Progress | None) -> _Chosen:
    """The containers to read, those that are known first. Raises `NotFound`."""
    marks = {} if known is None else {(one.resource_id, one.container): one for one in known.marks}
    pods, left_out = _pods(tx, asked, None if known is None else {one.resource_id for one in known.marks})
    sources = _sources(tx, asked, pods)
    if known is None and not sources:
        raise _nothing(asked, pods)
    sources.sort(key=lambda one: (one.resource_id, one.container) not in marks)
    left_out += len(sources[MAX_SOURCES:])
    del sources[MAX_SOURCES:]
    for one in sources:
        one.mark = marks.pop((one.resource_id, one.container), None)
        one.is_new = one.mark is None
    sources += [_gone(mark) for mark in marks.values() if mark.outcome != "gone"]
    found = {cluster_id: clusters.get(tx, cluster_id) for cluster_id in {one.cluster_id for one in sources if one.cluster_id}}
    return _Chosen(sources=sources, left_out=left_out, clusters=found, now=tx.now)


def _gone(mark: Mark) -> Source:
    return Source(
        resource_id=mark.resource_id,
        pod=mark.pod,
        namespace="",
        cluster_id="",
        container=mark.container,
        outcome="gone",
        reason="the pod no longer exists",
        mark=mark,
    )


def _pods(tx: Transaction, asked: LogsRequest, known: set[str] | None) -> tuple[list[Resource], int]:
    """At most `MAX_PODS` pods, those that are known first, then those that fail; and how many more there are.

    In a read that goes on, an object that is gone has no pods; once all of them are gone, that is `NotFound`.
    """
    found: dict[str, Resource] = {}
    more = 0
    roots = [_root(tx, resource_id, may_be_gone=known is not None) for resource_id in asked.resource_ids]
    if roots and not any(roots) and not known:
        raise NotFound("resource_gone", say="what was followed no longer exists")
    known = known or set()
    for root in roots:
        found |= {one.id: one for one in (() if root is None else _pods_of(tx, root))}
    if asked.fits is not None:
        more = resources.count(tx, asked.fits)
        fits = resources.find(tx, asked.fits, PageRequest(size=MAX_PODS, sort="status", descending=False), matching=more)
        more -= len(fits)
        found |= {fit.id: fit for fit in fits}
        found |= {one: pod for one in known - found.keys() if (pod := resources.find_one(tx, one)) is not None}
    pods = sorted(found.values(), key=lambda one: (one.id not in known, int(one.state), one.name))
    return pods[:MAX_PODS], more + len(pods[MAX_PODS:])


def _root(tx: Transaction, resource_id: str, *, may_be_gone: bool) -> Resource | None:
    """Raises `NotFound`, unless it may be gone."""
    return resources.find_one(tx, resource_id) if may_be_gone else resources.get(tx, resource_id)


def _pods_of(tx: Transaction, root: Resource) -> Iterable[Resource]:
    return (root,) if root.kind == "Pod" else (child for child in resources.tree(tx, root.id).children if child.kind == "Pod")


def _sources(tx: Transaction, asked: LogsRequest, pods: Sequence[Resource]) -> list[Source]:
    manifests = dict(lookup.manifests(tx, [pod.id for pod in pods]))
    return [
        Source(resource_id=pod.id, pod=pod.name, namespace=pod.namespace or "", cluster_id=pod.cluster_id, container=container, uid=pod.uid)
        for pod in pods
        for container in _containers(asked, msgspec.json.decode(manifests[pod.id]))
    ]


def _containers(asked: LogsRequest, pod: Mapping[str, Any]) -> Iterable[str]:
    """Their names; "" is the one that the agent chooses, of a pod whose manifest is not known."""
    names = pod_containers.names(pod)
    if asked.containers:
        return [name for name in names if name in asked.containers]
    if asked.all_containers and names:
        return names
    return [pod_containers.default(pod) or ""]


def _nothing(asked: LogsRequest, pods: Sequence[Resource]) -> OptralError:
    if not pods:
        return NotFound("no_pods", say="there are no pods whose logs could be read; name a pod, or an object that owns pods")
    return NotFound("container_not_found", say=f"none of the pods has a container {' or '.join(asked.containers)}")


# --- one command for the pods of one namespace

_Line = tuple[str, Source, str]


async def _ask(
    store: Store, actor: Actor, asked: LogsRequest, group: list[Source], cluster: Cluster, *, is_audited: bool
) -> list[_Line] | OptralError:
    """The lines of these sources, which also say how it went; or why none of them could be read."""
    try:
        if CAPABILITY not in cluster.agent_capabilities:
            command_flow.check_present(cluster)
            raise Refused("agent_too_old", say=f"the agent of {cluster.name} reads the log of one container at a time; upgrade it")
        command = await _finished(store, actor, _command(asked, group), is_audited=is_audited)
        if command.state is not State.SUCCEEDED or command.result is None:
            raise command_flow.refusal(command, missing="no log was received")
    except OptralError as error:
        for one in group:
            one.reason = error.say
        return error
    return _lines(command.result, group)


async def _finished(store: Store, actor: Actor, new: NewCommand, *, is_audited: bool) -> Command:
    """The command as it ended, or as it stands after the wait. It is deleted: logs are not kept."""
    command = await command_flow.ask(store, actor, new, wait_s=ANSWER_S, is_audited=is_audited)
    if command.is_final:
        await store.write(actor, lambda tx: commands.forget(tx, CommandId(command.id)))
    return command


def _command(asked: LogsRequest, group: Sequence[Source]) -> NewCommand:
    params = verbs.Logs(
        namespace=group[0].namespace,
        pod=group[0].pod,
        previous=asked.previous,
        tail_lines=asked.tail_lines,
        since_seconds=asked.since_seconds,
        limit_bytes=LIMIT_BYTES,
        sources=tuple(
            verbs.LogSource(pod=one.pod, container=one.container)
            if one.mark is None
            else verbs.LogSource(pod=one.pod, container=one.container, after=one.mark.after, seen=one.mark.seen, restarts=one.mark.restarts)
            for one in group
        ),
    )
    return NewCommand(
        cluster_id=group[0].cluster_id, verb="logs", params=verbs.plain(params), expires_in_s=WAIT_S, timeout_s=int(WAIT_S), origin="logs"
    )


def _lines(result: Mapping[str, Any], group: list[Source]) -> list[_Line]:
    """Read the agent's result; what does not have the form of one is left out."""
    told = result.get("sources")
    for one, said in zip(group, told if isinstance(told, list) else (), strict=False):
        if isinstance(said, Mapping):
            _take(one, said, is_cut=bool(result.get("truncated")))
    lines: list[_Line] = []
    for row in str(result.get("text", "")).split("\n"):
        number, _, rest = row.partition(" ")
        time, _, text = rest.partition(" ")
        if number.isdecimal() and int(number) < len(group) and group[int(number)].outcome != "gone":
            lines.append(("" if time == "-" else time, group[int(number)], text))
    return lines


def _take(source: Source, said: Mapping[str, Any], *, is_cut: bool) -> None:
    source.outcome = _OUTCOMES.get(str(said.get("code", "")), "failed")
    source.reason = str(said.get("message", ""))
    source.has_earlier = bool(said.get("hasEarlier")) or is_cut
    if said.get("podUid") not in (source.uid, "", None):
        source.outcome, source.reason = "gone", "the pod was replaced by another pod with the same name"
    restarts = said.get("restarts")
    source.restarts = restarts if isinstance(restarts, int) and 0 <= restarts < 2**31 else None
    before = source.mark.restarts if source.mark is not None else None
    source.has_restarted = source.restarts is not None and before is not None and source.restarts > before


def _mark(source: Source, number: int, lines: Sequence[LogLine]) -> Mark:
    """How far this log is known now."""
    old = source.mark or Mark(source.resource_id, source.pod, source.container, "", 0, None, "")
    old = old._replace(outcome=source.outcome, restarts=old.restarts if source.restarts is None else source.restarts)
    times = [line.time for line in lines if line.source == number and line.time]
    if not times:
        return old
    newest = times[-1]
    seen = times.count(newest) + (old.seen if newest == old.after else 0)
    return old._replace(after=newest, seen=min(seen, verbs.MAX_LOG_LINES))
