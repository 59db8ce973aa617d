"""A run that is canceled counts what it used once, whatever was being written at that moment."""

import asyncio
from typing import Any

import pytest

from optral.analysis import spending
from optral.flows.analysis.reserved import Reserved
from optral.store.store import Store
from optral.terms import actor
from optral.terms.ids import OrgId
from tests.analysis.test_spending import BUDGET, MOST, USAGE


async def test_a_run_that_is_canceled_while_use_is_written_counts_once(store: Store, org: OrgId, monkeypatch: pytest.MonkeyPatch) -> None:
    who, begun = actor.system(org), asyncio.Event()
    held = await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60))
    assert held is not None
    write = store.write

    async def written(*given: Any) -> Any:
        done = await write(*given)
        begun.set()
        await asyncio.sleep(0)  # the caller is canceled between the commit and its result
        return done

    monkeypatch.setattr(store, "write", written)
    reserved = Reserved(store, who, held)
    counting = asyncio.ensure_future(reserved.count({"requests": 1, "inputTokens": 400}))
    await begun.wait()
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    await reserved.settle(USAGE)
    spent = await store.read(who, spending.today)
    assert (spent.requests, spent.input_tokens, spent.output_tokens, spent.reserved.tokens) == (2, 250, 50, 0)
