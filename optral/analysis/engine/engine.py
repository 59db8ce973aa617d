"""From a question and a snapshot to an explanation: investigate, rank, verify, explain.

Pure and synchronous but for the reasoner. A rule that raises is isolated: the others still answer, and a warning says so.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from optral.analysis import brief, causes, model
from optral.analysis.causes import facts
from optral.analysis.engine import calibration, preceding, verifier
from optral.analysis.engine.calibration import NAMED, Level
from optral.analysis.engine.preceding import PrecedingChange
from optral.analysis.engine.reasoner import Reasoned
from optral.analysis.model import Action, Explanation, Hypothesis, Question, Sentence, Status
from optral.analysis.reading import scope, symptoms
from optral.analysis.reading.case import Case, Container, Focus, containers, is_ready
from optral.analysis.reading.evidence import Change, Evidence, plain
from optral.analysis.reading.snapshot import Snapshot, SnapshotObject, moment
from optral.analysis.remedies import cures, edits
from optral.analysis.remedies.edits import Edit
from optral.analysis.rules import RULES, RULESET, measured, probe_results, requests
from optral.analysis.rules.rule import CRASH, JOB, LIVENESS, READINESS, SLOW, Rule
from optral.kit.lazy_log import LazyLogger
from optral.kit.mappings import without_none
from optral.kit.times import rfc3339
from optral.kube import selectors
from optral.kube.kinds import WORKLOAD_TRAFFIC
from optral.terms.en import titles
from optral.terms.refs import ObjectRef

MAX_HYPOTHESES = 5
MAX_ACTIONS = 4
MAX_EVIDENCE = 60
MAX_TIMELINE = 20
MAX_CHANGES = 10
MAX_MOMENT = 160  # characters of a moment's text
MAX_AFFECTED = 20
MAX_FOCI = 60

T = TypeVar("T")
_log = LazyLogger(__name__)


class Investigation:
    """A case with what the rules found, best first."""

    def __init__(self, case: Case, found: list[Hypothesis], warnings: list[str], preceding: Sequence[PrecedingChange] = ()) -> None:
        self.case, self.found, self.warnings, self.preceding = case, found, warnings, preceding


def investigate(question: Question, snap: Snapshot, *, rules: Sequence[Rule] = RULES) -> Investigation:
    """Run every one of these rules that knows one of the symptoms. Never raises."""
    case = Case(question, snap)
    found: list[Hypothesis] = []
    warnings: list[str] = []
    foci = _isolated(lambda: list(symptoms.foci(case))[:MAX_FOCI], "analysis.symptoms_failed", type=question.type)
    if foci is None:
        foci, warnings = [], ["the objects related to the issue could not be read"]
    for focus in foci:
        for rule in rules:
            if focus.symptom in rule.symptoms:
                found += _judge(rule.name, case, focus, warnings, rule.judge)
    weighed = _isolated(lambda: probe_results.weigh(case, found), "analysis.probes_failed", type=question.type)
    before = _isolated(lambda: preceding.of(case), "analysis.changes_failed", type=question.type)
    return Investigation(case, ranked(found if weighed is None else weighed), warnings, before or ())


def judged(one: Rule, case: Case, focus: Focus) -> list[Hypothesis]:
    """What one rule finds at one focus; nothing when it fails."""
    return _judge(one.name, case, focus, [], one.judge)


def _judge(name: str, case: Case, focus: Focus, warnings: list[str], judge: Any) -> list[Hypothesis]:
    found = _isolated(lambda: list(judge(case, focus)), "analysis.rule_failed", rule=name, type=case.question.type)
    if found is None:
        warnings.append(f"rule {name} failed")
    return found or []


def _isolated(work: Callable[[], list[T]], event: str, **fields: str) -> list[T] | None:
    """What `work` returns; None where it raises, which is logged as `event`."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - owner of the loop: one rule or one strange object must not leave an issue without any answer
        _log.exception(event, **fields)
        return None


def ranked(found: Iterable[Hypothesis]) -> list[Hypothesis]:
    """One hypothesis per cause and subject, in the order of `_order`, the best first."""
    best: dict[tuple[str, ObjectRef], Hypothesis] = {}
    for hypothesis in sorted(found, key=_order):
        best.setdefault((hypothesis.cause, hypothesis.subject), hypothesis)
    return list(best.values())


def _order(hypothesis: Hypothesis) -> tuple[object, ...]:
    """The order of two hypotheses; each line decides only where those above leave a tie.

    A general cause is true beside the one that says why, so it comes after any that fits better than its rivals.
    """
    is_general = hypothesis.cause in causes.GENERAL
    return (
        -(min(hypothesis.level, Level.PLAUSIBLE) if is_general else hypothesis.level),
        is_general,
        -hypothesis.level,
        hypothesis.steps,
        causes.PLACE[hypothesis.cause],
        hypothesis.subject,
    )


def explain(investigation: Investigation, reasoned: Reasoned | None = None, *, mark: str | None = None) -> Explanation:
    """Check what was found and put it into the shape that is stored and sent. `mark` names who else was asked (see `Reasoner`)."""
    case = investigation.case
    offered = reasoned.hypotheses if reasoned is not None else investigation.found
    hypotheses, dropped = verifier.checked(case, [cures.executable(case, one) for one in offered], known=investigation.found)
    level = _level(hypotheses)
    best = hypotheses[0] if hypotheses and level >= NAMED else None
    confidence = round(calibration.confidence(level), 2) if hypotheses else 0.0
    shown = hypotheses[:MAX_HYPOTHESES]
    root_cause = None if best is None else _root_cause(best, investigation.found)
    body: dict[str, Any] = {
        "summary": _summary(case, best, hypotheses, investigation.preceding),
        "confidence": confidence,
        "confidenceLabel": model.confidence_label(confidence),
        "hypotheses": [_hypothesis(one, is_best=one is best, best=best) for one in shown],
        "evidence": _evidence(case, shown, investigation.preceding),
        "changes": _changes(case, investigation.preceding),
        "timeline": _timeline(case, shown, investigation.preceding),
        "affected": _affected(case, best),
        "recommendedActions": _actions(best),
        "missingEvidence": _missing(case, best, shown, root_cause),
        "engine": {"name": "rules", "ruleset": RULESET, **(reasoned.engine if reasoned is not None else {})},
        "usage": dict(reasoned.usage) if reasoned is not None else {},
        "warnings": [*investigation.warnings, *dropped, *(reasoned.warnings if reasoned is not None else ())][:20],
    }
    if root_cause is not None:
        body["rootCause"] = root_cause
    return Explanation(
        status=Status.READY if best is not None else Status.INCONCLUSIVE,
        summary=body["summary"],
        root_cause=root_cause,
        confidence=body["confidence"],
        body=body,
        evidence_hash=evidence_hash(investigation, mark if reasoned is not None and reasoned.engine else None),
        level=level,
        probes=probe_results.wanted(case, investigation.found),
    )


def evidence_hash(investigation: Investigation, mark: str | None = None) -> str:
    """Of all that the answer rests on: the same hash, the same answer."""
    question = investigation.case.question
    parts = [RULESET, mark or "", question.type, str(question.owner[:3]), question.container or ""]
    parts += sorted({id_ for one in investigation.found for id_ in one.evidence_ids} | _ids(investigation.preceding))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _ids(before: Sequence[PrecedingChange]) -> set[str]:
    return {one.change.evidence_id for one in before}


def _level(hypotheses: Sequence[Hypothesis]) -> Level:
    """The level of the answer: that of the best hypothesis, one lower when another cause has the same level."""
    if not hypotheses:
        return Level.HINT
    best = hypotheses[0]
    return best.level.lowered() if has_rival(best, hypotheses) else best.level


def has_rival(best: Hypothesis, hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether another cause is as well supported as the best, and as specific."""
    is_general = best.cause in causes.GENERAL
    return any(
        other.cause != best.cause and other.level >= best.level and (other.cause in causes.GENERAL) <= is_general for other in hypotheses
    )


# --- shapes


def _root_cause(best: Hypothesis, found: Sequence[Hypothesis]) -> dict[str, Any]:
    cause, named = causes.BY_ID[best.cause], _facts(best, found)
    return {
        "id": cause.id,
        "title": cause.title,
        "category": cause.category,
        "subject": _ref(best.subject),
        "explanation": " ".join(sentence.text for sentence in best.sentences),
        "claims": [_claim(sentence) for sentence in best.sentences],
        "facts": [{"name": name, "value": value} for name, value in named.items()],
        "missingFacts": facts.lacking(cause.facts, named),
    }


def _facts(best: Hypothesis, found: Sequence[Hypothesis]) -> dict[str, str]:
    """What the explanation names. A language model states no facts by name: then it is what the rules name and its sentences quote."""
    if best.facts:
        return best.facts
    known = next((one.facts for one in found if (one.cause, one.subject) == (best.cause, best.subject)), {})
    text = " ".join(sentence.text for sentence in best.sentences)
    return {name: value for name, value in known.items() if f"`{value}`" in text}


def _claim(sentence: Sentence) -> dict[str, Any]:
    return {"text": sentence.text, "evidenceIds": list(sentence.evidence_ids)}


def _hypothesis(one: Hypothesis, *, is_best: bool, best: Hypothesis | None) -> dict[str, Any]:
    return {
        "id": one.cause,
        "title": causes.BY_ID[one.cause].title,
        "subject": _ref(one.subject),
        "score": calibration.confidence(one.level),
        "verdict": "accepted" if is_best else "possible" if best is None or one.level >= Level.PLAUSIBLE else "rejected",
        "why": _why(one, best),
        "evidenceIds": list(one.evidence_ids),
    }


def _why(one: Hypothesis, best: Hypothesis | None) -> str:
    words = " ".join(sentence.text for sentence in one.against[-1:] or one.sentences[-2:])
    if best is None or one is best:
        return words
    return f'{words} The evidence for "{causes.BY_ID[best.cause].title}" is stronger.'


def _evidence(case: Case, shown: Sequence[Hypothesis], before: Sequence[PrecedingChange]) -> list[dict[str, Any]]:
    """What the hypotheses cite, the best one's first; then the changes that came before it."""
    against = {id_ for one in shown[:1] for sentence in one.against for id_ in sentence.evidence_ids}
    first = shown[0].evidence_ids if shown else ()
    cited = {id_ for one in shown for id_ in one.evidence_ids}
    chosen = case.book.chosen(cited)
    chosen.sort(key=lambda fact: first.index(fact.id) if fact.id in first else len(first))
    only_before = case.book.chosen(_ids(before) - cited)
    facts_ = [*chosen[: MAX_EVIDENCE - len(only_before)], *only_before]
    return [fact_shape(fact, "contradicts" if fact.id in against else "supports") for fact in facts_]


def fact_shape(fact: Evidence, stance: str = "supports") -> dict[str, Any]:
    """The fact as it is stored and sent."""
    shape: dict[str, Any] = {
        "id": fact.id,
        "kind": fact.kind,
        "ref": _ref(fact.ref),
        "path": fact.path,
        "excerpt": fact.excerpt,
        "trust": fact.trust,
        "stance": stance,
    }
    if fact.observed_at is not None:
        shape["observedAt"] = _time(fact.observed_at)
    return shape


def _changes(case: Case, before: Sequence[PrecedingChange]) -> list[dict[str, Any]]:
    """What came before the issue, the likeliest trigger first; then what else changed on its own workload, newest first."""
    shapes = [_change(case, one.change) | {"precedesS": one.seconds, "relation": one.relation.name, "text": one.text} for one in before]
    obj = case.snap.at(case.question.owner) or case.snap.at(case.question.resource)
    known = {(one.change.ref[:3], one.change.path) for one in before}
    found = [] if obj is None else [one for one in case.changes(case.workload(obj)) if (one.ref[:3], one.path) not in known]
    found.sort(key=lambda change: change.at.timestamp() if change.at is not None else 0.0, reverse=True)
    return [*shapes, *(_change(case, one) for one in found)][:MAX_CHANGES]


def _change(case: Case, change: Change) -> dict[str, Any]:
    shape: dict[str, Any] = {"ref": _ref(change.ref), "path": change.path, "evidenceId": change.evidence_id}
    for name, value in (("from", change.before), ("to", change.after)):
        if value is not None:
            shape[name] = case.book[change.evidence_id].excerpt if isinstance(value, dict | list) else value
    if change.at is not None:
        shape["at"] = _time(change.at)
    if change.manager:
        shape["manager"] = change.manager
    return shape


class _Entry(NamedTuple):
    """A moment of the timeline, with the evidence for it if it has any."""

    at: datetime
    text: str
    evidence_id: str | None = None


def _timeline(case: Case, shown: Sequence[Hypothesis], before: Sequence[PrecedingChange]) -> list[dict[str, Any]]:
    cited = case.book.chosen({id_ for one in shown[:2] for id_ in one.evidence_ids} | _ids(before))
    entries = {
        *_of_objects(case),
        *(_Entry(fact.observed_at, plain(fact.excerpt, MAX_MOMENT), fact.id) for fact in cited if fact.observed_at is not None),
    }
    return [_moment_shape(entry) for entry in sorted(entries, key=lambda entry: (entry.at, entry.text))[-MAX_TIMELINE:]]


def _moment_shape(entry: _Entry) -> dict[str, Any]:
    evidence = {} if entry.evidence_id is None else {"evidenceId": entry.evidence_id}
    return {"at": _time(entry.at), "text": entry.text, **evidence}


def _of_objects(case: Case) -> Iterator[_Entry]:
    """When the issue was first seen, when containers of its pod exited, and when the newest revision was created."""
    if case.question.since is not None:
        yield _Entry(case.question.since, f"{case.question.type} was first seen")
    obj = case.snap.at(case.question.resource)
    if obj is None:
        return
    for container in containers(obj) if obj.kind == "Pod" else ():
        if (at := moment(container.exit.get("finishedAt"))) is not None:
            yield _Entry(at, _exit_text(container))
    newest = case.newest_revision(case.workload(obj))
    if newest is not None and newest.created_at is not None:
        yield _Entry(newest.created_at, f"Revision {newest.name} was created")


def _exit_text(container: Container) -> str:
    reason, code = container.exit.get("reason"), container.exit.get("exitCode")
    return f"Container {container.name} exited with code {code}" + (f" ({reason})" if reason else "")


def _affected(case: Case, best: Hypothesis | None) -> list[dict[str, Any]]:
    """The issue's workload when the cause is another object, and the Services that it leaves without a ready pod."""
    found: dict[ObjectRef, None] = {}
    obj = case.snap.at(case.question.owner) or case.snap.at(case.question.resource)
    if obj is None:
        return []
    workload = case.workload(obj)
    if best is not None and best.subject[:3] != workload.ref[:3]:
        found[workload.ref] = None
    for service in _services_of(case, workload):
        found[service.ref] = None
    return [_ref(ref) for ref in list(found)[:MAX_AFFECTED]]


def _services_of(case: Case, workload: SnapshotObject) -> list[SnapshotObject]:
    labels = workload.strings("spec.template.metadata.labels")
    found = []
    for service in case.snap.all("Service", workload.namespace):
        selector = service.strings("spec.selector")
        if labels and selectors.matches(selector, labels) and not any(map(is_ready, case.snap.selected(selector, workload.namespace))):
            found.append(service)
    return found


def _actions(best: Hypothesis | None) -> list[dict[str, Any]]:
    """What can be run before what must be done by hand, and what takes pods off a node last; each once."""
    if best is None:
        return []
    unique: dict[str, Action] = {}
    for action in best.actions:
        unique.setdefault(action.title, action)
    shapes = []
    for action in sorted(unique.values(), key=lambda action: (action.risk == "destructive", action.runbook is None))[:MAX_ACTIONS]:
        shape: dict[str, Any] = {"title": action.title, "risk": action.risk, "why": action.why, "evidenceIds": list(action.evidence_ids)}
        if action.runbook is not None:
            shape |= {"runbook": action.runbook, "parameters": dict(action.parameters)}
        if action.to_decide:
            shape["toDecide"] = list(action.to_decide)
        if action.edit is not None:
            shape["edit"] = _edit(action.edit)
        shapes.append(shape)
    return shapes


def _edit(change: Edit) -> dict[str, Any]:
    return {
        "target": _ref(change.ref),
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "command": edits.command(change),
    }


def _missing(case: Case, best: Hypothesis | None, shown: Sequence[Hypothesis], root_cause: Mapping[str, Any] | None) -> list[str]:
    """What would make the answer surer."""
    found = list(best.missing) if best is not None else [what for one in shown for what in one.missing]
    if root_cause is not None:
        found += [facts.FACTS[name] for name in root_cause["missingFacts"]]
    question = case.question
    found += _unread_usage(case, best)
    if best is None:
        obj = case.snap.at(question.resource)
        if obj is None:
            found.append(f"{question.resource.short_kind} {question.resource.name}, which no longer exists")
        elif question.type in (CRASH, JOB, LIVENESS, READINESS) and not any(key.pod == obj.name for key in case.snap.logs):
            found += _unread_logs(case, obj) or [
                f"log lines of container {question.container}" if question.container else "log lines of its containers"
            ]
        if not found:
            found.append(brief.NOT_SPECIFIC)
    return list(dict.fromkeys(found))[:10]


def _unread_usage(case: Case, best: Hypothesis | None) -> list[str]:
    """The metrics, where they could decide and are not read."""
    is_open = case.question.type in scope.MEASURED and (best is None or best.level < Level.STRONG)
    unread = [measured.UNREAD] if measured.is_unread(case) else []
    if case.question.type == SLOW and not case.snap.sees(WORKLOAD_TRAFFIC.id):
        unread.append(requests.UNREAD)
    return unread if is_open else []


def _unread_logs(case: Case, pod: SnapshotObject) -> list[str]:
    """The logs of the pod that could not be read, each with the reason."""
    keys = sorted((key for key in case.snap.log_errors if key.pod == pod.name), key=lambda key: (key.container, not key.previous))
    return [
        f"log lines of container {key.container}{' (previous run)' if key.previous else ''}: {plain(case.snap.log_errors[key], 200)}"
        for key in keys
    ]


def _summary(case: Case, best: Hypothesis | None, hypotheses: Sequence[Hypothesis], before: Sequence[PrecedingChange]) -> str:
    """The likeliest trigger, unless the explanation is about it; then the cause. That the object is new is no trigger by itself."""
    first = next((one for one in before if not one.is_own_start), None)
    is_in_cause = first is None or (best is not None and first.change.evidence_id in best.evidence_ids)
    said = _cause_in_short(case, best, hypotheses)
    return said if is_in_cause or first is None else f"{first.text.replace('`', '')}. {said}"


def _cause_in_short(case: Case, best: Hypothesis | None, hypotheses: Sequence[Hypothesis]) -> str:
    question = case.question
    if best is None:
        name = f"{question.owner.short_kind} {question.owner.name}"
        asked = titles.QUESTIONS.get(question.type, titles.OTHER_QUESTION)(name=name, type=question.type)
        if question.is_resolved or not hypotheses:
            return f"No fault is visible now that would explain {asked}."
        return f"Not enough evidence to explain {asked}."
    text = f"{causes.BY_ID[best.cause].title} ({best.subject.short_kind} {best.subject.name})."
    for sentence in best.sentences[1:]:
        plain = sentence.text.replace("`", "")
        if len(text) + len(plain) + 1 <= 280:
            text = f"{text} {plain}"
    return text


def _ref(ref: ObjectRef) -> dict[str, Any]:
    shape: Mapping[str, Any] = {"kind": ref.short_kind, "namespace": ref.namespace, "name": ref.name}
    return without_none(shape)


def _time(at: datetime) -> str:
    return rfc3339(at)
