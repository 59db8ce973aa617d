"""Pull requests as executions know them: from which repository an object is applied, the row, how it stands, and what a worker records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from optral.flows.executions import execution_events, sources
from optral.flows.executions.inventory import find_object, managers, manifest_of
from optral.forges import service as forges
from optral.forges.model import OPEN_WITHIN, Forge, Proposal
from optral.resources.model import Resource
from optral.runbooks import service as runbooks
from optral.runbooks.executions import source
from optral.runbooks.executions.effects import ProposalSeen
from optral.runbooks.executions.managed import Manager
from optral.runbooks.executions.source import Source
from optral.runbooks.model import Execution, LogLine, Step
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Refused

FLUX_BRANCH = "master"
"""What a GitRepository without a reference follows. Source: Flux documentation, GitRepository."""
_GIT = frozenset({"argocd", "flux"})
_UNDOING = frozenset({"hpa", "operator"})
Pair = tuple[Step, Resource | None]


class SourceLocation(NamedTuple):
    """Where the files are: at `address` for Git. `keepers` are the resources that say what was applied."""

    forge: Forge
    address: str
    revision: str
    repository: str
    folder: str
    base: str
    keepers: tuple[source.Named, ...]


class _Kept(NamedTuple):
    source: Source
    keeper: source.Named
    base: str


def source_of(tx: Transaction, cluster_id: str, pairs: Sequence[Pair]) -> SourceLocation:
    """The one place from which Argo CD or Flux applies all objects that these steps write.

    Raises `Refused`: "not_managed", "managed_object" (something else than Argo CD and Flux would undo the change), "source_unknown",
    "several_sources", "no_forge".
    """
    kept = [_kept(tx, cluster_id, step, found) for step, found in pairs if step.is_write]
    if not kept:
        raise Refused("not_managed", say="the runbook changes nothing, so there is nothing to propose")
    places = {(one.source.repository, one.source.path, one.base) for one in kept}
    if len(places) > 1:
        raise Refused("several_sources", say="the objects come from several repositories or folders; one pull request changes one of them")
    address = kept[0].source.repository
    connected = forges.for_repository(tx, address)
    if connected is None:
        say = f"no connected forge may open pull requests in {address}; an owner or admin can connect it in Settings, GitOps"
        raise Refused("no_forge", say=say)
    forge, repository = connected
    revision = kept[0].source.revision
    return SourceLocation(
        forge, address, revision, repository, kept[0].source.path, kept[0].base, tuple(dict.fromkeys(one.keeper for one in kept))
    )


def _kept(tx: Transaction, cluster_id: str, step: Step, found: Resource | None) -> _Kept:
    who = managers(tx, cluster_id, step, found)
    if undoing := [one for one in who if one.kind in _UNDOING]:
        say = f"{step.object} is managed by {undoing[0]}, which would undo or hide the change; change that instead"
        raise Refused("managed_object", say=say)
    manager = next((one for one in who if one.kind in _GIT), None)
    if manager is None or found is None:
        raise Refused("not_managed", say=f"neither Argo CD nor Flux applies {step.object} from a repository; run the runbook without it")
    return _of_manager(tx, cluster_id, step, manager, manifest_of(tx, found.id))


def _of_manager(tx: Transaction, cluster_id: str, step: Step, manager: Manager, manifest: Mapping[str, Any]) -> _Kept:
    keeper = sources.reporter(tx, cluster_id, manager, manifest)
    known = sources.find(tx, cluster_id, manager, manifest)
    if known is not None and known.problem:
        say = f"{manager} applies {step.object}, but {known.problem}: change the files by hand"
        raise Refused("source_unknown", say=say)
    if known is not None and known.chart and known.repository:
        say = (
            f"{step.object} comes from the chart {known.chart}, which is not in the repository; run helm pull, then optral executions patch"
        )
        raise Refused("source_unknown", say=f"{say} with --chart, or change the values by hand")
    if keeper is None or known is None or not known.repository:
        say = f"the inventory does not show from which repository {manager} applies {step.object}; see docs/how-to/gitops.md"
        raise Refused("source_unknown", say=say)
    revision = known.revision or (FLUX_BRANCH if manager.kind == "flux" else "")
    return _Kept(known, keeper, "" if revision == "HEAD" else revision)


def put_down(tx: Transaction, execution: Execution) -> None:
    """The row of the pull request of an execution, due now. What cannot be known any more makes one that has failed."""
    expires_at = tx.now + OPEN_WITHIN
    made = Proposal(
        id=ids.derive("prp", execution.id),
        org_id=tx.org_id,
        execution_id=execution.id,
        cluster_id=execution.cluster_id,
        forge_id="",
        repository="",
        folder="",
        base="",
        branch="",
        keepers=(),
        due_at=tx.now,
        expires_at=expires_at,
        created_at=tx.now,
        updated_at=tx.now,
    )
    pairs = [(step, find_object(tx, execution.cluster_id, step.object)) for step in runbooks.steps(tx, execution.id) if step.is_write]
    try:
        place = source_of(tx, execution.cluster_id, pairs)
    except Refused as refused:
        made = replace(made, state=made.state.FAILED, code=refused.code, message=refused.say, due_at=None, ended_at=tx.now)
    else:
        made = replace(
            made,
            forge_id=place.forge.id,
            repository=place.repository,
            folder=place.folder,
            base=place.base,
            branch=f"{place.forge.branch_prefix}{execution.id}",
            keepers=tuple({**one._asdict(), "repository": place.address, "revision": place.revision} for one in place.keepers),
        )
    forges.put_down(tx, made)


def end(tx: Transaction, execution_id: str, *, leaves_open: bool) -> None:
    """The execution ends before the sync: its pull request is closed next, unless it `leaves_open`."""
    forges.end(tx, execution_id, leaves_open=leaves_open)


def seen(tx: Transaction, execution_id: str) -> ProposalSeen | None:
    """How the pull request of an execution stands."""
    found = forges.proposal_of(tx, execution_id)
    if found is None:
        return None
    return ProposalSeen(found.state.value, found.expires_at, found.url, found.code, found.message)


def record(tx: Transaction, held: Proposal, after: Proposal) -> bool:
    """Note what a worker found or did, and wake the execution when people see a difference; False when the row is no longer the worker's.

    The execution is locked first, as everything that moves it does.
    """
    execution = runbooks.get_execution(tx, held.execution_id, lock=True)
    if not forges.record(tx, held, after):
        return False
    if execution.status.is_final or not (lines := _lines(held, after)):
        return True
    execution = runbooks.save(tx, replace(execution, due_at=tx.now), log=lines)
    execution_events.emit(tx, execution, "execution.updated", audit=_audit(held, after), detail=_detail(after))
    return True


def _lines(held: Proposal, after: Proposal) -> list[LogLine]:
    if after.state is not held.state:
        text = {
            "open": f"Opened {after.url}; waiting for its merge into {after.base}",
            "merged": f"{after.url} was merged as {after.merge_commit}; waiting until it is applied",
            "synced": f"Revision {after.applied_revision} was applied, which contains the merge",
            "closed": f"{after.url} was closed",
            "failed": after.message or "The pull request failed",
        }.get(after.state.value)
        return [] if text is None else [LogLine("error" if after.code else "info", None, text)]
    is_news = after.message is not None and after.message != held.message
    return [LogLine("warning" if after.code else "info", None, str(after.message))] if is_news else []


def _audit(held: Proposal, after: Proposal) -> str | None:
    return "propose" if after.state is not held.state and after.state is after.state.OPEN else None


def _detail(after: Proposal) -> dict[str, Any]:
    return {"repository": after.repository, "branch": after.branch, "url": after.url}
