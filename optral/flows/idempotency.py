"""One change requested over REST: made once, with its answer rendered in the same transaction and stored under the Idempotency-Key.

The key's row is claimed before the job and filled after it, in one transaction: a second request with the same key waits for the
first one's end and gets its answer; when the first fails, nothing is kept and the second does the work. Around work outside the
database, such as a question to a language model, the row is claimed in a transaction of its own, and a second request is refused meanwhile.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from optral.access import service as access
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.errors import Unavailable

T = TypeVar("T")
W = TypeVar("W")
TURN_WAITS_S = (0.1, 0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the caller: status, headers, body. HTTP belongs to the edge; here they are only passed on and stored."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A caller's key, what it was sent to and with. `secret` is the server's part in sealing the kept answer (its pepper)."""

    key: str
    method: str
    route: str
    body_digest: str
    secret: bytes = field(default=b"", repr=False)

    @property
    def full_route(self) -> str:
        return f"{self.method} {self.route}"


async def perform(
    store: Store, actor: Actor, *, job: Callable[[Transaction], T], render: Callable[[T], Answer], idempotency: IdempotencyKey | None = None
) -> Answer:
    """Run the job and render its answer in one transaction. Raises what they raise.

    With a key that was used before: the first answer with `Idempotent-Replayed: true`, or `Invalid("idempotency_mismatch")` when the body
    differs. Kept for at least 24 hours.
    """
    if idempotency is None:
        return await store.write(actor, lambda tx: render(job(tx)))
    return await store.write(actor, lambda tx: _once(tx, job, render, idempotency))


async def perform_after(
    store: Store,
    actor: Actor,
    *,
    work: Callable[[], Awaitable[W]],
    job: Callable[[Transaction, W], T],
    render: Callable[[T], Answer],
    idempotency: IdempotencyKey | None = None,
) -> Answer:
    """As `perform`, for a job that needs the result of work outside the database, which is not repeated either.

    Raises `Unavailable("request_in_progress")` while the first request with this key is in progress.
    """
    if idempotency is None:
        done = await work()
        return await store.write(actor, lambda tx: render(job(tx, done)))
    if (first := await store.write(actor, lambda tx: _claim(tx, idempotency))) is not None:
        return first
    async with AsyncExitStack() as on_failure:
        on_failure.push_async_callback(_unclaim, store, actor, idempotency)
        done = await work()
        answer = await store.write(actor, lambda tx: _keep(tx, render(job(tx, done)), idempotency))
        on_failure.pop_all()
    return answer


async def answer_once(
    store: Store, actor: Actor, *, work: Callable[[], Awaitable[Answer]], idempotency: IdempotencyKey | None = None
) -> Answer:
    """As `perform_after`, for work that changes nothing, and costs: without a key nothing is written."""
    if idempotency is None:
        return await work()
    return await perform_after(store, actor, work=work, job=lambda _tx, done: done, render=lambda done: done, idempotency=idempotency)


@asynccontextmanager
async def one_at_a_time(store: Store, who: Actor, *, route: str, key: str, say: str) -> AsyncIterator[None]:
    """Keep other requests of the organization with the same route and key waiting, whoever sends them.

    Raises `Unavailable("request_in_progress")` with this text if another one takes longer. One whose server died ends after two minutes.
    """
    system = actors.system(who.org_id)
    given = IdempotencyKey(key=key, method="TURN", route=route, body_digest="")
    for wait_s in (*TURN_WAITS_S, None):
        try:
            await store.write(system, lambda tx: _claim(tx, given))
            break
        except Unavailable as error:
            if error.code != "request_in_progress":
                raise
        if wait_s is None:
            raise Unavailable("request_in_progress", retry_after_s=5, say=say)
        await asyncio.sleep(wait_s)
    try:
        yield
    finally:
        await _unclaim(store, system, given)


async def _unclaim(store: Store, actor: Actor, given: IdempotencyKey) -> None:
    with suppress(Unavailable):  # the claim becomes void by itself after a while
        await store.write(actor, lambda tx: access.unclaim_answer(tx, route=given.full_route, key=given.key))


def _once(tx: Transaction, job: Callable[[Transaction], T], render: Callable[[T], Answer], given: IdempotencyKey) -> Answer:
    return _claim(tx, given) or _keep(tx, render(job(tx)), given)


def _claim(tx: Transaction, given: IdempotencyKey) -> Answer | None:
    kept = access.claim_answer(tx, route=given.full_route, key=given.key, body_digest=given.body_digest, secret=given.secret)
    if kept is None:
        return None
    first = _unpack(kept)
    return replace(first, headers={**first.headers, "Idempotent-Replayed": "true"})


def _keep(tx: Transaction, answer: Answer, given: IdempotencyKey) -> Answer:
    access.keep_answer(tx, route=given.full_route, key=given.key, answer=_pack(answer), secret=given.secret)
    return answer


def _pack(answer: Answer) -> bytes:
    return json.dumps({"status": answer.status, "headers": answer.headers}).encode("utf-8") + b"\n" + answer.body


def _unpack(packed: bytes) -> Answer:
    head, _, body = packed.partition(b"\n")
    fields = json.loads(head)
    return Answer(fields["status"], fields["headers"], body)
