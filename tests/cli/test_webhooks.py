"""Webhooks from the command line, against the real API."""

from typing import Any

import pytest

from optral.client.endpoints.outside import Webhooks
from optral.client.http import Answer
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock

ADDRESS = "https://hooks.example.com/in"
FILTERS = {"events": ["issue.created"], "namespaces": ["shop"], "minSeverity": "high"}


async def create_webhook(api: Api) -> str:
    answer = await api("POST", "/v1/webhooks", json={"name": "on-call", "url": ADDRESS, "filters": FILTERS})
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    ("words", "filters"),
    [
        (["--min-severity", "critical"], FILTERS | {"minSeverity": "critical"}),
        (["-n", "shop", "-n", "till"], FILTERS | {"namespaces": ["shop", "till"]}),
        (["-n", "", "--min-severity", ""], {"events": ["issue.created"]}),
        (["--name", "pager"], FILTERS),
    ],
)
async def test_an_edit_leaves_alone_what_it_does_not_name(
    store: Store, clock: FakeClock, words: list[str], filters: dict[str, object]
) -> None:
    async with running(store, clock) as api:
        after = await run(api, "webhooks", "edit", await create_webhook(api), *words)
        assert (after["filters"], after["url"].startswith("https://hooks.example.com/")) == (filters, True)


async def test_an_edit_of_nothing_is_misuse(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        assert "--min-severity" in await run(api, "webhooks", "edit", await create_webhook(api), code=2)


async def test_an_edit_undoes_nothing_that_somebody_else_changed_at_the_same_time(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Webhooks.get

    def looked_too_early(self: Webhooks, webhook_id: str) -> Answer[dict[str, Any]]:
        seen = look(self, webhook_id)
        self.update(webhook_id, {"filters": {"events": ["issue.resolved"]}})
        return seen

    monkeypatch.setattr(Webhooks, "get", looked_too_early)
    async with running(store, clock) as api:
        hook = await create_webhook(api)
        assert "was changed in the meantime" in await run(api, "webhooks", "edit", hook, "--min-severity", "low", code=1)
        assert (await api.get(f"/v1/webhooks/{hook}")).json()["filters"] == {"events": ["issue.resolved"]}
