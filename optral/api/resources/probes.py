"""A reachability probe over HTTP: performed by the cluster's agent at that moment."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_response, present
from optral.flows.clusters import probes
from optral.flows.clusters.probes import ProbeRequest
from optral.terms import probes as terms
from optral.terms.probes import Certificate, ProbeResult


class ProbeInput(Input):
    check: Literal["dns", "tcp", "tls", "http"] = Field("tcp", description="What to check; `dns` needs a Service, or a pod and a host")
    port: int | None = Field(None, ge=1, le=65535, description="A port of the Service or pod; defaults to its first. Not used for `dns`")
    host: str | None = Field(
        None,
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\.[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
        description="A host outside of the cluster that the environment of this pod names, instead of the pod itself",
    )


class VantageShape(Shape):
    namespace: str
    pod: str
    node: str | None = None


class CertificateShape(Shape):
    names: list[str] = Field(description="The names that it is for, at most 8")
    issuer: str = Field(description="Who signed it, as it says; the agent does not verify that")
    not_before: datetime
    not_after: datetime
    expired: bool = Field(description="Whether it had expired at the time of the probe")
    covers_name: bool | None = Field(None, description="Whether it covers the requested name; absent for a pod")


class ProbeShape(Shape):
    check: Literal["dns", "tcp", "tls", "http"]
    outcome: Literal["reachable", "unreachable", "unknown"] = Field(
        description="`unreachable`: something answered that it is not there; `unknown`: no answer, which a NetworkPolicy can cause"
    )
    reason: (
        Literal[
            "refused",
            "timeout",
            "nameNotFound",
            "resolverFailed",
            "noRoute",
            "closed",
            "notTls",
            "handshakeFailed",
            "notHttp",
            "failed",
        ]
        | None
    ) = Field(None, description="Absent if reachable")
    summary: str = Field(
        examples=["From the agent's pod in namespace optral on node n1 at 12:03:04: TCP connect to 10.0.3.4:8080 was refused"]
    )
    at: datetime
    vantage: VantageShape = Field(description="The agent's pod; other pods can be under other NetworkPolicies")
    name: str | None = None
    address: str | None = Field(None, description="What the agent connected to")
    port: int | None = None
    addresses: list[str] | None = Field(None, description="What the name resolves to, at most 8")
    certificate: CertificateShape | None = None
    http_status: int | None = None
    path: str | None = Field(None, description="The path of the HTTP request")
    took_ms: int


async def probe_resource(call: Call, resource_id: str, body: ProbeInput) -> Response:
    """Check from the agent's pod whether a Service or pod can be reached"""
    check_id(resource_id, "res")
    asked = ProbeRequest(resource_id=resource_id, check=body.check, port=body.port, host=body.host or "")
    return json_response(shape(await probes.perform(call.services.store, call.actor, asked)))


def shape(result: ProbeResult) -> dict[str, Any]:
    vantage = result.vantage
    return present(
        check=result.check,
        outcome=result.outcome.value,
        reason=None if result.reason is None else result.reason.value,
        summary=terms.text(result),
        at=result.at,
        vantage=present(namespace=vantage.namespace, pod=vantage.pod, node=vantage.node or None),
        name=result.name or None,
        address=result.address or None,
        port=result.port or None,
        addresses=list(result.addresses) or None,
        certificate=None if result.certificate is None else _certificate(result.certificate, is_expired=result.is_expired),
        httpStatus=result.http_status or None,
        path=result.path or None,
        tookMs=result.took_ms,
    )


def _certificate(one: Certificate, *, is_expired: bool) -> dict[str, Any]:
    return present(
        names=list(one.names),
        issuer=one.issuer,
        notBefore=one.not_before,
        notAfter=one.not_after,
        expired=is_expired,
        coversName=one.covers_name,
    )


def add(app: FastAPI) -> None:
    path = "/v1/resources/{resource_id}/probe"
    Routes(app, "resources").add(
        "POST", path, probe_resource, scope="resources:probe", gives=ProbeShape, errors=(404, 409, 422, 503), is_pure=True
    )
