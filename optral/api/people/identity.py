"""Identity providers over HTTP: OpenID Connect, for owners. The client secret goes in and never comes out."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import people_service
from optral.access.bindings import MAX_LABELS, MAX_PLACES
from optral.access.policy import MAX_IDLE_MINUTES, MAX_NETWORKS, MAX_SESSION_HOURS, SignInPolicy
from optral.api.clusters.clusters import LabelValue
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, single
from optral.api.http.shapes import answer_of, change_of, renderer, renderer_in
from optral.api.issues.issue_shapes import Name
from optral.api.people.bindings import BoundRole
from optral.flows.people import identity as flow
from optral.identity import advice, model, service as identity
from optral.identity.model import Provider, ProviderSettings
from optral.kit.records import build, changing
from optral.store.transaction import Transaction


class ProviderRule(Input):
    """Gives a role to everybody whose ID token has this value in this claim."""

    claim: str = Field(
        min_length=1, max_length=100, pattern=LINE_PATTERN, description="Name of a claim; `a.b` finds `b` in `a`", examples=["groups"]
    )
    value: str = Field(
        min_length=1,
        max_length=200,
        pattern=LINE_PATTERN,
        description="Exact value, or an element of a list; `*` for any value",
        examples=["platform"],
    )
    role: BoundRole
    clusters: list[Name] | None = Field(
        None, min_length=1, max_length=MAX_PLACES, description="Cluster ids or names; absent for all clusters"
    )
    namespaces: list[Name] | None = Field(
        None, min_length=1, max_length=MAX_PLACES, description="Names of namespaces; absent for whole clusters", examples=[["shop"]]
    )
    cluster_labels: dict[str, LabelValue] | None = Field(
        None, min_length=1, max_length=MAX_LABELS, description="Only clusters that have all of these labels"
    )


Text = Annotated[str, Field(min_length=1, max_length=253)]


class NewProvider(Input):
    name: str = Field(
        min_length=1, max_length=100, pattern=LINE_PATTERN, description="Shown on the sign-in page", examples=["Example Corp"]
    )
    issuer: str = Field(
        min_length=8,
        max_length=500,
        description="Issuer URL exactly as the provider spells it; `http://` and private addresses only within"
        " OPTRAL_IDENTITY_PRIVATE_NETWORKS",
        examples=["https://login.example.com/realms/main"],
    )
    client_id: str = Field(min_length=1, max_length=255, pattern=LINE_PATTERN)
    client_secret: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        pattern=r"^[\x21-\x7e]+$",
        description="Stored encrypted and never returned; absent for a public client",
    )
    scopes: list[Text] = Field(
        default_factory=lambda: list(model.DEFAULT_SCOPES),
        min_length=1,
        max_length=20,
        description="Scopes to request; `openid` is required. Defaults to `openid`, `email` and `profile`",
    )
    domains: list[Text] = Field(
        default_factory=list,
        max_length=model.MAX_DOMAINS,
        description="Domains of email addresses by which the provider's people are matched with members, and may become members",
        examples=[["example.com"]],
    )
    trusts_email: bool = Field(
        default=False, description="Treat addresses in `domains` as verified although the provider sends no `email_verified`"
    )
    reads_userinfo: bool = Field(
        default=False, description="Read claims of rules that the ID token lacks from the userinfo endpoint at each sign-in"
    )
    ends_provider_session: bool = Field(
        default=False,
        description="Signing out of the dashboard also ends the session at the provider (RP-Initiated Logout), and with it the single"
        " sign-on of this browser",
    )
    creates_members: bool = Field(default=False, description="Everybody who gets a role by a rule becomes a member at the first sign-in")
    rules: list[ProviderRule] = Field(
        default_factory=list,
        max_length=model.MAX_RULES,
        description="Who gets which role, decided at each sign-in. A rule without clusters, namespaces and clusterLabels gives the role in"
        " the whole organization. Without any rule, roles are given in Optral",
    )


@change_of(NewProvider, but=["issuer"])
class ProviderChange(Input):
    is_enabled: bool | None = Field(None, alias="enabled", description="Whether people can sign in with it")
    rules: list[ProviderRule] | None = Field(None, max_length=model.MAX_RULES, description="Replaces all rules")


@answer_of(NewProvider, but=["client_secret"])
class ProviderShape(Shape):
    id: str = Field(examples=["idp_01jd3q4m6ve5jt8cmykq3rzm0a"])
    is_enabled: bool = Field(alias="enabled")
    has_client_secret: bool
    redirect_uri: str | None = Field(
        None, description="Redirect URI to register at the provider; absent if the server has no OPTRAL_PUBLIC_URL"
    )
    signed_out_uri: str | None = Field(
        None, description="Post-logout redirect URI to register at the provider for `endsProviderSession`; absent as `redirectUri`"
    )
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = Field(alias="version", description='Sent back as `If-Match: "v3"`, a change made on an old version is refused with 412')


class ProviderList(Shape):
    identity_providers: list[ProviderShape]
    total: int


class ProviderTest(Shape):
    ok: bool = Field(
        description="Whether the provider answered with usable metadata and keys; whether the client ID and the secret are right shows at"
        " the first sign-in"
    )
    reason: str | None = Field(None, examples=["issuer_mismatch"])
    message: str | None = Field(None, description="What is wrong and what to do, for people")


_shape = renderer(
    ProviderShape,
    Provider,
    has_client_secret=lambda one: one.client_secret is not None,
    redirect_uri=lambda _: None,
    signed_out_uri=lambda _: None,
)


def _shown(call: Call, one: Provider) -> dict[str, Any]:
    base = call.services.addresses.public_url
    shown = {**_shape(one), "rules": [{name: value for name, value in rule.items() if value is not None} for rule in one.rules]}
    if base is None:
        return shown
    return {**shown, "redirectUri": base.rstrip("/") + model.CALLBACK_PATH, "signedOutUri": base.rstrip("/") + model.SIGNED_OUT_PATH}


def _settings(tx: Transaction, body: NewProvider | ProviderChange, given: dict[str, Any]) -> dict[str, Any]:
    """The members as they are stored: rules as JSON, with ids of clusters."""
    rules: list[ProviderRule] | None = getattr(body, "rules", None)
    return given if rules is None else {**given, "rules": flow.resolved(tx, [one.model_dump(by_alias=True) for one in rules])}


async def list_identity_providers(call: Call) -> Response:
    """List identity providers

    At most 10; the list has no pages.
    """
    found = await call.read(identity.find)
    return json_response({"identityProviders": [_shown(call, one) for one in found], "total": len(found)})


async def create_identity_provider(call: Call, body: NewProvider) -> Response:
    """Add an identity provider

    People can then sign in with it. Requires an owner whose password was entered within the last 15 minutes.
    """

    def job(tx: Transaction) -> Provider:
        given = build(ProviderSettings, _settings(tx, body, body.model_dump(exclude={"client_secret"})))
        return flow.create(tx, given, key=call.services.sealing_key, secret=body.client_secret)

    def answer(one: Provider) -> Any:
        headers = {"Location": f"/v1/identity-providers/{one.id}", "ETag": etag(one.revision)}
        return json_answer(_shown(call, one), status=201, headers=headers)

    return await call.change(job, answer)


async def get_identity_provider(call: Call, provider_id: str) -> Response:
    """Get an identity provider, without its client secret"""
    check_id(provider_id, "idp")
    one = await call.read(lambda tx: identity.get(tx, provider_id))
    return single(call, lambda: _shown(call, one), one.revision)


async def update_identity_provider(call: Call, provider_id: str, body: ProviderChange) -> Response:
    """Update an identity provider

    Rules apply from each person's next sign-in. Requires an owner whose password was entered within the last 15 minutes.
    """
    check_id(provider_id, "idp")
    revision = call.expected_version()
    given = body.model_dump(exclude_none=True)
    secret = given.pop("client_secret", None)

    def job(tx: Transaction) -> Provider:
        wanted = changing(Provider, _settings(tx, body, given))
        return flow.change(tx, provider_id, wanted, key=call.services.sealing_key, secret=secret, if_revision=revision)

    return await call.change(job, lambda one: json_answer(_shown(call, one), headers={"ETag": etag(one.revision)}))


async def test_identity_provider(call: Call, provider_id: str) -> Response:
    """Test an identity provider

    Reads its discovery document and keys again, so that rotated keys count at once. Changes nothing.
    """
    check_id(provider_id, "idp")
    one = await call.read(lambda tx: identity.get(tx, provider_id))
    reason = await call.services.provider_sessions.test(one)
    is_ok = reason in ("", advice.NO_LOGOUT)
    return json_response({"ok": is_ok} | ({"reason": reason, "message": advice.say(reason, issuer=one.issuer)} if reason else {}))


async def delete_identity_provider(call: Call, provider_id: str) -> Response:
    """Delete an identity provider

    Nobody can sign in with it any more; members, their rights and their open sessions remain. Requires an owner whose password was entered
    within the last 15 minutes.
    """
    check_id(provider_id, "idp")
    revision = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, provider_id, if_revision=revision), lambda gone: json_answer(_shown(call, gone)))


class SignInPolicyShape(Shape):
    provider_only: bool = Field(description="Only owners can sign in with a password")
    session_hours: int | None = Field(None, description="Longest sign-in session; absent for 168 (7 days)")
    idle_minutes: int | None = Field(None, description="A session ends after this time without a request; absent for 720 (12 hours)")
    session_networks: list[str] | None = Field(None, description="Networks (CIDR) that people can use Optral from; absent for any")
    password_owners: list[str] = Field(
        description="Email addresses of the owners with a password, the way in while the provider is down", examples=[["owner@example.com"]]
    )


class SignInPolicyChange(Input):
    """Members that are left out do not change; null removes a limit."""

    provider_only: bool | None = Field(None, description="Only owners can sign in with a password; other password sessions end")
    session_hours: int | None = Field(None, ge=1, le=MAX_SESSION_HOURS, description="Applies to sessions that begin from now on")
    idle_minutes: int | None = Field(None, ge=5, le=MAX_IDLE_MINUTES)
    session_networks: list[Text] | None = Field(
        None,
        max_length=MAX_NETWORKS,
        description="Networks (CIDR), yours among them; null for any",
        examples=[["192.0.2.0/24"]],
    )


_policy = renderer_in(SignInPolicyShape, SignInPolicy, list, provider_only="is_provider_only", password_owners=lambda _, owners: owners)


def _policy_of(tx: Transaction) -> dict[str, Any]:
    return _policy(people_service.sign_in_policy(tx), people_service.password_owners(tx))


async def get_sign_in_policy(call: Call) -> Response:
    """Get how people sign in: by password or only with an identity provider, for how long, and from where"""
    return json_response(await call.read(_policy_of))


async def update_sign_in_policy(call: Call, body: SignInPolicyChange) -> Response:
    """Update how people sign in

    Owners can always sign in with their password. `providerOnly` needs an enabled identity provider and an owner with a password. API keys
    are not affected; each can have networks of its own. Requires an owner whose password was entered within the last 15 minutes.
    """
    given = body.model_dump(exclude_unset=True)
    if "provider_only" in given:
        given["is_provider_only"] = bool(given.pop("provider_only"))

    def job(tx: Transaction) -> dict[str, Any]:
        flow.set_policy(tx, changing(SignInPolicy, given)(people_service.sign_in_policy(tx)))
        return _policy_of(tx)

    return await call.change(job, json_answer)


def add(app: FastAPI) -> None:
    routes = Routes(app, "identity-providers")
    many, one, scope = "/v1/identity-providers", "/v1/identity-providers/{provider_id}", "identity:write"
    made = {"Location": 1, "ETag": 1}
    routes.add("GET", "/v1/sign-in-policy", get_sign_in_policy, scope=scope, gives=SignInPolicyShape)
    routes.add("PATCH", "/v1/sign-in-policy", update_sign_in_policy, scope=scope, gives=SignInPolicyShape, errors=(409,))
    routes.add("GET", many, list_identity_providers, scope=scope, gives=ProviderList)
    routes.add("POST", many, create_identity_provider, scope=scope, gives=ProviderShape, status=201, errors=(409,), headers=made)
    routes.add("GET", one, get_identity_provider, scope=scope, gives=ProviderShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_identity_provider, scope=scope, gives=ProviderShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_identity_provider, scope=scope, gives=ProviderShape, errors=(404, 412))
    routes.add("POST", one + "/test", test_identity_provider, scope=scope, gives=ProviderTest, errors=(404,), is_pure=True)
