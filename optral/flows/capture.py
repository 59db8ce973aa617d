"""The last words of a container whose issue has just opened: fetched while the agent still has them, kept for two weeks.

A container's earlier log is gone with its next restart, so it is asked for at once and not when somebody gets round to reading. The wish
is a row, so a restart of the server does not lose it. The agent redacts; the text is searched once more before it is kept. When
something came, the issue is analysed again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from optral.analysis import model, scope, service as analyses
from optral.analysis.model import CapturedLog, Trigger
from optral.commands.model import NewCommand, State
from optral.flows import command
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.clock import Clock
from optral.kube import redact
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, verbs
from optral.terms.errors import NotFound, OptralError
from optral.terms.ids import OrgId

AT_ONCE = 4
HIDDEN = "[redacted: this line looked like a secret]"
LOOK_EVERY_S = 10.0
WAIT_S = 20.0
_GONE = frozenset({"NOT_FOUND", "CONTAINER_NOT_FOUND", "NO_PREVIOUS", "NOT_STARTED", "FORBIDDEN", "POLICY"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log; `failure` says why there is none, `for_good` that asking again is no use."""

    text: str = ""
    truncated: bool = False
    failure: str | None = None
    for_good: bool = False


Fetch = Callable[[OrgId, CapturedLog], Awaitable[Tail]]
"""The way to the agent. Raises `OptralError` when there is none now."""


def want(tx: Transaction, issue: Issue) -> None:
    """Put down that the last lines of the issue's container are wanted, of this run and of the one before."""
    place = scope.logged(issue.type, pod=issue.resource, container=issue.container, facts=issue.facts)
    if place is None or not issue.namespace:
        return
    pod, container = place
    analyses.want_logs(
        tx,
        [
            CapturedLog(
                cluster_id=issue.cluster_id,
                issue_id=issue.id,
                namespace=issue.namespace,
                pod=pod,
                container=container,
                previous=previous,
                captured_at=tx.now,
                due_at=tx.now,
            )
            for previous in (True, False)
        ],
    )


class Capturer:
    """Own `run` as a task; `step` fetches what is wanted now and returns when to come back."""

    def __init__(self, store: Store, clock: Clock, fetch: Fetch) -> None:
        self._store, self._clock, self._fetch = store, clock, fetch

    async def run(self) -> None:
        with analyses.wants.follow(analyses.WORK) as follower:
            while True:
                try:
                    wait_s = await self.step()
                except Exception:  # noqa: BLE001 - owner of the loop: the rows are still there
                    _log.exception("capture.round_failed")
                    wait_s = LOOK_EVERY_S
                if wait_s > 0:
                    await follower.wait(wait_s)

    async def step(self) -> float:
        """Fetch what is due, four at a time; the seconds until more is (at most 10)."""
        due = await self._store.read(actor.system(), lambda tx: analyses.due_logs(tx, limit=AT_ONCE))
        await asyncio.gather(*(self._capture(OrgId(org_id), log) for org_id, log in due))
        if len(due) == AT_ONCE:
            return 0.0
        upcoming = await self._store.read(actor.system(), analyses.next_due_log)
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.1, (upcoming - self._clock.now()).total_seconds()))

    async def _capture(self, org_id: OrgId, wanted: CapturedLog) -> None:
        who = actor.system(org_id)
        held = model.fetching(wanted, now=self._clock.now())
        await self._store.write(who, lambda tx: analyses.save_logs(tx, [held]))
        try:
            async with asyncio.timeout(model.CAPTURE_DEADLINE_S):
                tail = await self._fetch(org_id, held)
        except OptralError as error:
            tail = Tail(failure=error.say or error.code, for_good=isinstance(error, NotFound))
        except TimeoutError:
            tail = Tail(failure="the agent did not answer in time")
        await self._store.write(who, lambda tx: _keep(tx, held, tail))


def _keep(tx: Transaction, held: CapturedLog, tail: Tail) -> None:
    """Write down what came; with the last of an issue's wishes, have it looked at again."""
    if tail.failure is None:
        after = model.fetched(held, text=_clean(tail.text), truncated=tail.truncated, now=tx.now)
    else:
        after = model.not_fetched(held, tail.failure, now=tx.now, for_good=tail.for_good)
    analyses.save_logs(tx, [after])
    kept = analyses.logs(tx, held.issue_id)
    if after.is_wanted or any(one.is_wanted for one in kept) or not any(one.text for one in kept):
        return
    try:
        issue = issues.get(tx, held.issue_id)
    except NotFound:
        return  # the issue went with its cluster
    analyses.queue(tx, issue.id, Trigger.LOGS, cluster_id=issue.cluster_id)


def _clean(text: str) -> str:
    """The second look for secrets: what the agent let through and still looks like one costs its line."""
    if not redact.scan(text.encode("utf-8", "replace")):
        return text
    return "\n".join(HIDDEN if redact.scan(line.encode("utf-8", "replace")) else line for line in text.splitlines())


def through(store: Store) -> Fetch:
    """The way through the tunnel: a command of the agent's."""

    async def fetch(org_id: OrgId, wanted: CapturedLog) -> Tail:
        params = verbs.Logs(
            namespace=wanted.namespace,
            pod=wanted.pod,
            container=wanted.container,
            previous=wanted.previous,
            tail_lines=scope.TAIL_LINES,
            limit_bytes=analyses.MAX_LOG_BYTES,
        )
        new = NewCommand(
            cluster_id=wanted.cluster_id,
            verb="logs",
            params=verbs.plain(params),
            expires_in_s=WAIT_S,
            timeout_s=int(WAIT_S),
            origin=f"analysis:{wanted.issue_id}",
        )
        done = await command.ask(store, actor.system(org_id), new, wait_s=WAIT_S)
        if done.state is State.SUCCEEDED and done.result is not None:
            return Tail(text=str(done.result.get("text") or ""), truncated=bool(done.result.get("truncated")))
        return Tail(failure=done.message or done.code or done.state.value, for_good=(done.code or "") in _GONE)

    return fetch
