"""Every route of the contract, requested by every kind of caller, against `access_table.py`; and what limited keys learn of other clusters.

A caller is let in when the answer is none of the refusals in `REFUSALS`, whatever the route then says of ids that do not exist.
"""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from optral.access.bindings import OF_WHOLE_CLUSTERS
from optral.access.model import KEY_SCOPES, LIMITED_KEY_SCOPES, ROLE_SCOPES, SCOPES
from optral.access.service import Authenticator, Limiter
from optral.access.tables import api_keys
from optral.api.http.limited_keys import WITHIN_CLUSTERS, WITHIN_NAMESPACES
from optral.clusters import service as clusters
from optral.store.store import Store
from optral.terms import ids
from optral.terms.actor import Role
from tests.api.access_table import TABLE, Row
from tests.api.accounts import PASSWORD, SAME_ORIGIN, Browser, member, signed_in
from tests.api.conftest import DOCUMENT, PEPPER, Api, operation_of, running
from tests.api.seeds import FORGE, HOOK, one_of_each
from tests.support.clock import FakeClock
from tests.support.examples import share, some

REFUSALS = frozenset(
    {
        "beyond_own_clusters",
        "beyond_own_namespaces",
        "forbidden",
        "keys_cannot_make_keys",
        "keys_cannot_manage_members",
        "missing_scope",
        "session_required",
        "unauthenticated",
    }
)
OF_PEOPLE = SCOPES - KEY_SCOPES
UNLIMITED = {"enterprise": 10_000_000}
ROLES = ("viewer", "operator", "admin", "owner")
DEFINITION = "slug: s\nname: S\nrisk: low\nsteps:\n  - {name: R, action: restart, with: {kind: Deployment, namespace: a, name: b}}\n"
PARAMETERS = {
    "alert_id": "alt",
    "analysis_id": "ana",
    "binding_id": "bnd",
    "cluster_id": "cls",
    "comment_id": "cmt",
    "delegation_id": "dlg",
    "delivery_id": "dlv",
    "execution_id": "exe",
    "forge_id": "frg",
    "invite_id": "inv",
    "issue_id": "iss",
    "key_id": "key",
    "member_id": "usr",
    "receiver_id": "alr",
    "provider_id": "idp",
    "resource_id": "res",
    "session_id": "ses",
    "trigger_id": "trg",
    "window_id": "win",
    "view_id": "viw",
    "rule_id": "mut",
    "token_id": "flt",
    "runbook_id": "rbk",
    "webhook_id": "whk",
}
"""The prefix of each id in a path."""
NO_IDS = {"detector_type": "OOMKilled", "silence_id": "8f2c1b5e-6a0e-4c0e-9f0a-0d4f6f0c7a11", "version": "1"}
"""Values of the parameters of a path that are no ids."""


@pytest.fixture
async def api(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    """No limit of requests stands in the way, and streams and waits end at once."""
    authenticator = Authenticator(store, clock, PEPPER, labelled=clusters.labelled)
    limiter = Limiter(
        store=store,
        clock=clock,
        authenticator=authenticator,
        limits=UNLIMITED,
        failures_per_minute=10_000_000,
        strangers_per_minute=10_000_000,
        person_per_minute=10_000_000,
    )
    async with running(
        store, clock, authenticator=authenticator, limiter=limiter, stream_max_age_s=0, longest_wait_s=0.01, failures=10_000_000
    ) as made:
        yield made


# --- the table itself


def test_every_route_of_the_contract_has_one_row_and_every_row_a_route() -> None:
    routes = [f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item]
    assert sorted([*routes, "GET /api/events"]) == sorted(f"{row.method} {row.path}" for row in TABLE)


def test_the_contract_says_of_each_route_what_the_table_says() -> None:
    for row in TABLE:
        if row.path == "/api/events":
            continue
        operation = operation_of(row.method, re.sub(r"\{[^}]+\}", "x", row.path))
        assert operation["x-required-scope"] in (row.scopes or {row.scope}), row
        assert operation.get("x-organisation-wide", False) is (row.reach == "organisation"), row
        assert operation.get("x-whole-clusters", False) is (row.in_namespace == "whole"), row


def test_the_roles_and_scopes_of_the_code_are_those_of_the_table() -> None:

    def scopes(rows: Iterable[Row]) -> set[str]:
        return {scope for row in rows for scope in row.scopes}

    for role in Role:
        assert scopes(row for row in TABLE if _has(role, row)) == ROLE_SCOPES[role]
    assert scopes(TABLE) == SCOPES
    assert scopes(row for row in TABLE if row.callers == "all") == KEY_SCOPES
    assert scopes(row for row in TABLE if row.reach in ("clusters", "named")) == LIMITED_KEY_SCOPES
    assert {f"{row.method} {row.path}" for row in TABLE if row.reach in ("clusters", "named")} == WITHIN_CLUSTERS
    assert {f"{row.method} {row.path}" for row in TABLE if row.in_namespace in ("within", "named")} == WITHIN_NAMESPACES


def _has(role: str, row: Row) -> bool:
    return row.role != "-" and ROLES.index(role) >= ROLES.index(row.role)


# --- every route × every caller


@dataclass
class Caller:
    """Somebody who asks. `scope`: the only one of a key; `role`: of the person, or of the key's maker; `key` None: a browser."""

    name: str
    role: str
    key: str | None = None
    scope: str | None = None
    is_limited: bool = False
    browser: Browser | None = None
    bound: str = ""
    """How a limited member is bound: `namespace`, `ended` or `operator`, as the columns of the table."""

    def refusal(self, row: Row) -> str:
        """The code this caller gets from the row's route; empty when let in."""
        is_key = self.key is not None
        if row.scope == "public":
            return ""
        if row.scope == "session":
            return "session_required" if is_key else ""
        if self.bound:
            return self._refusal_of_bound(row)
        if self.is_limited and row.reach == "organisation":
            return "beyond_own_clusters"
        if is_key and row.scopes & OF_PEOPLE:
            return "keys_cannot_manage_members"
        if not _has(self.role, row) or (self.scope is not None and not row.scopes <= {self.scope}):
            return "missing_scope"
        if is_key and row.callers == "people":
            return "keys_cannot_make_keys"
        return "beyond_own_clusters" if self.is_limited and row.reach == "named" else ""

    def _refusal_of_bound(self, row: Row) -> str:
        what = "namespaces" if self.bound == "namespace" else "clusters"
        decision = {"namespace": row.in_namespace, "ended": row.after_end, "operator": row.as_operator}[self.bound]
        if self.key is not None and decision == "org":
            return f"beyond_own_{what}"
        if decision == "refused" and self.key is not None and row.scopes & OF_PEOPLE:
            return "keys_cannot_manage_members"
        if decision == "whole" and not row.scopes & OF_WHOLE_CLUSTERS:
            return "beyond_own_namespaces"
        codes = {"org": f"beyond_own_{what}", "named": f"beyond_own_{what}"}
        return codes.get(decision, "missing_scope" if decision in ("refused", "role", "whole") else "")


def _path(row: Row, known: dict[str, str] | None = None) -> str:
    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        return NO_IDS.get(name) or (known or {}).get(name) or ids.new(PARAMETERS[name])

    return re.sub(r"\{([^}]+)\}", value, row.path)


def _body(api: Api, row: Row) -> dict[str, Any] | None:
    """A well-formed body that names nothing that exists."""
    later, later_end = ((api.clock.now() + timedelta(days=days)).isoformat() for days in (30, 31))
    token = {"token": "x"}
    return {
        "PATCH /v1/ai": {"enabled": False},
        "POST /v1/alert-receivers": {"name": "platform"},
        "PATCH /v1/alert-receivers/{receiver_id}": {"name": "other"},
        "PUT /v1/analyses/{analysis_id}/feedback": {"helpful": True},
        "POST /v1/api-keys": {"name": "ci"},
        "PATCH /v1/automatic-analysis": {"enabled": True},
        "POST /v1/clusters": {"name": "made"},
        "POST /v1/mail/test": {"recipient": "ops@example.com"},
        "POST /v1/forges": FORGE,
        "PATCH /v1/forges/{forge_id}": {"name": "other"},
        "POST /v1/change-windows": {"kind": "freeze", "name": "sale", "startsAt": later, "endsAt": later_end},
        "PATCH /v1/change-windows/{window_id}": {"name": "other"},
        "PATCH /v1/safeguards": {"limits": []},
        "POST /v1/triggers": {"source": "issue", "name": "t", "runbook": "restart-workload", "match": {"types": ["OOMKilled"]}},
        "PATCH /v1/triggers/{trigger_id}": {"name": "other"},
        "POST /v1/delegations": {"delegate": "nobody@example.org", "endsAt": later},
        "POST /v1/executions/{execution_id}/approve-on-behalf": {"member": ids.new("usr")},
        "POST /v1/executions/stop": {"reason": "a test"},
        "PATCH /v1/clusters/{cluster_id}": {"labels": {}},
        "PATCH /v1/detectors": {"riskChecks": False},
        "POST /v1/detectors/test": {"objects": "kind: Pod\n"},
        "POST /v1/resources/{resource_id}/probe": {"port": 80},
        "PATCH /v1/detectors/{detector_type}": {"enabled": True},
        "POST /v1/invites": {"role": "viewer"},
        "POST /v1/password-resets": {"email": "a@example.org"},
        "POST /v1/password-resets/check": token,
        "POST /v1/password-resets/complete": {**token, "password": PASSWORD},
        "POST /v1/invites/accept": {**token, "email": "a@example.org", "password": PASSWORD},
        "POST /v1/invites/check": token,
        "POST /v1/issues/bulk": {"ids": [ids.new("iss")], "change": {"status": "open"}},
        "PATCH /v1/issues/{issue_id}": {"status": "open"},
        "POST /v1/alerts/rule-changes": {"alert": "Broken", "forgeId": "frg_x", "repository": "shop/deploy"},
        "POST /v1/issues/{issue_id}/silences": {"webhookId": "whk_x", "endsAt": later, "comment": "known"},
        "POST /v1/issues/{issue_id}/tickets": {"webhookId": "whk_x"},
        "POST /v1/issues/{issue_id}/comments": {"body": "hello"},
        "PATCH /v1/issues/{issue_id}/comments/{comment_id}": {"body": "hello"},
        "PATCH /v1/log-capture": {"enabled": True},
        "PATCH /v1/members/{member_id}": {"role": "viewer"},
        "POST /v1/members/{member_id}/bindings": {"role": "viewer", "namespaces": ["shop"]},
        "POST /v1/mute-rules": {"match": {"names": ["none-such"]}, "reason": "known", "expiresAt": later},
        "POST /v1/fleet-tokens": {"name": "edge", "maxUses": 1},
        "PATCH /v1/mute-rules/{rule_id}": {"reason": "known"},
        "POST /v1/runbooks": {"source": DEFINITION},
        "PATCH /v1/runbooks/{runbook_id}": {"enabled": True},
        "POST /v1/session": {"email": "nobody@example.org", "password": PASSWORD},
        "POST /v1/session/confirm": {"password": PASSWORD},
        "POST /v1/setup": {**token, "email": "a@example.org", "password": PASSWORD},
        "POST /v1/setup/check": token,
        "POST /v1/webhooks": HOOK,
        "PATCH /v1/webhooks/{webhook_id}": {"name": "other"},
    }.get(f"{row.method} {row.path}", {} if row.method == "POST" else None)


async def _ask(
    api: Api, row: Row, caller: Caller | None, *, path: str | None = None, body: dict[str, Any] | None = None
) -> httpx2.Response:
    sent = body if body is not None else _body(api, row)
    more: dict[str, Any] = {} if sent is None else {"json": sent}
    path = path or _path(row)
    if caller is not None and caller.browser is not None:
        return await caller.browser(row.method, path, **more)
    headers = SAME_ORIGIN if row.scope == "public" else {}
    return await api(row.method, path, key=None if caller is None else caller.key, headers=headers, **more)


def _code(answer: httpx2.Response) -> str:
    return str(answer.json()["code"]) if answer.status_code >= 400 else ""


async def _callers(api: Api) -> list[Caller]:
    """People and keys of each role (all but the owner's made by somebody who had more when they made it), and one key of each scope."""
    owner = await signed_in(api)
    found = [Caller("owner", "owner", browser=owner)]
    for role in ROLES[:3]:
        person = await member(api, Role.ADMIN, f"{role}@example.org")
        key = (await person("POST", "/v1/api-keys", json={"name": role})).json()["key"]
        person_id = (await person.get("/v1/me")).json()["member"]["id"]
        if role != "admin":
            assert (await owner("PATCH", f"/v1/members/{person_id}", json={"role": role})).status_code == 200
        found += [Caller(role, role, browser=person), Caller(f"key of {role}", role, key=key)]
    found.append(Caller("key of owner", "owner", key=await api.new_key()))
    return [
        *found,
        *[Caller(f"key with {scope}", "owner", key=await api.new_key(scopes={scope}), scope=scope) for scope in some(sorted(KEY_SCOPES))],
    ]


async def _bound(api: Api, cluster_id: str) -> list[Caller]:
    """Members who are bound to a namespace, to a cluster, and by a binding that has ended, and a key of each."""
    owner, found = await signed_in(api), []
    end = api.clock.now() + timedelta(minutes=1)
    for how, binding in (
        ("namespace", {"role": "admin", "clusters": [cluster_id], "namespaces": ["shop"], "password": PASSWORD}),
        ("operator", {"role": "operator", "clusters": [cluster_id]}),
        ("ended", {"role": "admin", "clusters": [cluster_id], "endsAt": end.isoformat(), "password": PASSWORD}),
    ):
        person = await member(api, Role.ADMIN, f"{how}-bound@example.org")
        person_id = (await person.get("/v1/me")).json()["member"]["id"]
        key = (await person("POST", "/v1/api-keys", json={"name": how})).json()["key"]
        made = await owner("POST", f"/v1/members/{person_id}/bindings", json=binding)
        assert made.status_code == 201, made.text
        found += [Caller(how, "-", browser=person, bound=how), Caller(f"key of {how}", "-", key=key, bound=how)]
    api.clock.advance(61)
    return found


async def _limited(api: Api, cluster_id: str) -> Caller:
    """A key from before limited keys lost scopes: it has every one on record."""
    key = await api.new_key(clusters={cluster_id})
    older = sa.update(api_keys).where(api_keys.c.org_id == api.org, api_keys.c.clusters.is_not(None)).values(scopes=sorted(SCOPES))
    await api.store.write(api.owner, lambda tx: tx.execute(older).close())
    return Caller("limited key", "owner", key=key, is_limited=True)


async def test_every_route_requires_the_access_in_the_table(api: Api) -> None:
    """About 2,900 requests, a tenth in the everyday loop; on PostgreSQL without the keys of one scope, whose check knows no database."""
    own = await api.new_cluster("own-cluster")
    callers = [await _limited(api, own), *await _bound(api, own), *await _callers(api)]
    api.clock.advance(1)
    wrong = []
    for turn, caller in enumerate(callers):
        if caller.scope is not None and api.store.dialect == "postgresql":
            continue
        for row in share(TABLE, turn):
            answer = await _ask(api, row, caller)
            got, expected = _code(answer), caller.refusal(row)
            if (got if got in REFUSALS else "") != expected or (expected and answer.status_code != 403) or answer.status_code >= 500:
                wrong.append(
                    f"{caller.name}: {row.method} {row.path} gave {answer.status_code} {got or 'success'}, not {expected or 'let in'}"
                )
    assert not wrong, "\n".join(wrong)


async def test_nobody_is_let_in_where_the_table_says_somebody(api: Api) -> None:
    for row in TABLE:
        answer = await _ask(api, row, None)
        assert (_code(answer) == "unauthenticated") is (row.scope != "public"), (row, answer.text)


# --- what a limited key can tell about other clusters


@dataclass
class World:
    """Two clusters with the same things in them; `own` and `other` are the ids by the names of path parameters."""

    api: Api
    caller: Caller
    own: dict[str, str]
    other: dict[str, str]


@pytest.fixture
async def world(api: Api) -> World:
    own, other = await one_of_each(api, "own-cluster"), await one_of_each(api, "zulu-other")
    return World(api, await _limited(api, own["cluster_id"]), own, other)


def _comparable(answer: httpx2.Response, *known: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of a response, without the requested ids and everything that differs between any two requests."""
    text = re.sub(r"req_[0-9a-f]+|retry: \d+", "", answer.text)
    for one in known:
        text = text.replace(one, "ID")
    noise = ("x-request-id", "date", "content-length", "x-ratelimit-remaining", "x-ratelimit-reset")
    return answer.status_code, text, {name: value for name, value in answer.headers.items() if name not in noise}


async def test_a_foreign_id_in_a_path_looks_like_none_to_a_limited_key(world: World) -> None:
    names = {name for row in TABLE for name in re.findall(r"\{([^}]+)\}", row.path) if row.reach == "clusters"}
    assert names - {"detector_type", "runbook_id", "silence_id"} == set(world.other)  # an example of each kind of id
    for row in TABLE:
        if row.reach != "clusters" or not (names := re.findall(r"\{([^}]+)\}", row.path)) or not set(names) <= set(world.other):
            continue
        random = {name: ids.new(PARAMETERS[name]) for name in names}
        foreign = await _ask(world.api, row, world.caller, path=_path(row, world.other))
        absent = await _ask(world.api, row, world.caller, path=_path(row, random))
        assert foreign.status_code in (404, 422), (row, foreign.text)
        assert _comparable(foreign, *world.other.values()) == _comparable(absent, *random.values()), row
        for name in names[1:]:  # of one's own, with something of another's in it
            mixed = {**random, **{one: world.own[one] for one in names}, name: world.other[name]}
            assert (await _ask(world.api, row, world.caller, path=_path(row, mixed))).status_code == 404, row


@pytest.mark.parametrize("parameter", ["cluster", "issue", "subject", "target"])
async def test_a_foreign_id_in_a_query_looks_like_none_to_a_limited_key(world: World, parameter: str) -> None:
    there = {"cluster": "cluster_id", "issue": "issue_id", "subject": "issue_id", "target": "cluster_id"}[parameter]
    asked = 0
    for row in TABLE:
        if row.method != "GET" or row.reach == "-" or row.path == "/api/events":
            continue
        operation = operation_of("GET", re.sub(r"\{[^}]+\}", "x", row.path))
        if parameter not in {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}:
            continue
        asked += 1
        foreign, random = world.other[there], ids.new(PARAMETERS[there])
        answers = [
            await _ask(world.api, row, world.caller, path=f"{_path(row, world.own)}?{parameter}={value}") for value in (foreign, random)
        ]
        assert _comparable(answers[0], foreign) == _comparable(answers[1], random), row
    assert asked or parameter in ("subject",)


async def test_a_foreign_cluster_in_a_body_looks_like_none_to_a_limited_key(world: World) -> None:
    later = (world.api.clock.now() + timedelta(days=30)).isoformat()
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/v1/webhooks", lambda one: {**HOOK, "filters": {"clusters": [one["cluster_id"]]}}),
        ("PATCH", f"/v1/webhooks/{world.own['webhook_id']}", lambda one: {"filters": {"clusters": [one["cluster_id"]]}}),
        ("POST", "/v1/mute-rules", lambda one: {"match": {"clusters": [one["cluster_id"]]}, "reason": "known", "expiresAt": later}),
        ("PATCH", "/v1/detectors/OOMKilled", lambda one: {"cluster": one["cluster_id"], "enabled": False}),
        ("POST", "/v1/detectors/test", lambda one: {"objects": "kind: Pod\n", "cluster": one["cluster_id"]}),
        ("POST", "/v1/issues/bulk", lambda one: {"ids": [one["issue_id"]], "change": {"status": "acknowledged"}}),
        ("POST", "/v1/runbooks/restart-workload/execute", lambda one: {"clusterId": one["cluster_id"], "parameters": {}}),
        ("POST", "/v1/runbooks/restart-workload/execute", lambda one: {"issueId": one["issue_id"], "parameters": {}}),
    ]
    random = {name: ids.new(PARAMETERS[name]) for name in world.other}
    for method, path, body in bodies:
        foreign, absent = [await world.api(method, path, key=world.caller.key, json=body(one)) for one in (world.other, random)]
        assert _comparable(foreign, *world.other.values()) == _comparable(absent, *random.values()), path
    assert (await world.api.get(f"/v1/issues/{world.other['issue_id']}")).json()["status"] == "open"


async def test_no_list_shows_a_limited_key_anything_of_other_clusters(world: World) -> None:
    """Every route that can be read without naming something, and what is the key's own."""
    for row in TABLE:
        if row.method != "GET" or row.reach != "clusters" or row.path.startswith("/v1/openapi"):
            continue
        if row.path == "/v1/resources/compare":  # names its objects; test_bound_members.py
            continue
        if row.path in ("/v1/logs", "/v1/resources/{resource_id}/logs"):  # names its pods and waits for their agent; test_pod_logs.py
            continue
        known = {**world.own, "runbook_id": "restart-workload"}
        plain = _path(row, known)
        searched = [f"{plain}?q={text}" for text in ("zulu", "a") if row.path in ("/v1/issues", "/v1/clusters", "/v1/search")]
        for path in (*([] if row.path == "/v1/search" else [plain]), *searched):
            answer = await _ask(world.api, row, world.caller, path=path)
            leaked = [one for one in ("zulu", *world.other.values()) if one in answer.text]
            assert answer.status_code < 400 or answer.status_code in (404, 409, 503, 504), (row, answer.text)
            assert not leaked, (row, leaked)


async def test_no_count_includes_other_clusters_for_a_limited_key(world: World) -> None:
    """Both clusters hold the same things, so a limited key counts half of what the owner's key counts."""
    halved = {"clusters", "events", "executions", "issues", "resources", "webhooks"}
    for plural in sorted(halved):
        mine, whole = [(await world.api.get(f"/v1/{plural}", key=key)).json()["total"] for key in (world.caller.key, world.api.key)]
        assert whole > 0 and mine * 2 == whole, (plural, mine, whole)
    for path in ("/v1/issues/facets", "/v1/resources/counts", "/v1/detectors", "/v1/mute-rules"):
        mine, whole = [_numbers((await world.api.get(path, key=key)).json()) for key in (world.caller.key, world.api.key)]
        assert mine * 2 == whole > 0, (path, mine, whole)


def _numbers(answer: Any) -> int:
    """The sum of what is counted in an answer."""
    if isinstance(answer, dict):
        counted = ("count", "openIssues", "mutedIssues")
        return sum(value if name in counted and isinstance(value, int) else _numbers(value) for name, value in answer.items())
    if isinstance(answer, list):
        return sum(map(_numbers, answer))
    return 0
