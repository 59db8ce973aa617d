"""`optral coverage` as a person reads it who wants to know what an empty list means."""

import asyncio
import json

from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.overview.test_coverage import healthy
from tests.support.clock import FakeClock
from tests.support.commandline import Done, optral


async def say(api: Api, *words: str) -> Done:
    return await asyncio.to_thread(optral, *words, url=api.url, key=api.key)


async def test_it_says_what_was_looked_at_and_what_was_not(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await healthy(api, "eu", forbidden={"Service"})
        await api.new_cluster("us")
        shown = (await say(api, "coverage")).stdout
        assert "Looked at 1 of 2 clusters" in shown and "of Optral" in shown
        assert "Service of cluster eu cannot be read" in shown and "Cluster us has never connected" in shown
        assert "Secrets are never read" in shown
        found = json.loads((await say(api, "coverage", "--cluster", "eu", "-o", "json")).stdout)
        assert (found["complete"], found["clusterTotal"]) == (False, 1)


async def test_an_empty_list_of_issues_does_not_claim_more_than_was_read(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await healthy(api, "eu")
        assert "nothing found" not in (await say(api, "issues", "list")).stderr
        await healthy(api, "us", forbidden={"Service"})
        said = (await say(api, "issues", "list")).stderr
        assert "does not mean that nothing is wrong" in said and "Service of cluster us cannot be read." in said
