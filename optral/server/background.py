"""The use cases and the loops behind them: ingest, the sweep of due times, presence, purging and cleaning."""

import ipaddress
import platform
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from optral.access import service as access
from optral.analysis import service as analyses
from optral.clusters import service as clusters
from optral.clusters.rotation import Plan
from optral.commands import service as commands
from optral.events import service as events
from optral.flows.alerts.joining import AlertWorker
from optral.flows.analysis import capture, probing, usage_reads
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.capture import CaptureWorker
from optral.flows.analysis.probing import ProbeWorker
from optral.flows.analysis.usage_reads import UsageReadWorker
from optral.flows.analysis.usage_reports import UsageReportWorker
from optral.flows.anchors import AnchorWorker
from optral.flows.clusters.ca_rotation import RotationWorker
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.manage import PurgeWorker
from optral.flows.clusters.presence import Presence
from optral.flows.commands import Dispatch
from optral.flows.deadlines import DeadlineWorker
from optral.flows.executions.driver import Driver
from optral.flows.forges.worker import ProposalWorker
from optral.flows.inventory.ingest import Inventory
from optral.flows.inventory.recount import Recount
from optral.flows.inventory.sweep import Sweep
from optral.flows.issues.triage import TriageWorker
from optral.flows.mail.delivery import MailWorker
from optral.flows.retention import RetentionWorker
from optral.flows.slack.worker import SlackWorker
from optral.flows.triggers.firing import TriggerWorker
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.dispatch import Notifier
from optral.flows.webhooks.refresh import AlertRefresher
from optral.flows.webhooks.slack_app import SlackDelivery
from optral.flows.webhooks.tickets import TicketSender
from optral.flows.webhooks.weekly import WeeklyDigests
from optral.kit.guarded_sockets import Dialer
from optral.kit.hub import Topic
from optral.kit.networks import Network
from optral.kit.outbound_lazy import CallerOnDemand
from optral.kit.retry import Retries
from optral.kit.tasks import Tasks
from optral.mail.sender import SenderOnDemand as MailSenderOnDemand
from optral.runbooks import service as runbooks
from optral.runbooks.executions.impact import Caps
from optral.server import mail, reasoning, retention
from optral.server.database import Base
from optral.server.settings import Settings
from optral.store.postgres import clock_of
from optral.store.transaction import Transaction
from optral.webhooks import service as webhooks
from optral.webhooks.model import Form
from optral.webhooks.sender import SenderOnDemand

if TYPE_CHECKING:
    from optral.api.http.services import ApiServices
    from optral.flows.analysis.questions import Questions
    from optral.store.relay import Relay

RELAYED: tuple[Topic[Any], ...] = (
    events.APPENDED,
    access.REVOKED,
    clusters.ENDED,
    commands.QUEUED,
    commands.FINISHED,
    runbooks.CHANGED,
    analyses.FINISHED,
    webhooks.ATTEMPTED,
)
"""What other servers must know of as well. Work that any server can do wakes only the server that queued it."""


class _Loop(Protocol):
    def run(self) -> Coroutine[Any, Any, None]: ...


@runtime_checkable
class _Retrying(Protocol):
    retries: Retries


@dataclass(frozen=True, slots=True)
class Flows:
    """The use cases that edges call."""

    connect: Connect
    presence: Presence
    inventory: Inventory
    dispatch: Dispatch
    capture_worker: CaptureWorker
    analysis_worker: AnalysisWorker
    questions: "Questions | None"
    rotation_worker: RotationWorker
    retries: Mapping[str, Retries]
    """By the name of the loop."""
    retention_worker: RetentionWorker
    relay: "Relay | None"
    """News of other servers; None on SQLite, which has none."""
    mail_worker: MailWorker | None
    """None if the server sends no e-mail."""


def start(base: Base, settings: Settings, tasks: Tasks) -> Flows:
    """Build the use cases and start their loops, owned by `tasks`."""
    inventory = Inventory(base.store, base.clock, disk=base.disk)
    presence = Presence(base.store, base.clock)
    dispatch = Dispatch(base.store)
    capture_worker = CaptureWorker(base.store, base.clock, capture.through(base.store))
    analysis_worker = AnalysisWorker(base.store, base.clock, reasoner=reasoning.reasoner(settings), daily=reasoning.daily(settings))
    usage_report_worker = UsageReportWorker(base.store, base.clock)
    inventory.on_usage = usage_report_worker.reported
    usage_read_worker = UsageReadWorker(base.store, base.clock, usage_reads.through(base.store))
    analysis_worker.on_answer = usage_read_worker.answered
    probe_worker = ProbeWorker(base.store, base.clock, probing.through(base.store))
    analysis_worker.on_probes = probe_worker.want
    rotation_worker = RotationWorker(base.store, base.clock, base.authority, replica_id=_replica_id(base), plan=_plan(settings))
    retention_worker = _retention_worker(base, settings)
    loops: dict[str, _Loop] = {
        "commands": dispatch,
        "executions": _driver(base, settings),
        "analyses": analysis_worker,
        "captures": capture_worker,
        "usage_reports": usage_report_worker,
        "usage_reads": usage_read_worker,
        "probes": probe_worker,
        **_outgoing(base, settings),
        "triggers": TriggerWorker(base.store, base.clock),
        "alerts": AlertWorker(base.store, base.clock),
        "triage": TriageWorker(base.store, base.clock),
        "sweep": Sweep(base.clock, inventory),
        "recount": Recount(base.clock, inventory),
        "presence": presence,
        "purge": PurgeWorker(base.store, base.clock),
        "ca rotation": rotation_worker,
        "retention": retention_worker,
        "deadlines": DeadlineWorker(base.store, base.clock),
        "anchors": AnchorWorker(base.store, base.clock, file=settings.audit_anchor_file),
    }
    mail_worker = _mail_worker(base, settings)
    if mail_worker is not None:
        loops["mail"] = mail_worker
    relay = _relay(base, settings)
    if relay is not None:
        loops["notifications"] = relay
    for name, loop in loops.items():
        tasks.start(name, loop.run())
    return Flows(
        Connect(base.store, base.clock, base.authority),
        presence,
        inventory,
        dispatch,
        capture_worker,
        analysis_worker,
        _questions(base, settings, analysis_worker),
        rotation_worker,
        {name: loop.retries for name, loop in loops.items() if isinstance(loop, _Retrying)},
        retention_worker,
        relay,
        mail_worker,
    )


def _questions(base: Base, settings: Settings, worker: AnalysisWorker) -> "Questions | None":
    """Who asks the model what people ask; None where none is configured. It counts with the analyses."""
    if (answerer := reasoning.answerer(settings)) is None:
        return None
    from optral.flows.analysis.questions import Questions

    return Questions(
        base.store,
        answerer,
        daily=reasoning.daily(settings),
        monthly_tokens=settings.ai_monthly_tokens,
        asked=worker.asked,
        spent=worker.spent,
    )


def _driver(base: Base, settings: Settings) -> Driver:
    caps = Caps(settings.execution_approval_pods, settings.execution_max_pods)
    return Driver(base.store, base.clock, is_shared=base.is_shared, caps=caps)


def _outgoing(base: Base, settings: Settings) -> "dict[str, _Loop]":
    """What sends requests to webhooks and forges."""
    key, link = base.secrets.key_encryption_key, settings.public_url or ""
    return {
        "webhook_dispatch": Notifier(base.store, base.clock, link=link),
        "deliveries": DeliveryWorker(
            base.store,
            base.clock,
            key=key,
            sender=_sender(settings),
            mailer=_mailer(settings),
            issue_senders={
                Form.SLACK_APP: SlackDelivery(base.store, webhook_caller(settings)),
                Form.TICKET: TicketSender(base.store, webhook_caller(settings)),
            },
            link=link,
        ),
        "weekly_digests": WeeklyDigests(base.store, base.clock, link=link),
        "alert_refreshes": AlertRefresher(base.store, base.clock, key=key, caller=webhook_caller(settings), link=link),
        "pull_requests": ProposalWorker(base.store, base.clock, key=key, caller=forge_caller(settings), link=link),
    }


def _mail_worker(base: Base, settings: Settings) -> MailWorker | None:
    mailer = _mailer(settings)
    key = base.secrets.key_encryption_key
    return None if mailer is None else MailWorker(base.store, base.clock, key=key, sender=mailer)


def _mailer(settings: Settings) -> MailSenderOnDemand | None:
    relay = mail.relay(settings)
    return None if relay is None else MailSenderOnDemand(relay)


def _relay(base: Base, settings: Settings) -> "Relay | None":
    if not base.is_shared or settings.database_url is None:
        return None
    from optral.store.relay import Relay  # loads psycopg, which SQLite does not need

    return Relay(base.store, settings.database_url, {topic.name: base.store.hubs[topic] for topic in RELAYED})


def _replica_id(base: Base) -> str:
    """Of this process; where there can be no other server, the same again after a restart."""
    return f"{platform.node()[:80]}-{secrets.token_hex(4)}" if base.is_shared else "server"


def _plan(settings: Settings) -> Plan:
    return Plan(
        start_before=timedelta(days=settings.ca_rotate_before_days),
        warn_before=timedelta(days=settings.ca_warn_before_days),
        hold=timedelta(hours=settings.ca_rotation_hold_hours),
    )


def _sender(settings: Settings) -> SenderOnDemand:
    return SenderOnDemand(private=_networks(settings.webhook_private_networks), uses_proxy=settings.webhook_uses_proxy)


def forge_caller(settings: Settings) -> CallerOnDemand:
    """How requests to forges leave; whoever makes it closes it."""
    return _caller(settings.forge_private_networks, "OPTRAL_FORGE_PRIVATE_NETWORKS")


def identity_caller(settings: Settings) -> CallerOnDemand:
    """How requests to identity providers leave; whoever makes it closes it."""
    return _caller(settings.identity_private_networks, "OPTRAL_IDENTITY_PRIVATE_NETWORKS")


def webhook_caller(settings: Settings) -> CallerOnDemand:
    """How requests to Alertmanagers leave: as deliveries do; whoever makes it closes it."""
    private = _networks(settings.webhook_private_networks)
    return CallerOnDemand(
        private=private, setting="OPTRAL_WEBHOOK_PRIVATE_NETWORKS", uses_proxy=settings.webhook_uses_proxy, is_public_only=True
    )


def slack_worker(base: Base, services: "ApiServices", settings: Settings) -> SlackWorker:
    """What holds the connections to Slack, over which people press buttons."""
    assert services.as_member is not None
    return SlackWorker(
        base.store,
        base.clock,
        key=base.secrets.key_encryption_key,
        caller=services.webhook_caller,
        dialer=Dialer(
            private=_networks(settings.webhook_private_networks),
            setting="OPTRAL_WEBHOOK_PRIVATE_NETWORKS",
            uses_proxy=settings.webhook_uses_proxy,
        ),
        rest_for=services.as_member,
    )


def _caller(networks: Sequence[str], setting: str) -> CallerOnDemand:
    return CallerOnDemand(private=_networks(networks), setting=setting)


def _networks(given: Sequence[str]) -> list[Network]:
    return [ipaddress.ip_network(network, strict=False) for network in given]


def _retention_worker(base: Base, settings: Settings) -> RetentionWorker:
    def newest(tx: Transaction) -> datetime | None:
        stored = [events.newest_at(tx.acting_for(org_id)) for org_id in access.organisation_ids(tx)]
        return max((moment for moment in (*stored, clusters.newest_heartbeat(tx)) if moment is not None), default=None)

    database_clock = clock_of if base.is_shared else None
    return RetentionWorker(base.store, base.clock, retention.rules(settings), database_clock=database_clock, newest=newest)
