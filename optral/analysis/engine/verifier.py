"""Checks every claim before it is shown, whether a rule or a language model made it.

1. Each sentence cites evidence of this analysis. 2. What it names or quotes (between backquotes), every number, every name of an object of
the cluster and every address occurs in what it cites; it gives no command. 3. The subject exists, or evidence mentions it. 4. The cause is
one of the taxonomy; one that no rule found is at most `possible`. 5. Actions are built-in runbooks with exactly their parameters, and what
they name occurs in the snapshot or the evidence; advice gives no command and no address. 6. Nothing looks like a secret. 7. Lists and texts
are bounded. A sentence that fails is dropped, and so is a hypothesis without a sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from optral.analysis import causes
from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import dicts
from optral.analysis.remedies.actions import KINDS, RUNBOOKS
from optral.kube import redact
from optral.terms.refs import ObjectRef

MAX_HYPOTHESES, MAX_SENTENCES, MAX_ACTIONS, MAX_TEXT, MAX_TITLE = 40, 16, 8, 600, 200
UNVERIFIED = Level.POSSIBLE  # the most a cause may be that no rule found
_QUOTED = re.compile(r"`([^`]*)`")
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_COMMAND = re.compile(
    r"\b(?:kubectl|helm|crictl|systemctl|argocd|flux|istioctl)\s+[a-z]|\brm\s+-|\bsudo\s|\bcurl\s+\S*[:/-]|\bwget\s|\|\s*(?:ba)?sh\b|\$\(|<\|?\w+\|?>"
    r"|\b(?:tool_call|function_call|tool_use|submit_analysis)\b|[{\[]\s*\"\w+\"\s*:",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.-])\d+(?![A-Za-z0-9_])")
DERIVED = frozenset({"limit", "replicas", "toRevision"})  # worked out, not read: checked by their form
_FORMS = {"limit": re.compile(r"^\d+(\.\d)?(Ki|Mi|Gi|Ti|m)?$")}


def checked(
    case: Case, hypotheses: Sequence[Hypothesis], *, known: Sequence[Hypothesis] | None = None
) -> tuple[list[Hypothesis], list[str]]:
    """The hypotheses with only what holds, and a warning for each thing that was dropped. `known`: what the rules found themselves."""
    kept: list[Hypothesis] = []
    warnings: list[str] = []
    if len(hypotheses) > MAX_HYPOTHESES:
        warnings.append(f"{len(hypotheses) - MAX_HYPOTHESES} more causes were not checked")
    for hypothesis in hypotheses[:MAX_HYPOTHESES]:
        found, dropped = _checked(case, hypothesis)
        warnings += dropped
        if found is not None:
            kept.append(found if known is None else _bounded(found, known, warnings))
    return kept, warnings


def _bounded(one: Hypothesis, known: Sequence[Hypothesis], warnings: list[str]) -> Hypothesis:
    """No surer than the rules are of anything; half sure of what they have not found."""
    if not any((each.cause, each.subject) == (one.cause, one.subject) for each in known):
        warnings.append(f"{one.cause}: not found by any rule, so it is unverified")
        return replace(one, level=min(one.level, UNVERIFIED))
    return replace(one, level=min(one.level, max(each.level for each in known)))


def _checked(case: Case, one: Hypothesis) -> tuple[Hypothesis | None, list[str]]:
    if one.cause not in causes.BY_ID:
        return None, [f"an unknown cause was dropped: {one.cause[:60]}"]
    if not _exists(case, one):
        return None, [f"{one.cause}: its subject does not occur in the evidence"]
    warnings: list[str] = []
    sentences = _sentences(case, one.cause, one.sentences, warnings)
    if not sentences:
        return None, [*warnings, f"{one.cause}: none of its sentences is supported"]
    actions = []
    for action in one.actions[:MAX_ACTIONS]:
        if (why := fault_of(case, action)) is None:
            actions.append(action)
        else:
            warnings.append(f"{one.cause}: {why}")
    return replace(one, sentences=sentences, against=_sentences(case, one.cause, one.against, warnings), actions=tuple(actions)), warnings


def _sentences(case: Case, cause: str, sentences: Sequence[Sentence], warnings: list[str]) -> tuple[Sentence, ...]:
    kept = []
    for sentence in sentences[:MAX_SENTENCES]:
        if (why := fault_in(case, sentence)) is None:
            kept.append(sentence)
        else:
            warnings.append(f"{cause}: {why}")
    return tuple(kept)


def may_be_quoted(text: str) -> bool:
    """Whether a text from the cluster may stand in a sentence: it gives no command and looks like no secret."""
    return _COMMAND.search(text) is None and not redact.scan(text.encode("utf-8", "replace"))


def fault_in(case: Case, sentence: Sentence) -> str | None:
    """Why a sentence is dropped; None when it holds."""
    return _citation_fault(case, sentence) or _form_fault(sentence.text) or _content_fault(case, sentence)


def _citation_fault(case: Case, sentence: Sentence) -> str | None:
    if not sentence.evidence_ids:
        return "a sentence cites no evidence"
    is_known = all(id_ in case.book for id_ in sentence.evidence_ids)
    return None if is_known else "a sentence cites unknown evidence"


def _form_fault(text: str) -> str | None:
    if len(text) > MAX_TEXT:
        return "a sentence is too long"
    if _COMMAND.search(text):
        return "a sentence contains a command"
    return "a sentence may contain a secret" if redact.scan(text.encode("utf-8", "replace")) else None


def _content_fault(case: Case, sentence: Sentence) -> str | None:
    """The first quotation, number, address or object name that the cited evidence does not contain."""
    evidence = _normal(" ".join(case.book[id_].haystack for id_ in sentence.evidence_ids))
    bare = _QUOTED.sub(" ", sentence.text)
    stated = (
        (_QUOTED.findall(sentence.text), "a sentence quotes what its evidence does not contain: {}"),
        (_NUMBER.findall(bare), "a sentence contains a number that its evidence does not: {}"),
        (_ADDRESS.findall(bare), "a sentence contains an address that its evidence does not"),
        (sorted(case.snap.names_among(set(_WORD.findall(bare)))), "a sentence names what its evidence does not contain: {}"),
    )
    return next((fault.format(text[:80]) for texts, fault in stated for text in texts if _normal(text) not in evidence), None)


def fault_of(case: Case, action: Action) -> str | None:
    """Why an action is dropped; None when it may be proposed."""
    fault = _advice_fault(case, action)
    if fault is not None or action.runbook is None:
        return fault
    names = RUNBOOKS.get(action.runbook)
    if names is None or not set(action.parameters) <= set(names):
        return f"unknown runbook or parameters: {action.runbook[:60]}"
    faults = (_parameter_fault(name, value) for name, value in action.parameters.items())
    fault = next((found for found in faults if found is not None), None)
    if fault is None and not _is_there(case, action):
        fault = "its target is not in the snapshot"
    return None if fault is None else f"{action.runbook}: {fault}"


def _advice_fault(case: Case, action: Action) -> str | None:
    """What is wrong with the texts and the evidence of an action, whether it has a runbook or not."""
    text = f"{action.title} {action.why}"
    if redact.scan(text.encode("utf-8", "replace")):
        return "an action may contain a secret"
    if len(action.title) > MAX_TITLE or len(action.why) > MAX_TEXT:
        return "an action is too long"
    if _COMMAND.search(text) or _ADDRESS.search(text):
        return "an action contains a command or an address"
    is_known = all(id_ in case.book for id_ in action.evidence_ids)
    return None if is_known else "an action cites unknown evidence"


def _parameter_fault(name: str, value: object) -> str | None:
    if name not in DERIVED:
        return f"{name} is missing" if value is None or not str(value) else None
    form = _FORMS.get(name)
    is_valid = isinstance(value, int) if form is None else form.match(str(value)) is not None
    return None if is_valid else f"{name} has an invalid value"


def _is_there(case: Case, action: Action) -> bool:
    given = action.parameters
    namespace = given.get("namespace")
    if "node" in given:
        return case.snap.find("Node", None, str(given["node"])) is not None
    if "pod" in given:
        return case.snap.find("Pod", str(namespace), str(given["pod"])) is not None
    where = None if namespace is None else str(namespace)
    short = str(given.get("kind") or KINDS.get(str(action.runbook)))
    for kind in case.snap.kinds():
        if kind.partition(".")[0] == short and (obj := case.snap.find(kind, where, str(given.get("name")))) is not None:
            container = given.get("container")
            return container is None or any(one.get("name") == container for one in _containers(obj.get("spec.template.spec")))
    return False


def _containers(spec: object) -> list[dict[str, object]]:
    if not isinstance(spec, dict):
        return []
    return [one for field in ("initContainers", "containers") for one in dicts(spec.get(field))]


def _exists(case: Case, one: Hypothesis) -> bool:
    """In the snapshot, the issue's own, or named by cited evidence (a quota nobody may list, a Service that is not there)."""
    ref: ObjectRef = one.subject
    if case.snap.at(ref) is not None or (ref.kind, ref.name) in {(r.kind, r.name) for r in (case.question.owner, case.question.resource)}:
        return True
    cited = _normal(" ".join(case.book[id_].haystack for id_ in one.evidence_ids if id_ in case.book))
    return bool(ref.name) and _normal(ref.name) in cited


def _normal(text: str) -> str:
    """Text as it is compared: without the differences that a quotation may have, such as `key=value` for `"key":"value"`."""
    return " ".join(text.replace('\\"', '"').replace('":"', "=").replace("`", "'").split()).casefold()
