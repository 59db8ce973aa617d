"""Opens pull requests, follows them until they are merged and applied, and closes those whose execution ended.

Nothing is held but rows: a worker claims one with a lease, asks the forge outside of any transaction, and records what came of it if the
row is still as it was claimed. The branch and the pull request are looked up before they are created, and the branch carries the id of the
execution: whatever dies in between, there is one branch, one commit and one pull request.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from optral.flows import loops
from optral.flows.executions import proposals
from optral.flows.executions.inventory import find_object, manifest_of, tree
from optral.flows.forges import changes, texts
from optral.flows.forges.texts import Texts
from optral.forges import model, service as forges
from optral.forges.api import Api, Commit
from optral.forges.connect import api_of
from optral.forges.model import Forge, ForgeError, Proposal, PullRequest, State
from optral.gitops.model import CannotEdit
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.outbound import Caller
from optral.kit.paging import PageRequest
from optral.kit.tasks import Tasks
from optral.resources import lookup, service as resources
from optral.resources.model import ResourceFilter
from optral.runbooks import service as runbooks
from optral.runbooks.executions import applications, source
from optral.runbooks.model import Execution
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError
from optral.terms.ids import OrgId

LOOK_EVERY_S = 5.0
IN_FLIGHT, IN_FLIGHT_OF_ORG = 8, 3
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker has in hand. `forge` is None when the connection is gone, or no longer allows the repository.

    `revisions` are what the keepers have applied, `missing` is what the cluster does not show yet; both only after the merge.
    """

    held: Proposal
    execution: Execution
    forge: Forge | None
    texts: Texts
    revisions: tuple[str, ...] = ()
    missing: changes.Missing | None = None


class ProposalWorker:
    """Own `run` as a task; one in every process. `key` opens sealed tokens, `caller` is how requests leave, `link` the server's address."""

    def __init__(self, store: Store, clock: Clock, *, key: bytes, caller: Caller, link: str) -> None:
        self._store, self._clock, self._key, self._caller, self._link = store, clock, key, caller, link
        self._in_flight: dict[str, str] = {}  # pull request → organization
        self._tasks = Tasks(lambda name, error: _log.error("a pull request broke off", proposal=name, exc_info=error))
        self.retries = loops.retries("pull_requests", clock, _log)

    async def run(self) -> None:
        try:
            with self._store.hubs[forges.DUE].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower)
        finally:
            await self._tasks.stop()
            await self._caller.close()

    async def step(self) -> float:
        """Start every pull request that is due and has room; seconds until more may be due."""
        due = await self._store.read(actor.system(), lambda tx: forges.due_proposals(tx, limit=4 * IN_FLIGHT + len(self._in_flight)))
        for org_id, proposal_id in due:
            if proposal_id not in self._in_flight and self._has_room(org_id):
                self._in_flight[proposal_id] = org_id
                self._tasks.start(proposal_id, self._attempt(OrgId(org_id), proposal_id))
        upcoming = await self._store.read(actor.system(), forges.next_due)
        wait_s = LOOK_EVERY_S if upcoming is None else (upcoming - self._clock.now()).total_seconds()
        return min(LOOK_EVERY_S, max(0.05, wait_s))

    def _has_room(self, org_id: str) -> bool:
        return len(self._in_flight) < IN_FLIGHT and Counter(self._in_flight.values())[org_id] < IN_FLIGHT_OF_ORG

    async def idle(self) -> None:
        """Wait until nothing is in flight; for tests and for a stop."""
        await self._tasks.idle()

    async def _attempt(self, org_id: OrgId, proposal_id: str) -> None:
        try:
            with self.retries.attempt(proposal_id):
                await self.handle(org_id, proposal_id)
        finally:
            self._in_flight.pop(proposal_id, None)

    async def handle(self, org_id: OrgId, proposal_id: str) -> None:
        """Take the next step of one pull request, and note what came of it."""
        who = actor.system(org_id)
        work = await self._store.write(who, lambda tx: _claim(tx, proposal_id, self._link))
        if work is None:
            return
        try:
            async with asyncio.timeout(model.HANDLE_S):
                after = await self._next(work)
        except ForgeError as error:
            after = _failed(work.held, error, self._clock.now())
        except TimeoutError:
            late = ForgeError("forge_unreachable", "the forge did not answer in time", is_lasting=False)
            after = _failed(work.held, late, self._clock.now())
        await self._store.write(who, lambda tx: proposals.record(tx, work.held, after))

    async def _next(self, work: Work) -> Proposal:
        if work.forge is None:
            raise ForgeError("no_forge", "the connection to the forge was deleted, or no longer names the repository")
        try:
            api = api_of(work.forge, forges.token_of(work.forge, key=self._key), self._caller)
        except OptralError as error:
            raise ForgeError(error.code, error.say) from None
        now, held = self._clock.now(), replace(work.held, code=None, message=None, failures=0)
        match held.state:
            case State.OPENING:
                return await _open(api, work, held, now)
            case State.OPEN:
                assert held.number is not None
                return _looked(held, await api.look(held.repository, held.number), now)
            case State.MERGED:
                return await _applied(api, work, held, now)
            case _:
                return await _close(api, held)


def _claim(tx: Transaction, proposal_id: str, link: str) -> Work | None:
    held = forges.claim(tx, proposal_id)
    if held is None:
        return None
    execution = runbooks.get_execution(tx, held.execution_id)
    known = {one.id: one for one in forges.find(tx)}.get(held.forge_id)
    forge = known if known is not None and known.allows(held.repository) else None
    work = Work(held=held, execution=execution, forge=forge, texts=texts.of_execution(tx, execution, link=link))
    if held.state is not State.MERGED:
        return work
    revisions = tuple(revision for keeper in held.keepers for revision in _revisions(tx, held, keeper))
    return replace(work, revisions=revisions, missing=changes.missing(execution.plan or {}, _manifests(tx, execution)))


def _revisions(tx: Transaction, held: Proposal, keeper: Mapping[str, str]) -> tuple[str, ...]:
    """What a keeper has applied to the end of what the pull request changes; empty texts while it says nothing."""
    manifest = _keeper(tx, held, keeper)
    if keeper["kind"] == source.APPLICATION:
        return applications.synced_revisions(manifest, keeper.get("repository", ""), keeper.get("revision", ""))
    return (source.synced_revision(keeper["kind"], manifest),)


def _keeper(tx: Transaction, held: Proposal, keeper: Mapping[str, str]) -> dict[str, Any]:
    """Its manifest; empty where it is gone, and where it is not the only one of its name."""
    if keeper["namespace"]:
        found = lookup.named(tx, held.cluster_id, keeper["kind"], keeper["namespace"], keeper["name"])
        return {} if found is None else tree(found.read())
    fits = ResourceFilter(clusters=frozenset({held.cluster_id}), kinds=frozenset({keeper["kind"]}), name=keeper["name"])
    rows = resources.find(tx, fits, PageRequest(size=2))
    return manifest_of(tx, rows[0].id) if len(rows) == 1 else {}


def _manifests(tx: Transaction, execution: Execution) -> dict[str, Any]:
    """The objects that the execution changes, by the name of the step; empty for one that is gone."""
    found: dict[str, Any] = {}
    for step in runbooks.steps(tx, execution.id):
        held = find_object(tx, execution.cluster_id, step.object) if step.is_write else None
        if step.is_write:
            found[step.name] = {} if held is None else manifest_of(tx, held.id)
    return found


async def _open(api: Api, work: Work, held: Proposal, now: datetime) -> Proposal:
    facts = await api.facts(held.repository)
    held = replace(held, base=held.base or facts.default_branch)
    made = await api.find(held.repository, base=held.base, branch=held.branch)
    if made is not None and held.patch is not None:
        return _opened(held, made, now)
    if facts.is_archived or not facts.may_push:
        lacks = f"the token may not push to {held.repository}: it needs {api.needs}"
        why = "the repository is archived" if facts.is_archived else lacks
        raise ForgeError("not_permitted", f"{why}; nothing was opened")
    base_commit = await api.head(held.repository, held.base)
    if base_commit is None:
        say = f"{held.base} is no branch of {held.repository}: a tag or a commit is applied, which a pull request does not move"
        raise ForgeError("branch_not_found", say)
    try:
        packed = await api.archive(held.repository, base_commit)
        edits = await asyncio.to_thread(changes.of_plan, packed, held.folder, work.execution.plan or {})
    except CannotEdit as error:
        if made is not None:  # somebody merged it before it was noted here
            return _opened(held, made, now)
        raise ForgeError("cannot_edit", str(error)) from None
    held = replace(held, patch=texts.masked(edits.patch)[: model.MAX_PATCH_BYTES], notes=tuple(edits.notes))
    if made is None:
        made = await _created(api, work, held, base_commit, edits)
    return _opened(held, made, now)


async def _created(api: Api, work: Work, held: Proposal, base_commit: str, edits: changes.Edits) -> PullRequest:
    """What a forge refuses because it is there already is taken for made: a forge may show a branch or a pull request a little later."""
    body = texts.with_patch(work.texts.body, held.patch or "", tuple(held.notes))
    try:
        if await api.head(held.repository, held.branch) is None:
            await api.commit(held.repository, Commit(held.base, base_commit, held.branch, work.texts.commit, edits.files))
    except ForgeError as error:
        if error.code != "refused_by_forge" or await api.head(held.repository, held.branch) is None:
            raise
    try:
        return await api.open(held.repository, base=held.base, branch=held.branch, title=work.texts.title, body=body)
    except ForgeError as error:
        made = await api.find(held.repository, base=held.base, branch=held.branch) if error.code == "refused_by_forge" else None
        if made is None or not made.is_open:
            raise
        return made


def _opened(held: Proposal, made: PullRequest, now: datetime) -> Proposal:
    known = replace(held, state=State.OPEN, number=made.number, url=made.url, expires_at=now + model.MERGE_WITHIN)
    return _looked(known, made, now)


def _looked(held: Proposal, found: PullRequest, now: datetime) -> Proposal:
    if found.is_merged:
        merged = replace(held, state=State.MERGED, merge_commit=found.merge_commit, merged_at=now, expires_at=now + model.SYNC_WITHIN)
        return replace(merged, due_at=now)
    if not found.is_open:
        return replace(held, state=State.CLOSED, due_at=None)
    say = f"{held.url} has conflicts with {held.base}: resolve them there, or close it and plan again" if found.has_conflicts else None
    return replace(held, message=say, due_at=now + model.POLL_EVERY)


async def _applied(api: Api, work: Work, held: Proposal, now: datetime) -> Proposal:
    """Applied is a merge whose commit is in what every keeper has applied, and whose values the cluster shows."""
    assert held.merge_commit is not None
    for revision in work.revisions:
        is_known = revision == held.merge_commit
        if not revision or not (is_known or await api.contains(held.repository, revision=revision, commit=held.merge_commit)):
            shown = revision or "nothing yet"
            return replace(held, message=f"Waiting until the merge is applied; applied now: {shown}", due_at=now + model.SYNC_EVERY)
    if work.missing is not None:
        one = work.missing
        say = f"The merge was applied, but step {one.object!r} is not in the cluster yet: {one.path} is {one.now!r}"
        return replace(held, message=say[:500], due_at=now + model.SYNC_EVERY)
    return replace(held, state=State.SYNCED, applied_revision=(work.revisions or ("",))[0], due_at=None)


async def _close(api: Api, held: Proposal) -> Proposal:
    base = held.base or (await api.facts(held.repository)).default_branch
    found = await api.find(held.repository, base=base, branch=held.branch)
    if found is not None and found.is_open:
        await api.close(held.repository, found.number)
    known = held if found is None else replace(held, number=found.number, url=found.url)
    return replace(known, state=State.CLOSED, due_at=None)


def _failed(held: Proposal, error: ForgeError, now: datetime) -> Proposal:
    """Again later, or never. A pull request that is open is followed whatever the forge says, until its deadline."""
    failures = held.failures + 1
    failed = replace(held, code=error.code, message=error.say[:500], failures=failures)
    is_followed = held.state in (State.OPEN, State.MERGED) and error.code != "no_forge"
    if now < held.expires_at and (is_followed or not error.is_lasting):
        asked = timedelta(seconds=error.retry_after_s or 0)
        return replace(failed, due_at=now + max(model.retry_after(failures), asked))
    return replace(failed, state=State.CLOSED if held.state is State.CLOSING else State.FAILED, due_at=None)
