"""`optral agent`: find the API server, enroll or take up the kept identity, then watch and report until told to stop."""

import asyncio
import os
import platform
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import structlog

import optral
from optral.agent.commands.commands import Commands
from optral.agent.commands.commands_common import Tools
from optral.agent.commands.journal import Journal
from optral.agent.commands.policy import READ_ONLY, Policy, PolicyFile
from optral.agent.connection import addresses, bootstrap, channel, identity
from optral.agent.connection.addresses import Addresses
from optral.agent.connection.clocks import Clocks
from optral.agent.connection.identity import Directory, Identity, Keep, KubeSecret, Memory
from optral.agent.connection.returning import Returning
from optral.agent.connection.session import Ended, Parts
from optral.agent.connection.tunnel import Tunnel
from optral.agent.health import Health
from optral.agent.logs import collector as log_signs
from optral.agent.metrics.collector import Collector
from optral.agent.metrics.kubelet import Kubelets
from optral.agent.probes.prober import Prober
from optral.agent.probes.served import ServedCertificates
from optral.agent.probes.sockets import Sockets
from optral.agent.prometheus import client as prometheus_client, collector as traffic
from optral.agent.settings import AgentSettings
from optral.agent.watching.buffer import Buffer
from optral.agent.watching.catalog import Catalog
from optral.agent.watching.pod_index import PodIndex
from optral.agent.watching.watch import Producer, Watches
from optral.kit import memory, trace_export
from optral.kit.clock import Clock, SystemClock
from optral.kit.retry import Backoff, retry
from optral.kit.tasks import Tasks
from optral.kube.kinds import KINDS, LOG_SIGNS, REPORT_KINDS, SERVED_CERTIFICATE, USAGE_KINDS, WORKLOAD_TRAFFIC, Kind
from optral.kube.redact import Redactor
from optral.kubeapi import credentials
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.kubeapi.discovery import Discovery
from optral.kubeapi.reflector import Timing
from optral.terms.errors import Misconfigured, Refused, Unavailable
from optral.terms.probes import Network, Vantage
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb

EXIT_OK, EXIT_MISUSE, EXIT_REFUSED = 0, 2, 78
"""78 is EX_CONFIG: started again as it is, the agent would be refused again."""
CLOCK_EVERY_S = 300
STUCK_S = 600
NAME = "optral-agent"
OWN_NAMESPACE = "optral"
"""Where the install manifest puts an agent; an agent beside a cluster leaves that namespace alone too."""
POD_JOURNAL = Path("/tmp/optral-agent")  # noqa: S108 - the pod's only writable volume, which nobody shares
CAPABILITIES = ("sync.v1", "digest.v1", "trust.v1")
T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOptions(AgentSettings):
    """The settings, and what only another program sets. `token` is used once; `state_dir` keeps what it gave (None: one named Secret in a
    cluster, else memory only)."""

    namespace: str | None = None
    prometheus_every_s: float = traffic.EVERY_S
    network: Callable[[Callable[[str], Awaitable[bytes]]], Network] | None = None
    """Makes the network of a cluster that has none, such as the demo's, from what reads a path of its API server. None: the network of the
    pod, and no probes beside a cluster."""
    fixed_policy: Policy = READ_ONLY
    journal_dir: Path | None = None
    """Where changes are journaled; the state directory when None, and in a cluster the pod's own disk."""
    kinds: Sequence[Kind] = KINDS
    discovers: bool = True
    """Whether custom kinds are watched too, as far as the agent's role allows."""
    timing: Timing | None = None
    exit_when_stuck: bool = False
    """End the process when nothing has moved for 10 minutes; for the command alone, never inside another program."""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def prometheus(self) -> prometheus_client.Settings | None:
        """Where the organization's Prometheus is; None: there is none, or it is not to be read."""
        if not self.prometheus_url:
            return None
        return prometheus_client.Settings(self.prometheus_url, self.prometheus_token_file, self.prometheus_ca_file, self.prometheus_tenant)


async def run(options: AgentOptions) -> int:
    """Run until canceled (a clean stop with a Goodbye) or until there is no use in going on; the exit code."""
    try:
        access = credentials.load(options.kubeconfig, options.context)
        async with KubeClient(access, user_agent=f"optral-agent/{optral.__version__}") as client:
            return await _run(options, client)
    except Misconfigured as error:
        log.error(error.say)
        return EXIT_MISUSE
    except Refused as error:
        log.error(error.say, code=error.code)
        return EXIT_REFUSED
    except Ended as ended:
        log.error(ended.say, code=ended.code)
        return EXIT_REFUSED


async def run_traced(options: AgentOptions) -> int:
    """`run` as a process of its own: with the traces that its environment asks for."""
    try:
        async with trace_export.running(NAME):
            return await run(options)
    except trace_export.BadVariable as error:
        log.error(str(error))
        return EXIT_MISUSE


async def _run(options: AgentOptions, client: KubeClient) -> int:
    log.info("agent starts", version=optral.__version__, api_server=client.access.server, context=client.access.name)
    policy = _policy(options, client)
    health = Health()
    async with health.serving(options.health_listen):
        return await _connected(options, client, policy, health)


async def _connected(options: AgentOptions, client: KubeClient, policy: PolicyFile, health: Health) -> int:
    facts = await _facts(client, options.watch_namespace)
    keep = _keep(options, client)
    who = await _enrolled(options, keep, facts)
    watchdog = Watchdog(enabled=options.exit_when_stuck)
    clocks = Clocks()
    metrics = _metrics(options, client, policy.now())
    redactor, pods = Redactor(who.salt), PodIndex()
    requests = _requests(options, policy.now(), pods)
    signs = _log_signs(options, client, policy, redactor, pods)
    prober = _prober(options, client, policy)
    tools = Tools(client, redactor, lambda: catalog.custom, usage=metrics, prober=prober)
    served = _served(options, policy, tools, prober)
    producers = _producers(metrics, requests, signs, served)
    kinds = (*options.kinds, *(kind for kind in REPORT_KINDS if kind.id in producers))
    buffer = Buffer(options.clock, kinds)
    scope, timing = options.watch_namespace, options.timing
    watches = Watches(client, redactor, buffer, lambda: catalog.kinds, namespace=scope, timing=timing, producers=producers)
    discovery = Discovery(client, namespace=options.watch_namespace) if options.discovers else None
    catalog = Catalog(discovery, buffer, watches, kinds)
    watches.on_definitions = catalog.look_soon
    watches.pod_index = pods if requests or signs else None
    journal = _journal(options, client, policy)
    commands = Commands(tools, policy, journal, options.clock, log_reads=options.log_reads, wake=buffer.changed.set)
    parts = Parts(
        buffer=buffer,
        watches=watches,
        commands=commands,
        clocks=clocks,
        clock=options.clock,
        catalog=catalog,
        info=lambda: facts.info((*_scope(options), *_reads(metrics, requests, signs, served), *commands.capabilities())),
        progress=watchdog.progress,
    )
    urls = addresses.urls_of(options.server_url)
    returning = Returning(lambda: _document(urls), options.clock)
    places = Addresses(urls, who.tunnel_address, bootstrap.fetch_document, options.clock)
    tunnel = Tunnel(who, keep, parts, returning, places)
    catalog.on_change = tunnel.reconnect
    health.is_ready, health.addresses = tunnel.is_connected, places
    tasks = _tasks()
    watchdog.start()
    try:
        await _measure(client, clocks)
        tasks.start("clock", _keep_measuring(client, clocks))
        await catalog.begin()
        tasks.start("custom kinds", catalog.run())
        tasks.start("memory", memory.give_back())
        await _start_collectors(tasks, metrics, requests, {"log signs": signs, "certificates": served}, tunnel)
        await tunnel.run()
    finally:
        watchdog.stop()
        await tasks.stop()
        await commands.stop()
        await watches.stop()
        await tunnel.stop("stopped")
        log.info("agent stopped")
    return EXIT_OK


def _tasks() -> Tasks:
    return Tasks(lambda name, error: log.error("a task failed", task=name, error=repr(error), exc_info=error))


def _journal(options: AgentOptions, client: KubeClient, policy: PolicyFile) -> Journal:
    journal = Journal(_journal_dir(options, client), options.clock)
    if policy.now().allow_writes:
        journal.begin()
    return journal


async def _start_collectors(
    tasks: Tasks,
    metrics: Collector | None,
    requests: traffic.Collector | None,
    samplers: Mapping[str, log_signs.Collector | ServedCertificates | None],
    tunnel: Tunnel,
) -> None:
    if metrics is not None:
        await metrics.check()
        tasks.start("metrics", metrics.run())
    if requests is not None:
        requests.on_change = tunnel.reconnect
        await requests.check()
        tasks.start("prometheus", requests.run())
    for name, sampler in samplers.items():
        if sampler is not None:
            sampler.on_change = tunnel.reconnect
            tasks.start(name, sampler.run())


# --- identity ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a Hello tells about this cluster and this process."""

    kubernetes_version: str
    kube_system_uid: str
    instance: str

    def info(self, more: Sequence[str] = ()) -> pb.AgentInfo:
        return pb.AgentInfo(
            agent_version=optral.__version__,
            protocol_min=frames.PROTOCOL,
            protocol_max=frames.PROTOCOL,
            kubernetes_version=self.kubernetes_version,
            capabilities=(*CAPABILITIES, *more),
            kube_system_uid=self.kube_system_uid,
            instance=self.instance,
        )


def _scope(options: AgentOptions) -> tuple[str, ...]:
    """The capability that says that only one namespace is watched."""
    return (f"watches:{options.watch_namespace}",) if options.watch_namespace else ()


def _metrics(options: AgentOptions, client: KubeClient, policy: Policy) -> Collector | None:
    """None where the metrics of the kubelets are not wanted. An agent of one namespace has no rights on nodes."""
    if not options.metrics or not policy.allows_metrics or options.watch_namespace:
        return None
    return Collector(client, Kubelets(client, tls=options.kubelet_tls), every_s=options.metrics_every_s)


def _log_signs(
    options: AgentOptions, client: KubeClient, policy: PolicyFile, redactor: Redactor, pods: PodIndex
) -> log_signs.Collector | None:
    """None where logs are not to be sampled."""
    if not options.log_signs or not policy.now().allows_log_signs:
        return None

    def is_excluded(namespace: str) -> bool:
        return not policy.now().allows_log_signs or namespace in policy.now().log_signs_exclude

    return log_signs.Collector(client, redactor, pods, is_excluded=is_excluded, requests=options.log_sign_requests)


def _requests(options: AgentOptions, policy: Policy, pods: PodIndex) -> traffic.Collector | None:
    """None where no Prometheus is named, or the policy does not list it. Raises `Misconfigured`."""
    if options.prometheus is None or not policy.allows_prometheus:
        return None
    prometheus = prometheus_client.Prometheus(options.prometheus)
    return traffic.Collector(prometheus, pods, namespace=options.watch_namespace, every_s=options.prometheus_every_s)


def _served(options: AgentOptions, policy: PolicyFile, tools: Tools, prober: Prober | None) -> ServedCertificates | None:
    """None where certificates are not to be checked, or no probes are possible."""
    if not options.certificate_probes or prober is None:
        return None
    if not policy.now().allows_probes:
        log.info("certificates of Services are not checked: the policy does not list probe under reads")
        return None
    return ServedCertificates(tools, prober, policy.now, namespace=options.watch_namespace)


def _producers(
    metrics: Collector | None, requests: traffic.Collector | None, signs: log_signs.Collector | None, served: ServedCertificates | None
) -> dict[str, Producer]:
    """Who produces the objects of the kinds that no API server serves, by the id of the kind."""
    found: dict[str, Producer] = {} if metrics is None else {kind.id: metrics.follow for kind in USAGE_KINDS}
    if requests is not None:
        found[WORKLOAD_TRAFFIC.id] = requests.follow
    if signs is not None:
        found[LOG_SIGNS.id] = signs.follow
    if served is not None:
        found[SERVED_CERTIFICATE.id] = served.follow
    return found


def _reads(
    metrics: Collector | None, requests: traffic.Collector | None, signs: log_signs.Collector | None, served: ServedCertificates | None
) -> tuple[str, ...]:
    """The capabilities that say what is read beside the API server."""
    of_kubelets = "off" if metrics is None else "forbidden" if metrics.is_refused else "on"
    of_requests, of_logs = "off" if requests is None else requests.state, "off" if signs is None else signs.state
    of_certificates = "off" if served is None else served.state
    return f"metrics:{of_kubelets}", f"prometheus:{of_requests}", f"logSigns:{of_logs}", f"certificateProbes:{of_certificates}"


def _prober(options: AgentOptions, client: KubeClient, policy: PolicyFile) -> Prober | None:
    """None for an agent beside the cluster: the same addresses lead elsewhere there."""
    if options.network is not None:
        return Prober(options.network(client.get), Vantage(namespace=policy.own_namespace, pod=NAME, node=options.node), options.clock)
    if client.access.name != "in-cluster":
        return None
    vantage = Vantage(namespace=_own_namespace(), pod=platform.node(), node=options.node)
    return Prober(Sockets(), vantage, options.clock)


async def _facts(client: KubeClient, namespace: str) -> _Facts:
    """Ask the API server who it is, for as long as it takes: an agent may start before its API server does."""

    async def ask() -> _Facts:
        try:
            uid = await client.namespace_uid(namespace or "kube-system")
            return _Facts(await client.version(), uid, f"{platform.node()}-{secrets.token_hex(4)}")
        except ApiUnreachable as error:
            raise Unavailable("api_unreachable", say=f"the API server does not answer: {error}") from error
        except ApiError as error:
            if error.status in (401, 403):
                raise Misconfigured("api_refused", say=f"the API server refuses this agent: {error}") from error
            raise Unavailable(
                "api_unreachable", say=f"the API server does not answer: {error}", retry_after_s=error.retry_after_s
            ) from error

    return await _until_available(ask)


def _keep(options: AgentOptions, client: KubeClient) -> Keep:
    if options.state_dir is not None:
        return Directory(options.state_dir)
    if client.access.name == "in-cluster":
        return KubeSecret(client, options.namespace or _own_namespace(), options.identity_secret)
    return Memory()


def _own_namespace() -> str:
    try:
        return (credentials.SERVICE_ACCOUNT / "namespace").read_text("ascii").strip()
    except (OSError, UnicodeError):
        return "default"


def _policy(options: AgentOptions, client: KubeClient) -> PolicyFile:
    own = options.namespace or (_own_namespace() if client.access.name == "in-cluster" else OWN_NAMESPACE)
    policy = PolicyFile(options.policy, fixed=options.fixed_policy, own_namespace=own)
    now = policy.now()
    if now.allow_writes and _journal_dir(options, client) is None:
        raise Misconfigured("state_dir", say="a policy that allows writes needs --state-dir: changes are journaled there")
    log.info("local policy", writes=sorted(now.writes()), namespaces=list(now.namespaces))
    return policy


def _journal_dir(options: AgentOptions, client: KubeClient) -> Path | None:
    """In a cluster the pod's own disk: it outlives the container, and a journal that was lost with it knows that it is young."""
    if options.journal_dir is not None or options.state_dir is not None:
        return options.journal_dir or options.state_dir
    return POD_JOURNAL if client.access.name == "in-cluster" else None


async def _enrolled(options: AgentOptions, keep: Keep, facts: _Facts) -> Identity:
    """The kept identity, unless a new token was given; else trade the token for one. Raises `Refused` or `Misconfigured`."""
    pin = bootstrap.check_pin_form(options.ca_pin)
    kept = await keep.load()
    now = options.clock.now()
    usable = kept is not None and kept.is_enrolled() and kept.knows(pin) and not kept.is_expired(now)
    if kept is not None and usable and (not options.token or kept.was_enrolled_with(options.token, pin)):
        return kept
    if not options.token:
        raise Refused(
            "not_enrolled", say="the agent has no valid certificate; create an enrollment token for the cluster and start the agent with it"
        )
    return await _enrol(options, keep, kept or identity.fresh(), options.token, pin, facts)


async def _enrol(options: AgentOptions, keep: Keep, before: Identity, token: str, pin: str, facts: _Facts) -> Identity:
    asked = identity.request()
    urls = addresses.urls_of(options.server_url)

    async def at(url: str) -> tuple[bootstrap.Bootstrap, pb.Certificate]:
        try:
            start = await bootstrap.fetch(url, pin, headers=bootstrap.introduction(token, pin, now=options.clock.now()))
        except Refused as error:
            if len(urls) == 1:
                raise
            raise Unavailable(error.code, say=f"{url}: {error.say}") from error  # another of the addresses may be right
        uid = facts.kube_system_uid
        return start, await channel.enroll(
            start, token=token, request=asked, kube_system_uid=uid, info=facts.info(), cluster_name=options.cluster_name
        )

    start, answer = await _until_available(lambda: _first_of(urls, at))
    if not identity.fits(asked.key_pem, answer.chain_pem):
        raise Refused("enrolment_invalid", say="the server's certificate is not for this agent's key")
    who = identity.with_certificate(
        identity.enrolled_by(before, token=token, pin=pin),
        key_pem=asked.key_pem,
        chain_pem=answer.chain_pem,
        bundle_pem=start.ca_pem,
        cluster_id=answer.cluster_id,
        tunnel_address=answer.tunnel_address or start.tunnel_address,
    )
    await keep.save(who)
    log.info("enrolled", cluster_id=who.cluster_id, not_after=who.certificate.not_valid_after_utc.isoformat())
    return who


async def _document(urls: Sequence[str]) -> bootstrap.Document:
    return await _first_of(urls, bootstrap.fetch_document)


async def _first_of(urls: Sequence[str], ask: Callable[[str], Awaitable[T]]) -> T:
    """The answer of the first URL that has one. Raises `Unavailable` with the reason of each when none has."""
    failed: list[Unavailable] = []
    for url in urls:
        try:
            return await ask(url)
        except Unavailable as error:
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    raise Unavailable("server_unreachable", say="; ".join(one.say for one in failed)) from failed[-1]


async def _until_available(ask: Callable[[], Awaitable[T]]) -> T:
    """Retry after each `Unavailable`, without a limit; every other error is raised. Each new reason is logged once."""
    backoff = Backoff(base_s=1, cap_s=60)
    logged = ""

    def delay_s(error: Unavailable) -> float:
        nonlocal logged
        next_s = backoff.next_s(at_least_s=min(error.retry_after_s, 1))
        if error.say != logged:
            log.warning(error.say, retry_s=round(next_s, 1))
            logged = error.say
        return next_s

    return await retry(ask, on=(Unavailable,), delay_s=delay_s)


# --- clocks and the watchdog ---------------------------------------------------------------------------------------------------


async def _measure(client: KubeClient, clocks: Clocks) -> None:
    try:
        clocks.api_offset = await client.clock_offset()
    except (ApiUnreachable, ApiError) as error:
        log.warning("the API server's clock could not be read", error=str(error))


async def _keep_measuring(client: KubeClient, clocks: Clocks) -> None:
    while True:
        await asyncio.sleep(CLOCK_EVERY_S if clocks.api_offset is not None else 5)
        await _measure(client, clocks)


class Watchdog:
    """A thread that ends the process when neither an acknowledgement nor a heartbeat's answer nor a new session came for 10 minutes
    while the loop is stuck. A control plane that is merely away must not restart agents: the loop itself is the witness."""

    def __init__(self, *, enabled: bool, stuck_s: float = STUCK_S, on_stuck: Callable[[], None] = lambda: os._exit(1)) -> None:
        self._enabled, self._stuck_s, self._on_stuck = enabled, stuck_s, on_stuck
        self._last = time.monotonic()
        self._stopped = threading.Event()
        self._beat: asyncio.TimerHandle | None = None

    def progress(self) -> None:
        self._last = time.monotonic()

    def start(self) -> None:
        if self._enabled:
            self._tick()
            threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        if self._beat is not None:
            self._beat.cancel()

    def _tick(self) -> None:
        self.progress()
        self._beat = asyncio.get_running_loop().call_later(10, self._tick)

    def _watch(self) -> None:
        while not self._stopped.wait(min(30.0, self._stuck_s / 4)):
            if time.monotonic() - self._last > self._stuck_s:
                self._on_stuck()
                return
