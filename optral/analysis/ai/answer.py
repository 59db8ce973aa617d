"""The shape a model answers in, and how it becomes hypotheses. Actions are never the model's: they are the rules' own for that cause."""

from collections.abc import Container, Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from optral.analysis import causes
from optral.analysis.ai import wording
from optral.analysis.ai.masks import Masks
from optral.analysis.engine import verifier
from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case
from optral.analysis.reading.evidence import has_markup, plain
from optral.kit.words import counted
from optral.kube.kinds import id_of_name
from optral.terms.refs import ObjectRef

UNFOUND = Level.HINT  # of a cause that no rule found: it is listed, and never named as the root cause
MAX_SENTENCES = 6


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=400, description="One plain sentence; names and quotes between backquotes, as the evidence has them")
    evidence: list[str] = Field(min_length=1, max_length=8, description="Ids (ev_…) of the evidence that shows it")


class Candidate(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cause: str = Field(max_length=60, description="The id of a cause in the list")
    kind: str = Field(max_length=60, description="Kind of the object that is the cause")
    name: str = Field(max_length=253)
    namespace: str = Field("", max_length=63)
    claims: list[Claim] = Field(min_length=1, max_length=MAX_SENTENCES)


class Verdict(BaseModel):
    """Causes, the likeliest first."""

    model_config = ConfigDict(extra="forbid")
    ranking: list[Candidate] = Field(min_length=1, max_length=5)


def hypotheses(case: Case, found: Sequence[Hypothesis], verdict: Verdict) -> tuple[list[Hypothesis], list[str]]:
    """What the verdict says as hypotheses in its order, then the rules' others; and what could not be taken over.

    A rule's hypothesis keeps its evidence, its actions and its words, and gets the model's after them. A model orders what the rules cannot
    tell apart; it does not make evidence, so what a text talked it into is never more than one of the possible causes.
    """
    left = list(found)
    ranked: list[Hypothesis] = []
    own, warnings = hypotheses_of(case, verdict)
    for one in own:
        known = next((h for h in left if h.cause == one.cause and h.subject.name == one.subject.name), None)
        if known is not None:
            left.remove(known)
            ranked.append(replace(known, sentences=tuple(dict.fromkeys((*known.sentences, *one.sentences)))))
        else:
            ranked.append(one)
    return _in_order([*ranked, *left]), warnings


def hypotheses_of(case: Case, verdict: Verdict) -> tuple[list[Hypothesis], list[str]]:
    """The hypotheses of a verdict without those of the rules, and a warning for each unknown cause."""
    found: list[Hypothesis] = []
    warnings: list[str] = []
    for one in verdict.ranking:
        if one.cause not in causes.BY_ID:
            warnings.append(f"the model named an unknown cause: {plain(one.cause, 60)}")
        else:
            found.append(Hypothesis(cause=one.cause, subject=_subject(case, one), level=UNFOUND, sentences=_sentences(case, one, warnings)))
    return found, warnings


def _in_order(ranked: list[Hypothesis]) -> list[Hypothesis]:
    """In this order within each level: the model ranks only what the rules cannot tell apart."""
    return sorted(ranked, key=lambda hypothesis: -hypothesis.level)


def _sentences(case: Case, one: Candidate, warnings: list[str]) -> tuple[Sentence, ...]:
    kept = [sentence for claim in one.claims if (sentence := confirmed(case, claim.text, claim.evidence, case.book)) is not None]
    if dropped := len(one.claims) - len(kept):
        warnings.append(f"{one.cause}: left out {counted(dropped, 'sentence')} of the model, because the evidence does not say the same")
    return tuple(kept)


def confirmed(case: Case, said: str, evidence: Sequence[str], read: Container[str]) -> Sentence | None:
    """The sentence with the evidence that says it, among what was read; None without any. Two facts together prove no third one.

    Also None with a link, a tag or markup in it, since a browser or a chat might follow it.
    """
    text = plain(said, 400)
    if has_markup(text):
        return None
    ids = tuple(id_ for id_ in dict.fromkeys(evidence) if id_ in read and _says(case, Sentence(text, (id_,))))
    return Sentence(text, ids) if ids else None


def _says(case: Case, one: Sentence) -> bool:
    """Whether the one piece of evidence that the sentence cites says it."""
    if verifier.fault_in(case, one) is not None:
        return False
    fact = case.book[one.evidence_ids[0]]
    return wording.fault(one.text, fact.excerpt, f"{fact.kind} {fact.where}") is None


def unmasked(verdict: Verdict, masks: Masks) -> Verdict:
    """The verdict with names in place of tokens. A name that the model writes itself is guessed: it finds no object, and proves nothing."""
    plain_text = masks.original
    return Verdict(
        ranking=[
            one.model_copy(
                update={
                    "name": plain_text(one.name),
                    "namespace": plain_text(one.namespace),
                    "claims": [claim.model_copy(update={"text": plain_text(claim.text)}) for claim in one.claims],
                }
            )
            for one in verdict.ranking
        ]
    )


def _subject(case: Case, one: Candidate) -> ObjectRef:
    ref = ObjectRef(id_of_name(one.kind), one.namespace or case.question.owner.namespace, one.name)
    obj = case.snap.at(ref)
    return ref if obj is None else obj.ref
