"""Values of an analysis, and what may be done with one. No I/O.

Two records: `Explanation` is what an engine gives for a `Question`; `Analysis` is the row around it, with its life: queued → running →
ready, inconclusive or failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask
from optral.analysis.remedies.edits import Edit
from optral.terms.refs import ObjectRef
from optral.terms.verbs import Probe

DEADLINE_S = 30.0  # of one attempt
ATTEMPTS = 3
RETRY_AFTER_S = (2.0, 10.0)
MEDIUM, HIGH = 0.55, 0.8  # the confidence from which `confidenceLabel` says so


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (Status.READY, Status.INCONCLUSIVE, Status.FAILED)


class Trigger(StrEnum):
    AUTO = "auto"
    MANUAL = "manual"
    LOGS = "logs"
    """Log lines captured for the issue, or for one of its symptoms, have arrived."""
    FACTS = "facts"
    """What the issue shows has changed since the last answer."""
    PROBES = "probes"
    """Probes that the last answer requested have been performed."""
    USAGE = "usage"
    """The usage of pods or nodes that the last answer did not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be explained: an issue, as its detector left it. `resource` is the newest failing object; `cluster` a name, if known."""

    type: str
    cluster_id: str
    resource: ObjectRef
    owner: ObjectRef
    container: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    reopened_at: datetime | None = None
    """When it opened last, if it had resolved before."""
    is_resolved: bool = False
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One claim. Whatever it names, counts or quotes stands between backquotes and occurs in the evidence it cites.

    `facts`: what of that the explanation has to name, by the names of `causes/facts.py`.
    """

    text: str
    evidence_ids: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something an operator can do. `runbook` and `parameters` come from the closed list of built-in runbooks; without one it is advice.

    `edit`: the change of one field that the advice comes down to. `to_decide`: the parameters that no evidence gives; a person gives them.
    """

    title: str
    why: str
    risk: str = "low"
    runbook: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    evidence_ids: tuple[str, ...] = ()
    edit: Edit | None = None
    to_decide: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A candidate cause with its evidence. `steps`: how many objects away from the issue it was found."""

    cause: str
    subject: ObjectRef
    level: Level
    sentences: tuple[Sentence, ...]
    against: tuple[Sentence, ...] = ()
    actions: tuple[Action, ...] = ()
    missing: tuple[str, ...] = ()
    steps: int = 0
    asks: tuple[Ask, ...] = ()
    """What a probe from the agent's pod would decide about it."""

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        ids = [id_ for sentence in (*self.sentences, *self.against) for id_ in sentence.evidence_ids]
        return tuple(dict.fromkeys([*ids, *(id_ for action in self.actions for id_ in action.evidence_ids)]))

    @property
    def facts(self) -> dict[str, str]:
        """What its sentences name; of two values of one fact the last, which is nearer to the cause."""
        return {name: value for sentence in self.sentences for name, value in sentence.facts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer of an engine, in the JSON values that are stored and sent (camelCase, absent rather than null).

    `level` is what `confidence` was read from (see `calibration.py`); it is not stored.
    """

    status: Status
    summary: str
    root_cause: Mapping[str, Any] | None
    confidence: float
    body: Mapping[str, Any]
    evidence_hash: str
    level: Level = Level.HINT
    probes: tuple[Probe, ...] = ()
    """Probes from the agent's pod that would decide; not stored either."""
    weaker_than: str | None = None
    """The analysis that the issue goes on showing, if this one had less evidence (see `weaker.py`)."""

    @property
    def cause_id(self) -> str | None:
        return None if self.root_cause is None else str(self.root_cause["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis of one issue. `result` is an `Explanation.body`; `attempts` counts starts."""

    id: str
    org_id: str
    cluster_id: str
    issue_id: str
    status: Status
    trigger: Trigger
    requested_by: str
    force: bool = False
    created_at: datetime
    due_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    evidence_hash: str | None = None
    cause_id: str | None = None
    confidence: float | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    failure: str | None = None
    version: int = 1
    weaker_than: str | None = None
    """Set for an attempt: the analysis that the issue shows instead of this one."""
    attempt: "Analysis | None" = None
    """The newest analysis since this answer, if it is only an attempt or has failed; not stored."""
    waits_for: tuple[str, ...] = ()
    """The logs that a queued or an inconclusive one waits for, in words; not stored."""

    @property
    def is_answer(self) -> bool:
        """Whether an issue may show it as its answer."""
        return self.status in (Status.READY, Status.INCONCLUSIVE) and self.weaker_than is None

    @property
    def is_settled(self) -> bool:
        """Whether it is final and nothing is on its way that would give another answer."""
        return self.status.is_final and not (self.status is Status.INCONCLUSIVE and self.waits_for)

    @property
    def final_result(self) -> Mapping[str, Any]:
        """Empty until it is final."""
        return self.result if self.status.is_final else {}

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of a language model: tokens of input and output together, and US dollars; without `money` where no prices are configured."""

    tokens: int
    money: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The language model that the operator offers, where evidence goes, and what an organization may use of it in a day (UTC).

    `monthly_tokens`: what questions of one person or key may use in a month, 0 for no limit.
    """

    provider: str
    model: str
    destination: str
    daily: Cost
    monthly_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisFilter:
    """Empty sets do not filter."""

    issues: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()


class LogState(StrEnum):
    """Where the capture of a log stands. Dropped: we did not ask for it; failed: who was asked had none to give."""

    WANTED = "wanted"
    CAPTURED = "captured"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedLog:
    """What a container wrote last, as the agent redacted it; `failure` says why there is nothing.

    Wanted while `due_at` is set: from then on somebody may fetch it, `attempts` times so far. `captured_at` is when the lines were
    captured; without lines, the last change of all this.
    """

    cluster_id: str
    issue_id: str
    namespace: str
    pod: str
    container: str
    previous: bool
    text: str = ""
    truncated: bool = False
    captured_at: datetime
    failure: str | None = None
    due_at: datetime | None = None
    attempts: int = 0

    @property
    def is_wanted(self) -> bool:
        return self.due_at is not None

    @property
    def described(self) -> str:
        """Which log it is, in words."""
        return f"the log of container {self.container} of pod {self.pod}" + (", previous run" if self.previous else "")

    @property
    def state(self) -> LogState:
        if self.is_wanted:
            return LogState.WANTED
        if self.failure is None or self.text:
            return LogState.CAPTURED
        return LogState.DROPPED if self.failure == UNWANTED else LogState.FAILED


UNWANTED = "not wanted any more"  # stored
CAPTURE_DEADLINE_S = 45.0
CAPTURE_ATTEMPTS = 3
CAPTURE_RETRY_S = (5.0, 30.0)


def fetching(log: CapturedLog, *, now: datetime) -> CapturedLog:
    """In somebody's hands until the deadline."""
    due_at = now + timedelta(seconds=CAPTURE_DEADLINE_S)
    return replace(log, attempts=log.attempts + 1, due_at=due_at, failure=None, captured_at=_moved_at(log, now))


def fetched(log: CapturedLog, *, text: str, truncated: bool, now: datetime) -> CapturedLog:
    """With what came; an empty answer does not replace lines captured earlier."""
    if not text and log.text:
        return replace(log, failure=None, due_at=None)
    return replace(log, text=text, truncated=truncated, failure=None, due_at=None, captured_at=now)


def not_fetched(log: CapturedLog, reason: str, *, now: datetime, for_good: bool) -> CapturedLog:
    """There is nothing to be had (for good), or not now: then it is tried again, three times in all. Earlier lines stay."""
    again = not for_good and log.attempts < CAPTURE_ATTEMPTS
    due_at = now + timedelta(seconds=CAPTURE_RETRY_S[min(log.attempts, len(CAPTURE_RETRY_S)) - 1]) if again else None
    return replace(log, failure=reason[:255], due_at=due_at, captured_at=_moved_at(log, now))


def _moved_at(log: CapturedLog, now: datetime) -> datetime:
    """Lines keep the time they were captured at."""
    return log.captured_at if log.text else now


def confidence_label(confidence: float) -> str:
    if confidence >= HIGH:
        return "high"
    return "medium" if confidence >= MEDIUM else "low"


def later(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)


def started(analysis: Analysis, *, now: datetime, deadline_s: float = DEADLINE_S) -> Analysis:
    """In a worker's hands until its deadline; then somebody else's."""
    return replace(
        analysis,
        status=Status.RUNNING,
        started_at=now,
        attempts=analysis.attempts + 1,
        due_at=now + timedelta(seconds=deadline_s),
        version=analysis.version + 1,
    )


def finished(analysis: Analysis, found: Explanation, *, now: datetime) -> Analysis:
    return replace(
        analysis,
        status=found.status,
        finished_at=now,
        due_at=None,
        evidence_hash=found.evidence_hash,
        cause_id=found.cause_id,
        confidence=found.confidence,
        result=found.body,
        weaker_than=found.weaker_than,
        failure=None,
        version=analysis.version + 1,
    )


def stumbled(analysis: Analysis, reason: str, *, now: datetime) -> Analysis:
    """After an attempt that went wrong: queued for the next one, or failed for good."""
    if analysis.attempts >= ATTEMPTS:
        return replace(analysis, status=Status.FAILED, finished_at=now, due_at=None, failure=reason, version=analysis.version + 1)
    wait_s = RETRY_AFTER_S[min(analysis.attempts, len(RETRY_AFTER_S)) - 1]
    return replace(analysis, status=Status.QUEUED, due_at=now + timedelta(seconds=wait_s), failure=reason, version=analysis.version + 1)


def is_automatic(*, severity_rank: int, preexisting_rank: int | None, has_parent: bool) -> bool:
    """Whether an issue that opened is analyzed automatically: roots of medium severity and up.

    Of those found with a cluster's first inventory the most severe: `preexisting_rank` is the issue's place among them, from 0.
    """
    if has_parent or severity_rank < 1:
        return False
    return preexisting_rank is None or preexisting_rank < PREEXISTING_AT_MOST


PREEXISTING_AT_MOST = 500  # 40 ms each in a namespace of 500 objects


def stands_for(age: timedelta) -> timedelta:
    """How long an answer of an issue that was this old when it came stands, before changed facts have it analyzed again."""
    return min(STANDS_AT_MOST, max(STANDS_AT_LEAST, age / 2))


STANDS_AT_LEAST, STANDS_AT_MOST = timedelta(minutes=1), timedelta(minutes=30)


# --- what people say


Reason = Literal["wrongCause", "incomplete", "wrongRemedy", "notAProblem", "other"]
"""Why an analysis did not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackInput:
    """What a person says: whether the analysis helped, and if it did not, why and what the cause was."""

    is_helpful: bool
    reason: Reason | None = None
    actual_cause: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What one person said about one analysis. `cause_id` is what the analysis named, None if it named nothing."""

    analysis_id: str
    person_id: str
    cluster_id: str
    issue_type: str
    cause_id: str | None
    said: FeedbackInput
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people an analysis helped and how many it did not."""

    helpful: int = 0
    not_helpful: int = 0


class FeedbackCount(NamedTuple):
    """The number of people who said one thing about the analyses of one type and cause."""

    issue_type: str
    cause_id: str | None
    is_helpful: bool
    reason: str | None
    number: int
