"""What an answer covers: what detectors looked at, and what they could not read and why. One record for everything that could be read as
"nothing is wrong": a scan, the overview, a list of issues, an analysis.

Pure: it judges clusters as their agents report them, or one scan. An entry of `unread` is *needed* if a failure of the watched kinds could
be hidden by it; with such an entry the record is not complete, and nobody may conclude that nothing is wrong. Custom kinds that the agent
may not read, reports of usage, and what people switched off or muted are named, and do not make a record incomplete.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import optral
from optral.detectors.catalog import DETECTORS
from optral.detectors.detector import Tier
from optral.detectors.tuning import Settings, TuningScope
from optral.kit.mappings import without_none
from optral.kit.times import rfc3339
from optral.kit.words import counted, plural
from optral.kube.kinds import BY_ID, KINDS, REPORT_KINDS, is_discovered

MAX_NAMED = 3  # clusters, kinds or namespaces in a sentence; the record has all of them
_REPORTS = frozenset(kind.id for kind in REPORT_KINDS)
_EXPECTED = tuple(kind for kind in KINDS if not kind.optional)


class Reason(StrEnum):
    """Why something was not looked at."""

    FORBIDDEN = "forbidden"
    NOT_SERVED = "notServed"
    NOT_WATCHED = "notWatched"
    LISTING = "listing"
    OFFLINE = "offline"
    LATE = "late"
    NEVER_CONNECTED = "neverConnected"
    AGENT_SCOPE = "agentScope"
    ACCESS = "access"
    NO_CLUSTER = "noCluster"
    UNKNOWN_NAMESPACE = "unknownNamespace"
    DETECTORS_OFF = "detectorsOff"
    MUTED = "muted"
    NEVER_READ = "neverRead"
    UNREADABLE = "unreadable"
    NO_OBJECTS = "noObjects"


KIND_FIXES = {
    Reason.FORBIDDEN: "The role of the agent does not allow it to list and watch this kind. Add the group to `extraRules` of the agent's "
    "chart.",
    Reason.NOT_SERVED: "The API server does not serve this kind.",
    Reason.LISTING: "The agent has not listed this kind completely yet.",
    Reason.NOT_WATCHED: "The agent does not report this kind. Upgrade it to the version of the server.",
}


WATCHED_FORBIDDEN = (
    "The role of the agent does not allow it to list and watch this kind. Apply the current chart or manifest, whose role lists it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that was not looked at. `clusters` has names; `since`: the state that is stored is of this time."""

    reason: Reason
    message: str
    is_needed: bool = True
    fix: str | None = None
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    since: datetime | None = None

    def shape(self) -> dict[str, Any]:
        return without_none(
            {
                "reason": self.reason.value,
                "needed": self.is_needed,
                "message": self.message,
                "fix": self.fix,
                "kinds": list(self.kinds) or None,
                "clusters": list(self.clusters) or None,
                "namespaces": list(self.namespaces) or None,
                "types": list(self.types) or None,
                "since": _time(self.since),
            }
        )


SECRETS = Unread(reason=Reason.NEVER_READ, is_needed=False, kinds=("Secret",), message="Secrets are never read")


class Contact(StrEnum):
    """How current a cluster's inventory is."""

    CURRENT = "current"
    LATE = "late"
    OFFLINE = "offline"
    NEVER = "never"


class Phases:
    """The states of the kinds of a cluster by id, and what follows from them: made once for all clusters of the same states."""

    def __init__(self, by_kind: Mapping[str, str]) -> None:
        self.live = frozenset(kind for kind, phase in by_kind.items() if phase == "live" and kind not in _REPORTS)
        expected = ((kind.id, Reason.NOT_WATCHED) for kind in _EXPECTED if kind.id not in by_kind)
        found = ((kind, _why_unread(kind, phase)) for kind, phase in by_kind.items())
        self.unread = (*expected, *((kind, reason) for kind, reason in found if reason is not None))


@lru_cache(4096)
def read_phases(text: str) -> Phases:
    """Of the text of `resources.phases`: `Pod=live,Node=forbidden`."""
    pairs = (pair.partition("=") for pair in text.split(",") if pair)
    return Phases({kind: phase for kind, _, phase in pairs})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRead:
    """What is known of one cluster. `namespaces`: those that its agent is limited to."""

    id: str
    name: str
    contact: Contact = Contact.CURRENT
    seen_at: datetime | None = None
    synced_at: datetime | None = None
    phases: Phases = field(default_factory=lambda: read_phases(""))
    namespaces: frozenset[str] | None = None

    @property
    def is_looked_at(self) -> bool:
        """Whether its inventory is current and was complete once."""
        return self.contact is Contact.CURRENT and self.synced_at is not None

    @property
    def live(self) -> frozenset[str]:
        return self.phases.live


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which detector types ran. `off` everywhere, `partly_off` in some places; risk types are opt-in. `version`: theirs, that of Optral."""

    on: int
    off: tuple[str, ...] = ()
    partly_off: tuple[str, ...] = ()
    has_risk: bool = False
    mute_rules: int = 0

    def shape(self) -> dict[str, Any]:
        return {
            "version": optral.__version__,
            "types": len(DETECTORS),
            "on": self.on,
            "off": list(self.off),
            "partlyOff": list(self.partly_off),
            "risk": self.has_risk,
            "muteRules": self.mute_rules,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The record. `namespaces` None: all. `clusters` may be limited to some, and `total` counts all."""

    at: datetime
    clusters: Sequence[ClusterRead]
    total: int
    rules: Rules
    unread: Sequence[Unread] = ()
    namespaces: frozenset[str] | None = None

    @property
    def is_complete(self) -> bool:
        return not any(one.is_needed for one in self.unread)

    @property
    def looked_at(self) -> int:
        return sum(one.is_looked_at for one in self.clusters)

    @property
    def kinds(self) -> list[str]:
        """The kinds that were looked at in at least one cluster."""
        return sorted(frozenset().union(*{one.live for one in self.clusters if one.is_looked_at}))

    @property
    def oldest_at(self) -> datetime | None:
        """How old the oldest inventory is that an answer may show; None while all are current."""
        return min((one.seen_at for one in self.clusters if not one.is_looked_at and one.seen_at is not None), default=None)

    @property
    def summary(self) -> str:
        """One line: what was looked at, and what was not."""
        return " ".join([f"{self._looked_at()}.", *(f"{one.message}." for one in self.unread if one.is_needed)])

    @property
    def gaps(self) -> dict[str, list[str]]:
        """By name of a cluster: what is needed and was not read, so that nobody may call it healthy. Without clusters that were read."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.unread:
            for name in one.clusters if one.is_needed else ():
                found[name].append(one.message)
        return dict(found)

    def nothing_found(self, found: str = "problem") -> str:
        """What may be said where nothing was found: never that nothing is wrong, if something needed was not read."""
        if self.is_complete:
            return f"No {found} found. {self.summary}"
        return f"No {found} found in what could be read, which does not mean that there is none. {self.summary}"

    def _looked_at(self) -> str:
        clusters = (
            counted(self.total, "cluster") if self.looked_at == self.total else f"{self.looked_at} of {counted(self.total, 'cluster')}"
        )
        where = f" in {named('namespace', sorted(self.namespaces))}" if self.namespaces else ""
        kinds = len(self.kinds)
        return f"Looked at {clusters}, {counted(kinds, 'kind')}{where}"

    def brief(self) -> dict[str, Any]:
        """The record without its lists, for answers that have it beside something else."""
        return without_none(
            {
                "at": _time(self.at),
                "complete": self.is_complete,
                "summary": self.summary,
                "clusterTotal": self.total,
                "clustersLookedAt": self.looked_at,
                "kindsLookedAt": len(self.kinds),
                "namespaces": None if self.namespaces is None else sorted(self.namespaces),
                "oldestAt": _time(self.oldest_at),
                "rules": self.rules.shape(),
                "unreadTotal": len(self.unread),
            }
        )

    def shape(self) -> dict[str, Any]:
        """The whole record."""
        return self.brief() | {
            "clusters": [_cluster_shape(one) for one in self.clusters],
            "kinds": self.kinds,
            "unread": [one.shape() for one in self.unread],
        }


def _cluster_shape(one: ClusterRead) -> dict[str, Any]:
    return without_none(
        {
            "id": one.id or None,
            "name": one.name,
            "lookedAt": one.is_looked_at,
            "kinds": len(one.live),
            "seenAt": _time(one.seen_at),
            "syncedAt": _time(one.synced_at),
            "namespaces": None if one.namespaces is None else sorted(one.namespaces),
            "stale": not one.is_looked_at,
            "staleSince": None if one.is_looked_at else _time(one.seen_at),
        }
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment, timespec="auto")


# --- rules


def rules(
    settings: Settings,
    *,
    clusters: Collection[str] | None = None,
    namespaces: Collection[str] | None = None,
    sees: Any = lambda _place: True,
    mute_rules: int = 0,
) -> Rules:
    """Which types run in these clusters and namespaces (None: all). `sees` tells whether the reader may know of a place."""

    def is_inside(place: TuningScope) -> bool:
        is_here = _includes(clusters, place.cluster_id) and _includes(namespaces, place.namespace)
        return is_here and bool(sees(place))

    everywhere = {TuningScope(), *(TuningScope(one) for one in clusters or () if len(clusters or ()) == 1)}
    running = [detector.type for detector in DETECTORS if detector.tier is not Tier.RISK or settings.has_risk]
    off: list[str] = []
    partly: list[str] = []
    for issue_type in running:
        switched = {place: one.is_enabled for place, one in settings.tunings.get(issue_type, {}).items() if is_inside(place)}
        if False in switched.values():
            is_off = True not in switched.values() and any(switched.get(place) is False for place in everywhere)
            (off if is_off else partly).append(issue_type)
    on = len(running) - len(off)
    return Rules(on=on, off=tuple(off), partly_off=tuple(partly), has_risk=settings.has_risk, mute_rules=mute_rules)


def _includes(some: Collection[str] | None, one: str) -> bool:
    """An empty name stands for all."""
    return not one or some is None or one in some


# --- what was not read


def unread(clusters: Iterable[ClusterRead], rules: Rules, *, namespaces: frozenset[str] | None) -> list[Unread]:
    """What was not looked at in these clusters and namespaces (None: all)."""
    every = list(clusters)
    if not every:
        return [Unread(reason=Reason.NO_CLUSTER, message="There is no cluster to look at")]
    found = [*_unreached(every), *_agent_scopes(every, namespaces), *_kinds(every, is_in_namespaces=namespaces is not None)]
    return [*found, *_switched_off(rules), SECRETS]


def needed_first(found: Iterable[Unread]) -> list[Unread]:
    return sorted(found, key=lambda one: not one.is_needed)


def _unreached(clusters: Sequence[ClusterRead]) -> Iterable[Unread]:
    """Clusters whose inventory is not that of now."""
    of = {
        Contact.NEVER: (Reason.NEVER_CONNECTED, "has never connected", "have never connected"),
        Contact.OFFLINE: (Reason.OFFLINE, "is offline", "are offline"),
        Contact.LATE: (Reason.LATE, "reports late", "report late"),
        Contact.CURRENT: (Reason.LISTING, "is still sending its first inventory", "are still sending their first inventory"),
    }
    for contact, (reason, singular, several) in of.items():
        here = [one for one in clusters if one.contact == contact and not one.is_looked_at]
        if here:
            names = tuple(sorted(one.name for one in here))
            since = min((one.seen_at for one in here if one.seen_at is not None), default=None)
            yield Unread(
                reason=reason,
                clusters=names,
                since=since if reason is not Reason.LISTING else None,
                message=f"{named('Cluster', names)} {singular if len(names) == 1 else several}",
                fix="Run `optral clusters connection` to see what holds the agent back." if reason is not Reason.LISTING else None,
            )


def _agent_scopes(clusters: Sequence[ClusterRead], asked: frozenset[str] | None) -> Iterable[Unread]:
    """Agents of one namespace, where more was requested."""
    by_scope: dict[frozenset[str], list[str]] = defaultdict(list)
    for one in clusters:
        if one.is_looked_at and one.namespaces is not None and (asked is None or not asked <= one.namespaces):
            by_scope[one.namespaces].append(one.name)
    for namespaces, names in by_scope.items():
        where, shown = tuple(sorted(names)), tuple(sorted(namespaces))
        agents = "The agent of" if len(where) == 1 else "The agents of"
        reads = "reads" if len(where) == 1 else "read"
        yield Unread(
            reason=Reason.AGENT_SCOPE,
            clusters=where,
            namespaces=shown,
            message=f"{agents} {named('cluster', where)} {reads} only {named('namespace', shown)}",
            fix="Install the agent with the profile `read` or `operate` to look at the whole cluster.",
        )


def _kinds(clusters: Sequence[ClusterRead], *, is_in_namespaces: bool) -> Iterable[Unread]:
    """Kinds that are not read in clusters that are: those with the same reason and clusters in one entry."""
    where: dict[tuple[Reason, str], list[str]] = defaultdict(list)
    for one in clusters:
        if one.is_looked_at:
            for kind, reason in one.phases.unread:
                if one.namespaces is None or not _is_outside_of_namespaces(kind):  # an agent of one namespace need not read it
                    where[reason, kind].append(one.name)
    together: dict[tuple[Reason, bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for (reason, kind), names in where.items():
        together[reason, _is_needed(kind, is_in_namespaces=is_in_namespaces), tuple(sorted(names))].append(kind)
    for (reason, is_needed, in_clusters), kinds in together.items():
        yield Unread(
            reason=reason,
            is_needed=is_needed,
            kinds=tuple(sorted(kinds)),
            clusters=in_clusters,
            message=_kinds_message(reason, sorted(kinds), in_clusters),
            fix=WATCHED_FORBIDDEN if reason is Reason.FORBIDDEN and is_needed else KIND_FIXES[reason],
        )


def _is_outside_of_namespaces(kind: str) -> bool:
    known = BY_ID.get(kind)
    return known is not None and (not known.namespaced or bool(known.only_in))


def _why_unread(kind: str, phase: str) -> Reason | None:
    """None for a kind that is read, or that the API server need not serve."""
    if phase == "live":
        return None
    if phase == "forbidden":
        return Reason.FORBIDDEN
    if phase == "gone":
        known = BY_ID.get(kind)
        return Reason.NOT_SERVED if known is not None and not known.optional else None
    return Reason.LISTING if phase or not is_discovered(kind) else None  # a custom kind without a phase is not served any more


def _is_needed(kind: str, *, is_in_namespaces: bool) -> bool:
    known = BY_ID.get(kind)
    return known is not None and (known.namespaced or not is_in_namespaces)


def _kinds_message(reason: Reason, kinds: Sequence[str], clusters: Sequence[str]) -> str:
    what = listed([_short(kind) for kind in kinds], "kind")
    said = {
        Reason.FORBIDDEN: "cannot be read",
        Reason.NOT_SERVED: f"{'is' if len(kinds) == 1 else 'are'} not served",
        Reason.LISTING: f"{'is' if len(kinds) == 1 else 'are'} not listed completely yet",
        Reason.NOT_WATCHED: f"{'is' if len(kinds) == 1 else 'are'} not watched",
    }[reason]
    return f"{what} of {named('cluster', clusters)} {said}"


def _short(kind: str) -> str:
    return kind.partition(".")[0]


def _switched_off(rules: Rules) -> Iterable[Unread]:
    off = (*rules.off, *rules.partly_off)
    if off:
        some = " somewhere" if not rules.off else ""
        yield Unread(
            reason=Reason.DETECTORS_OFF,
            is_needed=False,
            types=off,
            message=f"{counted(len(off), 'issue type')} {'is' if len(off) == 1 else 'are'} switched off{some}",
            fix="See `optral detectors list`.",
        )
    if rules.mute_rules:
        number = rules.mute_rules
        yield Unread(
            reason=Reason.MUTED,
            is_needed=False,
            message=f"{counted(number, 'mute rule')} {'hides' if number == 1 else 'hide'} issues",
            fix="See `optral mute-rules list`.",
        )


def named(noun: str, names: Sequence[str]) -> str:
    """`cluster a`, `clusters a and b`, `4 clusters`."""
    if len(names) > MAX_NAMED:
        return counted(len(names), noun)
    return f"{plural(len(names), noun)} {_and(names)}"


def listed(names: Sequence[str], noun: str) -> str:
    return counted(len(names), noun) if len(names) > MAX_NAMED else _and(names)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
