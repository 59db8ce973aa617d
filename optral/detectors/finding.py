"""What a detector says: something is wrong with this subject now, shown by this object, since then.

A finding is true at the moment it is found. Time is part of it: it may only count as an issue from `opens_at` on (debounce), and may stop
being true by itself at `expires_at` (history fades). Both are in the cluster's time, like every time inside Kubernetes objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity


@dataclass(frozen=True, slots=True)
class Suspect:
    """An object whose own ailment would explain a finding, and how the two hang together.

    `relation` is a short phrase for people: `runs on`, `waits for`, `refused by`, `mounts`. `types` are the issue types on that object that
    explain it, or effects (`detector.Effect`), each of which stands for all types that have it; empty means any type. Grouping reads it; a
    suspect without an issue of its own costs nothing.
    """

    ref: ObjectRef
    relation: str
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One ailment of one subject as one object shows it.

    `subject` groups (the workload, never the pod); `part` is the container or another part of it; `shown_by` is the object examined.
    `occurrence` identifies a single happening (a kill counts once however long it is shown); None for a lasting state.
    `facts` holds JSON values for people and analysis; never part of the fingerprint. `suspects` names what may be to blame (see grouping).
    `is_onset_unknown`: the object does not say for sure since when; `since` is a guess, this look at the latest. An earlier look's stands.
    `resolve_after_s`: tuned for this finding; None: as its type has it.
    """

    type: str
    subject: ObjectRef
    part: str | None = None
    shown_by: ObjectRef
    severity: Severity
    title: str
    category: str
    since: datetime
    opens_at: datetime
    expires_at: datetime | None = None
    occurrence: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    is_onset_unknown: bool = False
    resolve_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Nothing is wrong, but time alone may change that (a run must begin, a renewal is due): look again at `at`, in cluster time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All findings true now on the examined objects. Whatever an examined object was said to show before and is not in here is over.

    `examined` holds object uids; also those of objects that are gone. `look_again` tells, per uid, when time alone may change the answer.
    `failures` counts detectors that raised, by type: their earlier findings on these objects must be left as they are. `unjudged` says
    exactly which: pairs of (uid, type) for which "not in here" means "not known" instead of "over".
    """

    findings: tuple[Finding, ...] = ()
    examined: frozenset[str] = frozenset()
    look_again: Mapping[str, datetime] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    unjudged: frozenset[tuple[str, str]] = frozenset()
