"""Drafts of runbooks by the language model that the organization allows.

A draft is judged as every runbook is, and for the issue that it is for: its steps are about the object of the issue or of a cause,
in the cluster and namespaces of the issue. It is kept disabled, with the model's name, and its first run is a dry run. Of the model's text
only names, values and descriptions of parameters stay: that of the runbook is written here, from sentences that evidence confirms.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from optral.access import service as access
from optral.analysis.engine.reasoner import Asking, Drafted
from optral.analysis.reading.evidence import has_markup
from optral.analysis.veil import Sees
from optral.flows.executions import start
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.runbooks import service as runbooks
from optral.runbooks.language import document, guide, parameters
from optral.runbooks.language.defaults import Sources
from optral.runbooks.language.definition import Definition
from optral.runbooks.model import PROTECTED_NAMESPACES, Runbook
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Forbidden, Invalid, NotFound, Refused, Unavailable
from optral.terms.refs import ObjectRef
from optral.terms.verbs import VERBS

if TYPE_CHECKING:
    from optral.analysis.engine.engine import Investigation
    from optral.flows.analysis.questions import CheckRights, Questions

NOT_IN_DRAFTS = frozenset({"notify", "approval"})
"""Actions that send or show text of the model to people."""
_OTHER_OBJECT = "it is not the object of this issue, or of a cause that the rules found; use ${target.name} and ${target.namespace}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft that was judged, not yet kept. `definition` is what would be kept."""

    issue_id: str
    definition: Definition
    model: str
    answer: Drafted


class Kept(NamedTuple):
    """A draft that was kept: its dry run, or why there is none."""

    draft: Draft
    runbook: Runbook
    execution_id: str | None
    note: str


async def propose(model: "Questions | None", store: Store, who: Actor, issue_id: str, *, check_rights: "CheckRights") -> Draft:
    """Ask the model for a runbook for this issue, and judge it. Nothing is kept but what it cost.

    Raises `NotFound`; `Invalid("invalid_runbook")` with what the judge says of the last draft; `Refused`: "model_not_offered", "model_off",
    "no_draft", and as `Questions.answer`.
    """
    if model is None:
        raise Refused("model_not_offered", say="the operator of this server offers no language model (docs/ai.md)")
    if not await model.is_allowed(who, issue_id):
        say = "evidence may not go to the language model; an owner or admin can allow it in Settings, Analysis, or with `optral ai on`"
        raise Refused("model_off", say=say)
    judge = _Judge(store, who, issue_id)

    async def ask(seen: "Investigation", asking: Asking) -> Drafted:
        judge.objects = tuple(_objects(seen, asking.sees))
        judge.cluster = seen.case.question.cluster
        language = guide.text(without=NOT_IN_DRAFTS)
        return await model.answerer.draft(seen.case, seen.found, language, asking, judge=judge)

    answer = (await model.ask(who, issue_id, ask, check_rights=check_rights)).answer
    model.count(is_used=judge.definition is not None and answer.source == judge.source)
    if not answer.source:
        why = f"it proposed nothing: {answer.failure}" if answer.failure else "it proposes no action for this issue"
        raise Refused("no_draft", say=f"there is no draft of the language model: {why}. Nothing was saved")
    if judge.definition is None or answer.source != judge.source:
        say = f"the draft of the language model is invalid, and nothing was saved: {judge.errors[0]['message']}"
        raise Invalid("invalid_runbook", say=say, errors=judge.errors)
    return Draft(issue_id=issue_id, definition=judge.definition, model=model.answerer.model, answer=answer)


def keep(tx: Transaction, draft: Draft) -> Kept:
    """Keep a draft, disabled, and start its dry run for the issue if one is possible. Raises as `runbooks.create`."""
    made = replace(draft.definition, description=_description(draft))
    new = runbooks.create(tx, made, by=start.principal(tx), drafted_by=draft.model)
    detail = {"slug": new.slug, "version": new.version, "risk": made.risk, "model": draft.model, "issueId": draft.issue_id}
    access.audit(tx, action="runbook.draft", target=new.id, detail=detail)
    issue = issues.get(tx, draft.issue_id)
    if not tx.actor.may("runbooks:execute", issue.cluster_id, issue.namespace):
        return Kept(draft, new, None, "No dry run: you may not run runbooks here.")
    request = start.Request(runbook=new.id, issue_id=issue.id, parameters={}, dry_run=True, reason="dry run of a draft")
    try:
        return Kept(draft, new, start.start(tx, request).id, "")
    except (Forbidden, Invalid, NotFound, Refused, Unavailable) as refused:  # before anything was written
        return Kept(draft, new, None, f"No dry run: {refused.say}.")


def _description(draft: Draft) -> str:
    said = " ".join(one.text for one in draft.answer.sentences)
    why = f"Evidence: {said}" if said else "No evidence confirms what the model says about it."
    return f"Draft by the language model {draft.model} for the issue {draft.issue_id}. Review it before you enable it. {why}"[:4000]


@dataclass
class _Judge:
    """Reads a draft as it would be kept. After a call, either `definition` is set or `errors` say what is wrong with `source`."""

    store: Store
    who: Actor
    issue_id: str
    objects: Sequence[ObjectRef] = ()
    """What a draft may be about."""
    cluster: str = ""
    source: str = ""
    definition: Definition | None = None
    errors: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, source: str) -> Sequence[str]:
        self.source, self.definition, self.errors = source, None, []
        try:
            self.definition = await self.store.read(self.who, self._read)
        except Invalid as invalid:
            self.errors = invalid.errors
        except Refused as refused:  # its slug is taken
            self.errors = [document.problem(refused.say, 0, field="slug", code=refused.code)]
        return [f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in self.errors]

    def _read(self, tx: Transaction) -> Definition:
        issue = issues.get(tx, self.issue_id)
        made = runbooks.read(self.source)
        runbooks.require_free(tx, made.slug)
        sources = start.sources(tx, issue)
        found = dict(_subjects(made, sources))
        if errors := [*self._misfits(issue, made, found), *_bad_values(made, sources)]:
            raise Invalid("invalid_runbook", errors=errors)
        namespaces = sorted({one.namespace for one in found.values() if one.namespace})
        return replace(made, issue_types=(issue.type,), clusters=(self.cluster,), namespaces=tuple(namespaces), approval="always")

    def _is_about(self, ref: ObjectRef | None) -> bool:
        """Whether it is one of the objects that a draft may be about."""
        known = [one for one in self.objects if ref is not None and (one.namespace or None, one.name) == (ref.namespace, ref.name)]
        return ref is not None and any(ref.short_kind in ("", one.short_kind) for one in known)

    def _misfits(self, issue: Issue, made: Definition, found: Mapping[int, ObjectRef]) -> Iterator[dict[str, str]]:
        """What is wrong with a draft although a person may write it."""
        shown = json.dumps(document.read(self.source).plain(), ensure_ascii=False)  # escapes of YAML are resolved, lines are joined
        if has_markup(self.source) or has_markup(shown):
            yield document.problem("contains a link or markup", 0)
        if not shown.isprintable():
            yield document.problem("contains characters that cannot be seen, or that change the order of others", 0)
        if others := set(made.clusters) - {issue.cluster_id, self.cluster}:
            yield _elsewhere(f"{min(others)[:100]} is not the cluster of this issue", "scope.clusters")
        if others := set(made.namespaces) - {one.namespace for one in self.objects}:
            yield _elsewhere(f"{min(others)[:100]} is not a namespace of this issue", "scope.namespaces")
        for at, step in enumerate(made.steps):
            ref = found.get(at)
            if step.verb in NOT_IN_DRAFTS:
                yield document.problem(f"a draft cannot use {step.verb}", 0, field=f"steps[{at}].action")
            elif (ref is not None or not step.is_control) and not self._is_about(ref):
                yield _elsewhere(_OTHER_OBJECT, f"steps[{at}].with")
            elif ref is not None and step.is_write and ref.namespace in PROTECTED_NAMESPACES:
                yield _elsewhere(f"runbooks never change anything in {ref.namespace}", f"steps[{at}].with")


def _elsewhere(say: str, name: str) -> dict[str, str]:
    return document.problem(say, 0, field=name, code="out_of_scope")


def _subjects(made: Definition, sources: Sources) -> Iterator[tuple[int, ObjectRef]]:
    """What each step is about, by its position, where that is known before somebody gives a parameter. The kind may be empty."""
    for at, (step, values) in enumerate(parameters.filled(made, sources)):
        names = [values[name] for name in ("name", "pod", "node") if isinstance(values.get(name), str)]
        kinds = () if step.is_control else tuple(VERBS[step.verb].permissions)
        if names:
            kind = values.get("kind") or (kinds[0] if len(kinds) == 1 and kinds != ("*",) else "")
            yield at, ObjectRef(kind, values.get("namespace") or None, names[0])


def _bad_values(made: Definition, sources: Sources) -> list[dict[str, str]]:
    """What is wrong with the values that it would run with for the issue; those that a person decides are not."""
    try:
        parameters.bind(made, parameters.check(made, {}, sources), sources["target"])
    except Invalid as invalid:
        return [one for one in invalid.errors if one["code"] != "missing_parameter"]
    return []


def _objects(seen: "Investigation", sees: Sees) -> Iterator[ObjectRef]:
    """The objects of the issue, and of the causes that the actor may see."""
    asked = seen.case.question
    yield from (asked.owner, asked.resource, *(one.subject for one in seen.found if sees(one.subject.namespace)))
