"""Connections to forges over HTTP: GitHub, GitLab, and Gitea or Forgejo. The token goes in and never comes out."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import CREATED, PUBLIC, Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.shapes import answer_of, change_of, renderer
from optral.flows.forges import manage as flow, receiving
from optral.forges import model, service as forges
from optral.forges.connect import api_of
from optral.forges.model import Forge, ForgeError, ForgeSettings
from optral.kit.records import build, changing
from optral.store.transaction import Transaction

KindName = Literal["github", "gitlab", "gitea"]
Repositories = Annotated[
    list[Annotated[str, Field(min_length=3, max_length=255)]],
    Field(
        min_length=1,
        max_length=model.MAX_REPOSITORIES,
        description="Repositories in which pull requests may be opened: `owner/name`, or `owner/*` for all of an owner or a group",
        examples=[["shop/deploy"]],
    ),
]
Token = Annotated[
    str,
    Field(
        min_length=8,
        max_length=500,
        pattern=r"^[\x21-\x7e]+$",
        description="Access token of the forge. It is stored encrypted and never returned",
        examples=["example-token"],
    ),
]


class NewForge(Input):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["git"])
    kind: KindName = Field(description="`gitea` also for Forgejo")
    url: str = Field(
        min_length=8,
        max_length=500,
        description="Address of the forge's web page; `http://` is allowed only within OPTRAL_FORGE_PRIVATE_NETWORKS",
        examples=["https://github.com"],
    )
    token: Token
    repositories: Repositories
    branch_prefix: Annotated[str, Field(min_length=1, max_length=40, description="The beginning of the names of branches")] = (
        model.DEFAULT_PREFIX
    )


@change_of(NewForge, but=["kind"])
class ForgeChange(Input):
    url: str | None = Field(None, min_length=8, max_length=500, description="A new address requires a token")
    repositories: Repositories | None = Field(None, description="Replaces all repositories")


@answer_of(NewForge, but=["token"])
class ForgeShape(Shape):
    id: str = Field(examples=["frg_01jd3q4m6ve5jt8cmykq3rzm0a"])
    url: str = Field(description="Address of the forge's web page", examples=["https://github.com"])
    webhook_path: str = Field(description="Path of the forge's webhook", examples=["/v1/hooks/forges/frg_01jd3q4m6ve5jt8cmykq3rzm0a"])
    has_webhook_secret: bool = Field(description="Whether requests of a webhook can be accepted")
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = Field(alias="version", description='Sent back as `If-Match: "v3"`, a change made on an old version is refused with 412')


class RolledForge(ForgeShape):
    webhook_secret: str = Field(description="Secret of the webhook; shown only in this response")


class ReceivedShape(Shape):
    awaited: bool = Field(description="Whether an execution waits for the pull request, and now looks at it")


class ForgeList(Shape):
    forges: list[ForgeShape]
    total: int


class TestedRepository(Shape):
    repository: str
    ok: bool
    default_branch: str | None = None
    message: str | None = Field(None, description="Why no pull request can be opened")


class ForgeTest(Shape):
    """The result of a test. Nothing is written to the forge"""

    ok: bool
    account: str | None = Field(None, description="Account of the token")
    code: str | None = Field(None, examples=["token_refused"])
    message: str | None = None
    repositories: list[TestedRepository] = Field(description="Repositories named with `owner/*` are not tested")


shape = renderer(
    ForgeShape,
    Forge,
    webhook_path=lambda one: f"/v1/hooks/forges/{one.id}",
    has_webhook_secret=lambda one: one.secret is not None,
)


async def list_forges(call: Call) -> Response:
    """List connections to forges

    At most 20; the list has no pages.
    """
    found = await call.read(forges.find)
    return json_response({"forges": [shape(one) for one in found], "total": len(found)})


async def create_forge(call: Call, body: NewForge) -> Response:
    """Connect a forge

    Executions can then open pull requests in its repositories. People must have typed their password within the last 15 minutes.
    """

    given = build(ForgeSettings, body.model_dump(exclude={"token"}))
    return await call.change(
        lambda tx: flow.create(tx, given, key=call.services.sealing_key, token=body.token),
        lambda one: json_answer(shape(one), status=201, headers={"Location": f"/v1/forges/{one.id}", "ETag": etag(one.revision)}),
    )


async def get_forge(call: Call, forge_id: str) -> Response:
    """Get a connection to a forge, without its token"""
    check_id(forge_id, "frg")
    one = await call.read(lambda tx: forges.get(tx, forge_id))
    return single(call, lambda: shape(one), one.revision)


async def update_forge(call: Call, forge_id: str, body: ForgeChange) -> Response:
    """Update a connection to a forge

    People must have typed their password within the last 15 minutes.
    """
    check_id(forge_id, "frg")
    revision = call.expected_version()

    given = body.model_dump(exclude_none=True)
    token = given.pop("token", None)
    wanted = changing(Forge, given)

    def job(tx: Transaction) -> Forge:
        return flow.change(tx, forge_id, wanted, key=call.services.sealing_key, token=token, if_revision=revision)

    return await call.change(job, lambda one: json_answer(shape(one), headers={"ETag": etag(one.revision)}))


async def delete_forge(call: Call, forge_id: str) -> Response:
    """Delete a connection to a forge

    Pull requests that executions opened stay as they are; the executions that wait for them fail. People must have typed their password
    within the last 15 minutes.
    """
    check_id(forge_id, "frg")
    revision = call.expected_version()
    return await call.change(lambda tx: flow.delete(tx, forge_id, if_revision=revision), lambda gone: json_answer(shape(gone)))


async def roll_forge(call: Call, forge_id: str) -> Response:
    """Create or rotate the webhook secret of a forge

    The response contains the secret, which is not shown again. An older secret stops working at once; pull requests are polled meanwhile.
    People must have typed their password within the last 15 minutes.
    """
    check_id(forge_id, "frg")

    def answer(made: tuple[Forge, str]) -> Any:
        one, secret = made
        headers = {"Location": f"/v1/forges/{one.id}", "ETag": etag(one.revision), "Cache-Control": "no-store"}
        return json_answer({**shape(one), "webhookSecret": secret}, headers=headers)

    return await call.change(lambda tx: flow.roll(tx, forge_id, key=call.services.sealing_key), answer)


async def receive_news(call: Call, forge_id: str) -> Response:
    """Receive a webhook of a forge

    An execution that waits for a pull request looks at it as soon as the forge reports that it was merged or closed. The forge signs with
    `X-Hub-Signature-256` (GitHub), `X-Gitlab-Token` (GitLab) or `X-Gitea-Signature` (Gitea, Forgejo). Other events are ignored. Every
    request that is not signed gets the same 401.
    """
    body = await call.body()
    is_awaited = await receiving.receive(call.services.store, forge_id, headers=call.headers, body=body, key=call.services.sealing_key)
    return json_response({"awaited": is_awaited}, status=202)


async def test_forge(call: Call, forge_id: str) -> Response:
    """Test a connection to a forge

    Asks the forge for the token's account, and whether the token may push to each repository. Writes nothing.
    """
    check_id(forge_id, "frg")
    one = await call.read(lambda tx: forges.get(tx, forge_id))
    api = api_of(one, forges.token_of(one, key=call.services.sealing_key), call.services.forge_caller)
    try:
        account, tested = await flow.test(one, api)
    except ForgeError as error:
        return json_response({"ok": False, "code": error.code, "message": error.say, "repositories": []})
    shown = [
        present(repository=each.repository, ok=not each.say, defaultBranch=each.default_branch or None, message=each.say or None)
        for each in tested
    ]
    return json_response({"ok": all(each["ok"] for each in shown), "account": account, "repositories": shown})


def add(app: FastAPI) -> None:
    routes = Routes(app, "forges")
    one, read, write = "/v1/forges/{forge_id}", "forges:read", "forges:write"
    routes.add("GET", "/v1/forges", list_forges, scope=read, gives=ForgeList)
    routes.add("POST", "/v1/forges", create_forge, scope=write, gives=ForgeShape, status=201, errors=(409,), headers=CREATED)
    routes.add("GET", one, get_forge, scope=read, gives=ForgeShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_forge, scope=write, gives=ForgeShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_forge, scope=write, gives=ForgeShape, errors=(404, 412))
    routes.add("POST", one + "/roll", roll_forge, scope=write, gives=RolledForge, errors=(404, 409), headers=CREATED)
    routes.add(
        "POST", "/v1/hooks/forges/{forge_id}", receive_news, scope=PUBLIC, gives=ReceivedShape, status=202, errors=(404, 413), is_pure=True
    )
    routes.add("POST", one + "/test", test_forge, scope=write, gives=ForgeTest, errors=(404, 409), is_pure=True)
