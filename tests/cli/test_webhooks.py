"""Webhooks from the command line, against the real API."""

from pathlib import Path
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


async def test_a_file_has_the_template_of_tickets(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    token, template = tmp_path / "token", tmp_path / "ticket.yaml"
    token.write_text("example-token")
    template.write_text("title: '{severity}: {title}'\nlabels: [ops]\n")
    to = "https://api.github.com/repos/shop/ops/issues"
    async with running(store, clock) as api:
        words = ("webhooks", "create", "tickets", "--form", "ticket", "--to", to, "--token-file", str(token))
        made = await run(api, *words, "--ticket-file", str(template))
        assert made["ticket"] == {"title": "{severity}: {title}", "labels": ["ops"]}
        assert (await run(api, "webhooks", "edit", made["id"], "--name", "ops"))["ticket"] == made["ticket"]
        template.write_text("title: '{pod}'")
        assert "{cause}" in await run(api, "webhooks", "edit", made["id"], "--ticket-file", str(template), code=1)
        template.write_text("{}")
        assert "ticket" not in await run(api, "webhooks", "edit", made["id"], "--ticket-file", str(template))
