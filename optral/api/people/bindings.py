"""Bindings of members over HTTP: which role a member has in which clusters and namespaces, and until when."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import bindings_service, people_service
from optral.access.bindings import MAX_LABELS, MAX_PLACES, Binding, BindingSettings
from optral.api.clusters.clusters import LabelValue
from optral.api.http.lists import list_of, whole
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.http.shapes import renderer_in
from optral.api.http.times import Moment
from optral.api.issues.issue_shapes import Name
from optral.clusters import service as clusters
from optral.flows.people import bindings as flow
from optral.kit.records import build
from optral.store.transaction import Transaction
from optral.terms.actor import Role
from optral.terms.reach import Grant

BoundRole = Literal["admin", "operator", "viewer"]


class ClusterName(Shape):
    id: str = Field(examples=["cls_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str


class PlaceShape(Shape):
    role: str = Field(examples=["operator"])
    clusters: list[ClusterName] | None = Field(None, description="Absent for all clusters")
    namespaces: list[str] | None = Field(None, description="Absent for whole clusters, with what is outside of namespaces")
    ends_at: datetime | None = Field(None, description="Absent without an end")


class BindingShape(PlaceShape):
    id: str = Field(examples=["bnd_01jd3q4m6ve5jt8cmykq3rzm0a"])
    cluster_labels: dict[str, str] | None = Field(None, description="Only clusters that have all of these labels")
    active: bool = Field(description="It has not ended")
    provider_id: str | None = Field(
        None, description="Identity provider whose rules gave it, and replace it at the member's next sign-in; absent for people's own"
    )
    created_by: str
    created_at: datetime


BindingList = list_of("BindingList", "bindings", BindingShape, paged=False)


class NewBinding(Input):
    role: BoundRole
    clusters: list[Name] | None = Field(None, max_length=MAX_PLACES, description="Cluster ids or names; absent for all clusters")
    namespaces: list[Name] | None = Field(
        None, max_length=MAX_PLACES, description="Names of namespaces; absent for whole clusters", examples=[["shop"]]
    )
    cluster_labels: dict[str, LabelValue] | None = Field(
        None, max_length=MAX_LABELS, description="Only clusters that have all of these labels, also those that get them later"
    )
    ends_at: Moment | None = Field(None, description="The member loses this access then; at most one year from now")
    password: Annotated[str | None, Field(min_length=1, max_length=1024, description="Your own password; required for the role admin")] = (
        None
    )


def _cluster_names(ids: frozenset[str] | None, names: dict[str, str]) -> list[dict[str, str]] | None:
    return None if ids is None else sorted(({"id": one, "name": names.get(one, one)} for one in ids), key=lambda one: one["name"])


class _Context(NamedTuple):
    """What a binding is shown with."""

    names: dict[str, str]
    now: datetime


_shape = renderer_in(
    BindingShape,
    Binding,
    _Context,
    clusters=lambda one, context: _cluster_names(one.clusters, context.names),
    active=lambda one, context: one.is_active(context.now),
)


def places(tx: Transaction, grants: tuple[Grant, ...]) -> list[dict[str, Any]]:
    """What a limited caller may do where: the roles, clusters and namespaces of what is in force."""
    names = clusters.names(tx, {cluster for grant in grants for cluster in grant.area.clusters or ()})
    return [
        present(
            role=grant.role,
            clusters=_cluster_names(grant.area.clusters, names),
            namespaces=None if grant.area.namespaces is None else sorted(grant.area.namespaces),
            endsAt=grant.ends_at,
        )
        for grant in grants
    ]


def shapes(tx: Transaction, found: list[Binding]) -> list[dict[str, Any]]:
    context = _Context(clusters.names(tx, {cluster for one in found for cluster in one.clusters or ()}), tx.now)
    return [_shape(one, context) for one in found]


async def list_bindings(call: Call, member_id: str) -> Response:
    """List the bindings of a member, oldest first

    Bindings that have ended are listed for 30 days.
    """
    check_id(member_id, "usr")

    def read(tx: Transaction) -> list[dict[str, Any]]:
        member = people_service.member(tx, member_id)
        return shapes(tx, bindings_service.of_members(tx, [member.id])[member.id])

    return json_response(whole("bindings", await call.read(read)))


async def bind_member(call: Call, member_id: str, body: NewBinding) -> Response:
    """Bind a member to a role in some clusters and namespaces

    From then on the member sees and does only what bindings give, from the next request on; open event streams end within five seconds. You
    cannot give more rights than your own, and owners cannot be bound. The role admin requires your password.
    """
    check_id(member_id, "usr")
    role = Role(body.role)
    proof = await call.services.sessions.prove(call.actor, role, password=body.password)
    given = build(BindingSettings, body.model_dump(exclude={"password", "clusters"}))

    def job(tx: Transaction) -> dict[str, Any]:
        return shapes(tx, [flow.bind(tx, member_id, given, named=body.clusters, proof=proof)])[0]

    return await call.change(job, lambda shown: json_answer(shown, status=201))


async def unbind_member(call: Call, member_id: str, binding_id: str) -> Response:
    """Remove a binding of a member

    The member stays limited: without bindings, it sees nothing. `PATCH /v1/members/:id` with `limited` false lifts the limit.
    """
    check_id(member_id, "usr")
    check_id(binding_id, "bnd")

    def job(tx: Transaction) -> dict[str, Any]:
        return shapes(tx, [flow.unbind(tx, member_id, binding_id)])[0]

    return await call.change(job, json_answer)


def add(app: FastAPI) -> None:
    routes = Routes(app, "members")
    path = "/v1/members/{member_id}/bindings"
    routes.add("GET", path, list_bindings, scope="members:read", gives=BindingList, errors=(404,))
    routes.add("POST", path, bind_member, scope="members:write", gives=BindingShape, status=201, errors=(404, 409, 422))
    routes.add("DELETE", path + "/{binding_id}", unbind_member, scope="members:write", gives=BindingShape, errors=(404, 409))
