"""Reading what was captured when an issue opened: each log with where it stands, and what was around it then.

`capture.py` and `issue_context.py` keep it; here it is handed out as it was, redacted twice by then. What a container wrote is as private
as its log: who read it is written into the audit, like a reading of the log itself.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from optral.access import service as access
from optral.analysis import service as analyses
from optral.analysis.model import CapturedLog
from optral.clusters import service as clusters
from optral.flows.analysis import issue_context
from optral.issues import service as issues
from optral.resources.events import facts_of
from optral.resources.model import KubernetesEvent
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What was captured for an issue: at most 20 logs of 64 KiB, and 64 KiB of Events and changes, newest first.

    Changes are {kind, namespace, name, at, manager, diff}. `around_at` is when Events and changes were kept; None: they were not.
    `version` changes with any of it.
    """

    issue_id: str
    cluster_id: str
    logs: Sequence[CapturedLog]
    events: Sequence[KubernetesEvent]
    changes: Sequence[Mapping[str, Any]]
    around_at: datetime | None
    version: int

    @property
    def has_words(self) -> bool:
        return any(log.text for log in self.logs)


def find(tx: Transaction, issue_id: str) -> Captured:
    """Raises `NotFound`, also for an issue of a cluster the actor's key may not see."""
    issue = issues.get(tx, issue_id)
    seen = [log for log in analyses.logs(tx, issue.id) if tx.actor.may_see(issue.cluster_id, log.namespace)]
    logs, around = _in_order(seen), analyses.surroundings(tx, issue.id)
    at, kept = (None, issue_context.StoredContext()) if around is None else (around[0], issue_context.read(around[1]))
    return Captured(
        issue_id=issue.id,
        cluster_id=issue.cluster_id,
        logs=logs,
        events=tuple(
            event for event in _events(kept, offset=_offset(tx, issue.cluster_id)) if tx.actor.may_see(issue.cluster_id, event.namespace)
        ),
        changes=tuple(change for change in kept.changes if tx.actor.may_see(issue.cluster_id, change.get("namespace"))),
        around_at=at,
        version=_version(logs, at),
    )


def note_reading(tx: Transaction, read: Captured) -> None:
    """Write into the audit who is given the words of containers."""
    detail = {"logs": sum(1 for log in read.logs if log.text)}
    access.audit(tx, action="captured.read", target=read.issue_id, detail=detail, cluster_id=read.cluster_id)


def _in_order(logs: Sequence[CapturedLog]) -> tuple[CapturedLog, ...]:
    """By pod, the one with the newest log first; of a container the previous run comes first, since that is the one that failed."""
    newest = {pod: max(log.captured_at for log in logs if log.pod == pod) for pod in {log.pod for log in logs}}
    return tuple(sorted(logs, key=lambda one: (-newest[one.pod].timestamp(), one.pod, one.container, not one.previous)))


def _events(kept: issue_context.StoredContext, *, offset: timedelta) -> Iterator[KubernetesEvent]:
    for raw in kept.events:
        facts = facts_of(bytes(raw))
        if facts is None or facts.first is None or facts.last is None:
            continue
        yield KubernetesEvent(
            kind=facts.kind,
            namespace=facts.namespace,
            name=facts.name,
            type=facts.type,
            reason=facts.reason,
            message=facts.message,
            source=facts.source,
            count=facts.count,
            first_at=facts.first - offset,
            last_at=facts.last - offset,
        )


def _offset(tx: Transaction, cluster_id: str) -> timedelta:
    try:
        return timedelta(milliseconds=clusters.get(tx, cluster_id).clock_offset_ms or 0)
    except NotFound:
        return timedelta()  # the cluster is gone and its issues are about to follow


def _version(logs: Sequence[CapturedLog], around_at: datetime | None) -> int:
    """Whatever is kept moves its own time, so the times tell whether anything is new."""
    told = [f"{log.namespace}/{log.pod}/{log.container}/{log.previous}/{log.captured_at.isoformat()}/{log.due_at}" for log in logs]
    digest = hashlib.sha256("\n".join([*told, str(around_at)]).encode())
    return int.from_bytes(digest.digest()[:6])
