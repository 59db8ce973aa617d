"""An assistant signs in as a person: metadata, registration, approval, token; and what somebody else could try."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.kit.paging import PageRequest
from optral.terms.actor import Role
from tests.api import accounts as people
from tests.api.accounts import Browser
from tests.api.conftest import Api
from tests.mcp.assistants import connected

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:33418/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def register(api: Api, *uris: str, name: str = "Editor") -> Any:
    return await api("POST", "/oauth/register", key=None, json={"client_name": name, "redirect_uris": list(uris)})


async def client(api: Api, *uris: str) -> str:
    return str((await register(api, *(uris or (BACK,)))).json()["client_id"])


def request(client_id: str, **more: str) -> dict[str, str]:
    given = {"clientId": client_id, "redirectUri": BACK, "codeChallenge": CHALLENGE, "codeChallengeMethod": "S256", "state": "s1"}
    return given | more


async def code_of(person: Browser, client_id: str) -> str:
    answer = await person("POST", "/v1/assistants/approve", json=request(client_id))
    assert answer.status_code == 200, answer.text
    query = parse_qs(urlsplit(answer.json()["redirectTo"]).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


async def exchange(api: Api, client: str, given: str, **changed: str) -> Any:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "client_id": client, "code_verifier": VERIFIER}
    return await api("POST", "/oauth/token", key=None, content=urlencode(form | changed), headers=FORM)


async def test_an_assistant_finds_the_way_from_the_first_refusal(api: Api) -> None:
    refused = await api("POST", "/mcp", key=None, json={})
    assert refused.status_code == 401
    address = refused.headers["www-authenticate"].partition('resource_metadata="')[2].rstrip('"')
    resource = (await api.get(urlsplit(address).path, key=None)).json()
    assert resource["resource"].endswith("/mcp") and "runbooks:execute" not in resource["scopes_supported"]
    (issuer,) = resource["authorization_servers"]
    server = (await api.get("/.well-known/oauth-authorization-server", key=None)).json()
    assert (server["issuer"], server["code_challenge_methods_supported"]) == (issuer, ["S256"])
    assert server["token_endpoint"] == f"{issuer}/oauth/token"


async def test_a_person_approves_and_the_token_opens_the_tools_alone(api: Api) -> None:
    owner = await people.signed_in(api)
    client_id = await client(api)
    shown = (await owner("POST", "/v1/assistants/check", json=request(client_id))).json()
    assert (shown["name"], shown["redirectUri"]) == ("Editor", BACK) and "runbooks:execute" not in shown["scopes"]
    token = (await exchange(api, client_id, await code_of(owner, client_id))).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 8 * 3600)
    assert "runbooks:plan" in token["scope"] and "runbooks:approve" not in token["scope"]
    key = token["access_token"]
    async with connected(api.url, key) as assistant:
        assert "you can see no cluster" in (await assistant("list_issues")).text
    for path in ("/v1/issues", "/v1/me", "/v1/runbooks"):
        assert (await api.get(path, key=key)).status_code == 401, path
    api.clock.advance(8 * 3600 + 1)
    assert (await api("POST", "/mcp", key=key, json={})).status_code == 401
    wanted = AuditFilter(actions=frozenset({"login.approve", "key.create"}))
    found = await api.store.read(api.owner, lambda tx: access.find_audit(tx, wanted, PageRequest(sort="seq")))
    assert [one.action for one in found][:2] == ["key.create", "login.approve"]


async def test_a_code_is_used_once_and_only_by_its_client(api: Api) -> None:
    owner = await people.signed_in(api)
    client_id, other = await client(api), await client(api, BACK, "https://editor.example/cb")
    code = await code_of(owner, client_id)
    wrong = [
        {"code_verifier": "w" * 43},
        {"code_verifier": "short"},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
        {"client_id": other},
        {"code": code[:-1] + ("a" if code[-1] != "a" else "b")},
    ]
    for more in wrong:
        answer = await exchange(api, client_id, code, **more)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), more
    assert (await exchange(api, client_id, code, resource="https://other.example/mcp")).json()["error"] == "invalid_target"
    assert (await exchange(api, client_id, code, grant_type="password")).json()["error"] == "unsupported_grant_type"
    assert (await exchange(api, client_id, code)).status_code == 200
    assert (await exchange(api, client_id, code)).json()["error"] == "invalid_grant"
    late = await code_of(owner, client_id)
    api.clock.advance(61)
    assert (await exchange(api, client_id, late)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"redirectUri": "https://evil.example/callback"}, "redirect_uri"),
        ({"redirectUri": "http://127.0.0.1:33418/other"}, "redirect_uri"),
        ({"redirectUri": "javascript:alert(1)"}, "redirect_uri"),
        ({"redirectUri": BACK + "#x"}, "redirect_uri"),
        ({"codeChallengeMethod": "plain"}, "code_challenge"),
        ({"codeChallenge": "short"}, "code_challenge"),
        ({"clientId": "mcp_W10.AAAA"}, "client_id"),
        ({"resource": "https://other.example/mcp"}, "resource"),
    ],
)
async def test_what_the_client_did_not_register_is_refused(api: Api, change: dict[str, str], field: str) -> None:
    owner = await people.signed_in(api)
    client_id = await client(api)
    for verb in ("check", "approve"):
        answer = await owner("POST", f"/v1/assistants/{verb}", json=request(client_id, **change))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text


async def test_on_loopback_the_port_may_differ(api: Api) -> None:
    owner = await people.signed_in(api)
    client_id = await client(api, "http://127.0.0.1/callback")
    assert (await owner("POST", "/v1/assistants/check", json=request(client_id))).status_code == 200


@pytest.mark.parametrize(
    "uris",
    [[], ["http://evil.example/x"], ["javascript:alert(1)"], ["https://a@b.example/"], [BACK] * 6, ["https://" + "a" * 400]],
)
async def test_a_registration_is_bounded(api: Api, uris: list[str]) -> None:
    answer = await register(api, *uris)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


async def test_only_a_person_who_typed_the_password_lately_approves(api: Api) -> None:
    client_id = await client(api)
    assert (await api("POST", "/v1/assistants/approve", json=request(client_id))).status_code == 403  # a key
    owner = await people.signed_in(api)
    api.clock.advance(16 * 60)
    late = await owner("POST", "/v1/assistants/approve", json=request(client_id))
    assert (late.status_code, late.json()["code"]) == (403, "confirmation_required")
    crossed = await owner("POST", "/v1/assistants/approve", json=request(client_id), headers={"Content-Type": "application/json"})
    assert crossed.status_code == 403


async def test_the_token_has_no_more_rights_than_the_person(api: Api) -> None:
    viewer = await people.member(api, Role.VIEWER, "viewer@example.org")
    client_id = await client(api)
    token = (await exchange(api, client_id, await code_of(viewer, client_id))).json()
    assert set(token["scope"].split()) == {"clusters:read", "issues:read", "resources:read", "runbooks:read"}
