"""The service of runbooks: definitions and their versions, executions and their steps, logs and approvals.

`flows/executions/control.py` (people) and `flows/executions/driver.py` change executions; both write the events and audit records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from optral.kit.hub import ANY, Topic
from optral.kit.paging import PageCursor, PageRequest
from optral.runbooks import definition_repository, model, repository, track
from optral.runbooks.builtin import builtin
from optral.runbooks.executions import approvals
from optral.runbooks.executions.approvals import Requirement
from optral.runbooks.language import definition_reader, definition_schema, document
from optral.runbooks.language.definition import Definition, as_json as as_json
from optral.runbooks.model import Approval, Execution, ExecutionFilter, LogEntry, LogLine, Runbook, RunbookFilter, Step, Switch, Version
from optral.runbooks.repository import (
    applying as applying,
    count_stoppable as count_stoppable,
    decisions_of as decisions_of,
    finished_undo as finished_undo,
    last_changes as last_changes,
    live_of_cluster as live_of_cluster,
    next_due as next_due,
    steps as steps,
    steps_of as steps_of,
    switch as switch,
)
from optral.runbooks.track import TrackRecord
from optral.store.metadata import from_micros
from optral.store.transaction import Transaction
from optral.store.turns import await_turn
from optral.terms import ids
from optral.terms.errors import Invalid, NotFound, Refused, Stale
from optral.terms.refs import ObjectRef

CHANGED: Topic[str] = Topic("executions")
"""The ids of executions that changed."""
DUE: Topic[str] = Topic("executions due")
"""Published with `ANY` when an execution may be due now."""
RESERVED_SLUGS = frozenset({"new", "schema", "validate"})
"""Parts of addresses, where a slug can also be."""
_EARLIEST = from_micros(0)

# --- runbooks
approvals_of = repository.newest_approvals
give = repository.insert_decision
current_holders = repository.holders
builtin_id = builtin.id_of


def read(text: str) -> Definition:
    """A definition from YAML or JSON text. Raises `Invalid("invalid_runbook")` that names each mistake and its line."""
    return definition_reader.read(document.read(text))


def read_value(value: Mapping[str, Any]) -> Definition:
    """A definition from a decoded value. Raises `Invalid("invalid_runbook")`."""
    return definition_reader.read(document.of(dict(value)))


def schema(issue_types: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of a definition, with these issue types as examples."""
    return definition_schema.document(issue_types)


def get(tx: Transaction, id_or_slug: str, *, among: frozenset[str] | None = None) -> Runbook:
    """The runbook of this id or slug, built-in or the organization's own. Raises `NotFound`.

    `among` are ids and names of clusters: a runbook for other clusters is not found.
    """
    if (found := _builtins().get(id_or_slug) or _builtins().get(builtin.id_of(id_or_slug))) is not None:
        return found
    by_id = ids.is_id(id_or_slug, "rbk")
    made = definition_repository.runbook(tx, id_or_slug) if by_id else definition_repository.runbook_by_slug(tx, id_or_slug)
    if made is None or not _is_for(made, among):
        raise NotFound("runbook_not_found", say=f"there is no runbook {id_or_slug[:64]}")
    return made


def narrowed(one: Runbook, among: frozenset[str] | None) -> Runbook:
    """The runbook with only these clusters in its scope; None: as it is."""
    if among is None or not one.definition.clusters:
        return one
    return replace(one, definition=replace(one.definition, clusters=tuple(name for name in one.definition.clusters if name in among)))


def _is_for(one: Runbook, among: frozenset[str] | None) -> bool:
    return among is None or not one.definition.clusters or not among.isdisjoint(one.definition.clusters)


def find(tx: Transaction, wanted: RunbookFilter, page: PageRequest) -> list[Runbook]:
    """A page of the runbooks, by name or slug; all of them are read, for there are few."""
    found = sorted(_fitting(tx, wanted), key=lambda one: tuple(place(one, page.sort)), reverse=page.descending)
    if page.after is not None:
        after = tuple(page.after)
        found = [
            one for one in found if (tuple(place(one, page.sort)) < after) is page.descending and tuple(place(one, page.sort)) != after
        ]
        return found[: page.size]
    return found[page.offset : page.offset + page.size]


def place(one: Runbook, sort: str) -> PageCursor:
    """Where a page that ends with this runbook goes on."""
    return PageCursor({"name": one.name.lower(), "slug": one.slug}.get(sort or "name", one.name.lower()), one.id)


def count(tx: Transaction, wanted: RunbookFilter) -> int:
    return len(_fitting(tx, wanted))


def _fitting(tx: Transaction, wanted: RunbookFilter) -> list[Runbook]:
    return [narrowed(one, wanted.among) for one in (*_builtins().values(), *definition_repository.all_runbooks(tx)) if _fits(one, wanted)]


def _fits(one: Runbook, wanted: RunbookFilter) -> bool:
    made = one.definition
    said = f"{made.slug} {made.name} {made.description}".lower()
    return (
        (not wanted.issue_types or bool(wanted.issue_types & set(made.issue_types)))
        and (not wanted.risks or made.risk in wanted.risks)
        and _is_for(one, wanted.among)
        and (wanted.is_builtin is None or one.is_builtin is wanted.is_builtin)
        and (not wanted.q or wanted.q.lower() in said)
    )


def _builtins() -> Mapping[str, Runbook]:
    return {
        one.id: Runbook(id=one.id, version=one.version, definition=one.definition, is_builtin=True, revision=one.version)
        for one in builtin.all_of_them().values()
    }


def create(tx: Transaction, made: Definition, *, by: str, source: str | None = None, drafted_by: str | None = None) -> Runbook:
    """Keep a new runbook at version 1. Raises `Invalid("invalid_runbook")`, `Refused("slug_taken")`, `Refused("too_many_runbooks")`.

    `drafted_by`: the language model that wrote it; it stays disabled until somebody enables it.
    """
    require_free(tx, made.slug)
    if definition_repository.count_runbooks(tx) >= model.MAX_RUNBOOKS:
        raise Refused("too_many_runbooks", say=f"there are {model.MAX_RUNBOOKS} runbooks; delete one that is no longer used")
    new = Runbook(
        id=ids.new("rbk"),
        version=1,
        definition=made,
        is_enabled=drafted_by is None,
        created_by=by,
        created_at=tx.now,
        updated_at=tx.now,
        drafted_by=drafted_by,
    )
    try:
        definition_repository.insert_runbook(tx, new)
    except IntegrityError:
        raise _slug_taken(made.slug) from None
    definition_repository.insert_version(tx, new, by=by, source=source, keep=model.MAX_VERSIONS)
    return new


def require_free(tx: Transaction, slug: str) -> None:
    """Raise `Invalid("invalid_runbook")` for a reserved slug, and `Refused("slug_taken")`."""
    if slug in RESERVED_SLUGS:
        raise Invalid(
            "invalid_runbook",
            say=f"the slug {slug} is reserved for an address; choose another",
            errors=[document.problem("is reserved for an address; choose another", 0, field="slug")],
        )
    if slug in builtin.SLUGS or definition_repository.runbook_by_slug(tx, slug) is not None:
        raise _slug_taken(slug)


def update(
    tx: Transaction,
    runbook_id: str,
    *,
    made: Definition | None,
    is_enabled: bool | None,
    by: str,
    source: str | None = None,
    if_version: int | None = None,
) -> Runbook:
    """Give a runbook a new version, or switch it on or off. Raises `NotFound`, `Stale`, `Refused("runbook_is_builtin")`.

    `source`: the text that the definition was read from. Another text with the same meaning is a new version too.
    """
    before = _own(tx, runbook_id, if_version=if_version)
    if made is not None and made.slug != before.slug:
        raise Invalid(
            "invalid_runbook",
            say=f"the slug of a runbook cannot be changed ({before.slug}); create a new runbook instead",
            errors=[document.problem("stays what it is", 0, field="slug")],
        )
    after = replace(before, is_enabled=before.is_enabled if is_enabled is None else is_enabled, updated_at=tx.now)
    if made is not None and (made != before.definition or (source is not None and source != text_of(tx, before))):
        after = replace(after, definition=made, version=before.version + 1)
        definition_repository.insert_version(tx, after, by=by, source=source, keep=model.MAX_VERSIONS)
    if after.version == before.version and after.is_enabled is before.is_enabled:
        return before
    definition_repository.update_runbook(tx, after)
    return replace(after, revision=before.revision + 1)


def versions(tx: Transaction, runbook_id: str) -> tuple[Runbook, list[Version]]:
    """The runbook and its versions that are kept, the newest first; a built-in one has the present one alone. Raises `NotFound`."""
    found = get(tx, runbook_id)
    return found, [_builtin_version(found)] if found.is_builtin else definition_repository.versions(tx, found.id)


def _builtin_version(one: Runbook) -> Version:
    return Version(version=one.version, definition=one.definition, source=None, created_by=one.created_by, created_at=None)


def version(tx: Transaction, runbook_id: str, number: int) -> tuple[Runbook, Version]:
    """The runbook and one of its versions. Raises `NotFound`, also for a version that is no longer kept."""
    found = get(tx, runbook_id)
    kept = _builtin_version(found) if found.is_builtin else definition_repository.version(tx, found.id, number)
    if kept is None or kept.version != number:
        raise NotFound(
            "version_not_found",
            say=f"{found.slug} has no version {number}; the {model.MAX_VERSIONS} newest versions of your own runbooks are kept",
        )
    return found, kept


def text_of(tx: Transaction, one: Runbook) -> str:
    """The definition as YAML: as it was written, or made of the definition if nobody wrote it so or a part of it is not shown."""
    kept = None if one.is_builtin else definition_repository.version(tx, one.id, one.version)
    if kept is not None and kept.definition == one.definition:
        return version_text(kept)
    return document.write(as_json(one.definition))


def version_text(one: Version) -> str:
    """The text of a version."""
    return one.source or document.write(as_json(one.definition))


def delete_runbook(tx: Transaction, runbook_id: str, *, if_version: int | None = None) -> Runbook:
    """Delete a runbook; its executions keep what they ran with. Raises `NotFound`, `Stale`, `Refused("runbook_is_builtin")`."""
    before = _own(tx, runbook_id, if_version=if_version)
    definition_repository.update_runbook(tx, before, gone_at=tx.now)
    return before


def _own(tx: Transaction, runbook_id: str, *, if_version: int | None) -> Runbook:
    found = get(tx, runbook_id)
    if found.is_builtin:
        raise Refused("runbook_is_builtin", say=f"{found.slug} is built in and read-only; create your own runbook instead")
    locked = definition_repository.runbook(tx, found.id, lock=True)
    if locked is None:
        raise NotFound("runbook_not_found", say=f"there is no runbook {runbook_id[:64]}")
    if if_version is not None and if_version != locked.revision:
        raise Stale(say="If-Match names another version; read the runbook again, then repeat the change")
    return locked


def _slug_taken(slug: str) -> Refused:
    return Refused("slug_taken", say=f"there is a runbook with the slug {slug}; choose another, or change that one")


# --- executions


def get_execution(tx: Transaction, execution_id: str, *, lock: bool = False) -> Execution:
    """The execution. Raises `NotFound` for none, another organization's, and one in a cluster the actor's key may not see."""
    if (found := visible_execution(tx, execution_id, lock=lock)) is None:
        raise NotFound("execution_not_found", say=f"there is no execution {execution_id[:64]}")
    return found


def visible_execution(tx: Transaction, execution_id: str, *, lock: bool = False) -> Execution | None:
    """The execution; None for those of which `get_execution` raises `NotFound`."""
    found = repository.execution(tx, execution_id, lock=lock)
    return found if found is not None and tx.actor.may_see(found.cluster_id, found.namespace) else None


def find_executions(tx: Transaction, wanted: ExecutionFilter, page: PageRequest) -> list[Execution]:
    """A page of the executions the actor may see, newest first unless the page says otherwise."""
    allowed = _allowed(tx, wanted)
    return [] if allowed is None else repository.find(tx, allowed, page)


def count_executions(tx: Transaction, wanted: ExecutionFilter) -> int:
    allowed = _allowed(tx, wanted)
    return 0 if allowed is None else repository.count(tx, allowed)


def track_records(tx: Transaction) -> dict[str, TrackRecord]:
    """How each runbook did in the last `track.PERIOD`, by id; one that was not run is not in it."""
    return track.of(repository.attempts(tx, since=tx.now - track.PERIOD, limit=track.MAX_EXECUTIONS))


def execution_place(one: Execution, sort: str) -> PageCursor:
    return PageCursor(one.status.value if sort == "status" else one.created_at, one.id)


def _allowed(tx: Transaction, wanted: ExecutionFilter) -> ExecutionFilter | None:
    """The filter as far as the actor may see; None when that is nothing."""
    if tx.actor.reach is None:
        return wanted
    areas = tx.actor.reach.within(wanted.clusters or None)
    is_clusters = len(areas) == 1 and areas[0].namespaces is None
    if is_clusters:
        return replace(wanted, clusters=areas[0].clusters or frozenset())
    return replace(wanted, clusters=frozenset(), areas=areas) if areas else None


def insert(tx: Transaction, made: Execution, of_it: Sequence[Step], said: Iterable[str]) -> Execution:
    """Keep a new execution with its steps. Raises `Refused("execution_running")` when another took its object in the same moment."""
    entries = [LogEntry(offset=at, at=tx.now, step=None, level="info", message=model.clipped(text)) for at, text in enumerate(said)]
    made = replace(made, log_count=len(entries))
    try:
        repository.insert_execution(tx, made)
        repository.insert_steps(tx, of_it)
    except IntegrityError:
        raise Refused(
            "execution_running", say="another execution started on this object at the same time; wait for it or cancel it"
        ) from None
    repository.insert_log(tx, made.id, entries)
    _announce(tx, made)
    return made


def save(tx: Transaction, after: Execution, steps: Iterable[Step] = (), log: Sequence[LogLine] = ()) -> Execution:
    """Store the new state of an execution and of some of its steps, and add to its log.

    A final execution releases its locks and is never due again.
    """
    entries = [
        LogEntry(offset=after.log_count + at, at=tx.now, step=step, level=level, message=model.clipped(text))
        for at, (level, step, text) in enumerate(log)
        if after.log_count + at < model.MAX_LOG_ENTRIES
    ]
    if after.status.is_final:
        after = replace(after, due_at=None, lock=None, finished_at=after.finished_at or tx.now, phase=model.Phase.DONE)
    after = replace(after, log_count=after.log_count + len(entries), updated_at=tx.now, version=after.version + 1)
    repository.update_execution(tx, after)
    for changed in steps:
        repository.update_step(tx, changed)
    if after.status.is_final:
        repository.release(tx, after.id)
    repository.insert_log(tx, after.id, entries)
    _announce(tx, after)
    return after


def save_steps(tx: Transaction, of_it: Iterable[Step]) -> None:
    for step in of_it:
        repository.update_step(tx, step)


def postpone(tx: Transaction, one: Execution, due_at: datetime | None) -> None:
    """Look at an execution again at that time; people see no difference."""
    repository.update_execution(tx, replace(one, due_at=due_at))


def _announce(tx: Transaction, one: Execution) -> None:
    tx.publish(CHANGED, one.id)
    if one.due_at is not None and one.due_at <= tx.now:
        tx.publish(DUE, ANY)


def holders(tx: Transaction, locks: Sequence[str], own: str | None) -> list[str]:
    """Ids of the executions that hold one of these objects, or the runbook itself (`own`).

    Until this transaction ends, no other one sees them free: who asks in the same moment waits, and then finds what was started.
    """
    await_turn(tx, *locks, *([] if own is None else [own]))
    return repository.holders(tx, locks, own)


def last_applied(tx: Transaction, *, runbook_id: str, cluster_id: str, ref: ObjectRef) -> datetime | None:
    """When this runbook last changed this object."""
    return repository.last_applied(
        tx, runbook_id=runbook_id, cluster_id=cluster_id, kind=ref.short_kind, namespace=ref.namespace, name=ref.name
    )


def changes(tx: Transaction, *, since: datetime) -> list[tuple[datetime, str, str]]:
    """(time, cluster, namespace) of the changes that executions made since then, at most `model.MAX_CHANGES`, and of those that executions
    which have begun are about to make.

    Those that a clock ahead of ours dated do not count.
    """
    made = repository.changes_between(tx, since, tx.now + model.CLOCK_SKEW, model.MAX_CHANGES)
    coming = [(at or tx.now, cluster_id, namespace) for at, cluster_id, namespace in repository.coming(tx, model.MAX_CHANGES)]
    return made + [one for one in coming if one[0] >= since]


def last_triggered(tx: Transaction, cluster_id: str, ref: ObjectRef, *, since: datetime) -> tuple[str, str, datetime] | None:
    """(execution, trigger, time) of the latest change that a trigger made to this object since then."""
    return repository.triggered(tx, cluster_id, ref, since)


def await_begin(tx: Transaction) -> None:
    """Wait until no other server decides whether an execution of the organization begins: each sees what the one before began."""
    await_turn(tx, "executions begin")


def stoppable(tx: Transaction, *, limit: int) -> list[str]:
    """Ids of executions that may still change something and whose cancellation was not requested, those that have begun first."""
    return repository.stoppable(tx, limit)


def due(tx: Transaction, *, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
    """(organization, execution) of what is due, over all organizations; for the driver."""
    return repository.due(tx, now, limit)


def log(tx: Transaction, execution_id: str, *, offset: int = 0, limit: int = 200) -> list[LogEntry]:
    """The log from an offset on, at most 500 entries. Raises `NotFound`."""
    get_execution(tx, execution_id)
    return repository.log(tx, execution_id, offset, min(limit, 500))


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` executions that ended before that moment, of all organizations; how many."""
    found = repository.old(tx, before, limit)
    for org_id, execution_id in found:
        repository.delete(tx, org_id, execution_id)
    return len(found)


# --- approvals and the switch


def request_approval(
    tx: Transaction, execution: Execution, *, expires_at: datetime, requirement: Requirement, keeps: Sequence[str] = ()
) -> Approval:
    """Request an approval of the execution's present plan. `keeps`: decisions on the request before that still count."""
    assert execution.plan_hash is not None
    approval = Approval(
        id=ids.new("aud"),
        execution_id=execution.id,
        plan_hash=execution.plan_hash,
        requested_at=tx.now,
        expires_at=expires_at,
        needed=requirement.approvals,
        groups=approvals.as_json(requirement.groups) if requirement.is_set else None,
    )
    repository.insert_approval(tx, approval)
    repository.move_decisions(tx, keeps, approval.id)
    return approval


def approval(tx: Transaction, execution_id: str) -> Approval | None:
    """The newest requested approval."""
    return repository.newest_approvals(tx, [execution_id]).get(execution_id)


def decide(tx: Transaction, approval_id: str, *, decision: str, by: str, via: str, message: str | None) -> None:
    """Write down what was decided; what was decided before stays."""
    repository.decide(tx, approval_id, decision=decision, by=by, via=via, message=None if message is None else message[:500])


def set_switch(tx: Transaction, *, is_paused: bool, by: str, reason: str) -> Switch:
    made = Switch(is_paused=is_paused, by=by, at=tx.now, reason=reason[:500])
    repository.save_switch(tx, made)
    tx.publish(DUE, ANY)
    return made
