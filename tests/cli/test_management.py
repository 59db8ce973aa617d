"""Commands that change or show one setting or object of the organization, against the real API."""

from pathlib import Path
from unittest import mock

import typer

from tests.api.accounts import PASSWORD, with_password
from tests.api.conftest import Api, api as api
from tests.api.runbooks.test_runbooks import SOURCE
from tests.api.seeds import objects, with_history
from tests.cli.test_detectors import run
from tests.flows.executions.shop import Shop
from tests.support.objects import reference
from tests.support.sqlite_alone import engine_name as engine_name

ME = ("--as", "owner@example.org")


async def test_a_cluster_gets_another_name_and_other_labels(api: Api) -> None:
    await run(api, "clusters", "create", "production", "-l", "team=platform", "-l", "trial=yes")
    changed = await run(api, "clusters", "update", "production", "--label", "tier=edge", "--remove-label", "trial")
    assert (changed["name"], changed["labels"]) == ("production", {"team": "platform", "tier": "edge"})
    assert (await run(api, "clusters", "update", "production", "--name", "prod"))["labels"] == changed["labels"]
    assert "team=platform, tier=edge" in await run(api, "clusters", "get", "prod", form="table")
    assert "use --name, --label" in await run(api, "clusters", "update", "prod", code=2, form="table")


async def test_a_command_lets_another_kubernetes_cluster_take_a_name(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await run(api, "clusters", "install", "production", "--method", "local")
    await run(api, "clusters", "install", "production", "--method", "local", "--replace")
    audit = (await api.get("/v1/audit?action=cluster.enrollment_token")).json()["audit"]
    assert [(one["target"], one["detail"]["replace"]) for one in audit[:2]] == [(cluster, True), (cluster, False)]


async def test_a_key_is_shown_and_rotated(api: Api) -> None:
    await with_password(api)
    with mock.patch.object(typer, "prompt", return_value=PASSWORD):
        old = await run(api, "keys", "create", *ME, "ci", "--scope", "issues:read")
        new = await run(api, "keys", "roll", *ME, "ci", "--overlap-days", "2")
    assert (new["name"], new["scopes"]) == ("ci", ["issues:read"]) and new["key"] != old["key"]
    shown = await run(api, "keys", "get", new["id"], form="table")
    assert "owner@example.org" in shown and new["key"] not in shown
    await run(api, "keys", "revoke", old["id"])
    assert old["id"] not in await run(api, "keys", "list", form="name")
    assert old["id"] in await run(api, "keys", "list", "--revoked", form="name")


async def test_a_runbook_is_disabled_and_deleted(api: Api, tmp_path: Path) -> None:
    (tmp_path / "bounce.yaml").write_text(SOURCE)
    await run(api, "runbooks", "create", str(tmp_path / "bounce.yaml"))
    assert (await run(api, "runbooks", "disable", "bounce"))["enabled"] is False
    assert (await run(api, "runbooks", "enable", "bounce"))["enabled"] is True
    await run(api, "runbooks", "delete", "bounce", "--yes")
    await run(api, "runbooks", "get", "bounce", code=1)


async def test_a_pause_says_who_paused_and_why(api: Api) -> None:
    assert (await run(api, "executions", "paused"))["paused"] is False
    await run(api, "executions", "pause", "--reason", "investigating")
    shown = await run(api, "executions", "paused", form="table")
    assert "yes" in shown and "investigating" in shown and "key_" not in shown


async def test_a_freeze_is_moved(api: Api) -> None:
    await api.new_cluster("production")
    times = ("--from", "2027-11-27T00:00:00Z", "--until", "2027-11-28T00:00:00Z")
    made = await run(api, "safeguards", "freeze", "Sale", *times, "--cluster", "production")
    moved = await run(api, "safeguards", "update-window", "Sale", "--until", "2027-11-29T00:00:00Z", "--reason", "longer")
    assert moved["endsAt"] == "2027-11-29T00:00:00Z" and moved["startsAt"] == made["startsAt"]
    shown = await run(api, "safeguards", "get-window", "Sale", form="table")
    assert "production" in shown and "cls_" not in shown and "longer" in shown
    assert "nothing to change" in await run(api, "safeguards", "update-window", "Sale", code=2, form="table")


async def test_analyses_of_an_issue_are_listed_and_shown(api: Api) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("production")
    issue = await shop.observe(shown=True)
    assert (await run(api, "analyses", "list", issue))["total"] == 0
    begun = (await api("POST", f"/v1/issues/{issue}/analyze", json={})).json()
    assert begun["id"] in await run(api, "analyses", "list", issue, form="table")
    assert "OOMKilled" in await run(api, "analyses", "get", begun["id"], form="table")


async def test_what_is_done_when_an_issue_opens_is_shown_and_switched(api: Api) -> None:
    for what in ("automatic", "log-capture"):
        assert (await run(api, "analyses", what))["enabled"] is True
        assert (await run(api, "analyses", what, "--off"))["enabled"] is False
        assert (await run(api, "analyses", what))["enabled"] is False


async def test_a_resource_is_shown_with_its_owners_and_what_it_owns(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "web", kind="Deployment.apps", spec={"replicas": 2})
    await objects(api, cluster, "web-5d8", kind="ReplicaSet.apps", owner=reference("Deployment.apps", "web", "uid-web"))
    for name in ("web-5d8-a", "web-5d8-b"):
        await objects(api, cluster, name, owner=reference("ReplicaSet.apps", "web-5d8", "uid-web-5d8"), status={"phase": "Running"})
    assert (await run(api, "resources", "tree", "deploy/web", form="table")).splitlines()[1:] == [
        "Deployment shop/web",
        "└─ ReplicaSet shop/web-5d8",
        "   ├─ Pod shop/web-5d8-a  <Running>",
        "   └─ Pod shop/web-5d8-b  <Running>",
    ]
    assert (await run(api, "resources", "tree", "pod/web-5d8-b", form="table")).splitlines()[1:] == [
        "Deployment shop/web",
        "└─ ReplicaSet shop/web-5d8",
        "   └─ Pod shop/web-5d8-b  <Running>  <- this resource",
    ]


async def test_changes_of_a_resource_are_shown_field_by_field(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "web", kind="Deployment.apps", spec={"replicas": 2})
    assert "No change of its spec" in await run(api, "resources", "history", "deploy/web", form="table")
    await objects(api, cluster, "web", kind="Deployment.apps", version="2", spec={"replicas": 3})
    shown = await run(api, "resources", "history", "deploy/web", form="table")
    assert "revision 2  changed" in shown and "    /spec/replicas: 2 -> 3" in shown.splitlines()


async def test_events_of_a_resource_are_listed(api: Api) -> None:
    known = await with_history(api, "production")
    shown = await run(api, "resources", "events", known["resource_id"], form="table")
    assert "BackOff" in shown and "again" in shown
