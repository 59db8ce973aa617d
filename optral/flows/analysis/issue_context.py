"""What was around an issue when it opened: Events of the failing object and of its owners, what was last changed about them, what the
failing pods used, and what probes found.

The cluster forgets Events within an hour, the inventory forgets within a day, and the agent forgets usage with the pod; whoever reads
the issue next week still wants them. An analysis puts what was kept beside what is there now. No more than 64 KiB of one issue: the
oldest Events go first.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from optral.analysis import service as analyses
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kube.kinds import USAGE_OF
from optral.resources import lookup, service as resources
from optral.resources.model import Revision
from optral.store.transaction import Transaction
from optral.terms import probes, verbs
from optral.terms.errors import NotFound
from optral.terms.probes import ProbeResult
from optral.terms.verbs import Probe

AGAIN_AFTER = timedelta(minutes=5)  # the second log of one issue, or one that flaps
EVENTS_FOR = timedelta(hours=2)
CHANGES_FOR = timedelta(hours=24)
MAX_EVENTS, MAX_CHANGES, MAX_OBJECTS, MAX_DIFF = 50, 10, 20, 40
MAX_PROBES = 6  # at most 3 KB each
MAX_USAGE = 5  # 1 to 2 KB each
MAX_BYTES = 60 * 1024


class StoredContext(msgspec.Struct, frozen=True):
    """What was kept: Events as they came, changes as {kind, namespace, name, at, manager, diff}, and reports of usage; newest first.
    Probes as {probe, result}.
    """

    events: tuple[msgspec.Raw, ...] = ()
    changes: tuple[dict[str, Any], ...] = ()
    usage: tuple[msgspec.Raw, ...] = ()
    probes: tuple[dict[str, Any], ...] = ()


def keep(tx: Transaction, issue: Issue) -> None:
    """Keep what is around the issue now, unless that was done a moment ago."""
    before = analyses.surroundings(tx, issue.id)
    if before is not None and tx.now - before[0] < AGAIN_AFTER:
        return
    uids, names = _about(tx, issue)
    found = resources.events_about(tx, issue.cluster_id, uids, since=tx.now - EVENTS_FOR, limit=MAX_EVENTS)
    events = [msgspec.Raw(row.raw) for row in found]
    changes = [_plain(change) for change in _changes(tx, issue) if (change.kind, change.name) in names][:MAX_CHANGES]
    kept = StoredContext() if before is None else read(before[1])
    usage = _newest_usage([*_usage(tx, issue), *kept.usage])
    _save(tx, issue, msgspec.structs.replace(kept, events=tuple(events), changes=tuple(changes), usage=tuple(usage)))


def keep_usage(tx: Transaction, issue: Issue, reports: Sequence[bytes]) -> None:
    """Keep reports of usage that were read for this issue, beside what is kept of it already; of one object the newest stays."""
    keep(tx, issue)
    kept = of(tx, issue.id)
    usage = _newest_usage([*map(msgspec.Raw, reports), *kept.usage])
    _save(tx, issue, msgspec.structs.replace(kept, usage=tuple(usage)))


def keep_probes(tx: Transaction, issue: Issue, found: Mapping[Probe, ProbeResult]) -> None:
    """Keep what probes found for this issue, beside what is kept of it already; of one probe the newest result stays."""
    keep(tx, issue)
    kept = of(tx, issue.id)
    earlier = {probe: result for probe, result in probes_of(kept).items() if probe not in found}
    newest = [*found.items(), *earlier.items()][:MAX_PROBES]
    plain = tuple({"probe": verbs.plain(probe), "result": probes.plain(result)} for probe, result in newest)
    _save(tx, issue, msgspec.structs.replace(kept, probes=plain))


def probes_of(kept: StoredContext) -> dict[Probe, ProbeResult]:
    """What probes found, newest first; what this version cannot read is left out."""
    found: dict[Probe, ProbeResult] = {}
    for probe in kept.probes:
        try:
            found[msgspec.convert(probe["probe"], Probe)] = probes.read(probe["result"])
        except (KeyError, ValueError):
            continue
    return found


def _save(tx: Transaction, issue: Issue, kept: StoredContext) -> None:
    """Keep as much of it as fits."""
    while len(body := msgspec.json.encode(kept)) > MAX_BYTES and (kept.events or kept.changes):
        shorter = {"events": kept.events[:-1]} if kept.events else {"changes": kept.changes[:-1]}
        kept = msgspec.structs.replace(kept, **shorter)
    analyses.keep_surroundings(tx, issue.id, cluster_id=issue.cluster_id, body=body.decode("utf-8", "replace"))


class _About(msgspec.Struct, frozen=True):
    """Which object a report is about, and since when it holds."""

    kind: str
    metadata: dict[str, Any]
    status: dict[str, Any]

    @property
    def place(self) -> tuple[str, str, str]:
        return self.kind, str(self.metadata.get("namespace", "")), str(self.metadata.get("name", ""))

    @property
    def at(self) -> str:
        return str(self.status.get("observedAt", ""))


def _newest_usage(reports: Sequence[msgspec.Raw]) -> list[msgspec.Raw]:
    """The newest report of each object, at most `MAX_USAGE`."""
    newest: dict[tuple[str, str, str], tuple[str, msgspec.Raw]] = {}
    for raw in reports:
        about = _about_usage.decode(raw)
        if about.place not in newest or about.at > newest[about.place][0]:
            newest[about.place] = about.at, raw
    return [raw for _, raw in newest.values()][:MAX_USAGE]


def _about(tx: Transaction, issue: Issue) -> tuple[list[str], set[tuple[str, str]]]:
    """Uids of what shows the issue and of the owners of its newest object, and (kind, name) of both."""
    shown = issues.conditions(tx, issue.id)[:MAX_OBJECTS]
    uids, names = (
        [one.uid for one in shown],
        {(one.kind, one.name) for one in shown} | {(one.subject_kind, one.subject_name) for one in shown},
    )
    try:
        owners = resources.tree(tx, issue.resource_id).owners if issue.resource_id else ()
    except NotFound:
        owners = ()
    uids.extend(owner.uid for owner in owners)
    return list(dict.fromkeys(uids)), names | {(owner.kind, owner.name) for owner in owners}


def _usage(tx: Transaction, issue: Issue) -> Iterator[msgspec.Raw]:
    """What the pods and nodes that show the issue use."""
    shown = [condition for condition in issues.conditions(tx, issue.id) if condition.kind in USAGE_OF][:MAX_USAGE]
    for one in shown:
        kind = USAGE_OF[one.kind]
        found = lookup.named(tx, issue.cluster_id, kind.id, (issue.namespace or "") if kind.namespaced else "", one.name)
        if found is not None:
            yield msgspec.Raw(found.read())


def _changes(tx: Transaction, issue: Issue) -> list[Revision]:
    return resources.recent_changes(tx, issue.cluster_id, namespaces=[issue.namespace or ""], since=tx.now - CHANGES_FOR, limit=200)


def _plain(one: Revision) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "namespace": one.namespace,
        "name": one.name,
        "at": one.at.isoformat(),
        "manager": one.manager,
        "diff": list(one.diff)[:MAX_DIFF],
    }


def of(tx: Transaction, issue_id: str) -> StoredContext:
    """What was kept of an issue; empty where nothing was."""
    found = analyses.surroundings(tx, issue_id)
    return StoredContext() if found is None else read(found[1])


_about_usage = msgspec.json.Decoder(_About)
_kept = msgspec.json.Decoder(StoredContext)  # here, not in the threads of the store: two that prepare a type at once end the process


def read(raw: str) -> StoredContext:
    return _kept.decode(raw)


def changed_at(change: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(change["at"])
