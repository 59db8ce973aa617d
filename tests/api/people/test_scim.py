"""Users and groups that an identity provider provisions: who leaves there has no access here, and nobody else is reached."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from optral.access import service as access
from optral.access.limiter import SCIM_PER_MINUTE
from optral.identity import scim as scim_values
from optral.identity.scim import Kind
from optral.terms.actor import Role
from tests.api import accounts
from tests.api.accounts import Browser, member
from tests.api.conftest import Api, another_organisation
from tests.api.people import test_device as devices, test_oauth as assistants
from tests.api.people.provider_visits import RULE, Visitor
from tests.api.people.scim_calls import Scim, provisioning
from tests.api.people.test_refusals import refused as recorded

DEV = {"userName": "dev@example.com", "externalId": "u-1", "active": True}
ALL = {"claim": "groups", "value": "all", "role": "viewer"}
ADMINS = {"claim": "groups", "value": "admins", "role": "admin"}


def op(verb: str, path: str | None = None, value: Any = None) -> dict[str, Any]:
    return {"op": verb, "value": value} | ({} if path is None else {"path": path})


async def audited(api: Api, action: str) -> list[dict[str, Any]]:
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    return [json.loads(one.detail) for one in records if one.action == action]


async def joined(api: Api, group: str = "shop", **settings: Any) -> tuple[Browser, Visitor, Scim, dict[str, Any]]:
    """The owner, a provisioned person in a group who has signed in, the calls of the provider, and the user."""
    owner, provider, provider_id, scim = await provisioning(api, **settings)
    user = await scim.create("/Users", **DEV)
    await scim.create("/Groups", displayName=group, externalId="g-1", members=[{"value": user["id"]}])
    provider.auth_time = int(api.clock.now().timestamp())
    provider.person["groups"] = []  # the groups that are provisioned count
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).status_code == 201
    return owner, visitor, scim, user


async def places(visitor: Visitor) -> list[tuple[str, list[str]]]:
    me = await visitor("GET", "/v1/me")
    return [(one["role"], one["namespaces"]) for one in me.json()["actor"].get("places", [])]


DEACTIVATIONS = [
    pytest.param("PATCH", op("replace", "active", False), id="by its path"),
    pytest.param("PATCH", op("Replace", "active", "False"), id="as text"),
    pytest.param("PATCH", op("replace", None, {"active": False}), id="without a path"),
    pytest.param("PUT", {**DEV, "active": False}, id="replaced"),
    pytest.param("DELETE", None, id="deleted"),
]


@pytest.mark.parametrize(("method", "change"), DEACTIVATIONS)
async def test_who_leaves_loses_everything_at_once(api: Api, method: str, change: dict[str, Any] | None) -> None:
    _, visitor, scim, user = await joined(api, "admins", rules=[ADMINS])
    browser = Browser(api, visitor.cookies["optral_session"])
    key = (await visitor("POST", "/v1/api-keys", json={"name": "ci", "scopes": ["issues:read"]})).json()["key"]
    laptop, waiting = await devices.start(api), await devices.start(api)
    for codes in (laptop, waiting):
        assert (await devices.approve(browser, codes, scopes=["issues:read"])).status_code == 200
    device_key = (await devices.poll(api, laptop)).json()["key"]
    client = await assistants.client(api)
    token = (await assistants.exchange(api, client, await assistants.code_of(browser, client))).json()["access_token"]
    unused = await assistants.code_of(browser, client)
    for one in (key, device_key):
        assert (await api.get("/v1/issues", key=one)).status_code == 200
    headers = {"Cookie": f"optral_session={visitor.cookies['optral_session']}"}
    async with api.client.stream("GET", "/v1/events/stream", headers=headers) as stream, asyncio.timeout(20):
        lines = stream.aiter_lines()
        await anext(lines)
        body = {"Operations": [change]} if method == "PATCH" else change
        answer = await scim(method, f"/Users/{user['id']}", body)
        assert answer.status_code == (204 if method == "DELETE" else 200), answer.text
        async for _ in lines:
            pass  # until it ends
    api.clock.advance(1)  # a key is asked of the database once in 0.9 seconds
    assert (await visitor("GET", "/v1/me")).status_code == 401
    for one in (key, device_key, token):
        assert (await api.get("/v1/issues", key=one)).status_code == 401
    assert (await api("POST", "/mcp", key=token, json={})).status_code == 401
    assert (await devices.poll(api, waiting)).json()["code"] == "login_denied"
    assert (await assistants.exchange(api, client, unused)).json()["error"] == "invalid_grant"
    assert (await visitor.sign_in()).json()["code"] == "no_access"
    assert len(await audited(api, "member.remove")) == 1


async def test_who_is_activated_again_has_what_the_groups_give_and_no_old_key(api: Api) -> None:
    _, visitor, scim, user = await joined(api, "admins", rules=[ADMINS, RULE])
    key = (await visitor("POST", "/v1/api-keys", json={"name": "ci", "scopes": ["issues:read"]})).json()["key"]
    path = f"/Users/{user['id']}"
    assert (await scim.patch(path, op("replace", "active", False))).json()["active"] is False
    group = (await scim("GET", '/Groups?filter=displayName eq "admins"')).json()["Resources"][0]
    await scim.patch(f"/Groups/{group['id']}", op("replace", "displayName", "shop"))
    assert (await scim.patch(path, op("replace", "active", True))).json()["active"] is True
    api.clock.advance(1)
    assert (await visitor("GET", "/v1/me")).status_code == 401
    assert (await api.get("/v1/issues", key=key)).status_code == 401
    assert (await visitor.sign_in()).status_code == 201
    assert await places(visitor) == [("operator", ["shop"])]


async def test_groups_give_the_roles_of_the_rules_and_take_them_at_once(api: Api) -> None:
    _, visitor, scim, user = await joined(api, rules=[RULE, {**RULE, "value": "g-pay", "role": "viewer", "namespaces": ["pay"]}])
    assert await places(visitor) == [("operator", ["shop"])]
    pay = await scim.create("/Groups", displayName="Payments", externalId="g-pay", members=[{"value": user["id"]}])
    assert sorted(await places(visitor)) == [("operator", ["shop"]), ("viewer", ["pay"])]  # by the id of the group, too
    shop = (await scim("GET", '/Groups?filter=displayName eq "shop"&excludedAttributes=members')).json()["Resources"][0]
    assert "members" not in shop
    await scim.patch(f"/Groups/{shop['id']}", op("Remove", f'members[value eq "{user["id"]}"]'))
    assert await places(visitor) == [("viewer", ["pay"])]
    await scim.patch(f"/Groups/{shop['id']}", op("Add", "members", [{"value": user["id"]}]))
    await scim.patch(f"/Groups/{shop['id']}", op("replace", None, {"id": shop["id"], "displayName": "stores"}))
    assert await places(visitor) == [("viewer", ["pay"])]
    await scim.patch(f"/Groups/{pay['id']}", op("Remove", "members", [{"value": user["id"]}]))
    assert (await visitor("GET", "/v1/me")).status_code == 401  # no role is left
    assert (await visitor.sign_in()).json()["code"] == "no_access"
    await scim("PUT", f"/Groups/{pay['id']}", {"displayName": "Payments", "externalId": "g-pay", "members": [{"value": user["id"]}]})
    assert (await visitor.sign_in()).status_code == 201
    await scim("DELETE", f"/Groups/{pay['id']}")
    assert (await visitor("GET", "/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        pytest.param(None, "not_provisioned", id="not provisioned"),
        pytest.param({**DEV, "active": False}, "access_ended", id="deactivated before the first sign-in"),
        pytest.param({**DEV, "externalId": "u-9", "userName": "other"}, "not_provisioned", id="another subject and address"),
        pytest.param({"userName": "dev", "emails": [{"value": "DEV@example.com"}]}, "not_a_member", id="by the address, without a group"),
        pytest.param({"userName": "DEV@example.com", "externalId": "x"}, "not_a_member", id="by the name, without a group"),
    ],
)
async def test_who_is_provisioned_without_a_group_or_not_at_all_has_no_role(api: Api, user: dict[str, Any] | None, reason: str) -> None:
    _, provider, provider_id, scim = await provisioning(api)
    await scim.create("/Users", **(user or {"userName": "somebody"}))
    assert (await Visitor(api, provider, provider_id).sign_in()).json()["code"] == "no_access"  # though the ID token has the group
    assert [one["reason"] for one in await audited(api, "identity.refuse")] == [reason]


async def test_only_members_of_the_provider_are_matched(api: Api) -> None:
    local = await member(api, Role.ADMIN, "dev@example.com")
    owner, provider, provider_id, scim = await provisioning(api, rules=[], createsMembers=False)
    user = await scim.create("/Users", **{**DEV, "active": False})
    assert (await local.get("/v1/me")).status_code == 200  # an address alone reaches nobody
    assert (await scim("DELETE", f"/Users/{user['id']}")).status_code == 204
    assert (await local.get("/v1/me")).status_code == 200
    visitor = Visitor(api, provider, provider_id)
    assert (await visitor.sign_in()).json()["member"]["role"] == "admin"  # now the provider knows this member
    state = (await owner.get(f"/v1/identity-providers/{provider_id}/scim")).json()
    assert (state["matchedUsers"], state["unprovisionedMembers"]) == (0, 1)
    await scim.create("/Users", **DEV)
    state = (await owner.get(f"/v1/identity-providers/{provider_id}/scim")).json()
    assert (state["users"], state["activeUsers"], state["matchedUsers"], state["unprovisionedMembers"]) == (1, 1, 1, 0)
    assert (await visitor("GET", "/v1/me")).json()["member"]["role"] == "admin"  # without rules, people decide


async def test_the_last_owner_cannot_be_removed(api: Api) -> None:
    owner, provider, provider_id, scim = await provisioning(api, domains=["example.org"])
    provider.person |= {"sub": "boss", "email": "owner@example.org"}
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201
    user = await scim.create("/Users", userName="owner@example.org", externalId="boss")
    for method, body in (("PATCH", {"Operations": [op("replace", "active", False)]}), ("DELETE", None)):
        refused = await scim(method, f"/Users/{user['id']}", body)
        assert (refused.status_code, refused.json()["scimType"]) == (400, "mutability")
        assert "needs an owner who can sign in" in refused.json()["detail"]
    assert (await scim("GET", f"/Users/{user['id']}")).json()["active"] is True
    assert (await owner.get("/v1/me")).json()["member"]["role"] == "owner"


async def test_who_an_owner_removed_stays_out_and_no_answer_says_otherwise(api: Api) -> None:
    owner, visitor, scim, user = await joined(api)
    path, removed = f"/Users/{user['id']}", (await visitor("GET", "/v1/me")).json()["member"]["id"]
    before = (await scim("GET", path)).headers["etag"]
    assert (await owner("DELETE", f"/v1/members/{removed}")).status_code == 200
    shown = await scim("GET", path, headers={"If-None-Match": before})
    assert (shown.status_code, shown.json()["active"]) == (200, False)
    activations = [
        ("PATCH", path, {"Operations": [op("replace", "active", True)]}),
        ("PATCH", path, {"Operations": [op("replace", None, {"displayName": "Dee", "active": "True"})]}),
        ("PUT", path, DEV),
    ]
    for word in (True, False, True):  # whatever the provider said before
        for method, one, body in activations:
            refused = await scim(method, one, body)
            assert (refused.status_code, refused.json()["scimType"]) == (400, "mutability"), refused.text
            assert "invite" in refused.json()["detail"]
        if not word:
            await scim.patch(path, op("replace", "active", False))
    renamed = await scim.patch(path, op("replace", "displayName", "Dee"))  # everything else can be changed
    assert (renamed.status_code, renamed.json()["displayName"], renamed.json()["active"]) == (200, "Dee", False)
    assert (await scim("GET", "/Users?filter=active eq true")).json()["totalResults"] == 0
    assert (await scim("DELETE", path)).status_code == 204
    assert (await scim("POST", "/Users", DEV)).json()["scimType"] == "mutability"
    inactive = await scim.create("/Users", **{**DEV, "active": False})
    assert inactive["active"] is False
    assert (await visitor.sign_in()).json()["code"] == "no_access"


async def test_who_is_invited_again_is_active_as_the_provider_said(api: Api) -> None:
    owner, visitor, scim, user = await joined(api)
    path, removed = f"/Users/{user['id']}", (await visitor("GET", "/v1/me")).json()["member"]["id"]
    assert (await owner("DELETE", f"/v1/members/{removed}")).status_code == 200
    assert (await scim.patch(path, op("replace", "displayName", "Dee"))).json()["active"] is False
    await member(api, Role.VIEWER, "dev@example.com")
    assert (await scim("GET", path)).json()["active"] is True
    assert (await visitor.sign_in()).status_code == 201


async def test_a_user_who_is_replaced_without_active_stays_as_it_was(api: Api) -> None:
    _, visitor, scim, user = await joined(api)
    path = f"/Users/{user['id']}"
    for active, status in ((True, 200), (False, 401)):
        await scim("PUT", path, {**DEV, "active": active})
        answer = await scim("PUT", path, {"userName": "dev@example.com", "externalId": "u-1", "name": {"givenName": f"{active}"}})
        assert (answer.status_code, answer.json()["active"]) == (200, active)
        assert (answer.json()["name"], "displayName" in answer.json()) == ({"givenName": f"{active}"}, False)
        assert (await visitor("GET", "/v1/me")).status_code == status
    assert (await scim("PUT", path, DEV)).json()["active"] is True
    assert (await visitor.sign_in()).status_code == 201


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_who_an_owner_invited_again_and_removed_stays_out_whatever_the_provider_did_before(api: Api, method: str) -> None:
    owner, visitor, scim, user = await joined(api)
    path = f"/Users/{user['id']}"
    ended = await scim(method, path, {"Operations": [op("replace", "active", False)]} if method == "PATCH" else None)
    assert ended.status_code in (200, 204)
    again = await member(api, Role.VIEWER, "dev@example.com")
    removed = (await again.get("/v1/me")).json()["member"]["id"]
    assert (await owner("DELETE", f"/v1/members/{removed}")).status_code == 200
    if method == "DELETE":
        path = f"/Users/{(await scim.create('/Users', **DEV))['id']}"
    for active in (True, False, True):
        assert (await scim.patch(path, op("replace", "active", active))).status_code == 200
    assert (await visitor.sign_in()).json()["code"] == "no_access"
    assert removed not in [one["id"] for one in (await owner.get("/v1/members")).json()["members"]]


async def test_requests_at_once_are_done_one_after_the_other(api: Api) -> None:
    """Only who sends If-Match hears that somebody was faster: a leaver would keep access until the provider tries again."""
    _, visitor, scim, user = await joined(api)
    path, group = f"/Users/{user['id']}", (await scim("GET", "/Groups")).json()["Resources"][0]
    others = [(await scim.create("/Users", userName=f"other-{number}"))["id"] for number in range(4)]
    answers = await asyncio.gather(
        *(scim.patch(f"/Groups/{group['id']}", op("add", "members", [{"value": one}])) for one in others),
        *(scim.patch(path, op("replace", "displayName", f"Dee {number}")) for number in range(3)),
        scim.patch(path, op("replace", "active", False)),
        *(scim("POST", "/Users", {"userName": "new"}) for _ in range(2)),
    )
    assert sorted(one.status_code for one in answers) == [200] * 8 + [201, 409], [one.text for one in answers]
    assert len((await scim("GET", f"/Groups/{group['id']}")).json()["members"]) == 5
    assert (await scim("GET", path)).json()["active"] is False
    assert (await visitor("GET", "/v1/me")).status_code == 401


async def test_nothing_of_another_organization_or_provider_is_reached(api: Api) -> None:
    _, visitor, scim, user = await joined(api)
    group = (await scim("GET", "/Groups")).json()["Resources"][0]
    other_owner = await another_organisation(api)
    for org_id in (api.org, other_owner.org_id):
        owner = await member(api, Role.OWNER, f"owner-{org_id[-4:]}@example.net".lower(), org=org_id)
        body = {"name": "Other", "issuer": "https://login.other.test", "clientId": "optral"}
        other_id = (await owner("POST", "/v1/identity-providers", json=body)).json()["id"]
        other = Scim(api, (await owner("POST", f"/v1/identity-providers/{other_id}/scim", json={})).json()["token"])
        assert (await other("GET", "/Users")).json()["totalResults"] == 0
        mine = await other.create("/Users", **DEV)  # the same names are free there
        for path in (f"/Users/{user['id']}", f"/Groups/{group['id']}"):
            for method, change in (
                ("GET", None),
                ("PUT", DEV),
                ("PATCH", {"Operations": [op("replace", "active", False)]}),
                ("DELETE", None),
            ):
                assert (await other(method, path, change)).status_code == 404, (method, path)
        refused = await other("POST", "/Groups", {"displayName": "shop", "members": [{"value": user["id"]}]})
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidValue")
        assert (await other("DELETE", f"/Users/{mine['id']}")).status_code == 204
    assert (await visitor("GET", "/v1/me")).status_code == 200


async def test_the_token_opens_scim_alone_and_nothing_else_opens_scim(api: Api) -> None:
    owner, _, provider_id, scim = await provisioning(api)
    assert (await api.get("/v1/me", key=scim.token)).status_code == 401
    assert (await api("POST", "/mcp", key=scim.token, json={})).status_code == 401
    for token in (api.key, "scim_" + "A" * 43, "x", scim.token[:-1]):
        refused = await Scim(api, token)("GET", "/Users")
        assert (refused.status_code, refused.json()["status"]) == (401, "401")
        assert refused.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    cookie = {"Cookie": f"optral_session={owner.cookie}"}
    assert (await api("GET", "/scim/v2/Users", key=None, headers=cookie)).status_code == 401
    dump = await api.store.read(api.owner, lambda tx: str(tx.connection.exec_driver_sql("SELECT * FROM scim_tokens").all()))
    assert scim.token not in dump
    path = f"/v1/identity-providers/{provider_id}/scim"
    assert (await owner("POST", path, json={})).json()["code"] == "scim_exists"
    assert scim.token not in (await owner.get(path)).text


async def test_a_token_is_rotated_limited_and_removed(api: Api) -> None:
    owner, provider, provider_id, scim = await provisioning(api)
    path = f"/v1/identity-providers/{provider_id}/scim"
    new = Scim(api, (await owner("POST", path + "/roll")).json()["token"])
    assert [(await one("GET", "/Users")).status_code for one in (scim, new)] == [200, 200]
    api.clock.advance(timedelta(hours=24).total_seconds())
    owner = await accounts.signed_in(api)
    assert [(await one("GET", "/Users")).status_code for one in (scim, new)] == [401, 200]
    state = (await owner.get(path)).json()
    assert state["lastUsedAt"][:16] == api.clock.now().isoformat()[:16]
    await new.create("/Users", userName="somebody")
    assert (await owner("DELETE", path)).json()["users"] == 0
    assert (await new("GET", "/Users")).status_code == 401
    assert (await Visitor(api, provider, provider_id).sign_in()).status_code == 201  # by the ID token again
    elsewhere = await owner("POST", path, json={"networks": ["192.0.2.0/24"]})
    refused = await Scim(api, elsewhere.json()["token"])("GET", "/Users")
    assert (refused.status_code, refused.json()["status"]) == (403, "403")
    assert [one["detail"]["code"] for one in await recorded(api)] == ["address_not_allowed"]
    assert [len(await audited(api, action)) for action in ("scim.create", "scim.roll", "scim.delete")] == [2, 1, 1]


async def test_only_a_confirmed_owner_creates_a_token(api: Api) -> None:
    owner, _, provider_id, _ = await provisioning(api)
    path = f"/v1/identity-providers/{provider_id}/scim"
    api.clock.advance(901)
    assert (await owner("POST", path + "/roll")).json()["code"] == "confirmation_required"
    admin = await member(api, Role.ADMIN, "admin@example.org")
    for method, one in (("GET", path), ("POST", path), ("POST", path + "/roll"), ("DELETE", path)):
        body = {"json": {}} if (method, one) == ("POST", path) else {}
        assert (await admin(method, one, **body)).status_code == 403


async def test_a_provider_has_a_limit_of_its_own(api: Api) -> None:
    *_, scim = await provisioning(api)
    await api.services.limiter._count(f"scim:{await provider_id_of(api)}", SCIM_PER_MINUTE, cost=SCIM_PER_MINUTE)
    refused = await scim("GET", "/Users")
    assert (refused.status_code, refused.json()["status"]) == (429, "429") and int(refused.headers["retry-after"]) >= 1
    assert (await api.get("/v1/me")).status_code == 200


async def provider_id_of(api: Api) -> str:
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    return next(one.target for one in records if one.action == "identity.create")


BAD = [
    pytest.param("POST", "/Users", {}, 400, "invalidValue", id="no name"),
    pytest.param("POST", "/Users", [], 400, "invalidSyntax", id="a list"),
    pytest.param("POST", "/Users", {"userName": "a", "active": "maybe"}, 400, "invalidValue", id="no boolean"),
    pytest.param("POST", "/Users", {"userName": "a" * 256}, 400, "invalidValue", id="a long name"),
    pytest.param("POST", "/Users", {"userName": {"a": 1}}, 400, "invalidValue", id="an object as a name"),
    pytest.param("POST", "/Users", {"userName": "a", "emails": "x@example.com"}, 400, "invalidValue", id="emails that are text"),
    pytest.param("POST", "/Users", {"userName": "a", "emails": [{"value": "x"}] * 21}, 400, "invalidValue", id="many emails"),
    pytest.param("POST", "/Users", {"userName": "DEV@EXAMPLE.COM"}, 409, "uniqueness", id="a name in other case"),
    pytest.param("POST", "/Users", {"userName": "new", "externalId": "u-1"}, 409, "uniqueness", id="an external id that is taken"),
    pytest.param("POST", "/Groups", {"displayName": "shop"}, 409, "uniqueness", id="a group that is there"),
    pytest.param("POST", "/Groups", {"displayName": "new", "members": [{"value": "scu_x"}]}, 400, "invalidValue", id="nobody's member"),
    pytest.param("GET", '/Users?filter=userName co "a"', None, 400, "invalidFilter", id="another operator"),
    pytest.param("GET", '/Users?filter=userName eq "a', None, 400, "invalidFilter", id="an open quotation mark"),
    pytest.param("GET", "/Users?filter=userName eq", None, 400, "invalidFilter", id="half a filter"),
    pytest.param("GET", '/Users?filter=(userName eq "a"', None, 400, "invalidFilter", id="an open parenthesis"),
    pytest.param("GET", '/Users?filter=password eq "a"', None, 400, "invalidFilter", id="an unknown attribute"),
    pytest.param("GET", "/Users?filter=userName eq 7", None, 400, "invalidFilter", id="a number"),
    pytest.param("GET", "/Users?filter=" + "(" * 900, None, 400, "invalidFilter", id="900 parentheses"),
    pytest.param("GET", "/Users?filter=" + " and ".join(['id eq "a"'] * 51), None, 400, "invalidFilter", id="51 comparisons"),
    pytest.param("GET", "/Users?filter=userName eq " + "[" * 1900, None, 400, "invalidFilter", id="1,900 brackets"),
    pytest.param("GET", "/Users?count=many", None, 400, "invalidValue", id="no number"),
    pytest.param("PATCH", "USER", {"Operations": []}, 400, "invalidSyntax", id="no operation"),
    pytest.param("PATCH", "USER", {"Operations": [op("add", "active")] * 201}, 400, "invalidSyntax", id="201 operations"),
    pytest.param("PATCH", "USER", {"Operations": [op("move", "active", True)]}, 400, "invalidSyntax", id="another verb"),
    pytest.param("PATCH", "USER", {"Operations": [op("remove")]}, 400, "noTarget", id="removes nothing"),
    pytest.param("PATCH", "USER", {"Operations": [op("remove", "userName")]}, 400, "mutability", id="removes the name"),
    pytest.param("PATCH", "USER", {"Operations": [op("remove", "active")]}, 400, "mutability", id="removes active"),
    pytest.param("PATCH", "USER", {"Operations": [op("add", "a b", 1)]}, 400, "invalidPath", id="no path"),
    pytest.param("PATCH", "USER", {"Operations": [op("replace", "emails[type pr]", {"value": "a"})]}, 400, "noTarget", id="none"),
    pytest.param("PATCH", "USER", {"Operations": [op("add", "emails", [{"value": ["a"]}])]}, 400, "invalidValue", id="a list in it"),
    pytest.param("PATCH", "USER", {"Operations": [op("add", 'emails[type eq "a"]', [])]}, 400, "invalidValue", id="an empty list"),
    pytest.param(
        "PATCH",
        "USER",
        {"Operations": [op("add", "emails", [{"value": f"{n}@a"} for n in range(21)]), op("remove", "emails")]},
        400,
        "invalidValue",
        id="too many emails for a while",
    ),
    pytest.param(
        "PATCH",
        "USER",
        {"Operations": [op("remove", "emails[" + " or ".join(["type pr"] * 5) + "]")]},
        400,
        "invalidFilter",
        id="a path with 5 comparisons",
    ),
    pytest.param("GET", "/Groups/scg_unknown", None, 404, None, id="an unknown group"),
    pytest.param("GET", "/Devices", None, 404, None, id="an unknown type"),
    pytest.param("DELETE", "/Users", None, 405, None, id="all users"),
    pytest.param("POST", "/Bulk", {}, 501, None, id="bulk"),
    pytest.param("POST", "/Groups/.search", {}, 501, None, id="search"),
]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_bad_input_gets_the_errors_of_the_protocol(api: Api) -> None:
    *_, scim = await provisioning(api)
    user = await scim.create("/Users", **DEV)
    await scim.create("/Groups", displayName="shop")
    for case in BAD:
        method, path, body, status, scim_type = case.values
        answer = await scim(method, path.replace("USER", f"/Users/{user['id']}"), body)
        shown: Mapping[str, Any] = answer.json()
        assert (answer.status_code, shown.get("scimType"), shown["status"]) == (status, scim_type, str(status)), (case.id, answer.text)
        assert answer.headers["content-type"] == "application/scim+json" and shown["detail"]
    large = await scim("POST", "/Users", {"userName": "a", "displayName": "b" * 1024 * 1024})
    assert (large.status_code, large.json()["status"]) == (413, "413")
    form = await scim("POST", "/Users", {}, headers={"Content-Type": "text/plain"})
    assert (form.status_code, form.json()["status"]) == (415, "415")
    assert (await scim("GET", f"/Users/{user['id']}")).json()["meta"]["version"] == 'W/"1"'


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_lists_are_filtered_and_paged(api: Api) -> None:
    *_, scim = await provisioning(api)
    for name in ("a", "b", "c"):
        await scim.create("/Users", userName=f"{name}@example.com", displayName=name.upper(), externalId=f"e-{name}", active=name != "c")

    async def found(query: str) -> tuple[int, list[str]]:
        shown = (await scim("GET", f"/Users?{query}")).json()
        return shown["totalResults"], [one["userName"][0] for one in shown["Resources"]]

    assert await found('filter=userName eq "A@example.com"') == (1, ["a"])
    assert await found('filter=externalId eq "e-b"') == (1, ["b"])
    assert await found('filter=displayName eq "C" and active eq false') == (1, ["c"])
    assert await found('filter=(externalId eq "e-a" or emails.value eq "B@example.com") and active eq "True"') == (2, ["a", "b"])
    assert await found('filter=urn:ietf:params:scim:schemas:core:2.0:User:userName eq "c@example.com"') == (1, ["c"])
    assert await found("filter=externalId pr&startIndex=2&count=1") == (3, ["b"])
    assert await found("count=0") == (3, [])
    assert await found("startIndex=9") == (3, [])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_attributes_are_changed_as_providers_do(api: Api) -> None:
    *_, scim = await provisioning(api)
    user = await scim.create("/Users", **DEV, title="Engineer", emails=[{"value": "dev@example.com", "type": "work"}])
    assert "title" not in user
    path, tag = f"/Users/{user['id']}", user["meta"]["version"]
    answer = await scim.patch(
        path,
        op("Add", "name.givenName", "Dee"),
        op("Replace", 'emails[type eq "work"].value', "dee@example.com"),
        op("Add", 'emails[type eq "home"].value', "home@example.com"),
        op("Add", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "IT"),
        op("Replace", None, {"name.familyName": "Vee", "displayName": "Dee Vee", "active": "True"}),
    )
    shown = answer.json()
    assert shown["name"] == {"givenName": "Dee", "familyName": "Vee"} and shown["displayName"] == "Dee Vee"
    assert shown["emails"] == [{"value": "dee@example.com", "type": "work"}, {"value": "home@example.com", "type": "home"}]
    assert (await scim("GET", path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    stale = await scim("DELETE", path, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["status"]) == (412, "412")
    assert (await scim("DELETE", path, headers={"If-Match": answer.headers["etag"]})).status_code == 204


def test_the_most_operations_on_the_largest_group_are_done_in_steps_of_its_size() -> None:
    """They are done in a transaction, so that other writers wait for them: in quadratic steps, a request took a quarter of an hour."""
    members = [{"value": f"scu_{number}", "type": "User"} for number in range(scim_values.MAX_GROUP_MEMBERS)]
    operations = [op("remove", "members[value pr].type")] * scim_values.MAX_OPERATIONS
    found = scim_values.patched(Kind.GROUP, {"displayName": "shop", "members": members}, {"Operations": operations})
    assert found["members"] == [{"value": one["value"]} for one in members]


async def test_more_than_can_be_kept_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, scim = await provisioning(api)
    monkeypatch.setattr("optral.identity.scim.MAX_USERS", 1)
    await scim.create("/Users", userName="a")
    refused = await scim("POST", "/Users", {"userName": "b"})
    assert refused.status_code == 409 and "at most 1 user" in refused.json()["detail"]
