"""Signing in with a real Keycloak, set up as docs/how-to/keycloak.md says; it shares no code with the other provider of these tests."""

import ipaddress
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import yaml

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.kit.outbound import Reply, Request
from optral.kit.outbound_http import HttpCaller
from optral.kit.paging import PageRequest
from tests.api.accounts import Browser, signed_in
from tests.api.conftest import Api
from tests.api.people.provider_visits import Visitor
from tests.cli.test_login import Desk, desk as desk, edge as edge, file as file
from tests.identity import keycloak as server
from tests.identity.keycloak import Person, Realm, SignInRefused, admin
from tests.support.sqlite_alone import engine_name as engine_name

pytestmark = pytest.mark.slow  # a Java process, started once for all of them
KEYCLOAK_CHANGED = "correct the table in docs/how-to/keycloak.md"
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture(scope="module")
def realm() -> Iterator[Realm]:
    with server.running() as keycloak:
        made = Realm(keycloak)
        made.create()
        yield made


@dataclass
class Company:
    """A realm, Optral with that realm as a provider, and its people."""

    api: Api
    owner: Browser
    realm: Realm
    provider_id: str
    client_id: str
    caller: HttpCaller

    def visitor(self) -> Visitor:
        return Visitor(self.api, None, self.provider_id)  # type: ignore[arg-type]

    async def sign_in(self, person: Person, visitor: Visitor) -> httpx2.Response:
        return await visitor.finish(await person.visit(await visitor.begin()))

    async def reasons(self) -> list[str]:
        """Why sign-ins were refused, as the audit log has it."""
        wanted = AuditFilter(actions=frozenset({"identity.refuse"}))
        found = await self.api.store.read(self.api.owner, lambda tx: access.find_audit(tx, wanted, PageRequest(sort="seq")))
        return [json.loads(one.detail)["reason"] for one in found]


@pytest.fixture
async def company(edge: Api, realm: Realm) -> AsyncIterator[Company]:
    realm.renew()
    edge.clock.advance((datetime.now(UTC) - edge.clock.now()).total_seconds())  # as at the provider
    edge.services.identity_caller = caller = HttpCaller(private=LOOPBACK)
    owner = await signed_in(edge)
    added = await owner("POST", "/v1/identity-providers", json=realm.settings)
    assert added.status_code == 201, added.text
    client_id = realm.create_client(added.json()["id"], hooks=edge.url)
    yield Company(edge, owner, realm, added.json()["id"], client_id, caller)
    await caller.close()


@dataclass
class Swapping:
    """Calls Keycloak, and puts another ID token of the same realm in place of the one that it issued."""

    inner: HttpCaller
    token: str

    async def call(self, request: Request) -> Reply:
        reply = await self.inner.call(request)
        if not request.url.endswith("/token"):
            return reply
        return Reply(reply.status, reply.headers, json.dumps(json.loads(reply.body) | {"id_token": self.token}).encode())

    async def close(self) -> None: ...


async def places(visitor: Visitor) -> list[tuple[str, list[str]]]:
    me = (await visitor("GET", "/v1/me")).json()
    return [(one["role"], one["namespaces"]) for one in me["actor"]["places"]]


async def test_groups_of_the_realm_become_roles_in_namespaces(company: Company) -> None:
    visitor, dev = company.visitor(), Person(company.realm, "dev")
    assert (await company.owner("POST", f"/v1/identity-providers/{company.provider_id}/test")).json() == {"ok": True}
    first = await company.sign_in(dev, visitor)
    assert (first.status_code, first.json()["member"]["email"]) == (201, "dev@example.com")
    assert await places(visitor) == [("operator", ["shop"])]
    again = await company.sign_in(dev, visitor)
    assert again.json()["member"]["id"] == first.json()["member"]["id"]
    started = await visitor("POST", "/v1/session/confirm/provider")
    returned = await dev.visit(started.json()["authorizationUrl"])
    assert (await visitor("POST", "/v1/session/confirm/provider/callback", json=returned)).status_code == 200
    guest = await company.sign_in(Person(company.realm, "guest"), company.visitor())
    assert (guest.status_code, guest.json()["code"]) == (403, "no_access"), "a group /guests/shop is not /shop"


async def test_a_group_that_is_left_gives_nothing_from_the_next_sign_in(company: Company) -> None:
    visitor, dev, realm = company.visitor(), Person(company.realm, "dev"), company.realm
    assert (await company.sign_in(dev, visitor)).status_code == 201
    (group,) = realm("GET", f"/users/{realm.id_of('dev')}/groups")
    realm("DELETE", f"/users/{realm.id_of('dev')}/groups/{group['id']}")
    assert await places(visitor) == [("operator", ["shop"])]
    assert (await company.sign_in(dev, company.visitor())).json()["code"] == "no_access"
    assert (await visitor("GET", "/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        pytest.param(server.CLIENTS[1], "wrong_audience", id="a token for another client"),
        pytest.param("optral", "wrong_nonce", id="a token of another sign-in"),
    ],
)
async def test_a_token_that_was_issued_for_something_else_is_refused(company: Company, client: str, reason: str) -> None:
    realm = company.realm
    granting: dict[str, Any] = {"directAccessGrantsEnabled": True}
    if client == "optral":
        realm("PUT", f"/clients/{company.client_id}", granting)
    else:
        realm.create_client(company.provider_id, hooks=company.api.url, clientId=client, **granting)
    form = {"grant_type": "password", "scope": "openid", "client_id": client, "client_secret": realm.client_secret}
    async with httpx2.AsyncClient(trust_env=False) as anyone:
        issued = await anyone.post(
            f"{realm.issuer}/protocol/openid-connect/token", data=form | {"username": "dev", "password": realm.password}
        )
    company.api.services.identity_caller = Swapping(company.caller, issued.json()["id_token"])
    answer = await company.sign_in(Person(realm, "dev"), company.visitor())
    assert (answer.status_code, answer.json()["code"]) == (401, "provider_sign_in_failed")
    assert await company.reasons() == [reason]


async def test_an_administrator_ends_the_sessions_of_a_person_in_all_browsers(company: Company) -> None:
    visitors = [company.visitor(), company.visitor()]
    for one in visitors:
        assert (await company.sign_in(Person(company.realm, "dev"), one)).status_code == 201
    await admin(company.realm, "POST", f"/users/{company.realm.id_of('dev')}/logout")
    assert [(await one("GET", "/v1/me")).status_code for one in visitors] == [401, 401]


async def test_keycloak_tells_nobody_that_it_ended_all_sessions_of_the_realm(company: Company) -> None:
    visitor = company.visitor()
    assert (await company.sign_in(Person(company.realm, "dev"), visitor)).status_code == 201
    await admin(company.realm, "POST", "/logout-all")
    assert (await visitor("GET", "/v1/me")).status_code == 200, f"Keycloak sends a message now; {KEYCLOAK_CHANGED}"


async def test_who_signs_out_of_keycloak_is_signed_out_here(company: Company) -> None:
    visitor, dev = company.visitor(), Person(company.realm, "dev")
    assert (await company.sign_in(dev, visitor)).status_code == 201
    await dev.sign_out()
    assert (await visitor("GET", "/v1/me")).status_code == 401


@pytest.mark.parametrize("is_asked", [pytest.param(False, id="with the ID token"), pytest.param(True, id="without it")])
async def test_signing_out_here_ends_the_session_of_keycloak(company: Company, is_asked: bool) -> None:
    path = f"/v1/identity-providers/{company.provider_id}"
    assert (await company.owner("PATCH", path, json={"endsProviderSession": True})).status_code == 200
    visitor, other, dev = company.visitor(), company.visitor(), Person(company.realm, "dev")
    assert (await company.sign_in(dev, visitor)).status_code == 201
    assert (await company.sign_in(Person(company.realm, "dev"), other)).status_code == 201
    if is_asked:
        del visitor.cookies["optral_id_token"]
    url = (await visitor("DELETE", "/v1/session")).json()["providerLogoutUrl"]
    assert "code" in await dev.visit(f"{await visitor.begin()}&prompt=none")  # the session there is open still
    if is_asked:
        assert await dev.sign_out(url) == url_state(url)
    else:
        assert (await dev.visit(url))["state"] == url_state(url)
    assert (await dev.visit(f"{await visitor.begin()}&prompt=none"))["error"] == "login_required"
    assert (await other("GET", "/v1/me")).status_code == 401, f"Keycloak names the session now; {KEYCLOAK_CHANGED}"


async def test_a_new_key_of_the_realm_needs_no_restart(company: Company) -> None:
    realm, visitor, dev = company.realm, company.visitor(), Person(company.realm, "dev")
    assert (await company.sign_in(dev, company.visitor())).status_code == 201
    before = active_key(realm)
    component = {"name": "new", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider"}
    realm("POST", "/components", component | {"parentId": realm("GET", "")["id"], "config": {"priority": ["200"]}})
    assert active_key(realm) != before
    company.api.clock.advance(61)  # keys are read once a minute at most
    company.api.clock.set_wall(-61)  # as at the provider
    assert (await company.sign_in(dev, visitor)).status_code == 201
    await admin(realm, "POST", f"/users/{realm.id_of('dev')}/logout")
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_a_disabled_person_cannot_sign_in_and_is_out_with_the_end_of_the_sessions(company: Company) -> None:
    realm, visitor, dev = company.realm, company.visitor(), Person(company.realm, "dev")
    assert (await company.sign_in(dev, visitor)).status_code == 201
    user = realm.id_of("dev")
    await admin(realm, "PUT", f"/users/{user}", {"enabled": False})
    with pytest.raises(SignInRefused, match="disabled"):
        await company.sign_in(Person(realm, "dev"), company.visitor())
    assert (await visitor("GET", "/v1/me")).status_code == 200, f"Keycloak sends a message now; {KEYCLOAK_CHANGED}"
    await admin(realm, "POST", f"/users/{user}/logout")
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_the_command_line_logs_in_through_it(company: Company, desk: Desk) -> None:
    visitor = company.visitor()
    assert (await company.sign_in(Person(company.realm, "dev"), visitor)).status_code == 201
    desk.browser = visitor  # type: ignore[assignment]
    done = await desk("login", company.api.url)
    assert (done.returncode, "as dev@example.com (Shop)" in done.stderr) == (0, True), done.stderr
    me = yaml.safe_load((await desk("me", "-o", "yaml")).stdout)
    assert [(one["role"], one["namespaces"]) for one in me["actor"]["places"]] == [("operator", ["shop"])]


def url_state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def active_key(realm: Realm) -> str:
    return str(realm("GET", "/keys")["active"]["RS256"])
