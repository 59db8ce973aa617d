"""Signing in through an identity provider, over HTTP: what an ID token must prove, who becomes a member, and with which rights."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwk, jwt
from structlog.testing import capture_logs

from optral.access import service as access
from optral.identity import protocol
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, Browser, member
from tests.api.conftest import Api
from tests.api.people.provider_visits import ATTEMPT, RULE, SESSION, Visitor, with_provider
from tests.identity.provider import CLIENT, ISSUER, SECRET, Claims, Provider, Twist, new_key


def _raw(header: dict[str, Any], claims: Claims, signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join((*parts, signature))


def unsigned(claims: Claims, _: Provider) -> str:
    return _raw({"alg": "none"}, claims)


def by_secret(claims: Claims, _: Provider) -> str:
    return jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(SECRET * 2), algorithms=["HS256"])


def by_public_key(claims: Claims, provider: Provider) -> str:
    text = provider.keys[0].as_pem(private=False).decode()
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, jwk.OctKey.import_key(base64.b64encode(text.encode())), algorithms=["HS256"])


def altered(claims: Claims, provider: Provider) -> str:
    header, _, signature = provider.signed(claims).split(".")
    return ".".join((header, _raw({}, claims | {"sub": "u-2"}).split(".")[1], signature))


def with_own_key(claims: Claims, provider: Provider) -> str:
    own = new_key("k1")
    header = {"alg": "ES256", "kid": "k1", "jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims, own, algorithms=["ES256"])


def critical(claims: Claims, _: Provider) -> str:
    return _raw({"alg": "ES256", "kid": "k1", "crit": ["urn:extra"], "urn:extra": 1}, claims)


def nested(_: Claims, __: Provider) -> str:
    return base64.urlsafe_b64encode(b"[" * 20_000).rstrip(b"=").decode() + ".e30.e30"


def shifted(**by_s: int) -> Callable[[Provider], Twist]:
    return lambda provider: Twist(claims={name: int(provider.clock.now().timestamp()) + seconds for name, seconds in by_s.items()})


def twist(**parts: Any) -> Callable[[Provider], Twist]:
    return lambda _: Twist(**parts)


FORGED = [
    pytest.param(twist(sign=unsigned), "algorithm_not_allowed", id="no signature"),
    pytest.param(twist(sign=by_secret), "algorithm_not_allowed", id="HMAC under the client secret"),
    pytest.param(twist(sign=by_public_key), "algorithm_not_allowed", id="HMAC under the public key"),
    pytest.param(twist(sign=altered), "bad_signature", id="claims of another person under a real signature"),
    pytest.param(twist(key=new_key("k1")), "bad_signature", id="another key of the same id"),
    pytest.param(twist(sign=with_own_key), "bad_signature", id="a key in the header"),
    pytest.param(twist(sign=critical), "critical_header", id="a critical header that is unknown"),
    pytest.param(twist(key=new_key("other")), "unknown_key", id="a key that the provider does not have"),
    pytest.param(twist(sign=lambda *_: "a.b"), "not_a_signed_token", id="no token"),
    pytest.param(twist(sign=nested), "not_a_signed_token", id="a header of 20,000 lists"),
    pytest.param(twist(header={"typ": "at+jwt"}), "wrong_type_of_token", id="an access token"),
    pytest.param(twist(header={"typ": "logout+jwt"}), "wrong_type_of_token", id="a logout token"),
    pytest.param(twist(claims={"iss": "https://evil.example.test"}), "wrong_issuer", id="another issuer"),
    pytest.param(twist(claims={"iss": ISSUER + "/"}), "wrong_issuer", id="an issuer with a slash more"),
    pytest.param(twist(claims={"aud": "another"}), "wrong_audience", id="for another client"),
    pytest.param(twist(claims={"aud": [CLIENT, "another"], "azp": CLIENT}), "wrong_audience", id="for another client too"),
    pytest.param(twist(claims={"aud": None}), "wrong_audience", id="for nobody"),
    pytest.param(twist(claims={"azp": "another"}), "wrong_authorized_party", id="given to another client"),
    pytest.param(shifted(exp=-60), "expired", id="expired"),
    pytest.param(twist(claims={"exp": None}), "no_exp", id="without an end"),
    pytest.param(twist(claims={"exp": "9999999999"}), "no_exp", id="an end that is text"),
    pytest.param(twist(claims={"exp": True}), "no_exp", id="an end that is true"),
    pytest.param(twist(claims={"exp": float("inf")}), "no_exp", id="an end at infinity"),
    pytest.param(twist(claims={"iat": None}), "no_iat", id="without a time"),
    pytest.param(shifted(iat=61), "issued_in_the_future", id="issued in the future"),
    pytest.param(shifted(iat=-661), "issued_too_long_ago", id="an old token"),
    pytest.param(shifted(nbf=61), "not_valid_yet", id="not valid yet"),
    pytest.param(twist(claims={"nonce": None}), "wrong_nonce", id="without a nonce"),
    pytest.param(twist(claims={"nonce": "of another sign-in"}), "wrong_nonce", id="the token of another sign-in"),
    pytest.param(twist(claims={"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "wrong_at_hash", id="another access token"),
    pytest.param(twist(claims={"c_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "wrong_c_hash", id="another code"),
    pytest.param(twist(claims={"sub": None}), "bad_subject", id="about nobody"),
    pytest.param(twist(claims={"sub": 7}), "bad_subject", id="a subject that is a number"),
]


async def denied(api: Api) -> list[dict[str, Any]]:
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    return [json.loads(one.detail) for one in records if (one.action, one.outcome) == ("identity.refuse", "denied")]


@pytest.mark.parametrize(("twisted", "reason"), FORGED)
async def test_a_forged_token_is_refused(api: Api, twisted: Callable[[Provider], Twist], reason: str) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    provider.twist = twisted(provider)
    with capture_logs() as logs:
        answer = await visitor.sign_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "provider_sign_in_failed"), answer.text
    assert reason not in answer.text
    assert SESSION not in visitor.cookies
    assert await denied(api) == [{"provider": provider_id, "reason": reason}]
    assert [one["reason"] for one in logs if one["event"] == "sign-in with an identity provider refused"] == [reason]


async def answer_of(api: Api, change: Callable[[Visitor, dict[str, Any]], None]) -> tuple[str, list[str]]:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    returned: dict[str, Any] = provider.visit(await visitor.begin())
    change(visitor, returned)
    with capture_logs() as logs:
        answer = await visitor.finish({name: value for name, value in returned.items() if value is not None})
    assert SESSION not in visitor.cookies and answer.status_code == 401
    return answer.json()["code"], [one["reason"] for one in logs if "reason" in one]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda _, returned: returned.update(state="x" * 43), "wrong_state", id="the state of another browser"),
        pytest.param(lambda visitor, _: visitor.cookies.pop(ATTEMPT), "no_attempt", id="a browser that began nothing"),
        pytest.param(lambda visitor, _: visitor.cookies.update({ATTEMPT: "A" * 200}), "no_attempt", id="an attempt of its own making"),
        pytest.param(lambda visitor, _: visitor.api.clock.advance(602), "attempt_expired", id="too late"),
        pytest.param(lambda _, returned: returned.update(iss="https://evil.example.test"), "response_of_another_issuer", id="mix-up"),
        pytest.param(lambda _, returned: returned.update(iss=None), "no_issuer_in_response", id="mix-up without a name"),
        pytest.param(lambda _, returned: returned.update(code="stolen"), "token_endpoint_invalid_grant", id="the code of another"),
        pytest.param(lambda _, returned: returned.update(code=None, error="access_denied"), "provider_error_access_denied", id="refused"),
        pytest.param(lambda _, returned: returned.update(code=None, error="<b>"), "provider_error_unknown", id="an error that is no word"),
    ],
)
async def test_an_answer_that_is_not_of_this_attempt_is_refused(
    api: Api, change: Callable[[Visitor, dict[str, Any]], None], reason: str
) -> None:
    assert await answer_of(api, change) == ("provider_sign_in_failed", [reason])


async def test_a_code_is_good_for_one_sign_in(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    returned = provider.visit(await visitor.begin())
    attempt = visitor.cookies[ATTEMPT]
    assert (await visitor.finish(returned)).status_code == 201
    assert ATTEMPT not in visitor.cookies
    visitor.cookies[ATTEMPT] = attempt
    assert (await visitor.finish(returned)).status_code == 401


@pytest.mark.parametrize(
    "twisted",
    [
        pytest.param(shifted(exp=-59), id="a clock that is behind"),
        pytest.param(shifted(iat=59, nbf=59), id="a clock that is ahead"),
        pytest.param(twist(claims={"aud": [CLIENT], "azp": CLIENT}), id="a list of one audience"),
        pytest.param(twist(header={"kid": None}), id="a key without an id, the only one"),
        pytest.param(twist(header={"typ": "JWT"}), id="with a type"),
    ],
)
async def test_a_token_within_the_rules_is_accepted(api: Api, twisted: Callable[[Provider], Twist]) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.twist = twisted(provider)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201


async def test_a_sign_in_takes_three_round_trips(api: Api) -> None:
    """Two of the browser to Optral, and one of Optral to the provider; the first after a start reads metadata and keys too."""
    _, provider, provider_id = await with_provider(api)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    assert provider.requests == ["/.well-known/openid-configuration", "/token", "/keys"]
    provider.requests.clear()
    before = api.answers
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    assert (api.answers - before, provider.requests) == (2, ["/token"])


async def test_new_keys_of_the_provider_are_read_once_a_minute_at_most(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    provider.keys = [new_key("k2", "RSA")]
    api.clock.advance(protocol.REFETCH_S)
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    provider.requests.clear()
    provider.twist = Twist(key=new_key("forged"))
    for _ in range(3):
        assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 401
    assert provider.requests == ["/token"] * 3


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"issuer": "https://evil.example.test"}, id="of another issuer"),
        pytest.param({"token_endpoint": "http://login.example.test/token"}, id="a token endpoint without TLS"),
        pytest.param({"authorization_endpoint": "javascript:alert(1)"}, id="an authorization endpoint that is a script"),
        pytest.param({"jwks_uri": None}, id="without keys"),
    ],
)
async def test_metadata_that_break_the_rules_are_not_used(api: Api, metadata: dict[str, Any]) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.metadata = metadata
    answer = await Visitor(api, provider, provider_id)("POST", "/v1/session/provider", json={"providerId": provider_id})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


async def test_a_provider_that_is_down_keeps_nobody_with_a_password_out(api: Api) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.fails = "connect"
    answer = await Visitor(api, provider, provider_id)("POST", "/v1/session/provider", json={"providerId": provider_id})
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert (await Browser(api).sign_in()).status_code == 201


async def test_groups_become_roles_in_namespaces_and_follow_at_each_sign_in(api: Api) -> None:
    rules = [RULE, {"claim": "groups", "value": "all", "role": "viewer"}, {**RULE, "value": "pay", "role": "viewer", "namespaces": ["pay"]}]
    owner, provider, provider_id = await with_provider(api, rules=rules)
    visitor = Visitor(api, provider, provider_id)
    shown = (await visitor.sign_in()).json()
    assert (shown["member"]["email"], shown["member"]["role"], shown["providerId"]) == ("dev@example.com", "viewer", provider_id)
    path = f"/v1/members/{shown['member']['id']}/bindings"

    async def places() -> list[tuple[str, list[str], str]]:
        listed = (await owner.get(path)).json()["bindings"]
        return sorted((one["role"], one["namespaces"], one["providerId"]) for one in listed)

    assert await places() == [("operator", ["shop"], provider_id)]
    me = (await visitor("GET", "/v1/me")).json()
    assert [(one["role"], one["namespaces"]) for one in me["actor"]["places"]] == [("operator", ["shop"])]
    provider.person["groups"] = ["pay"]
    assert (await visitor.sign_in()).status_code == 201
    assert await places() == [("viewer", ["pay"], provider_id)]
    provider.person["groups"] = ["pay", "all"]
    assert (await visitor.sign_in()).status_code == 201
    assert (await visitor("GET", "/v1/me")).json()["actor"].get("places") is None
    provider.person["groups"] = ["guests"]
    refused = await visitor.sign_in()
    assert (refused.status_code, refused.json()["code"]) == (403, "no_access")
    assert await places() == []
    assert (await visitor("GET", "/v1/me")).status_code == 401  # the session from before has ended


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        pytest.param({"email_verified": False}, "email_not_trusted", id="an address that is not verified"),
        pytest.param({"email_verified": "true"}, "email_not_trusted", id="verified is text"),
        pytest.param({"email": "dev@elsewhere.example"}, "email_not_trusted", id="an address of another domain"),
        pytest.param({"email": "dev@example.com.evil.example"}, "email_not_trusted", id="a domain that begins alike"),
        pytest.param({"email": "dev\ud800@example.com"}, "email_not_trusted", id="an address that is no text"),
        pytest.param({"email": "dev\0@example.com"}, "email_not_trusted", id="a NUL"),
        pytest.param({"email": "\xa0dev@example.com"}, "email_not_trusted", id="a space before it"),
        pytest.param({"email": "dev@evil@example.com"}, "email_not_trusted", id="two @"),
        pytest.param({"email": "d" * 65 + "@example.com"}, "email_not_trusted", id="too long"),
        pytest.param({"email": ["dev@example.com"]}, "email_not_trusted", id="a list of addresses"),
        pytest.param({"groups": {"shop": True}}, "not_a_member", id="groups that are an object"),
        pytest.param({"groups": [["shop"], {"shop": 1}, True, 7, "*"]}, "not_a_member", id="groups that are no texts"),
        pytest.param({"groups": ["guests"]}, "not_a_member", id="in no group with a role"),
        pytest.param({"groups": "shopping"}, "not_a_member", id="a group that begins alike"),
    ],
)
async def test_who_cannot_be_trusted_or_has_no_role_does_not_become_a_member(api: Api, person: dict[str, Any], reason: str) -> None:
    owner, provider, provider_id = await with_provider(api)
    provider.person |= person
    answer = await Visitor(api, provider, provider_id).sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "no_access")
    assert await denied(api) == [{"provider": provider_id, "reason": reason}]
    assert (await owner.get("/v1/members")).json()["total"] == 1


GUID = "9f4c1d7e-1d1f-4c0e-9d0a-"


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        pytest.param({"groups": [f"{GUID}{number:012}" for number in range(4_000)]}, "too_large", id="a token of 4,000 groups"),
        pytest.param({"groups": [f"{GUID}{number:012}" for number in range(10_000)]}, "too_large", id="an answer of 10,000 groups"),
        pytest.param({"groups": None, "_claim_names": {"groups": "src1"}}, "groups_left_out", id="overage in the code flow"),
        pytest.param({"groups": None, "hasgroups": True}, "groups_left_out", id="overage as a flag"),
        pytest.param({"groups": None, "hasgroups": "true"}, "groups_left_out", id="overage as text"),
    ],
)
@pytest.mark.parametrize("is_member", [False, True])
async def test_a_person_with_too_many_groups_reads_what_the_administrator_can_do(
    api: Api, person: dict[str, Any], reason: str, is_member: bool
) -> None:
    _, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    if is_member:
        assert (await visitor.sign_in()).status_code == 201
    provider.person |= person
    answer = await visitor.sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "too_many_groups"), answer.text
    assert all(word in answer.json()["detail"] for word in ("too many groups", "administrator", "SCIM", "app roles"))
    assert await denied(api) == [{"provider": provider_id, "reason": reason}]


@pytest.mark.parametrize("names", [{"address": "src1"}, ["groups"], "groups", None])
async def test_other_claims_that_were_left_out_are_not_groups(api: Api, names: Any) -> None:
    _, provider, provider_id = await with_provider(api)
    provider.person |= {"groups": None, "_claim_names": names, "hasgroups": [True]}
    answer = await Visitor(api, provider, provider_id).sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "no_access")


async def test_a_member_is_found_once_by_address_and_then_by_subject(api: Api) -> None:
    await member(api, Role.ADMIN, "dev@example.com")
    _, provider, provider_id = await with_provider(api, rules=[], createsMembers=False)
    first = (await Visitor(api, provider, provider_id).sign_in()).json()
    assert first["member"]["role"] == "admin"
    provider.person["email"] = "renamed@example.com"
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["member"] == first["member"]
    provider.person |= {"sub": "u-2"}
    answer = await Visitor(api, provider, provider_id).sign_in()
    assert answer.json()["code"] == "no_access"  # another subject, and nobody has this address


async def test_an_address_leads_to_nobody_else(api: Api) -> None:
    """An address that becomes that of another member, and one whose letter K is another character that lower case makes a k."""
    victim = await member(api, Role.ADMIN, "kim@example.com")
    _, provider, provider_id = await with_provider(api)
    first = (await Visitor(api, provider, provider_id).sign_in()).json()["member"]
    provider.person["email"] = "kim@example.com"
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["member"] == first
    provider.person |= {"sub": "u-2", "email": "\u212aim@example.com"}
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "no_access"
    assert (await victim.get("/v1/me")).status_code == 200  # the password did not end


async def test_an_owner_stays_an_owner_and_a_removed_member_stays_out(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api, domains=["example.org", "example.com"])
    provider.person |= {"email": "owner@example.org", "groups": []}
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["member"]["role"] == "owner"
    provider.person |= {"sub": "u-2", "email": "dev@example.com", "groups": ["shop"]}
    made = (await Visitor(api, provider, provider_id).sign_in()).json()["member"]["id"]
    assert (await owner("DELETE", f"/v1/members/{made}")).status_code == 200
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "no_access"
    provider.person |= {"sub": "u-3"}
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "no_access"


async def test_a_session_of_a_provider_is_confirmed_by_signing_in_there_again(api: Api) -> None:
    _, provider, provider_id = await with_provider(api, rules=[{"claim": "groups", "value": "*", "role": "admin"}])
    visitor = Visitor(api, provider, provider_id)
    provider.auth_time = int(api.clock.now().timestamp()) - 3600  # the provider knew the person for an hour
    assert (await visitor.sign_in()).status_code == 201
    new = {"name": "ci", "scopes": ["issues:read"]}
    assert (await visitor("POST", "/v1/api-keys", json=new)).json()["code"] == "confirmation_required"

    async def confirm(auth_time_s: int | None) -> int:
        started = await visitor("POST", "/v1/session/confirm/provider")
        url = started.json()["authorizationUrl"]
        assert "prompt=login" in url and "max_age=0" in url
        provider.auth_time = None if auth_time_s is None else int(api.clock.now().timestamp()) + auth_time_s
        return (await visitor("POST", "/v1/session/confirm/provider/callback", json=provider.visit(url))).status_code

    assert await confirm(None) == 401
    assert await confirm(-900) == 401  # the provider did not ask the person
    mine, provider.person = provider.person, {**provider.person, "sub": "u-9"}
    assert await confirm(0) == 401  # somebody else
    provider.person = mine
    assert (await visitor("POST", "/v1/api-keys", json=new)).status_code == 403
    assert await confirm(0) == 200
    assert (await visitor("POST", "/v1/api-keys", json=new)).status_code == 201
    invited = await visitor("POST", "/v1/invites", json={"role": "admin"})  # stands for the password, for two minutes
    assert invited.status_code == 201, invited.text
    api.clock.advance(121)
    assert (await visitor("POST", "/v1/invites", json={"role": "admin"})).json()["code"] == "password_required"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v1/members/{viewer}", {"role": "admin"}),
        ("POST", "/v1/members/{viewer}/bindings", {"role": "admin", "namespaces": ["shop"]}),
        ("POST", "/v1/invites", {"role": "admin"}),
        ("PATCH", "/v1/safeguards", {"unattendedRisk": "high"}),
        ("PATCH", "/v1/safeguards", {"approvals": [{"risk": "high", "approvals": 2}]}),
    ],
)
async def test_what_takes_a_password_takes_a_new_sign_in_at_the_provider(api: Api, method: str, path: str, body: dict[str, Any]) -> None:
    viewer = await member(api, Role.VIEWER, "viewer@example.org")
    _, provider, provider_id = await with_provider(api, rules=[{"claim": "groups", "value": "*", "role": "admin"}])
    visitor = Visitor(api, provider, provider_id)
    provider.auth_time = int(api.clock.now().timestamp()) - 121  # a little too long ago
    assert (await visitor.sign_in()).status_code == 201
    path = path.format(viewer=(await viewer.get("/v1/me")).json()["actor"]["id"])
    assert (await visitor(method, path, json=body)).json()["code"] == "password_required"
    assert (await visitor(method, path, json=body | {"password": PASSWORD})).json()["code"] == "wrong_password"  # there is none
    started = (await visitor("POST", "/v1/session/confirm/provider")).json()["authorizationUrl"]
    provider.auth_time = int(api.clock.now().timestamp())
    assert (await visitor("POST", "/v1/session/confirm/provider/callback", json=provider.visit(started))).status_code == 200
    answer = await visitor(method, path, json=body)
    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize(
    ("reads", "userinfo", "status", "places"),
    [
        pytest.param(True, {"sub": "u-1", "groups": ["shop"], "email": "boss@example.com"}, 201, ["shop"], id="read"),
        pytest.param(True, {"sub": "u-2", "groups": ["shop"]}, 503, [], id="of somebody else"),
        pytest.param(True, {"groups": ["shop"]}, 503, [], id="of nobody"),
        pytest.param(True, {"sub": "u-1"}, 403, [], id="without groups too"),
        pytest.param(False, {"sub": "u-1", "groups": ["shop"]}, 403, [], id="not configured"),
    ],
)
async def test_claims_that_the_id_token_lacks_are_read_where_configured(
    api: Api, reads: bool, userinfo: Claims, status: int, places: list[str]
) -> None:
    _, provider, provider_id = await with_provider(api, readsUserinfo=reads)
    provider.metadata, provider.userinfo = {"userinfo_endpoint": f"{ISSUER}/userinfo"}, userinfo
    del provider.person["groups"]
    visitor = Visitor(api, provider, provider_id)
    answer = await visitor.sign_in()
    assert answer.status_code == status
    assert ("/userinfo" in provider.requests) is reads
    if status == 201:
        assert answer.json()["member"]["email"] == "dev@example.com"  # the ID token alone says who it is
        assert (await visitor("GET", "/v1/me")).json()["actor"]["places"][0]["namespaces"] == places
        provider.person["groups"] = []
        assert (await visitor.sign_in()).status_code == 403  # the ID token has groups, and none of them
        assert provider.requests.count("/userinfo") == 1


async def test_the_sign_in_page_lists_what_is_enabled(api: Api) -> None:
    owner, provider, provider_id = await with_provider(api)
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor("POST", "/v1/session/providers", json={})).json() == {"providers": [{"id": provider_id, "name": "Example"}]}
    path = f"/v1/identity-providers/{provider_id}"
    assert (await owner("PATCH", path, json={"enabled": False})).status_code == 200
    assert (await visitor("POST", "/v1/session/providers", json={"organisation": "Shop"})).json() == {"providers": []}
    assert (await visitor("POST", "/v1/session/provider", json={"providerId": provider_id})).status_code == 404


async def test_owners_alone_manage_providers_and_nobody_reads_a_secret(api: Api) -> None:
    owner, _, provider_id = await with_provider(api)
    admin = await member(api, Role.ADMIN, "admin@example.org")
    assert (await admin.get("/v1/identity-providers")).status_code == 403
    path = f"/v1/identity-providers/{provider_id}"
    shown = await owner.get(path)
    assert SECRET not in shown.text and shown.json()["hasClientSecret"]
    assert shown.json()["redirectUri"] == "http://optral.example.org/sign-in/callback"
    api.clock.advance(16 * 60)
    assert (await owner("PATCH", path, json={"name": "Other"})).json()["code"] == "confirmation_required"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        pytest.param({"issuer": "ftp://login.example.test"}, "issuer", id="another scheme"),
        pytest.param({"issuer": ISSUER + "?tenant=1"}, "issuer", id="a query"),
        pytest.param({"scopes": ["email"]}, "scopes", id="without openid"),
        pytest.param({"domains": ["*.example.com"]}, "domains", id="a pattern for a domain"),
        pytest.param({"createsMembers": True, "rules": []}, "rules", id="members without a role"),
        pytest.param({"createsMembers": True, "domains": []}, "domains", id="members of any domain"),
        pytest.param({"rules": [{**RULE, "clusters": ["nowhere"]}]}, "clusters", id="a cluster that is unknown"),
    ],
)
async def test_settings_that_cannot_work_are_refused(api: Api, wrong: dict[str, Any], name: str) -> None:
    owner, _, _ = await with_provider(api)
    body = {"name": "B", "issuer": ISSUER, "clientId": CLIENT, "domains": ["example.com"], "rules": [RULE]}
    answer = await owner("POST", "/v1/identity-providers", json=body | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name), answer.text
