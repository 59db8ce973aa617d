"""Members and invitations over HTTP: nobody gives more than they have, and an organization keeps an owner."""

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from optral.access import people_service as people, service as access
from optral.access.model import SCOPES
from optral.access.tables import api_keys, idempotent_answers, invites, sessions
from optral.flows.people import members as flow
from optral.terms import actor as actors
from optral.terms.actor import Role
from optral.terms.errors import Forbidden, OptralError
from optral.terms.ids import UserId
from tests.api.accounts import PASSWORD, SAME_ORIGIN, Browser, member, signed_in, with_password
from tests.api.conftest import PEPPER, Api, another_organisation


async def invite(browser: Browser, **body: object) -> dict[str, str]:
    answer = await browser("POST", "/v1/invites", json={**body, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def accept(api: Api, token: str, email: str = "new@example.org") -> tuple[int, str]:
    answer = await Browser(api)("POST", "/v1/invites/accept", json={"token": token, "email": email, "password": PASSWORD})
    return answer.status_code, answer.json().get("code", "")


def role(name: str, password: str | None = PASSWORD) -> dict[str, dict[str, str]]:
    return {"json": {"role": name, **({} if password is None else {"password": password})}}


async def id_of(browser: Browser) -> str:
    return str((await browser.get("/v1/me")).json()["member"]["id"])


async def test_an_invitation_lets_one_person_in_once(api: Api) -> None:
    owner = await signed_in(api)
    made = await invite(owner, role="operator", email="Ops@Example.org")
    assert made["url"] == f"http://optral.example.org/invite#{made['token']}"
    listed = (await owner.get("/v1/invites")).json()
    assert (listed["total"], listed["invites"][0]["email"]) == (1, "ops@example.org")
    assert "token" not in listed["invites"][0]
    offer = await Browser(api)("POST", "/v1/invites/check", json={"token": made["token"]})
    assert offer.json() == {"organisation": "Shop", "email": "ops@example.org", "role": "operator"}
    assert await accept(api, made["token"], "other@example.org") == (409, "invite_for_another")
    assert await accept(api, made["token"], "ops@example.org") == (201, "")
    assert await accept(api, made["token"], "ops@example.org") == (403, "link_invalid")
    shown = (await owner.get("/v1/members?sort=email")).json()
    assert [(one["email"], one["role"]) for one in shown["members"]] == [("ops@example.org", "operator"), ("owner@example.org", "owner")]
    assert (await Browser(api).sign_in("ops@example.org")).status_code == 201
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert [one.action for one in records if one.action.startswith("invite")] == ["invite.create", "invite.accept"]
    assert made["token"] not in str(records)


async def test_two_who_accept_one_invitation_at_once_are_one(api: Api) -> None:
    made = await invite(await signed_in(api), role="viewer")
    answers = await asyncio.gather(*(accept(api, made["token"], f"{name}@example.org") for name in "ab"))
    assert sorted(answers) == [(201, ""), (403, "link_invalid")]
    assert await api.store.read(api.owner, access.count_members) == 2


async def test_an_invitation_ends_after_seven_days_or_when_withdrawn(api: Api) -> None:
    owner = await signed_in(api)
    old, withdrawn = await invite(owner, role="viewer"), await invite(owner, role="viewer")
    assert (await owner("DELETE", f"/v1/invites/{withdrawn['id']}")).status_code == 200
    assert (await owner("DELETE", f"/v1/invites/{withdrawn['id']}")).status_code == 404
    assert await accept(api, withdrawn["token"]) == (403, "link_invalid")
    api.clock.advance(7 * 86400)
    assert await accept(api, old["token"]) == (403, "link_invalid")


async def test_somebody_who_is_a_member_is_not_invited_again(api: Api) -> None:
    owner = await signed_in(api)
    refused = await owner("POST", "/v1/invites", json={"role": "viewer", "email": "owner@example.org"})
    assert (refused.status_code, refused.json()["code"]) == (409, "member_exists")
    made = await invite(owner, role="viewer")
    assert await accept(api, made["token"], "owner@example.org") == (409, "member_exists")
    assert await accept(api, made["token"]) == (201, "")  # what failed used nothing up


@pytest.mark.parametrize(
    ("by", "gives", "status"),
    [
        (Role.OWNER, "owner", 201),
        (Role.ADMIN, "owner", 403),
        (Role.ADMIN, "admin", 201),
        (Role.OPERATOR, "viewer", 403),
        (Role.VIEWER, "viewer", 403),
    ],
)
async def test_nobody_gives_more_than_they_have(api: Api, by: Role, gives: str, status: int) -> None:
    browser = await signed_in(api) if by is Role.OWNER else await member(api, by, "by@example.org")
    assert (await browser("POST", "/v1/invites", **role(gives))).status_code == status


async def test_a_key_manages_no_members_whatever_its_scopes(api: Api) -> None:
    """A person would outlive the key that let them in. Older keys still have the scope on record; it does nothing."""
    owner = await signed_in(api)
    other_id, made = await id_of(await member(api, Role.VIEWER, "other@example.org")), await invite(owner, role="viewer")
    older = sa.update(api_keys).where(api_keys.c.org_id == api.org).values(scopes=sorted(SCOPES))
    await api.store.write(api.owner, lambda tx: tx.execute(older).close())
    changes = (
        ("POST", "/v1/invites", {"json": {"role": "viewer"}}),
        ("GET", "/v1/invites", {}),
        ("DELETE", f"/v1/invites/{made['id']}", {}),
        ("PATCH", f"/v1/members/{other_id}", {"json": {"role": "owner"}}),
        ("DELETE", f"/v1/members/{other_id}", {}),
    )
    for method, path, body in changes:
        refused = await api(method, path, **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "keys_cannot_manage_members"), (method, path)
    assert "members:write" not in (await api.get("/v1/me")).json()["actor"]["scopes"]
    assert [(one["email"], one["role"]) for one in (await owner.get("/v1/members?sort=email")).json()["members"]] == [
        ("other@example.org", "viewer"),
        ("owner@example.org", "owner"),
    ]


async def test_an_invitation_that_a_key_once_made_is_void(api: Api) -> None:
    owner = await signed_in(api)
    made = await invite(owner, role="owner")
    key_id = (await api.get("/v1/me")).json()["actor"]["id"]
    older = sa.update(invites).where(invites.c.org_id == api.org).values(created_by=key_id)
    await api.store.write(api.owner, lambda tx: tx.execute(older).close())
    assert (await Browser(api)("POST", "/v1/invites/check", json={"token": made["token"]})).json()["code"] == "link_invalid"
    assert await accept(api, made["token"]) == (403, "link_invalid")
    assert (await owner.get("/v1/invites")).json()["total"] == 0


@pytest.mark.parametrize(
    ("loses", "gives", "is_void"),
    [
        pytest.param("removed", "viewer", True, id="maker removed"),
        pytest.param("limited", "viewer", True, id="maker limited to bindings, none of which lets anybody in"),
        pytest.param("bound", "viewer", True, id="maker bound to a namespace"),
        pytest.param("operator", "viewer", True, id="maker may no longer invite"),
        pytest.param("admin", "owner", True, id="maker may no longer give this role"),
        pytest.param("admin", "admin", False, id="maker may still give this role"),
    ],
)
async def test_an_invitation_ends_with_its_makers_right_to_make_it(api: Api, loses: str, gives: str, is_void: bool) -> None:
    owner = await signed_in(api)
    maker = await member(api, Role.ADMIN if loses in ("limited", "bound") else Role.OWNER, "maker@example.org")
    made, maker_id = await invite(maker, role=gives), await id_of(maker)
    if loses == "removed":
        await owner("DELETE", f"/v1/members/{maker_id}")
    elif loses == "limited":
        await owner("PATCH", f"/v1/members/{maker_id}", json={"limited": True})
    elif loses == "bound":
        await owner("POST", f"/v1/members/{maker_id}/bindings", json={"role": "viewer", "namespaces": ["shop"]})
    else:
        await owner("PATCH", f"/v1/members/{maker_id}", **role(loses))
    assert (await owner.get("/v1/invites")).json()["total"] == (0 if is_void else 1)
    assert await accept(api, made["token"]) == ((403, "link_invalid") if is_void else (201, ""))
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert [one.target for one in records if one.action == "invite.withdraw"] == ([made["id"]] if is_void else [])


async def test_a_void_invitation_stays_void_when_its_maker_returns(api: Api) -> None:
    owner, maker = await signed_in(api), await member(api, Role.ADMIN, "maker@example.org")
    made, maker_id = await invite(maker, role="admin"), await id_of(maker)
    await owner("DELETE", f"/v1/members/{maker_id}")
    assert await accept(api, made["token"], "maker@example.org") == (403, "link_invalid")
    await member(api, Role.ADMIN, "maker@example.org")
    assert await accept(api, made["token"]) == (403, "link_invalid")


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"limited": True}], ids=str)
async def test_who_loses_their_role_while_they_invite_invites_nobody(api: Api, change: dict[str, object]) -> None:
    """Their request was let in before the change and reaches the database after it."""
    owner, maker = await signed_in(api), await member(api, Role.ADMIN, "maker@example.org")
    maker_id = UserId(await id_of(maker))
    late = actors.person(api.org, maker_id, scopes=SCOPES, role=Role.ADMIN)
    await owner("PATCH", f"/v1/members/{maker_id}", json=change)
    for job in (
        lambda tx: flow.invite(tx, pepper=PEPPER, role=Role.ADMIN),
        lambda tx: flow.set_role(tx, maker_id, Role.ADMIN),
        lambda tx: flow.remove(tx, UserId(api.owner.id)),
    ):
        with pytest.raises(Forbidden):
            await api.store.write(late, job)


@pytest.mark.parametrize("round", range(5))
async def test_a_demotion_beside_an_acceptance_leaves_no_admin_behind_a_viewer(api: Api, round: int) -> None:
    """Either the invitation was accepted first, while its maker had the right to make it, or it opens nothing."""
    owner, maker = await signed_in(api), await member(api, Role.ADMIN, "maker@example.org")
    made, maker_id = await invite(maker, role="admin"), await id_of(maker)
    accepted, changed = await asyncio.gather(accept(api, made["token"]), owner("PATCH", f"/v1/members/{maker_id}", json={"role": "viewer"}))
    assert changed.status_code == 200 and accepted in ((201, ""), (403, "link_invalid"))
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    order = [one.action for one in records if one.action in ("invite.accept", "member.role", "invite.withdraw")][1:]
    assert order == (["invite.accept", "member.role"] if accepted == (201, "") else ["invite.withdraw", "member.role"])


@pytest.mark.parametrize(("given", "is_asked"), [("owner", True), ("admin", True), ("operator", False), ("viewer", False)])
async def test_giving_a_powerful_role_takes_the_password_however_new_the_session(api: Api, given: str, is_asked: bool) -> None:
    owner = await signed_in(api)
    other_id = await id_of(await member(api, Role.VIEWER, "other@example.org"))
    for method, path, status in (("POST", "/v1/invites", 201), ("PATCH", f"/v1/members/{other_id}", 200)):
        if is_asked:
            for password, code in ((None, "password_required"), ("wrong and wrong", "wrong_password")):
                refused = await owner(method, path, **role(given, password))
                assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert (await owner(method, path, **role(given, PASSWORD if is_asked else None))).status_code == status
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert PASSWORD not in str(records) and "wrong and wrong" not in str(records)
    denied = [one.action for one in records if one.outcome == "denied"]
    assert denied == (["session.confirm"] * 2 if is_asked else [])


async def test_a_password_is_guessed_at_no_more_than_when_signing_in(api: Api) -> None:
    """Wherever a password is required, five attempts in 15 minutes are the limit."""
    owner = await signed_in(api)
    guesses = [
        await owner("POST", "/v1/invites", **role("admin", "guess number one")),
        await owner("PATCH", f"/v1/members/{await id_of(owner)}", **role("owner", "guess number two")),
        await owner("POST", "/v1/session/confirm", json={"password": "guess number three"}),
        await Browser(api).sign_in(password="guess number four"),
        await owner("POST", "/v1/invites", **role("owner", "guess number five")),
    ]
    assert [one.status_code for one in guesses] == [403, 403, 403, 401, 403]
    for locked in (
        await owner("POST", "/v1/invites", **role("admin")),
        await owner("POST", "/v1/session/confirm", json={"password": PASSWORD}),
        await Browser(api).sign_in(),
    ):
        assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    assert (await owner("POST", "/v1/invites", **role("viewer", None))).status_code == 201
    api.clock.advance(901)
    assert (await owner("POST", "/v1/invites", **role("admin"))).status_code == 201


async def test_a_stolen_session_guesses_no_more_from_many_addresses(api: Api) -> None:
    owner = await signed_in(api)
    session_id = await api.store.read(actors.system(), lambda tx: tx.execute(sa.select(sessions.c.id)).scalar_one())
    who = actors.person(api.org, UserId(await id_of(owner)), scopes=SCOPES, role=Role.OWNER)
    codes = []
    for at in range(6):
        elsewhere = replace(who, session_id=session_id, address=f"198.51.100.{at}")
        with pytest.raises(OptralError) as refused:
            await api.services.sessions.prove(elsewhere, Role.ADMIN, password="wrong and wrong")
        codes.append(refused.value.code)
    assert codes == ["wrong_password"] * 5 + ["too_many_attempts"]


async def test_refuses_to_grant_a_role_before_it_checks_the_password(api: Api) -> None:
    admin = await member(api, Role.ADMIN, "admin@example.org")
    for _ in range(6):
        refused = await admin("POST", "/v1/invites", **role("owner", "wrong and wrong"))
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_own_rights")


async def test_a_password_changed_meanwhile_proves_nothing(api: Api) -> None:
    owner = await signed_in(api)
    who = actors.person(api.org, UserId(await id_of(owner)), scopes=SCOPES, role=Role.OWNER)
    proof = await api.services.sessions.prove(who, Role.ADMIN, password=PASSWORD)
    assert proof is not None and proof.hash not in repr(proof)
    await with_password(api, "another long and quiet river")
    with pytest.raises(Forbidden) as refused:
        await api.store.write(who, lambda tx: flow.invite(tx, pepper=PEPPER, role=Role.ADMIN, proof=proof))
    assert refused.value.code == "wrong_password"


async def test_an_invitation_repeated_under_its_key_keeps_nothing_to_guess_the_password_by(api: Api) -> None:
    owner = await signed_in(api)
    body, headers = json.dumps({"role": "admin", "password": PASSWORD}).encode(), {**SAME_ORIGIN, "Idempotency-Key": "once"}
    first, again = [await owner("POST", "/v1/invites", headers=headers, content=body) for _ in range(2)]
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    kept = await api.store.read(actors.system(), lambda tx: tx.execute(idempotent_answers.select()).mappings().all())
    assert len(kept) == 1 and kept[0]["digest"] != hashlib.sha256(body).hexdigest()


async def test_a_role_holds_with_the_next_request(api: Api) -> None:
    owner, other = await signed_in(api), await member(api, Role.VIEWER, "other@example.org")
    other_id = await id_of(other)
    assert (await other("POST", "/v1/clusters", json={"name": "x"})).status_code == 403
    assert (await owner("PATCH", f"/v1/members/{other_id}", **role("admin"))).json()["role"] == "admin"
    assert (await other("POST", "/v1/clusters", json={"name": "x"})).status_code == 201
    await owner("PATCH", f"/v1/members/{other_id}", json={"role": "viewer"})
    assert (await other("POST", "/v1/clusters", json={"name": "y"})).status_code == 403


async def test_the_last_owner_stays(api: Api) -> None:
    owner, admin = await signed_in(api), await member(api, Role.ADMIN, "admin@example.org")
    owner_id, admin_id = await id_of(owner), await id_of(admin)
    for method, body in (("PATCH", {"json": {"role": "viewer"}}), ("DELETE", {})):
        refused = await owner(method, f"/v1/members/{owner_id}", **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
        assert (await admin(method, f"/v1/members/{owner_id}", **body)).json()["code"] == "beyond_own_rights"
    await owner("PATCH", f"/v1/members/{admin_id}", **role("owner"))
    assert (await owner("DELETE", f"/v1/members/{owner_id}")).status_code == 200
    assert (await owner.get("/v1/me")).status_code == 401
    assert (await admin("DELETE", f"/v1/members/{admin_id}")).json()["code"] == "last_owner"


async def test_two_owners_who_leave_at_once_leave_one(api: Api) -> None:
    owner, other = await signed_in(api), await member(api, Role.OWNER, "other@example.org")
    owner_id, other_id = await id_of(owner), await id_of(other)
    answers = await asyncio.gather(owner("DELETE", f"/v1/members/{owner_id}"), other("DELETE", f"/v1/members/{other_id}"))
    assert sorted(one.status_code for one in answers) == [200, 409]


async def test_who_was_removed_may_be_invited_again_and_gets_nothing_back(api: Api) -> None:
    owner, other = await signed_in(api), await member(api, Role.ADMIN, "other@example.org")
    key = (await other("POST", "/v1/api-keys", json={"name": "x"})).json()["key"]
    other_id = await id_of(other)
    assert (await owner("DELETE", f"/v1/members/{other_id}")).status_code == 200
    assert (await other.get("/v1/me")).status_code == 401
    assert (await owner("DELETE", f"/v1/members/{other_id}")).status_code == 404
    assert (await owner.get("/v1/members")).json()["total"] == 1
    late = await api.store.write(actors.system(api.org), lambda tx: people.open_session(tx, pepper=PEPPER, user_id=UserId(other_id)))
    again = await member(api, Role.VIEWER, "other@example.org")
    assert (await Browser(api, late[1]).get("/v1/me")).status_code == 401  # signed in while the removal was on its way
    assert await id_of(again) == other_id
    api.clock.advance(1)
    assert (await api.get("/v1/me", key=key)).status_code == 401
    assert (await other.get("/v1/me")).status_code == 401
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert [one.action for one in records if one.target == other_id] == ["invite.accept", "member.remove", "invite.accept"]


async def test_another_organisation_neither_sees_nor_touches_anybody(api: Api) -> None:
    owner = await signed_in(api)
    made, owner_id = await invite(owner, role="viewer"), await id_of(owner)
    stranger = await member(api, Role.OWNER, "second@example.com", org=(await another_organisation(api)).org_id)
    absent = owner_id[:-1] + ("0" if owner_id[-1] != "0" else "1")
    for method, path, body in (
        ("PATCH", "/v1/members/{}", {"json": {"role": "viewer"}}),
        ("DELETE", "/v1/members/{}", {}),
    ):
        foreign, none = [await stranger(method, path.format(one), **body) for one in (owner_id, absent)]
        assert foreign.status_code == none.status_code == 404
        assert foreign.json()["detail"].replace(owner_id, "") == none.json()["detail"].replace(absent, "")
    assert (await stranger("DELETE", f"/v1/invites/{made['id']}")).status_code == 404
    assert (await stranger.get("/v1/members")).json()["total"] == 2
    assert (await stranger.get("/v1/invites")).json()["total"] == 0


async def test_a_removal_says_before_and_after_what_ends_with_it(api: Api) -> None:
    owner = await signed_in(api)
    admin = await member(api, Role.ADMIN, "admin@example.org")
    admin_id, cluster = await id_of(admin), await api.new_cluster("prod")
    given = {"name": "edge", "namePattern": "edge-{number}", "maxUses": 3}
    token = (await admin("POST", "/v1/fleet-tokens", json=given)).json()
    assert (await admin("POST", f"/v1/clusters/{cluster}/enrollment-tokens", json={})).status_code == 201
    hook = {"source": "webhook", "name": "deployed", "runbook": "restart-workload", "cluster": "prod", "parameters": {}}
    trigger = (await admin("POST", "/v1/triggers", json=hook)).json()
    before = (await owner.get(f"/v1/members/{admin_id}/removal")).json()
    assert (await owner.get(f"/v1/members/{admin_id}/removal")).json() == before, "it changes nothing"
    removed = (await owner("DELETE", f"/v1/members/{admin_id}")).json()
    assert (removed["id"], removed["ended"]) == (admin_id, before["ends"])
    assert before["ends"] == {
        "sessions": 1,
        "apiKeys": 0,
        "invites": 0,
        "delegations": 0,
        "fleetTokens": [{"id": token["id"], "name": "edge"}],
        "enrollmentTokens": [{"id": cluster, "name": "prod"}],
        "triggers": [{"id": trigger["id"], "name": "deployed"}],
        "webhooks": [],
        "forges": [],
        "executions": [],
    }
    assert (await owner.get(f"/v1/fleet-tokens/{token['id']}")).json()["status"] == "revoked"
    assert (await owner.get(f"/v1/triggers/{trigger['id']}")).json()["blocked"]["code"] == "secret_not_trusted"
    assert (await owner("POST", f"/v1/triggers/{trigger['id']}/unblock", json={})).json()["code"] == "secret_not_trusted"
    assert (await owner.get(f"/v1/members/{admin_id}/removal")).status_code == 404
