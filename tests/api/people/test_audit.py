"""The audit log over HTTP: sentences with names, filters, and exports that are bounded and recorded."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any, get_args
from unittest import mock

import pytest

from optral.access import service as access
from optral.api.people import audit
from optral.api.people.audit_texts import DENIED, GROUPS, RUNBOOKS, TEXTS, group_of, sentence
from optral.runbooks.builtin import builtin
from optral.terms.verbs import VERBS
from tests.api.accounts import Browser, with_password
from tests.api.conftest import Api
from tests.api.seeds import finding, observe, one_of_each

ROOT = Path(__file__).parents[3]


async def records(api: Api, query: str = "") -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/audit?pageSize=100{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["audit"])


async def export(api: Api, query: str) -> str:
    answer = await api.get(f"/v1/audit/export?{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def issue_of(api: Api, cluster: str, name: str = "api") -> str:
    await observe(api, cluster, finding(name, api=api))
    return str((await api.get(f"/v1/issues?cluster={cluster}")).json()["issues"][0]["id"])


async def test_a_record_says_who_did_what_with_names(api: Api) -> None:
    cluster = await api.new_cluster("production")
    issue = await issue_of(api, cluster)
    await api("PATCH", f"/v1/issues/{issue}", json={"status": "acknowledged"})
    newest = (await records(api))[0]
    assert newest["actorName"] == "test"  # the key
    assert newest["summary"] == "acknowledged Container app of api was killed at its memory limit"
    assert newest["object"] == {"type": "issue", "id": issue, "name": "Container app of api was killed at its memory limit"}
    assert (newest["clusterId"], newest["cluster"], newest["group"]) == (cluster, "production", "issue")


WEB = {"target": "shop/web", "runbook": "rollback-workload"}


@pytest.mark.parametrize(
    ("action", "runbook", "detail", "said"),
    [
        ("finish", "rollback-workload", {"status": "succeeded", "verification": "passed"}, "rolled back shop/web: verified"),
        ("finish", "scale-workload", {"status": "succeeded", "verification": "inconclusive"}, "scaled shop/web: not verified"),
        ("finish", "collect-diagnostics", {"status": "succeeded"}, "collected diagnostics of shop/web"),
        ("finish", "rollback-workload", {"status": "failed", "verification": "failed"}, "ran rollback-workload on shop/web: failed"),
        ("finish", "our-own", {"status": "succeeded", "verification": "passed"}, "ran our-own on shop/web: verified"),
        ("approve", "rollback-workload", {}, "approved rollback-workload on shop/web"),
        ("start", "rollback-workload", {"dryRun": True}, "previewed rollback-workload on shop/web (dry run, nothing changed)"),
        (
            "finish",
            "rollback-workload",
            {"dryRun": True, "status": "succeeded"},
            "finished the preview of rollback-workload on shop/web (dry run, nothing changed)",
        ),
    ],
)
def test_a_record_of_an_execution_names_its_target_and_outcome(action: str, runbook: str, detail: dict[str, Any], said: str) -> None:
    assert sentence(f"execution.{action}", "success", object_name=runbook, detail=WEB | detail) == said


def test_a_record_of_an_earlier_version_names_the_runbook() -> None:
    assert sentence("execution.finish", "success", object_name="rollback-workload", detail={}) == "finished rollback-workload"


def test_each_built_in_runbook_has_its_words() -> None:
    assert set(RUNBOOKS) == set(builtin.SLUGS)


async def test_a_sign_in_is_by_the_person_who_signed_in(api: Api) -> None:
    await with_password(api)
    browser = Browser(api)
    await browser.sign_in(password="not the password")
    await browser.sign_in()
    await api.services.sessions.flush()
    said = {f"{one['actorName']} {one['summary']}" for one in await records(api, "&group=session")}
    assert said == {"owner@example.org signed in", "owner@example.org failed to sign in"}
    owner = (await browser.get("/v1/session")).json()["member"]["id"]
    assert len(await records(api, f"&group=session&actor={owner}")) == 2, "the filter by person finds what the page shows of that person"
    assert {one["actorKind"] for one in await records(api, "&group=session")} == {"person"}


async def test_the_name_of_what_is_gone_is_the_one_the_record_holds(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await api("DELETE", f"/v1/clusters/{cluster}")
    assert [one["summary"] for one in await records(api, f"&target={cluster}")] == [
        "deleted the cluster production",
        "created the cluster production",
    ]


async def test_records_are_found_by_actor_cluster_group_and_object(api: Api) -> None:
    first, second = await api.new_cluster("production"), await api.new_cluster("staging")
    issue = await issue_of(api, first)
    await api("PATCH", f"/v1/issues/{issue}", json={"status": "acknowledged"})
    actor = (await records(api))[0]["actorId"]

    async def found(query: str) -> list[str]:
        return [one["action"] for one in await records(api, query)]

    assert await found("&cluster=production") == ["issue.acknowledged", "cluster.create"]
    assert await found(f"&cluster={second}") == ["cluster.create"]
    assert await found("&cluster=nowhere") == []
    assert await found("&group=issue") == ["issue.acknowledged"]
    assert await found("&group=issue&action=cluster.create") == []
    assert await found(f"&target={issue}") == ["issue.acknowledged"]
    assert set(await found(f"&actor={actor}")) >= {"issue.acknowledged", "cluster.create"}
    assert await found("&actor=usr_00000000000000000000000001") == []


async def test_an_export_is_the_same_records_oldest_first_and_is_recorded(api: Api) -> None:
    for name in ("production", "staging"):
        await api.new_cluster(name)
    listed = await records(api, "&sort=at&group=cluster")
    lines = [json.loads(line) for line in (await export(api, "format=jsonl&group=cluster")).splitlines()]
    assert lines == listed
    rows = list(csv.DictReader(io.StringIO(await export(api, "format=csv&group=cluster"))))
    assert [row["summary"] for row in rows] == [one["summary"] for one in listed]
    newest = (await records(api))[0]
    assert (newest["action"], newest["summary"]) == ("audit.export", f"exported {len(listed)} audit records")


async def test_an_export_reads_chunk_after_chunk(api: Api) -> None:
    with mock.patch.object(audit, "_CHUNK_ROWS", 2):
        for number in range(5):
            await api.new_cluster(f"cluster-{number}")
        text = await export(api, "format=jsonl&group=cluster")
    assert [json.loads(line)["object"]["name"] for line in text.splitlines()] == [f"cluster-{number}" for number in range(5)]


async def test_too_large_an_export_is_refused_before_it_begins(api: Api) -> None:
    for name in ("production", "staging"):
        await api.new_cluster(name)
    with mock.patch.object(audit, "MAX_EXPORTED", 1):
        answer = await api.get("/v1/audit/export?group=cluster")
        assert (answer.status_code, answer.json()["code"]) == (400, "export_too_large")
        assert (await api.get("/v1/audit/export?group=webhook")).status_code == 200


async def test_a_name_that_a_spreadsheet_would_run_is_text_in_a_csv(api: Api) -> None:
    await api.store.write(
        api.owner, lambda tx: access.audit(tx, action="runbook.create", target="rbk_x", detail={"slug": "=cmd|' /C calc'!A0"})
    )
    rows = list(csv.reader(io.StringIO(await export(api, "group=runbook"))))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


async def test_only_those_who_may_read_the_audit_log_export_it(api: Api) -> None:
    key = await api.new_key(scopes={"issues:read"})
    assert (await api("GET", "/v1/audit/export", key=key)).status_code == 403


async def test_everything_of_an_organization_has_a_sentence(api: Api) -> None:
    await one_of_each(api, "production")
    for one in await records(api):
        assert one["action"] in TEXTS or one["action"].startswith("command."), one["action"]
        assert "?" not in one["summary"], one
        assert "{" not in one["summary"], one


def _sources() -> list[Path]:
    """Where audit records are written."""
    rooms = ("access", "api", "flows", "runbooks")
    return [path for room in rooms for path in (ROOT / "optral" / room).rglob("*.py") if "audit_texts" not in path.name]


def actions_in_code() -> set[str]:
    """Every action that is written somewhere; those that are put together are listed by what they are put together from."""
    text = "".join(path.read_text() for path in _sources())
    written = set(re.findall(r'action="([a-z_]+\.[a-z_]+)"', text)) | set(re.findall(r'"([a-z_]+\.[a-z_]+)" if \w[\w.]* else "', text))
    executions = set(re.findall(r'audit(?:: str)?\s?=\s?"([a-z]+)"', text)) | set(re.findall(r'Announce\([^)]*\), "([a-z]+)"', text))
    return written | {f"execution.{one}" for one in executions}


def test_every_action_has_a_text_and_a_group() -> None:
    assert actions_in_code() - TEXTS.keys() - DENIED.keys() == set(), "add the action to optral/api/people/audit_texts.py"
    assert {one for one in (*TEXTS, *DENIED) if group_of(one) == "other"} == set()
    assert set(get_args(audit.Group)) == set(GROUPS.values())


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_of_an_agent_has_a_sentence(verb: str) -> None:
    said = sentence(f"command.{verb}", "success", object_name="Deployment.apps shop/api", detail={})
    assert said == f"sent the command {verb} to the agent: Deployment.apps shop/api"


@pytest.mark.parametrize(
    ("action", "outcome", "detail", "text"),
    [
        pytest.param("session.create", "denied", {}, "failed to sign in", id="denied, with a text of its own"),
        pytest.param("cluster.delete", "denied", {}, "deleted the cluster x (denied)", id="denied, without one"),
        pytest.param("model.switch", "success", {"isOn": False}, "switched the language model off", id="a switch"),
        pytest.param("member.role", "success", {"from": "viewer"}, "changed the role of x from viewer to ?", id="a missing member"),
        pytest.param("thing.newly_made", "success", {}, "newly made: x", id="an unknown action"),
        pytest.param(
            "invite.create",
            "success",
            {"email": "{object.__class__}", "role": "admin"},
            "invited {object.__class__} as admin",
            id="braces in a name",
        ),
    ],
)
def test_a_sentence_is_never_an_error(action: str, outcome: str, detail: dict[str, Any], text: str) -> None:
    assert sentence(action, outcome, object_name="x", detail=detail) == text
