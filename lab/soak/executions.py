"""Executions under fire: server, agent or tunnel killed at a random moment, on clusters that count what was really changed.

In each round, one execution of five steps runs in every cluster, and one kill falls into all of them. Every other one is started by a
trigger, whose signed request arrives three times. The API servers often answer late, twice, with 409 or 429, or break the connection after
the change. Each step may change its cluster once or not at all; a step that says `succeeded` changed it exactly once; and a minute after
everything runs again, each execution has ended, goes on, or names what it waits for. The runbooks have every verb that changes something.
"""

import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import yaml

from lab.soak import replicas
from lab.soak.forking import ForkingPlatform
from lab.soak.misbehaving import APP, CERTIFICATE, JOB, NAMESPACE, SCALED, Cuttable, Small, small_clusters
from optral.access import service as access
from optral.kit import signature
from optral.kit.clock import SystemClock
from optral.kit.records import changing
from optral.kit.times import rfc3339
from optral.runbooks.model import MAX_ATTEMPTS
from optral.safeguards import service as safeguards
from optral.safeguards.model import MAX_PER_HOUR, Safeguards
from optral.server import database, settings
from optral.terms import actor, ids
from optral.terms.verbs import WRITES
from tests.support.platform import Platform, until

CLUSTERS = 5  # as many executions of an organization may change something at once
PER_PLATFORM = 60  # rounds of five changes each: below the most that may be set for a cluster and hour
KILLED = ("server", "agent", "tunnel")
KILLS = {"server": 2, "agent": 2, "tunnel": 4}
"""How many kills fall into one execution. Those of the server and of the tunnels fall into all executions of a round at once."""
PER_ROUND = {**KILLS, "agent": KILLS["agent"] * CLUSTERS}
WRONG_ANSWERS = 0.15
NAMES_WITHIN_S = 60
ENDS_WITHIN_S = 300  # a command nobody answers for is given up after two and a half minutes
LOOK_EVERY_S = 0.3
FIRST_S = 4.0  # how long the first executions take, about
ENDED = "the end"
RETRIES = 3
REPEATS = 3  # of a signed request
POLICY = f"allowWrites: true\nnamespaces: [{NAMESPACE}]\nverbs: [{', '.join(sorted(WRITES))}]\n"
_TARGET = {"kind": "Deployment", "namespace": NAMESPACE, "name": APP}
_SCALER = {"kind": "HorizontalPodAutoscaler", "namespace": NAMESPACE, "name": SCALED}
_POD = {"namespace": NAMESPACE, "name": "${parameters.pod}"}
RUNBOOKS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "workload": {
        "setImage": {**_TARGET, "container": APP, "tag": "${parameters.tag}"},
        "setResources": {**_TARGET, "container": APP, "limits": {"memory": "${parameters.limit}"}},
        "patch": {**_TARGET, "container": APP, "field": "readinessProbe.periodSeconds", "value": "${parameters.period}"},
        "scale": {**_TARGET, "replicas": "${parameters.replicas}"},
        "restart": _TARGET,
    },
    "node": {
        "drain": {"node": "${parameters.busy}"},
        "evict": _POD,
        "uncordon": {"node": "${parameters.busy}"},
        "rerunJob": {"namespace": NAMESPACE, "name": JOB},
        "patch": {**_SCALER, "field": "maxReplicas", "value": "${parameters.most}"},
    },
    "back": {
        "deletePod": _POD,
        "cordon": {"node": "${parameters.idle}"},
        "uncordon": {"node": "${parameters.idle}"},
        "setResources": {**_TARGET, "name": SCALED, "container": SCALED, "limits": {"memory": "${parameters.limit}"}},
        "rollback": _TARGET,
    },
    "certificate": {
        "renewCertificate": {"namespace": NAMESPACE, "name": CERTIFICATE},
        "setImage": {**_TARGET, "name": SCALED, "container": SCALED, "tag": "${parameters.tag}"},
        "patch": {**_SCALER, "field": "maxReplicas", "value": "${parameters.most}"},
        "rerunJob": {"namespace": NAMESPACE, "name": JOB},
        "restart": {**_TARGET, "name": SCALED},
    },
}
"""The steps by the name of the runbook, then by verb. None changes what the plan of a later one shows."""
_TYPES = {
    "pod": "string",
    "busy": "string",
    "idle": "string",
    "tag": "string",
    "limit": "quantity",
    "period": "integer",
    "replicas": "integer",
    "most": "integer",
}


@dataclass(frozen=True)
class Outcome:
    """One execution of a round: what was killed and what it was at then, how it ended, how often it changed the cluster, how long it took,
    what is wrong with that (empty: nothing), and whether a trigger started it."""

    part: str
    round: int
    killed: str
    during: tuple[str, ...]
    execution: str
    runbook: str
    status: str
    changes: int
    seconds: float
    fault: str
    code: str = ""
    is_fired: bool = False


@dataclass
class Servers:
    """The servers of one organization; a request goes to the first that answers."""

    platforms: Sequence[Platform]
    tunnel: Cuttable

    def call(self, method: str, path: str, **options: Any) -> Any:
        """As `Platform.call`; waits for a server for a minute."""
        answer = self.ask(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> httpx2.Response:
        """The answer, whatever it is. Waits for a server for a minute."""
        until_s = time.monotonic() + 60
        while True:
            for one in self.platforms:
                try:
                    sent = {"Authorization": f"Bearer {one.key}"} if headers is None else headers
                    answer = httpx2.request(method, one.url + path, headers=sent, timeout=30, **options)
                except httpx2.HTTPError:
                    continue
                if answer.status_code < 500:
                    return answer
            assert time.monotonic() < until_s, "no server answers"
            time.sleep(0.1)

    @property
    def first(self) -> Platform:
        return self.platforms[0]


@dataclass
class Lane:
    """One cluster with its agent: at most one execution at a time."""

    servers: Servers
    cluster_id: str
    small: Small
    number: int

    def parameters(self, runbook: str, round_number: int) -> dict[str, Any]:
        """Values that differ from those of the round before, so that every step changes something."""
        small = self.small
        busy = small.busy_node()
        given = {
            "pod": next((pod for pod in small.pods() if pod["spec"].get("nodeName") != busy), small.pods()[0])["metadata"]["name"],
            "busy": busy,
            "idle": small.idle_node(),
            "tag": f"1.0.{round_number + 1}",
            "limit": f"{256 + round_number % 500}Mi",
            "period": 5 + round_number % 200,
            "replicas": 2 + round_number // len(RUNBOOKS) % 3,  # four changes of more replace so many pods that somebody must approve
            "most": 9 + round_number % 50,
        }
        return {name: given[name] for name in _used(runbook)}


def missing(found: Sequence[Outcome], kills_each: int, victims: Sequence[str] = KILLED) -> list[str]:
    """The victims of the rounds that are still to be done, in a mixed order, until each was killed so often in a running execution."""
    left = [victim for victim in victims for _ in range(-(-max(0, kills_each - kills(found, victim)) // PER_ROUND[victim]))]
    random.Random(len(found)).shuffle(left)
    return left


def rounds(folder: Path, *, victims: Sequence[str], seed: int, database_url: str = "") -> Iterator[list[Outcome]]:
    """A round for each victim, as it ends. With the URL of a database, two servers share it, and the first is the one that is killed."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(POLICY)
    found: list[Outcome] = []
    with (
        small_clusters(folder, CLUSTERS, seed=seed) as smalls,
        _servers(folder, database_url) as servers,
        ThreadPoolExecutor(CLUSTERS) as pool,
    ):
        lanes = list(pool.map(lambda pair: _connect(servers, pair[1], pair[0]), enumerate(smalls)))
        _allow_changes(servers, lanes)
        for number, victim in enumerate(victims):
            pauses = [_pauses(rng, victim, found) for _ in lanes]
            outcomes = _round(pool, lanes, victim, pauses, number)
            found += outcomes
            print(f"round {number + 1} of seed {seed}: {_line(outcomes)}", flush=True)
            yield outcomes


def _pauses(rng: random.Random, victim: str, found: Sequence[Outcome]) -> list[float]:
    """Seconds from the start to the first kill, and from each recovery to the next one; about as long as the executions so far took."""
    ran = [one.seconds for one in found[-4 * CLUSTERS :] if one.killed == "tunnel"]
    longest_s = statistics.median(ran) if ran else FIRST_S
    return [rng.uniform(0.0, longest_s if number == 0 else longest_s / KILLS[victim]) for number in range(KILLS[victim])]


def _line(outcomes: Sequence[Outcome]) -> str:
    ends = ", ".join(f"{one.runbook} {one.status}{' ' + one.code if one.code else ''} ({' '.join(one.during)})" for one in outcomes)
    faults = "".join(f" FAULT {one.execution}: {one.fault}" for one in outcomes if one.fault)
    return f"{outcomes[0].killed} killed, {max(one.seconds for one in outcomes):.1f} s: {ends}{faults}"


def kills(found: Sequence[Outcome], victim: str) -> int:
    """How many kills fell into an execution that had not ended."""
    those = [one for one in found if one.killed == victim]
    if victim == "agent":
        return sum(at != ENDED for one in those for at in one.during)
    hit = {(one.part, one.round, index) for one in those for index, at in enumerate(one.during) if at != ENDED}
    return len(hit)


@contextmanager
def _servers(folder: Path, database_url: str) -> Iterator[Servers]:
    """One server on SQLite, or two on PostgreSQL; their agents dial a port that can be cut."""
    names = ("one", "two") if database_url else ("one",)
    platforms = [ForkingPlatform(folder / name, database_url or None) for name in names]
    first, others = platforms[0], platforms[1:]
    with Cuttable(*(one.tunnel_port for one in platforms)).listening() as tunnel:
        for one in platforms:
            one.settings["OPTRAL_AGENT_POLICY"] = str(folder / "policy.yaml")
            one.settings["OPTRAL_AGENT_ADDRESS"] = f"127.0.0.1:{first.enroll_port},{tunnel.port}"
        try:
            first.setup()
            _allow_triggers(first)
            first.start_server()
            for other in others:
                replicas.join(other, first)
                other.start_server()
            servers = Servers(platforms, tunnel)
            for name in RUNBOOKS:
                servers.call("POST", "/v1/runbooks", json={"source": source_of(name)})
            yield servers
        finally:
            for one in platforms:
                one.stop()


def source_of(runbook: str) -> str:
    """The definition of one of the runbooks. The verification passes as soon as it can."""
    steps: list[dict[str, Any]] = []
    for verb, values in RUNBOOKS[runbook].items():
        steps.append({"name": verb, "action": verb, "retry": {"times": RETRIES, "backoffSeconds": 1}, "with": values})
    definition = {
        "slug": f"soak-{runbook}",
        "name": f"Five changes of {runbook}",
        "risk": "destructive" if "drain" in RUNBOOKS[runbook] else "high",
        "parameters": [{"name": name, "type": _TYPES[name], "required": True} for name in _used(runbook)],
        "steps": steps,
        "verify": {"stableSeconds": 0, "timeoutSeconds": 120},
    }
    return yaml.safe_dump(definition, sort_keys=False)


def _used(runbook: str) -> list[str]:
    """The parameters that the runbook refers to."""
    return [name for name in _TYPES if f"${{parameters.{name}}}" in str(RUNBOOKS[runbook])]


def _connect(servers: Servers, small: Small, number: int) -> Lane:
    """A cluster of the server for one of the small ones, with its agent and complete inventory."""
    cluster_id = str(servers.call("POST", "/v1/clusters", json={"name": f"soak-{number}"})["id"])
    servers.first.start_agent(cluster_id, small.kubeconfig, "--no-metrics")
    lane = Lane(servers, cluster_id, small, number)
    until(
        lambda: "syncedAt" in servers.call("GET", f"/v1/clusters/{cluster_id}")["inventory"],
        within_s=120,
        every_s=0.5,
        what="the inventory",
    )
    return lane


def _allow_triggers(platform: Platform) -> None:
    """Let triggers start runbooks of high risk, which over HTTP takes the password of an owner. No server holds the database yet."""

    async def allow() -> None:
        more = {"database_url": platform.database_url} if platform.database_url else {}
        loaded = settings.load(data_dir=platform.folder / "data").model_copy(update=more)
        async with database.opened(loaded, SystemClock()) as base:
            (org,) = await base.store.read(actor.system(), access.organisation_ids)
            await base.store.write(
                actor.system(org), lambda tx: safeguards.save(tx, changing(Safeguards, {"unattended_risk": "high"}), by="setup")
            )

    asyncio.run(allow())


def _allow_changes(servers: Servers, lanes: Sequence[Lane]) -> None:
    limits = [{"cluster": lane.cluster_id, "changesPerHour": MAX_PER_HOUR} for lane in lanes]
    servers.call("PATCH", "/v1/safeguards", json={"limits": limits})


def _round(pool: Executor, lanes: Sequence[Lane], victim: str, pauses: Sequence[Sequence[float]], number: int) -> list[Outcome]:
    """One execution in each cluster, and the kills into them; of the agents, each at moments of its own."""
    for lane in lanes:
        lane.small.mood.share = WRONG_ANSWERS
    runs = list(pool.map(lambda lane: _start(lane, number), lanes))
    watching = [pool.submit(_finish, run, own if victim == "agent" else ()) for run, own in zip(runs, pauses, strict=True)]
    if victim != "agent":
        _kill(lanes[0].servers, victim, pauses[0], runs)
    return [_outcome(run, victim, number, *one.result()) for run, one in zip(runs, watching, strict=True)]


def _kill(servers: Servers, victim: str, pauses: Sequence[float], runs: "Sequence[Run]") -> None:
    for pause_s in pauses:
        time.sleep(pause_s)
        for run in runs:
            run.killed_at.append(datetime.now(UTC))
        if victim == "server":
            servers.first.kill_server()
            servers.first.start_server()
        else:
            servers.tunnel.cut()


@dataclass
class Run:
    """An execution that was started, and what the cluster had counted before."""

    lane: Lane
    runbook: str
    execution: str
    applied: Counter[str]
    left: set[str]
    on_node: set[str]
    began_at: float
    firing: "Firing | None" = None
    killed_at: list[datetime] = field(default_factory=list)


def _start(lane: Lane, number: int) -> Run:
    """Start the next runbook of this cluster. Its parameters are of what the inventory shows."""
    small, runbook = lane.small, list(RUNBOOKS)[(number + lane.number) % len(RUNBOOKS)]
    parameters = lane.parameters(runbook, number)
    on_node = {pod["metadata"]["uid"] for pod in small.pods(parameters.get("busy", "none"))}
    run = Run(lane, runbook, "", Counter(small.ledger.applied), set(small.ledger.left), on_node, time.monotonic())
    body = {"clusterId": lane.cluster_id, "parameters": parameters}

    def started() -> str:
        answer = lane.servers.ask("POST", f"/v1/runbooks/soak-{runbook}/execute", json=body)
        assert answer.is_success or answer.json()["code"] == "target_not_found", answer.text
        return str(answer.json()["id"]) if answer.is_success else ""

    if (number + lane.number) % 2:
        run.firing = Firing(lane, runbook, parameters, f"round-{number}")
        run.firing.send()
    else:
        run.execution = until(started, within_s=60, every_s=0.3, what="the inventory to show the pod")
    return run


class Firing:
    """A trigger of its own that starts one execution. Its signed request is sent three times; after a refusal, another one is sent."""

    def __init__(self, lane: Lane, runbook: str, parameters: Mapping[str, Any], occasion: str) -> None:
        self._servers, self._occasion, self._attempt = lane.servers, occasion, 0
        self._body = json.dumps({"parameters": parameters}).encode()
        wanted = {"source": "webhook", "runbook": f"soak-{runbook}", "cluster": lane.cluster_id, "accepts": sorted(parameters)}
        made = self._servers.call("POST", "/v1/triggers", json={"name": f"{occasion}-{lane.number}-{runbook}", **wanted})
        self.id, self._path, self._secret, self.since = made["id"], made["path"], made["secret"], made["createdAt"]

    def send(self) -> None:
        self._attempt += 1
        for _ in range(REPEATS):
            signed = signature.headers(f"{self._occasion}-{self._attempt}", self._body, keys=[self._secret], now=datetime.now(UTC))
            answer = self._servers.ask("POST", self._path, content=self._body, headers={**signed, "content-type": "application/json"})
            assert answer.is_success, answer.text

    def execution(self) -> str:
        """The execution that it started."""
        return until(self._started, within_s=120, every_s=1.0, what="the trigger to start its execution")

    def _started(self) -> str:
        """Empty while it waits; the inventory may not show the pod yet, or the cluster may be offline."""
        last = self.all()[0]
        if last["state"] == "refused":
            self.send()
        return str(last.get("executionId") or "")

    def all(self) -> list[dict[str, Any]]:
        """Its firings, the newest first: one for each attempt."""
        found: list[dict[str, Any]] = self._servers.call("GET", f"/v1/triggers/{self.id}/firings")["firings"]
        assert len(found) == self._attempt, f"{len(found)} firings of {self._attempt} occasions"
        return found

    def delete(self) -> None:
        self._servers.call("DELETE", f"/v1/triggers/{self.id}")


def _finish(run: Run, agent_pauses: Sequence[float]) -> tuple[dict[str, Any], str]:
    """Kill the agent if it is to be killed; then the execution once it has ended, and whether it stood still."""
    lane, servers = run.lane, run.lane.servers
    for pause_s in agent_pauses:
        time.sleep(pause_s)
        run.killed_at.append(datetime.now(UTC))
        servers.first.kill_agent(lane.cluster_id)
        servers.first.start_agent(lane.cluster_id, lane.small.kubeconfig)
    run.execution = run.execution or (run.firing.execution() if run.firing else "")
    found = _watch(servers, lane.cluster_id, run.execution)
    lane.small.mood.share = 0.0
    until(lambda: _is_online(servers, lane.cluster_id), within_s=120, every_s=LOOK_EVERY_S, what="the cluster to be online")
    return found


def _is_online(servers: Servers, cluster_id: str) -> bool:
    return bool(servers.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online")


def _watch(servers: Servers, cluster_id: str, execution: str) -> tuple[dict[str, Any], str]:
    """The execution once it has ended; and whether it stood still a minute after the recovery without a name for what it waited for."""
    recovered_at, moved_at, version = None, time.monotonic(), -1
    while True:
        found: dict[str, Any] = servers.call("GET", f"/v1/executions/{execution}")
        now = time.monotonic()
        if found["version"] != version:
            version, moved_at = found["version"], now
        if found.get("finishedAt") is not None:
            return found, ""
        if (found.get("waitingFor") or {}).get("kind") == "approval":
            _approve(servers, found)
        if recovered_at is None and _is_online(servers, cluster_id):
            recovered_at = now
        since = now if recovered_at is None else recovered_at
        is_named = "kind" in (found.get("waitingFor") or {})
        if now - since > NAMES_WITHIN_S and now - moved_at > NAMES_WITHIN_S and not is_named:
            return found, "stands still and waits for nothing that it names"
        if now - moved_at > ENDS_WITHIN_S:
            return found, f"has not ended after {ENDS_WITHIN_S} s; waits for {found.get('waitingFor')}"
        time.sleep(LOOK_EVERY_S)


def _approve(servers: Servers, found: Mapping[str, Any]) -> None:
    """Approve the plan, as the only member. A kill may have come between the response and the approval."""
    own = {"reason": "a soak test", "confirm": found["target"]["name"]}
    answer = servers.ask("POST", f"/v1/executions/{found['id']}/approve", json=own)
    assert answer.is_success or answer.json()["code"] in ("not_pending", "plan_not_ready"), answer.text


def _outcome(run: Run, victim: str, number: int, ended: dict[str, Any], stuck: str) -> Outcome:
    ledger = run.lane.small.ledger
    fresh = ledger.applied - run.applied
    left = {uid: node for uid, node in ledger.left.items() if uid not in run.left}
    began, finished = ended["createdAt"], ended.get("finishedAt") or rfc3339(datetime.now(UTC))
    return Outcome(
        part=str(run.lane.servers.first.folder),
        round=number,
        killed=victim,
        during=tuple(during(ended, moment) for moment in run.killed_at),
        execution=run.execution,
        runbook=run.runbook,
        status=ended["status"],
        changes=sum(fresh.values()),
        seconds=(datetime.fromisoformat(finished) - datetime.fromisoformat(began)).total_seconds(),
        fault=stuck or fault_of(ended, fresh, left, run.on_node) or _fault_of_trigger(run, ended),
        is_fired=run.firing is not None,
        code=str((ended.get("failure") or {}).get("code", "")),
    )


def _fault_of_trigger(run: Run, ended: Mapping[str, Any]) -> str:
    """Whether the trigger started more than the one execution, or does not know how it ended."""
    if (firing := run.firing) is None:
        return ""
    servers = run.lane.servers
    query = {"cluster": run.lane.cluster_id, "runbook": f"soak-{run.runbook}", "since": firing.since, "pageSize": 10}
    started = [one["id"] for one in servers.call("GET", "/v1/executions", params=query)["executions"]]
    if started != [run.execution]:
        return f"the trigger started {len(started)} executions"
    noted = until(lambda: firing.all()[0].get("outcome", ""), within_s=NAMES_WITHIN_S, every_s=LOOK_EVERY_S, what="the noted outcome")
    firing.delete()
    return "" if noted == ended["status"] else f"{ended['status']}, and its trigger noted {noted}"


def during(ended: Mapping[str, Any], moment: datetime) -> str:
    """What the execution was at: its plan, a step, the verification, or nothing any more."""
    finished = ended.get("finishedAt")
    if finished is not None and datetime.fromisoformat(finished) <= moment:
        return ENDED
    begun = [step for step in ended["steps"] if step.get("startedAt") and datetime.fromisoformat(step["startedAt"]) <= moment]
    if not begun:
        return "the plan"
    last = begun[-1]
    has_finished = last.get("finishedAt") is not None and datetime.fromisoformat(last["finishedAt"]) <= moment
    return "the verification" if has_finished and last is ended["steps"][-1] else str(last["verb"])


def fault_of(ended: Mapping[str, Any], fresh: Counter[str], left: Mapping[str, str], on_node: Collection[str]) -> str:
    """What is wrong with an execution that has ended, by what the cluster counted; empty: nothing.

    `left`: the node of each pod that was removed meanwhile. `on_node`: the pods that were on the node to drain.
    """
    changed = {change["step"] for change in (ended.get("plan") or {}).get("diff", ())}
    for step in ended["steps"]:
        times = _times(ended, step, fresh, left)
        if times > 1:
            return f"{step['name']} was done {times} times"
        if step["state"] == "succeeded" and times != 1 and step["name"] in changed:
            return f"{step['name']} succeeded without a change"
        if step["state"] in ("failed", "skipped", "pending", "canceled") and times and not (step.get("result") or {}).get("changed"):
            return f"{step['name']} is {step['state']} and was done"
    if ended["status"] == "succeeded" and any(step["state"] != "succeeded" for step in ended["steps"]):
        return "succeeded with a step that did not"
    if (ended.get("failure") or {}).get("changed") is False and sum(fresh.values()):
        return "changed, and says it did not"
    return _fault_of_pods(ended, left, on_node)


def _fault_of_pods(ended: Mapping[str, Any], left: Mapping[str, str], on_node: Collection[str]) -> str:
    """Whether a pod was removed that no step names, or a drain that succeeded left one of its pods."""
    named = {step["object"]["uid"] for step in ended["steps"] if step["verb"] in ("evict", "deletePod")}
    drained = _drained(ended)
    if strangers := [uid for uid, node in left.items() if uid not in named and node not in drained]:
        return f"{len(strangers)} pods were removed that no step names"
    if "succeeded" in drained.values() and (missed := set(on_node) - set(left)):
        return f"drain succeeded and {len(missed)} pods are still there"
    return ""


def _times(ended: Mapping[str, Any], step: Mapping[str, Any], fresh: Counter[str], left: Mapping[str, str]) -> int:
    """How often the change of a step was made: by its commands; of a pod by its uid, unless the drain before had evicted it."""
    if step["verb"] not in ("evict", "deletePod"):
        return sum(fresh[one] for one in _commands(ended["id"], step["id"]))
    uid = step["object"]["uid"]
    return 0 if left.get(uid) in _drained(ended) else fresh[uid]


def _drained(ended: Mapping[str, Any]) -> dict[str, str]:
    """The state of each drain by its node."""
    return {step["object"]["name"]: step["state"] for step in ended["steps"] if step["verb"] == "drain"}


def _commands(execution: str, step: str) -> list[str]:
    """The commands that a step may have sent."""
    return [ids.derive("cmd", execution, step, f"apply {attempt}") for attempt in range(1, MAX_ATTEMPTS + RETRIES + 1)]
