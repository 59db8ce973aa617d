"""The service of the package: analyses as rows (requested, claimed, finished, read), and the log lines captured for them.

What to look at, and what an analysis costs, is the walk's business (`flows/analysis/analyze.py`); the engine itself is pure (`engine.py`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from optral.analysis import capture_repository, model, repository
from optral.analysis.capture_repository import (
    hold_logs as hold_logs,
    is_capture_on as is_capture_on,
    logs as logs,
    next_due_log as next_due_log,
    set_capture as set_capture,
    surroundings as surroundings,
    with_logs as with_logs,
)
from optral.analysis.model import Analysis, CapturedLog, Explanation, Status, Trigger
from optral.analysis.repository import (
    answered as answered,
    answers_of as answers_of,
    causes_of as causes_of,
    count as count,
    find as find,
    forgo as forgo,
    is_automatic as is_automatic,
    newest_of as newest_of,
    set_automatic as set_automatic,
)
from optral.kit.hub import ANY, Topic
from optral.kit.paging import PageCursor
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound

MAX_LOG_BYTES = 64 * 1024

DUE: Topic[str] = Topic("analyses due")
"""Published with `ANY` when an analysis may be due now."""
FINISHED: Topic[str] = Topic("analyses")
"""The ids of analyses that are final."""
LOGS_DUE: Topic[str] = Topic("logs due")
"""Published with `ANY` when log lines are to be fetched."""
answer = repository.newest_answer

PREVIOUS_AT_MOST = 20  # answers of an issue that are compared with the present one
CONFIDENCE_STEP = 0.095  # a smaller change of the confidence is not told


def queue(
    tx: Transaction, issue_id: str, trigger: Trigger, *, cluster_id: str, force: bool = False, after_s: float = 0
) -> tuple[Analysis, bool]:
    """Request an analysis of an issue; (the analysis, whether it is new): folds into one that is queued or running.

    It starts `after_s` seconds from now, so that evidence on its way can arrive. One that is queued is brought forward to that moment;
    what a person requests waits for its evidence even where it would have started earlier.
    """
    due_at = model.later(tx.now, after_s)
    if (present := repository.live(tx, issue_id)) is not None:
        return _folded(tx, present, trigger, force=force, due_at=due_at), False
    analysis = _queued(tx, issue_id, trigger, cluster_id=cluster_id, force=force, due_at=due_at)
    repository.insert(tx, [analysis])
    written = repository.live(tx, issue_id)
    if written is not None and written.id != analysis.id:
        return written, False  # another replica was asked at the same moment
    tx.publish(DUE, ANY)
    return analysis, True


def queue_automatic(tx: Transaction, waits: Mapping[str, float], *, cluster_id: str) -> None:
    """As `queue`, of many issues of a cluster at once: `waits` has the `after_s` of each, by issue id."""
    present = repository.live_of(tx, waits)
    for issue_id, analysis in present.items():
        _folded(tx, analysis, Trigger.AUTO, force=False, due_at=model.later(tx.now, waits[issue_id]))
    new = [
        _queued(tx, issue_id, Trigger.AUTO, cluster_id=cluster_id, force=False, due_at=model.later(tx.now, after_s))
        for issue_id, after_s in waits.items()
        if issue_id not in present
    ]
    repository.insert(tx, new)
    if new:
        tx.publish(DUE, ANY)


def _queued(tx: Transaction, issue_id: str, trigger: Trigger, *, cluster_id: str, force: bool, due_at: datetime) -> Analysis:
    return Analysis(
        id=ids.new("ana"),
        org_id=tx.org_id,
        cluster_id=cluster_id,
        issue_id=issue_id,
        status=Status.QUEUED,
        trigger=trigger,
        requested_by=tx.actor.id,
        force=force,
        created_at=tx.now,
        due_at=due_at,
    )


def _folded(tx: Transaction, present: Analysis, trigger: Trigger, *, force: bool, due_at: datetime) -> Analysis:
    if present.status is not Status.QUEUED or present.due_at is None:
        return present
    if trigger is not Trigger.MANUAL:
        due_at = min(present.due_at, due_at)
    elif present.trigger is Trigger.MANUAL:
        due_at = min(due_at, max(present.due_at, tx.now))  # whoever asks again and again does not put it off
    kind = Trigger.MANUAL if trigger is Trigger.MANUAL else present.trigger
    after = replace(present, force=present.force or force, due_at=due_at, trigger=kind)
    if after == present:
        return present
    after = replace(after, version=present.version + 1)
    if not repository.update(tx, present, after):
        return present
    tx.publish(DUE, ANY)
    return after


def hasten(tx: Transaction, issue_id: str) -> None:
    """The evidence that a queued analysis of the issue waits for is here, or will not come: it need not wait any longer."""
    present = repository.live(tx, issue_id)
    if present is not None and present.trigger is not Trigger.AUTO:
        _folded(tx, present, Trigger.LOGS, force=False, due_at=tx.now)


def due(tx: Transaction, *, limit: int, but: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """(analysis id, organization id) of rows that wait for a worker, of all organizations but these.

    Those that people requested come first; then clusters take turns, and in each the oldest comes first.
    """
    return repository.due(tx, tx.now, limit, but)


def next_due(tx: Transaction, *, but: frozenset[str] = frozenset()) -> datetime | None:
    """When the next row may be claimed; of all organizations but these."""
    return repository.next_due(tx, but)


def claim(tx: Transaction, analysis_id: str, *, deadline_s: float = model.DEADLINE_S) -> Analysis | None:
    """Take a row in hand for that long; None when somebody else has it, or when it failed too often (it is then failed)."""
    found = repository.get(tx, analysis_id)
    if found is None or found.due_at is None or found.due_at > tx.now or found.status.is_final:
        return None
    if found.attempts >= model.ATTEMPTS:
        _settle(tx, found, model.stumbled(found, found.failure or "it did not finish in time", now=tx.now))
        return None
    taken = model.started(found, now=tx.now, deadline_s=deadline_s)
    return taken if repository.update(tx, found, taken) else None


def finish(tx: Transaction, held: Analysis, found: Explanation) -> Analysis | None:
    """Write the answer down; None when the row has meanwhile gone to another worker or is gone."""
    return _settle(tx, held, model.finished(held, found, now=tx.now))


def stumble(tx: Transaction, held: Analysis, reason: str) -> Analysis | None:
    """An attempt went wrong: it waits for the next one, or has failed for good."""
    return _settle(tx, held, model.stumbled(held, reason[:500], now=tx.now))


def _settle(tx: Transaction, held: Analysis, after: Analysis) -> Analysis | None:
    """Every change moves the version, so a row that another worker took meanwhile is left alone."""
    if not repository.update(tx, held, after):
        return None
    if after.status.is_final:
        tx.publish(FINISHED, after.id)
    else:
        tx.publish(DUE, ANY)
    return after


# --- reading


def get(tx: Transaction, analysis_id: str) -> Analysis:
    """Raises `NotFound`, also for a cluster the actor's key may not see."""
    found = repository.get(tx, analysis_id)
    if found is None or not tx.actor.may_see_cluster(found.cluster_id):
        raise not_found(analysis_id)
    return with_waits(tx, found)


def not_found(analysis_id: str) -> NotFound:
    return NotFound("analysis_not_found", say=f"no analysis has the id {analysis_id}")


def followed(tx: Transaction, analysis_id: str) -> Analysis:
    """The analysis, or the one that has followed since because this one was inconclusive. Raises `NotFound`."""
    found = get(tx, analysis_id)
    return (newest(tx, found.issue_id) or found) if found.status is Status.INCONCLUSIVE else found


def with_waits(tx: Transaction, analysis: Analysis) -> Analysis:
    """The analysis with the logs that it waits for; an inconclusive one is followed by another when they arrive."""
    if analysis.status not in (Status.QUEUED, Status.INCONCLUSIVE):
        return analysis
    return replace(analysis, waits_for=tuple(log.described for log in capture_repository.logs(tx, analysis.issue_id) if log.is_wanted))


def newest(tx: Transaction, issue_id: str) -> Analysis | None:
    """The newest analysis of an issue in any state; the caller has made sure that the actor may see the issue."""
    found = repository.newest(tx, issue_id)
    return None if found is None else with_waits(tx, found)


def shown(tx: Transaction, issue_id: str) -> Analysis | None:
    """What an issue shows: its newest analysis, or the last answer if that one failed, is an attempt, or brings the answer up to date."""
    found = newest(tx, issue_id)
    if found is None or found.is_answer or (not found.status.is_final and found.trigger in (Trigger.AUTO, Trigger.MANUAL)):
        return found
    known = answer(tx, issue_id)
    return found if known is None else replace(known, attempt=found if found.status.is_final else None)


def shown_result(tx: Transaction, issue_id: str) -> Mapping[str, Any]:
    """The result of what an issue shows; empty without one."""
    found = shown(tx, issue_id)
    return {} if found is None else found.final_result


def previous(tx: Transaction, current: Analysis) -> tuple[Analysis, datetime] | None:
    """The answer before the present one that named another cause or was clearly less or more certain, and when it was replaced."""
    replaced_at = current.finished_at
    for one in repository.last_answers(tx, current.issue_id, PREVIOUS_AT_MOST):
        if one.cause_id != current.cause_id or abs((one.confidence or 0) - (current.confidence or 0)) >= CONFIDENCE_STEP:
            return None if replaced_at is None else (one, replaced_at)
        replaced_at = one.finished_at
    return None


def keep_answer(tx: Transaction, answer_id: str) -> Analysis | None:
    """The answer that its issue shows instead of an attempt; it gets its next version, since it names the attempt. None if it is gone."""
    repository.touch(tx, answer_id)
    return repository.get(tx, answer_id)


def explained_since(tx: Transaction, since: datetime, *, limit: int) -> dict[str, datetime]:
    """When each issue was first explained since then, by the newest `limit` analyses that named a cause; in all clusters."""
    return {row.issue_id: row.finished_at for row in repository.ready_since(tx, since, limit)}  # newest first: the first one stays


def place(analysis: Analysis) -> PageCursor:
    return PageCursor(analysis.created_at, analysis.id)


# --- captured logs


def want_logs(tx: Transaction, wanted: list[CapturedLog]) -> None:
    """Record whose last lines to fetch. What is held of the same containers stays until newer lines arrive."""
    capture_repository.want_logs(tx, wanted)
    if wanted:
        tx.publish(LOGS_DUE, ANY)


def due_logs(tx: Transaction, *, of_each: int, limit: int) -> list[tuple[str, CapturedLog]]:
    """(organization id, log without its text) of logs to fetch, the oldest `of_each` of each cluster of all organizations."""
    return capture_repository.due_logs(tx, tx.now, of_each=of_each, limit=limit)


def claim_log(tx: Transaction, wanted: CapturedLog) -> CapturedLog | None:
    """Claim a wanted log until the deadline; None when it is not wanted any more or another server has claimed it."""
    found = capture_repository.log(tx, wanted)
    if found is None or found.due_at is None or found.due_at > tx.now:
        return None
    held = model.fetching(found, now=tx.now)
    capture_repository.save_logs(tx, [held])
    return held


def holds_log(tx: Transaction, held: CapturedLog) -> bool:
    """Whether this claim of a log still holds."""
    found = capture_repository.log(tx, held)
    return found is not None and (found.due_at, found.attempts) == (held.due_at, held.attempts)


def drop_log(tx: Transaction, wanted: CapturedLog) -> None:
    """Take back a wanted log of which nothing is held; what was captured earlier stays."""
    found = capture_repository.log(tx, wanted)
    if found is None:
        return
    if found.text or found.attempts:
        capture_repository.save_logs(tx, [model.not_fetched(found, model.UNWANTED, now=tx.now, for_good=True)])
    else:
        capture_repository.delete_log(tx, found)


def keep_surroundings(tx: Transaction, issue_id: str, *, cluster_id: str, body: str) -> None:
    """Keep what was around an issue when it opened, as JSON of at most 64 KiB; a later capture replaces it. Raises `ValueError`."""
    if len(body.encode()) > MAX_LOG_BYTES:
        raise ValueError(f"the text has {len(body)} characters, which is too long")
    capture_repository.save_surroundings(tx, issue_id, cluster_id=cluster_id, body=body)


def save_logs(tx: Transaction, logs: list[CapturedLog]) -> None:
    """Keep what containers wrote last, at most 64 KiB each (the end counts); a later capture of the same replaces it."""
    capture_repository.save_logs(tx, [_bounded(log) for log in logs])


def _bounded(log: CapturedLog) -> CapturedLog:
    raw = log.text.replace("\x00", "").encode("utf-8", "replace")
    if len(raw) <= MAX_LOG_BYTES:
        return replace(log, text=raw.decode("utf-8"))
    return replace(log, text=raw[-MAX_LOG_BYTES:].decode("utf-8", "ignore"), truncated=True)


# --- cleaning


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` analyses of all organizations that were requested before that moment; returns how many."""
    return repository.delete_old(tx, "analyses", before, limit)


def delete_old_feedback(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` rows of feedback of all organizations that nobody changed since that moment; returns how many."""
    return repository.delete_old(tx, "feedback", before, limit)


def delete_old_logs(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` captured logs and as many of what was captured beside them; how many of either at most."""
    return max(repository.delete_old(tx, what, before, limit) for what in ("logs", "surroundings"))


def purge(tx: Transaction, cluster_id: str, limit: int = 500) -> bool:
    """Delete up to `limit` rows of a deleted cluster; whether there may be more."""
    return repository.purge(tx, cluster_id, limit) > 0
