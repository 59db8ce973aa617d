"""No read costs more because history has grown: every GET route of the contract with each filter and sort, on both engines.

A request is made on a little history and on five times as much. Each statement that it issues is run again and what it visits is counted:
instructions of SQLite's virtual machine, rows in the scans of PostgreSQL. Whatever scans a table or sorts what it did not limit visits
more with more history. A new route, filter or sort is in the test as soon as it is in the contract, and fails without a value here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from optral.events import service as events
from optral.issues.lists import groups, listing
from optral.kit.paging import MOST_COUNTED
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.actor import Role
from tests.api.accounts import member, signed_in
from tests.api.conftest import DOCUMENT, Api
from tests.api.seeds import with_history
from tests.support import history

ROWS = 40_000
MORE = 160_000
SLACK = 500
Query = tuple[tuple[str, str], ...]


class Cost(NamedTuple):
    visited: int
    plans: list[str]


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The queries of all engines while open, with their parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            found.append((statement, parameters))

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


def on_sqlite(tx: Transaction, statement: str, parameters: Any) -> Cost:
    driver: Any = tx.connection.connection.driver_connection
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver.set_progress_handler(step, 20)
    try:
        driver.execute(statement, parameters).fetchall()
    finally:
        driver.set_progress_handler(None, 0)
    plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return Cost(steps * 20, plan)


def on_postgresql(tx: Transaction, statement: str, parameters: Any) -> Cost:
    statement = statement.partition(" FOR UPDATE")[0]  # which a transaction that only reads may not use
    tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so small, a table is read whole whatever its indexes
    explained = tx.connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters).scalar_one()
    visited, plan = 0, []
    waiting = [explained[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan":
            removed = sum(node.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
            visited += round((node["Actual Rows"] + removed) * node["Actual Loops"])
        plan.append(" ".join(str(node.get(name, "")) for name in ("Node Type", "Relation Name", "Index Name")).strip())
    return Cost(visited, plan)


COUNTED = {"sqlite": on_sqlite, "postgresql": on_postgresql}

TEXT: dict[str, tuple[str, ...]] = {
    "action": ("execution.started", "nobody.did"),
    "actor": ("{actor_id}", "nobody"),
    "assignee": ("none", "usr_00000000000000000000000001"),
    "category": ("resources", "network"),
    "cluster": ("prod", "idle"),
    "container": ("app", "sidecar"),
    "group": ("apps", "nothing.example.org"),
    "days": ("30", "1"),
    "hours": ("168", "1"),
    "issue": ("{issue_id}", "iss_00000000000000000000000001"),
    "kind": ("Pod", "ConfigMap"),
    "label": ("app:api", "app:none"),
    "month": ("2026-01", "2001-01"),
    "name": ("api", "nothing"),
    "namespace": ("shop", "nowhere"),
    "parent": ("none", "iss_00000000000000000000000001"),
    "q": ("a", "zzzz"),
    "status": ("Running", "CrashLoopBackOff"),
    "runbook": ("restart-workload", "drain-node"),
    "since": ("2020-01-01T00:00:00Z", "{now}"),
    "target": ("{execution_id}", "none"),
    "team": ("none", "payments"),
    "type": ("OOMKilled", "CrashLoopBackOff"),
    "until": ("2020-01-01T00:00:00Z", "{now}"),
    "withIssues": ("3", "0"),
}
"""Values of each filter that is free text: one that most rows have, and one that none or few have."""
TOGETHER = {
    ("/v1/events", "types"): "issue.created,issue.resolved",
    ("/v1/events", "cluster"): "prod,idle",
    ("/v1/audit", "action"): "execution.started,nobody.did",
}
"""Several values of one filter of a long log."""
NOT_READ = {
    "/v1/resources/{resource_id}/rollout": "of workloads; reads the issues of one by owner, as /v1/issues does",
    "/v1/openapi.json": "the contract",
    "/v1/openapi.yaml": "the contract",
    "/v1/events/stream": "does not end; its reads are below",
    "/v1/audit/export": "returns every record that matches, at most 50,000, and records itself",
    "/v1/audit/verify": "reads every record, 500 in a transaction",
    "/v1/logs": "asks the agent",
    "/v1/resources/compare": "two objects by their ids, and their histories, as /v1/resources/{resource_id} and /history read them",
    "/v1/resources/{resource_id}/logs": "asks the agent",
    "/v1/session": "of a person who is signed in",
    "/v1/me/notifications": "one row of a person who is signed in",
    "/v1/sessions": "of a person who is signed in; by the index of their sessions",
    "/v1/members/{member_id}/removal": "of a person who is signed in; the settings of an organization that the member created",
    "/v1/invites": "of a person who is signed in; at most a few",
    "/v1/identity-providers": "of an owner who is signed in; at most a few",
    "/v1/identity-providers/{provider_id}": "of an owner who is signed in; one row",
    "/v1/identity-providers/{provider_id}/scim": "of an owner who is signed in; one row and two counts of the members of a provider",
    "/v1/sign-in-policy": "of an owner who is signed in; one row",
}
NOT_FILTERS = frozenset({"page", "pageSize", "cursor", "sort", "method", "offset", "limit", "wait", "text", "lastEventId", "match"})
PATHS = sorted(path for path, item in DOCUMENT["paths"].items() if "get" in item and path not in NOT_READ)


def parameters_of(path: str) -> dict[str, list[str]]:
    """The values to try of each query parameter of a GET route that narrows or orders: each order, and two values of a filter."""
    found = {}
    for one in DOCUMENT["paths"][path]["get"].get("parameters", []):
        schema = one["schema"].get("items", one["schema"])
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if one["in"] != "query" or one["name"] in NOT_FILTERS - {"sort"}:
            continue
        values = schema.get("enum") or (["true", "false"] if schema.get("type") == "boolean" else TEXT.get(one["name"]))
        assert values, f"{path} has a filter {one['name']}: give values for it in TEXT"
        found[one["name"]] = [str(value) for value in (values if one["name"] == "sort" else {values[0], values[-1]})]
    return found


def queries(path: str) -> Iterator[Query]:
    """No filter, each filter with two values, and each of these in each order; a page far behind."""
    known = parameters_of(path)
    sorts = [(("sort", value),) for value in known.pop("sort", [])] or [()]
    filters: list[Query] = [(), *(((name, value),) for name, values in known.items() for value in values)]
    required = {one["name"] for one in DOCUMENT["paths"][path]["get"].get("parameters", []) if one["in"] == "query" and one.get("required")}
    for one in filters:
        if required <= {name for name, _ in one}:
            yield from (one + order for order in sorts)
    yield from (((name, value),) for (of, name), value in TOGETHER.items() if of == path)
    if any(parameter["name"] == "page" for parameter in DOCUMENT["paths"][path]["get"].get("parameters", [])):
        yield (("page", "5"),)


async def cost(api: Api, path: str, query: Query, known: dict[str, str]) -> Cost:
    """What all statements of a request visit."""
    values = [(name, value.format(**known)) for name, value in query]
    target = re.sub(r"\{([^}]+)\}", lambda found: known[found.group(1)], path)
    with recorded() as statements:
        answer = await api.get(target, params=values)
    assert answer.status_code == 200, (target, values, answer.text)
    return await visits(api, statements)


async def visits(api: Api, statements: list[tuple[str, Any]]) -> Cost:
    def look(tx: Transaction) -> list[Cost]:
        return [COUNTED[tx.dialect](tx, statement, _stopping_early(parameters)) for statement, parameters in statements]

    costs = await api.store.read(actor.system(api.org), look)
    plans = [f"{one.visited}: {' / '.join(one.plans)}: {sql[:3000]}" for one, (sql, _) in zip(costs, statements, strict=True)]
    return Cost(sum(one.visited for one in costs), plans)


def _stopping_early(parameters: Any) -> Any:
    """The same, but counts stop early, so that they need not be shown ten thousand rows to be seen to stop."""
    early = {MOST_COUNTED + 1: 101, MOST_COUNTED: 100}
    if isinstance(parameters, dict):
        return {name: early.get(value, value) if isinstance(value, int) else value for name, value in parameters.items()}
    return tuple(early.get(value, value) if isinstance(value, int) else value for value in parameters)


async def grow(store: Store, rows: int, present: int = 0, which: Sequence[history.Copies] = history.COPIES) -> None:
    def job(tx: Transaction) -> None:
        for _ in history.add(tx.connection, rows=rows, present=present, which=which):
            pass
        if tx.dialect == "postgresql":  # as autovacuum does; nobody does it on SQLite
            tx.connection.exec_driver_sql("ANALYZE")

    await store.write(actor.system(), job)


async def fleet_token(api: Api) -> str:
    body = {"name": "edge", "namePattern": "edge-{name}", "maxUses": 3}
    return str((await api("POST", "/v1/fleet-tokens", json=body)).json()["id"])


async def trigger(api: Api) -> str:
    body = {"source": "issue", "name": "t", "runbook": "restart-workload", "match": {"types": ["OOMKilled"]}}
    return str((await api("POST", "/v1/triggers", json=body)).json()["id"])


async def forge(api: Api) -> str:
    body = {"name": "git", "kind": "github", "url": "https://github.com", "token": "example-token", "repositories": ["shop/deploy"]}
    return str((await api("POST", "/v1/forges", json=body)).json()["id"])


async def compare(api: Api, which: Sequence[history.Copies], asked: list[tuple[str, Query]]) -> dict[tuple[str, Query], str]:
    """What visits more when there is more of this: why, by request."""
    known = await with_history(api, "prod")
    await api.new_cluster("idle")
    runbook = (await api.get("/v1/runbooks/restart-workload")).json()
    known |= {
        "now": api.clock.now().isoformat(),
        "detector_type": "OOMKilled",
        "runbook_id": runbook["id"],
        "version": str(runbook["version"]),
    }
    known["token_id"] = await fleet_token(api)
    known["member_id"] = (await api.get("/v1/members")).json()["members"][0]["id"]
    known["trigger_id"] = await trigger(api)
    known["forge_id"] = await forge(api)
    known["receiver_id"] = (await api.get("/v1/alert-receivers")).json()["receivers"][0]["id"]
    known["actor_id"] = (await api.get("/v1/me")).json()["actor"]["id"]
    known["key_id"] = (await api.get("/v1/api-keys")).json()["apiKeys"][0]["id"]
    await grow(api.store, ROWS)
    before = [await cost(api, path, query, known) for path, query in asked]
    await grow(api.store, MORE, ROWS, which)
    wrong = {}
    for (path, query), small in zip(asked, before, strict=True):
        large = await cost(api, path, query, known)
        if large.visited > 1.5 * small.visited + SLACK:
            worst = max(large.plans, key=lambda plan: int(plan.partition(":")[0]))
            wrong[path, query] = f"{small.visited} before, {large.visited} now: {worst}"
    return wrong


@pytest.fixture(autouse=True)
def stop_early(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Facets count the newest issues where many match: here where more than these match."""
    caches = (listing._facets, listing._labels, groups._groups, groups._count)
    for cache in caches:
        cache.cache_clear()
    for module in (listing, groups):
        monkeypatch.setattr(module, "MOST_COUNTED", 300)
    yield
    for cache in caches:
        cache.cache_clear()


ALLOWED = {
    ("/v1/issues", "q"): "text is searched in the issues, newest first; resolved ones are deleted after 180 days",
    ("/v1/issues", "label"): "labels are free; the same",
    ("/v1/issues", "snoozed"): "people snooze few issues, and no index knows which; the same",
    ("/v1/issues", "muted"): "most issues are not muted, so a page of these ends early; here all are muted",
    ("/v1/alerts/quality", ""): "examines what was received and opened in the range, in indexes; at most 5,000 alerts and 500 issues",
    ("/v1/issues/trends", ""): "counts what happened in the range, in indexes made for it; here that is all of the history",
}
"""Filters of lists that may visit more with more history, and why."""
ALLOWED[("/v1/search", "q")] = "the same"
ALLOWED |= {(f"/v1/issues/{counts}", name): reason for (_, name), reason in list(ALLOWED.items()) for counts in ("facets", "groups")}
ALLOWED[("/v1/digest", "")] = ALLOWED[("/v1/handover", "")] = (
    "counts what happened in the range and lists at most 50 of each, in indexes made for it"
)
ALLOWED[("/v1/audit", "cluster")] = "counts what matches, at most 10,000; reading captured logs of the cluster is recorded meanwhile"
ALLOWED_OF_INVENTORY = {
    **{
        ("/v1/resources", f"sort={name}"): "no index has what every change writes (resources/tables.py); what matches is sorted"
        for name in ("kind", "namespace", "updatedAt", "createdAt")
    },
    ("/v1/resources", "q"): "text is searched in the inventory",
    ("/v1/resources", "status"): "a status of healthy objects is searched in the inventory; others are in an index",
    ("/v1/resources/counts", ""): "counts the inventory, in an index",
}
INVENTORY = (
    "/v1/resources",
    "/v1/resources/counts",
    "/v1/resources/{resource_id}",
    "/v1/resources/{resource_id}/tree",
    "/v1/clusters",
)


def unexpected(wrong: Mapping[tuple[str, Query], str], allowed: Mapping[tuple[str, str], str]) -> list[str]:
    """Requests that visit more for no allowed reason, and reasons that no request needs."""

    def names(query: Query) -> set[str]:
        return {"", *(name for name, _ in query), *(f"{name}={value.lstrip('-')}" for name, value in query)}

    found = [
        f"{path} {dict(query)}: {why}" for (path, query), why in wrong.items() if not any((path, one) in allowed for one in names(query))
    ]
    needed = {(path, name) for path, query in wrong for name in names(query)}
    return [*found, *(f"{path} {name} may visit more and does not" for path, name in allowed if (path, name) not in needed)]


@pytest.mark.slow
async def test_no_read_visits_more_rows_when_there_is_more_history(api: Api) -> None:
    asked = [(path, query) for path in PATHS for query in queries(path)]
    assert not unexpected(await compare(api, history.PAST, asked), ALLOWED)


@pytest.mark.slow
async def test_no_list_visits_more_of_a_larger_inventory_than_it_shows(api: Api) -> None:
    asked = [(path, query) for path in INVENTORY for query in queries(path)]
    assert not unexpected(await compare(api, history.PRESENT, asked), ALLOWED_OF_INVENTORY)


OF_BOUND = (
    "/v1/issues",
    "/v1/issues/facets",
    "/v1/issues/groups",
    "/v1/executions",
    "/v1/events",
    "/v1/resources",
    "/v1/resources/counts",
    "/v1/clusters",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "bindings",
    [
        pytest.param([{"clusters": ["prod"], "namespaces": ["shop"]}], id="one namespace"),
        pytest.param([{"clusters": ["prod"], "namespaces": ["shop"]}, {"clusters": ["idle"], "namespaces": ["pay"]}], id="two places"),
    ],
)
async def test_no_read_of_a_bound_member_visits_more_rows_when_there_is_more_history(api: Api, bindings: list[dict[str, Any]]) -> None:
    known = await with_history(api, "prod")
    await api.new_cluster("idle")
    owner, person = await signed_in(api), await member(api, Role.ADMIN, "bound@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    bound = replace(api, key=(await person("POST", "/v1/api-keys", json={"name": "bound"})).json()["key"])
    for one in bindings:
        made = await owner("POST", f"/v1/members/{person_id}/bindings", json={"role": "operator", **one})
        assert made.status_code == 201, made.text
    api.clock.advance(1)
    await grow(api.store, ROWS)
    before = {path: await cost(bound, path, (), known) for path in OF_BOUND}
    await grow(api.store, MORE, ROWS, history.PAST)
    for path, small in before.items():
        large = await cost(bound, path, (), known)
        assert large.visited <= 1.5 * small.visited + SLACK, (path, small.visited, large.visited, large.plans)


INDEXED = (
    "status:resolved,acknowledged",
    "severity:critical",
    "type:OOMKilled",
    "category:network",
    "substatus:escalating",
    "cluster:prod",
    "cluster:id*",
    "ns:nowhere",
    "kind:ConfigMap",
    "owner:api",
    "owner:nothing",
    "container:sidecar",
    "assignee:none",
    "parent:none",
    "after:2020-01-01",
    "before:2020-01-01",
)


@pytest.mark.slow
async def test_no_exact_term_of_a_query_visits_more_rows_when_there_is_more_history(api: Api) -> None:
    asked: list[tuple[str, Query]] = [("/v1/issues", (("q", text), *order)) for text in INDEXED for order in ((), (("sort", "-severity"),))]
    assert not await compare(api, history.PAST, asked)


INDEXED_RESOURCES = (
    "kind:Pod",
    "cluster:prod kind:ConfigMap ns:shop",  # without a cluster, SQLite reads the index of kinds or that of namespaces, by its statistics
    "cluster:prod kind:Pod",
    "ns:nowhere",
    "name:nothing",
    "state:failing",
    "-state:healthy",
)


@pytest.mark.slow
async def test_no_exact_term_of_a_query_visits_more_of_a_larger_inventory_than_it_shows(api: Api) -> None:
    asked: list[tuple[str, Query]] = [
        ("/v1/resources", (("q", text), *order)) for text in INDEXED_RESOURCES for order in ((), (("sort", "status"),))
    ]
    assert not await compare(api, history.PRESENT, asked)


@pytest.mark.slow
@pytest.mark.parametrize(
    "types", [None, {"issue.created"}, {"analysis.ready", "cluster.offline"}], ids=["every type", "one type", "two types"]
)
@pytest.mark.parametrize("is_limited", [False, True])
async def test_a_replay_visits_what_it_sends_or_one_window(api: Api, types: set[str] | None, *, is_limited: bool) -> None:
    await with_history(api, "prod")
    clusters = {await api.new_cluster("idle")} if is_limited else None

    async def replayed() -> Cost:
        with recorded() as statements:
            await api.store.read(api.owner, lambda tx: events.replay(tx, 100, types=types, clusters=clusters, limit=256))
            await api.store.read(api.owner, lambda tx: (events.head(tx), events.oldest(tx)))
        return await visits(api, statements)

    await grow(api.store, ROWS)
    small = await replayed()
    await grow(api.store, MORE, ROWS, history.PAST)
    assert (large := await replayed()).visited <= 1.5 * small.visited + SLACK, large.plans


async def test_a_total_stops_at_ten_thousand_and_says_so(api: Api) -> None:
    await api.new_cluster("prod")
    few = (await api.get("/v1/events")).json()
    await grow(api.store, 110_000, which=[copies for copies in history.COPIES if copies.table == "events"])
    many = (await api.get("/v1/events?pageSize=100&page=100")).json()
    assert (few["total"], few.get("totalCapped")) == (len(few["events"]), None)
    assert (many["total"], many["totalCapped"], len(many["events"])) == (MOST_COUNTED, True, 100)
    assert (
        len((await api.get(f"/v1/events?pageSize=100&cursor={many['nextCursor']}")).json()["events"]) == 100
    )  # and it can be read further


@pytest.mark.parametrize("path", ["/v1/issues", "/v1/resources"])
async def test_a_query_that_finds_nothing_compares_every_row_once(api: Api, path: str) -> None:
    """The total says so; the page need not be looked for again."""
    with recorded() as statements:
        answer = await api.get(path, params={"q": "owner:nothing*"})
    assert answer.json()["total"] == 0
    assert sum(" LIKE " in sql for sql, _ in statements) == 1
