"""What lives outside /v1, its key and its limits: liveness, readiness, and the one file an agent fetches before it trusts anybody."""

import asyncio

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

import optral
from optral.api.http.routing import json_response
from optral.api.http.services import ApiServices, Check
from optral.clusters.connection import Contact
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.terms.errors import OptralError

_log = structlog.get_logger(__name__)
CHECK_DEADLINE_S = 1.0
TIME_DIGITS = 15
_reports = KeyedRateLimit()


def add(app: FastAPI, services: ApiServices) -> None:
    async def livez(_request: Request) -> Response:
        return json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def readyz(_request: Request) -> Response:
        if services.stopping.is_set():
            stopping = {"status": "stopping", "version": optral.__version__, "checks": {}}
            return json_response(stopping, status=503, headers={"Cache-Control": "no-store"})
        results = dict(
            zip(services.checks, await asyncio.gather(*(_holds(name, check) for name, check in services.checks.items())), strict=True)
        )
        ready = all(results.values())
        shown: dict[str, object] = {
            "status": "ok" if ready else "unready",
            "version": optral.__version__,
            "checks": {name: "ok" if held else "failed" for name, held in results.items()},
        }
        if warnings := list(services.warnings()):
            shown["warnings"] = warnings
        return json_response(shown, status=200 if ready else 503, headers={"Cache-Control": "no-store"})

    async def bootstrap(request: Request) -> Response:
        """Needs no trust: the agent holds the hash of the key in it."""
        if (hint := request.headers.get("optral-token-hint")) is not None and services.first_contact is not None:
            await services.first_contact(hint, request.headers.get("optral-ca-pin"), _contact(request, services))
        shown = {**services.trust(), "enrollAddress": services.enroll_address, "tunnelAddress": services.tunnel_address}
        return json_response(shown, headers={"Cache-Control": "no-cache"})

    for path, endpoint in (("/livez", livez), ("/readyz", readyz), ("/agent/bootstrap.json", bootstrap)):
        app.router.add_route(path, endpoint, methods=["GET"], include_in_schema=False)


def _contact(request: Request, services: ApiServices) -> Contact:
    """What the agent sent about itself. Nothing of it is trusted."""
    sent_ms = request.headers.get("optral-agent-time", "")
    offset_ms = int(sent_ms) - int(services.clock.now().timestamp() * 1000) if sent_ms.isdecimal() and len(sent_ms) <= TIME_DIGITS else None
    return Contact(
        address=request.client.host if request.client is not None else "",
        agent_version=request.headers.get("optral-agent-version", ""),
        clock_offset_ms=offset_ms,
    )


async def _holds(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_DEADLINE_S):
            return await check()
    except (OptralError, OSError) as error:  # after a defect the answer is 500, which is "not ready" too
        if (left_out := _reports.take(name)) is not None:
            _log.warning("readiness check failed", check=name, error=repr(error), left_out=left_out)
        return False
