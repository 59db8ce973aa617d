"""Members and keys from the command line: what only people do, signed in for one command, against the real API."""

from collections.abc import Iterator
from unittest import mock

import pytest
import typer

from optral.access import service as access
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, member, with_password
from tests.api.conftest import running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock

ME = ("--as", "owner@example.org")


@pytest.fixture
def typed() -> Iterator[mock.Mock]:
    """What is typed at the prompt."""
    with mock.patch.object(typer, "prompt", return_value=PASSWORD) as prompt:
        yield prompt


async def test_a_person_manages_members_and_is_signed_out_after_each_command(store: Store, clock: FakeClock, typed: mock.Mock) -> None:
    async with running(store, clock) as api:
        await with_password(api)
        invited = await run(api, "members", "invite", *ME, "--role", "admin", "--email", "new@example.org")
        assert invited["url"].endswith(invited["token"])
        assert [one["id"] for one in (await run(api, "members", "invites", *ME))["invites"]] == [invited["id"]]
        await run(api, "members", "withdraw", *ME, invited["id"])
        await member(api, Role.VIEWER, "other@example.org")
        other = next(one["id"] for one in (await run(api, "members", "list"))["members"] if one["email"] == "other@example.org")
        assert (await run(api, "members", "role", *ME, other, "owner"))["role"] == "owner"
        assert (await run(api, "members", "remove", *ME, other, "--yes"))["id"] == other
        assert (await run(api, "keys", "create", *ME, "ci", "--scope", "issues:read"))["scopes"] == ["issues:read"]
        records = await store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0))
        sessions = [one.action for one in records if one.action in ("session.create", "session.end")]
        assert sessions == ["session.create", "session.end"] * 6
        assert typed.call_args == mock.call("Password of owner@example.org", hide_input=True, err=True)


async def test_a_member_is_bound_to_a_namespace_and_released_again(store: Store, clock: FakeClock, typed: mock.Mock) -> None:
    async with running(store, clock) as api:
        await with_password(api)
        await api.new_cluster("production")
        await member(api, Role.OPERATOR, "dev@example.org")
        dev = next(one["id"] for one in (await run(api, "members", "list"))["members"] if one["email"] == "dev@example.org")
        bound = await run(
            api, "members", "bind", *ME, dev, "admin", "--cluster", "production", "--namespace", "shop", "--cluster-label", "env=prod"
        )
        assert (bound["role"], bound["namespaces"], bound["clusterLabels"]) == ("admin", ["shop"], {"env": "prod"})
        shown = await run(api, "members", "bindings", *ME, dev, form="table")
        assert "production" in shown and "shop" in shown and "env=prod" in shown
        assert (await run(api, "members", "unbind", *ME, dev, bound["id"]))["id"] == bound["id"]
        assert (await run(api, "members", "lift", *ME, dev))["limited"] is False


async def test_a_key_alone_and_a_wrong_password_change_nothing(store: Store, clock: FakeClock, typed: mock.Mock) -> None:
    async with running(store, clock) as api:
        await with_password(api)
        assert "--as" in await run(api, "members", "invite", "--role", "viewer", code=2, form="table")
        typed.return_value = "wrong and wrong"
        assert "wrong" in await run(api, "members", "invite", *ME, "--role", "viewer", code=1, form="table")
        assert PASSWORD not in str(await store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0)))
