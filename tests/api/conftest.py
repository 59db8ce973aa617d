"""The whole HTTP edge on a loopback socket, with a client that judges every answer it gets.

Whatever a test does, each answer of /v1 and /api/events must carry the three limit headers, each error must be a problem with a documented
code, and each JSON answer must fit the contract.
"""

import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft4Validator, Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from optral.access import service as access
from optral.access.limiter import FAILURES_PER_MINUTE
from optral.access.model import DEFAULT_LIMITS, SCOPES, KeySettings, key_scopes
from optral.access.service import Authenticator, Limiter
from optral.api.http.services import ApiServices
from optral.api.pages.contract import FOLDER
from optral.clusters import service as clusters
from optral.install.addresses import Addresses
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.actor import Actor, Role
from optral.terms.ids import ClusterId, OrgId
from tests.flows.executions.shop import Shop
from tests.support.clock import FakeClock
from tests.support.edge import build, cheap_passwords, served

PEPPER = b"p" * 32
ERRORS_PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text())  # tests/contract shows that the code says the same
EVENTS: dict[str, Any] = json.loads((FOLDER / "events.json").read_text())["events"]
_RESOURCE: Resource[Any] = Resource.from_contents(DOCUMENT, default_specification=DRAFT4)
REGISTRY: Registry[Any] = Registry().with_resource("urn:contract", _RESOURCE)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain HTTP: a client that reads certificates for itself takes 0.04 s
LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@dataclass
class Api:
    """A running edge and the means to talk to it."""

    url: str
    services: ApiServices
    store: Store
    clock: FakeClock
    org: OrgId
    owner: Actor
    key: str
    client: httpx2.AsyncClient
    answers: int = 0
    seen: set[tuple[str, int]] = field(default_factory=set)

    async def __call__(self, method: str, path: str, *, key: str | None = "", **more: Any) -> httpx2.Response:
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key or self.key}")
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        return await self("GET", path, **more)

    async def new_key(
        self,
        *,
        scopes: set[str] | None = None,
        clusters: set[str] | None = None,
        maker: Actor | None = None,
        expires_in_s: float | None = None,
        limit: int | None = None,
    ) -> str:
        """Another key's text: of this organization, or of another one's owner."""
        maker = maker or self.owner
        expires_at = None if expires_in_s is None else self.clock.now() + timedelta(seconds=expires_in_s)
        wanted = KeySettings(
            name="test",
            scopes=frozenset(scopes) if scopes else maker.scopes & key_scopes(is_limited=clusters is not None),
            clusters=None if clusters is None else frozenset(ClusterId(one) for one in clusters),
            expires_at=expires_at,
            limit_per_minute=limit,
        )
        _, text = await self.store.write(maker, lambda tx: access.create_key(tx, wanted, pepper=PEPPER))
        return text

    async def new_cluster(self, name: str) -> str:
        made = await self("POST", "/v1/clusters", json={"name": name})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def judge(self, response: httpx2.Response) -> None:
        """The recorder: runs on every answer."""
        path, status = response.request.url.path, response.status_code
        self.answers += 1
        self.seen.add((path, status))
        if not (path.startswith("/v1") or path == "/api/events"):
            return
        for name in LIMIT_HEADERS:
            assert re.fullmatch(r"\d+", response.headers.get(name, "")), f"{response.request.method} {path} {status} lacks {name}"
        assert response.headers["x-request-id"].startswith("req_")
        assert response.headers["x-content-type-options"] == "nosniff"
        if status == 429:
            assert int(response.headers["retry-after"]) >= 1
        if "text/event-stream" in response.headers.get("content-type", "") or response.request.method == "HEAD":
            return
        await response.aread()
        if status >= 400:
            _judge_problem(response)
        elif response.content:
            _judge_shape(response)


def _judge_problem(response: httpx2.Response) -> None:
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["status"] == response.status_code
    assert f"`{problem['code']}`" in ERRORS_PAGE, f"{problem['code']} is not in docs/errors.md"
    assert problem["requestId"] == response.headers["x-request-id"]


def _judge_shape(response: httpx2.Response) -> None:
    """A success must fit the contract."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return
    template = _template_of(response.request.method, response.request.url.path)
    validator = _validator(response.request.method, template, response.status_code)
    errors = [error for error in validator.iter_errors(response.json()) if not _is_nullable(error)]
    assert not errors, f"{response.request.url.path} is not what contracts/openapi.json says: {errors[0].json_path}: {errors[0].message}"
    if response.request.url.path == "/v1/events":
        _judge_events(response.json()["events"])


def _judge_events(events: list[dict[str, Any]]) -> None:
    """The data of each event must fit contracts/events.json, which lists every member."""
    for event in events:
        shape = EVENTS[event["type"]]
        assert event["data"].keys() <= shape["properties"].keys(), f"{event['type']} has members that contracts/events.json lacks"
        Draft7Validator(shape).validate(event["data"])


def _is_nullable(error: Any) -> bool:
    """`nullable` is a word of OpenAPI 3.0 that the validator does not know."""
    return error.instance is None and bool(error.schema.get("nullable"))


def operation_of(method: str, path: str) -> dict[str, Any]:
    """The contract's operation for an address."""
    found: dict[str, Any] = DOCUMENT["paths"][_template_of(method, path)][method.lower()]
    return found


def _template_of(method: str, path: str) -> str:
    """Exact addresses come before those with parameters."""
    for template, pattern in _patterns():
        if pattern.fullmatch(path) and method.lower() in DOCUMENT["paths"][template]:
            return template
    raise AssertionError(f"{method} {path} is not in contracts/openapi.json; if it is new, run make contracts")


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(one, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", one))) for one in sorted(DOCUMENT["paths"], key=lambda one: one.count("{"))]


@cache
def _validator(method: str, template: str, status: int) -> Draft4Validator:
    described = DOCUMENT["paths"][template][method.lower()]["responses"][str(status)]["content"]["application/json"]
    schema = json.loads(json.dumps(described["schema"]).replace("#/components", "urn:contract#/components"))
    return Draft4Validator(schema, registry=REGISTRY)


async def another_organisation(api: "Api") -> Actor:
    """A second organization's owner."""
    made, owner = await api.store.write(
        actors.system(), lambda tx: access.create_organisation(tx, name="Other", plan="free", owner_email="other@example.org")
    )
    return actors.person(made.id, owner.id, scopes=SCOPES, role=Role.OWNER)


@pytest.fixture
async def api(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    """The edge of a fresh organization with an owner and a key that may do everything."""
    async with running(store, clock) as made:
        yield made


@asynccontextmanager
async def running(
    store: Store,
    clock: FakeClock,
    *,
    plan: str = "enterprise",
    limits: Mapping[str, int] = DEFAULT_LIMITS,
    failures: int = FAILURES_PER_MINUTE,
    **more: Any,
) -> AsyncIterator[Api]:
    """An organization with an owner and one key, and the edge before them."""
    made, owner = await store.write(
        actors.system(), lambda tx: access.create_organisation(tx, name="Shop", plan=plan, owner_email="owner@example.org")
    )
    person = actors.person(made.id, owner.id, scopes=SCOPES, role=Role.OWNER)
    authenticator = Authenticator(store, clock, PEPPER, labelled=clusters.labelled)
    services = ApiServices(
        **{
            "store": store,
            "clock": clock,
            "authenticator": authenticator,
            "limiter": Limiter(
                store=store,
                clock=clock,
                authenticator=authenticator,
                limits=limits,
                failures_per_minute=failures,
                strangers_per_minute=failures,
            ),
            "pepper": PEPPER,
            "sealing_key": b"k" * 32,
            "addresses": Addresses(
                public_url="http://optral.example.org",
                agent_address="optral.example.org",
                ca_pin="sha256:" + "0" * 64,
                agent_image="example.org/agent:1",
            ),
            "enroll_address": "127.0.0.1:8443",
            "tunnel_address": "127.0.0.1:8444",
            "trust": lambda: {"caPem": "-----BEGIN CERTIFICATE-----\n"},
            "polls_events": store.dialect == "postgresql",
            **more,
        }
    )
    async with AsyncExitStack() as open_:
        open_.enter_context(cheap_passwords())
        open_.push_async_callback(services.forge_caller.close)
        url = await open_.enter_async_context(served(build(services)))
        client = await open_.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=60, verify=NO_TLS, trust_env=False))
        api = Api(url, services, store, clock, made.id, person, "", client)
        client.event_hooks = {"response": [api.judge]}
        api.key = await api.new_key()
        try:
            yield api
        finally:
            services.stopping.set()


@pytest.fixture
async def shop(api: Api) -> Shop:
    made = Shop(api.store, api.org, api.clock)
    await made.open()
    return made
