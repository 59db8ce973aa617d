"""What a detector reports: something is wrong with this subject, shown by this object, since then.

A finding is true at the time of the examination. It may count as an issue only from `opens_at` on (debounce), and may stop being true at
`expires_at` (history expires). Both are in the time of the cluster, as are all times inside Kubernetes objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from optral.detectors.impact import NONE, Impact
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title


@dataclass(frozen=True, slots=True)
class Suspect:
    """An object whose own failure would explain a finding, and how the two are related.

    `relation` is a short phrase for people: `runs on`, `waits for`, `rejected by`, `mounts`. `types` are the issue types of that object
    that explain the finding, or effects (`detector.Effect`), each of which stands for all types that have it; empty means any type.
    Grouping reads it; a candidate cause without an issue of its own costs nothing.
    """

    ref: ObjectRef
    relation: str
    types: frozenset[str] = frozenset()


_EXAMINED = ObjectRef("", None, "")
FROM_TYPE = datetime.min.replace(tzinfo=UTC)
"""The issue opens as long after `since` as its type says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One failure of one subject, as one object shows it.

    `subject` groups (the workload, never the pod); `part` is the container or another part of it; `shown_by` is the examined object.
    `occurrence` identifies one event (a kill counts once however long it is shown); None for a lasting state. `facts` holds JSON values for
    people and analysis; never part of the fingerprint. `suspects` names candidate causes (see grouping). `is_onset_unknown`: the object
    does not show since when; `since` is an estimate, at latest now, and that of an earlier examination is kept. `resolve_after_s` is tuned
    for this finding; None means the value of its type. `unlabeled`: the severity and its reason without the label of the namespace.

    `Detector.run` fills in `type`, `shown_by`, `severity`, `impact` and, unless they are given, `category` and `opens_at`; it clips long
    titles. `base` is the severity to start with, where it is not that of the type (see `severity.py`). `user` is the workload that waits
    for the subject, such as a claim: its replicas decide the severity.
    """

    subject: ObjectRef
    part: str | None = None
    user: ObjectRef | None = None
    base: Severity | None = None
    severity: Severity = Severity.LOW
    title: Title
    since: datetime
    opens_at: datetime = FROM_TYPE
    expires_at: datetime | None = None
    occurrence: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    is_onset_unknown: bool = False
    resolve_after_s: int | None = None
    impact: Impact = NONE
    unlabeled: tuple[Severity, str] | None = None
    type: str = ""
    category: str = ""
    shown_by: ObjectRef = _EXAMINED


@dataclass(frozen=True, slots=True)
class Watch:
    """Nothing is wrong, but time alone may change that (a run is due, a renewal is due): examine again at `at`, in cluster time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All findings that are true now for the examined objects. A finding of an examined object that is no longer in here has ended.

    `examined` holds the uids of objects, including deleted ones. `look_again` holds, per uid, when time alone may change the answer.
    `failures` counts detectors that raised, by type: their earlier findings for these objects must be kept. `unexamined` lists them: pairs
    of (uid, type) for which a missing finding means "not known" instead of "ended".
    """

    findings: tuple[Finding, ...] = ()
    examined: frozenset[str] = frozenset()
    look_again: Mapping[str, datetime] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    unexamined: frozenset[tuple[str, str]] = frozenset()
