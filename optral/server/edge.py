"""The people's side: the REST listener, and the metrics listener beside it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from optral.access.authenticator import Authenticator
from optral.access.limiter import Limiter
from optral.api import app as api
from optral.api.http.services import ApiServices
from optral.clusters import service as clusters
from optral.clusters.authority import Authority
from optral.clusters.rotation import Phase
from optral.gateway.server import Gateway
from optral.install.addresses import Addresses
from optral.kit.admission import ConnectionLimit
from optral.kit.lag import LoopBlockers, LoopLag
from optral.kit.tasks import Tasks
from optral.kit.trace_export import Export
from optral.server import mail, metrics, reasoning, web
from optral.server.background import Flows, forge_caller, identity_caller, slack_worker, webhook_caller
from optral.server.database import Base
from optral.server.settings import Settings, is_loopback
from optral.server.tunnel import dialled
from optral.store import migrations
from optral.store.open import FILE
from optral.terms import actor
from optral.terms.errors import OptralError

CENSUS_EVERY_S = 5.0
PROBE_EVERY_S = 1.0
METRICS_ROOM = ConnectionLimit(total=32, per_address=16)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    url: str
    metrics_address: str | None


@asynccontextmanager
async def listening(
    base: Base, flows: Flows, gateway: Gateway, settings: Settings, tasks: Tasks, *, room: ConnectionLimit, traces: Export | None = None
) -> AsyncIterator[Edge]:
    """Serve the API, and metrics where asked, while the context is open. Raises `Misconfigured` for a taken port."""
    async with AsyncExitStack() as stack:
        sock = web.bind(settings.listen, setting="--listen")
        stack.callback(sock.close)
        url = _url(settings, sock.getsockname()[1])
        services = _services(base, gateway, settings, url=url)
        services.warnings = lambda: flows.rotation_worker.warnings

        def follow_ca() -> None:
            services.addresses = replace(services.addresses, ca_pin=base.authority.ca_pin)

        flows.rotation_worker.on_change.append(follow_ca)
        services.questions = flows.questions
        services.first_contact = flows.connect.first_contact
        services.detector_failures = lambda: flows.inventory.detector_failures
        for name, work in (
            ("key use", services.authenticator.run()),
            ("limits", services.limiter.run()),
            ("refused sign-ins", services.sessions.run()),
            ("password resets", services.password_resets.run()),
        ):
            tasks.start(name, work)
        stack.push_async_callback(services.authenticator.flush)
        stack.push_async_callback(services.forge_caller.close)
        stack.push_async_callback(services.identity_caller.close)
        stack.push_async_callback(services.webhook_caller.close)
        stack.push_async_callback(services.sessions.flush)
        stack.push_async_callback(services.password_resets.flush)
        metrics_address = await _metrics(stack, base, flows, gateway, services, settings, tasks, traces)
        served = api.build(services)
        tasks.start("slack", slack_worker(base, services, settings).run())
        await stack.enter_async_context(
            web.listening(served, sock, tls=tls_of(settings), trusted_proxies=settings.trusted_proxies, room=room)
        )
        stack.push_async_callback(_announce_stop, services, settings.shutdown_delay)
        yield Edge(url, metrics_address)


def tls_of(settings: Settings) -> web.Tls | None:
    """The files of the API's listener; None where it speaks plain HTTP."""
    return web.Tls(settings.tls_cert, settings.tls_key) if settings.tls_cert and settings.tls_key else None


async def _announce_stop(services: ApiServices, delay_s: float) -> None:
    """Be unready and end streams first, and go on accepting while load balancers look: who follows readiness is gone before the close."""
    services.stopping.set()
    await asyncio.sleep(delay_s)


def _services(base: Base, gateway: Gateway, settings: Settings, *, url: str) -> ApiServices:
    authenticator = Authenticator(base.store, base.clock, base.secrets.pepper, labelled=clusters.labelled)
    limits = {plan: getattr(settings, f"rate_limit_{plan}") for plan in ("free", "team", "enterprise")}

    async def are_listeners_up() -> bool:
        return bool(gateway.enroll_address)

    return ApiServices(
        store=base.store,
        clock=base.clock,
        authenticator=authenticator,
        limiter=Limiter(
            store=base.store,
            clock=base.clock,
            authenticator=authenticator,
            limits=limits,
            person_per_minute=settings.rate_limit_person,
        ),
        pepper=base.secrets.pepper,
        sealing_key=base.secrets.key_encryption_key,
        addresses=_addresses(base, settings, url),
        forge_caller=forge_caller(settings),
        identity_caller=identity_caller(settings),
        webhook_caller=webhook_caller(settings),
        enroll_address=dialled(settings, gateway.enroll_address, enroll=True),
        tunnel_address=gateway.tunnel_address,
        trust=lambda: _trust(base.authority),
        checks={"database": WriteProbe(base).holds, "listeners": are_listeners_up},
        polls_events=base.is_shared,
        insecure_http=settings.insecure_http,
        offer=reasoning.offer(settings),
        outbox=mail.outbox(settings, key=base.secrets.key_encryption_key),
    )


def _trust(authority: Authority) -> dict[str, object]:
    """The part of the bootstrap document that says which CAs are valid."""
    return {
        "caPem": authority.ca_pem,
        "endorsements": [
            {"root": endorsement.root, "by": endorsement.by, "signature": base64.b64encode(endorsement.signature).decode()}
            for endorsement in authority.endorsements
        ],
        "agentAuthorities": list(authority.accepted_key_ids),
    }


def _addresses(base: Base, settings: Settings, url: str) -> Addresses:
    """On loopback both addresses have defaults; elsewhere they must be set before a cluster can be installed."""
    local = is_loopback(settings.listen)
    return Addresses(
        public_url=settings.public_url or (url if local else None),
        fallback_urls=settings.fallback_urls,
        agent_address=settings.agent_address or ("127.0.0.1" if local and is_loopback(settings.tunnel_listen) else None),
        ca_pin=base.authority.ca_pin,
        agent_image=settings.agent_image_reference,
        image_pull_secrets=settings.image_pull_secrets,
    )


def _url(settings: Settings, port: int) -> str:
    host = settings.listen.rpartition(":")[0]
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{port}"


def _log_late(function: str, late_s: float) -> None:
    _log.debug("loop.late", function=function, milliseconds=round(late_s * 1000))


async def _metrics(
    stack: AsyncExitStack,
    base: Base,
    flows: Flows,
    gateway: Gateway,
    services: ApiServices,
    settings: Settings,
    tasks: Tasks,
    traces: Export | None,
) -> str | None:
    if settings.metrics_listen is None:
        return None
    lag, census = LoopLag(), Census(base)
    tasks.start("loop lag", lag.run())
    if settings.log_level == "debug":
        tasks.start("loop blockers", LoopBlockers(_log_late).run())
    tasks.start("census", census.run())
    gauges = metrics.Gauges(
        queue_depths={"store": lambda: base.store.depth, "reads": lambda: base.store.readers.depth},
        agents_by_state=lambda: census.agents,
        open_streams=lambda: len(services.streams),
        open_tunnels=lambda: gateway.open_sessions,
        database_bytes=lambda: 0 if base.is_shared else _bytes_of(settings.data_dir),
        ingest_lag_s=lambda: flows.inventory.lag_s,
        loop_lag_s=lambda: lag.quantile(0.99),
        ingested_changes=lambda: flows.inventory.changes,
        inventory_drifts=lambda: flows.inventory.drifts,
        detector_failures=lambda: flows.inventory.detector_failures,
        captures_dropped=lambda: flows.capture_worker.dropped,
        work_failures=lambda: {name: one.total for name, one in flows.retries.items()},
        reads_dropped=lambda: base.store.readers.dropped,
        analyses=lambda: flows.analysis_worker.done,
        model_answers=lambda: flows.analysis_worker.asked,
        model_spent=lambda: flows.analysis_worker.spent,
        retention_stopped=lambda: bool(flows.retention_worker.stopped),
        notifications=lambda: flows.relay.counts if flows.relay is not None else {},
        ca_expires_at=lambda: base.authority.expires_at.timestamp(),
        ca_phase=lambda: {phase.value: float(phase is base.authority.rotation.phase) for phase in Phase},
        ca_waiting=lambda: flows.rotation_worker.waiting_clusters,
        unknown_messages=lambda: gateway.counters["unknown_messages"],
        tunnel_events=lambda: dict(gateway.counters),
        mail=lambda: {} if flows.mail_worker is None else flows.mail_worker.outcomes,
        spans_exported=lambda: 0 if traces is None else traces.exported,
        spans_dropped=lambda: {} if traces is None else traces.dropped,
    )
    sock = web.bind(settings.metrics_listen, setting="--metrics-listen")
    stack.callback(sock.close)
    await stack.enter_async_context(web.listening(web.refusing(metrics.app(gauges)), sock, room=METRICS_ROOM))
    return f"{settings.metrics_listen.rpartition(':')[0]}:{sock.getsockname()[1]}"


class WriteProbe:
    """Whether the database takes a change now: a transaction that writes nothing commits on a full disk, too.

    The answer holds for a second, so that whoever asks `/readyz` often does not make the database sync as often.
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        self._asked_at_s = float("-inf")
        self._answer: asyncio.Future[None] | None = None

    async def holds(self) -> bool:
        """True, or raises what the database said."""
        now_s = self._base.clock.monotonic()
        if self._answer is None or (self._answer.done() and now_s - self._asked_at_s >= PROBE_EVERY_S):
            self._asked_at_s = now_s
            self._answer = asyncio.ensure_future(self._base.store.write(actor.system(), migrations.touch))
        await asyncio.shield(self._answer)
        return True


class Census:
    """How many clusters are in which state of presence, as of the last few seconds: a scrape must not wait for the database."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self.agents: dict[str, int] = {}

    async def run(self) -> None:
        while True:
            try:
                self.agents = await self._base.store.read(actor.system(), clusters.count_by_status)
            except OptralError:
                _log.warning("clusters could not be counted for metrics")
            await asyncio.sleep(CENSUS_EVERY_S)


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / FILE, folder / f"{FILE}-wal") if path.exists())
