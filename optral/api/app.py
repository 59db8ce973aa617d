"""Puts the HTTP edge together: the framework's app with every resource's routes, and the gate around it."""

from functools import partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route as PlainRoute
from starlette.types import ASGIApp

from optral.api.alerts import alerts, receivers, silences
from optral.api.analyses import ai, analyses, feedback
from optral.api.clusters import charts, clusters, connection, fleet_tokens
from optral.api.events import events, webhooks
from optral.api.http import openapi, problems
from optral.api.http.contract_texts import ContractTexts
from optral.api.http.gate import Gate
from optral.api.http.openapi_schema import Json
from optral.api.http.services import ApiServices
from optral.api.http.traced import Traced
from optral.api.issues import (
    capture,
    captured,
    detectors,
    issues,
    mute_rules,
    owners,
    questions,
    similar,
    tickets,
    topology,
    trends,
    triage,
    views,
)
from optral.api.overview import coverage, documents, overview, search
from optral.api.pages import explorer, mcp, outside, pages
from optral.api.people import (
    account,
    audit,
    bindings,
    device,
    identity,
    keys,
    mail,
    members,
    notifications,
    oauth,
    own_account,
    provider_session,
    scim,
    scim_tokens,
    session,
)
from optral.api.resources import cluster_map, compare, kinds, logs, probes, resources, rollout, usage
from optral.api.runbooks import (
    delegations,
    execution_control,
    executions,
    forges,
    runbook_drafts,
    runbook_suggestions,
    runbooks,
    safeguards,
    triggers,
)
from optral.kit import tracing
from optral.terms.errors import OptralError

_DESCRIPTION = (
    "Connect Kubernetes clusters, see what is broken and why, and fix it. Authenticate with an API key: `Authorization: Bearer mht_…`. "
    "Every response has the headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset (Unix seconds). "
    "Errors are RFC 9457 problem details with a stable `code`. "
    "Lists are paged by `page` and `pageSize`; use `cursor` beyond 10,000 rows. Unknown parameters are rejected."
)


_RESOURCES = (
    clusters,
    kinds,
    cluster_map,
    connection,
    fleet_tokens,
    overview,
    coverage,
    trends,  # before the issues: `trends` is no issue's id
    issues,
    similar,
    questions,
    topology,
    triage,
    mute_rules,
    views,
    owners,
    detectors,
    capture,
    captured,
    feedback,  # before the analyses: `feedback` is no analysis' id
    analyses,
    ai,
    compare,  # before the resources: `compare` is no resource's id
    resources,
    rollout,
    usage,
    probes,
    runbook_drafts,
    runbook_suggestions,
    runbooks,
    safeguards,
    triggers,
    receivers,
    alerts,
    silences,
    tickets,
    execution_control,
    executions,
    documents,
    logs,
    keys,
    events,
    session,
    provider_session,
    own_account,
    notifications,
    device,
    oauth,
    members,
    bindings,
    identity,
    scim_tokens,
    delegations,
    webhooks,
    mail,
    forges,
    account,
    search,
    audit,
)
"""In the order in which their addresses are tried."""


def build(services: ApiServices) -> ASGIApp:
    """The ASGI application for the listener."""
    app = framework()
    outside.add(app, services)
    mcp.add(app, services)
    oauth.add_endpoints(app, services)
    scim.add_endpoints(app, services)
    charts.add(app)
    explorer.add(app, app.state.contract_texts)
    pages.add(app)
    services.as_member = partial(mcp.as_member, app, services)
    gate = Gate(app, services, _methods_of(app))
    return Traced(gate) if tracing.is_on() else gate


def framework() -> FastAPI:
    """The routes of the contract, without anything running behind them."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(OptralError, problems.on_room_error)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_validation_error)
    app.add_exception_handler(Exception, problems.on_unexpected)
    for resource in _RESOURCES:
        resource.add(app)
    app.state.contract_texts = ContractTexts(lambda: contract(app))
    account.add_contract(app, app.state.contract_texts)
    return app


def contract(app: FastAPI) -> Json:
    """The OpenAPI 3.0.3 document of the app."""
    return openapi.document(app, title="Optral", version="1", description=_DESCRIPTION)


def _methods_of(app: FastAPI) -> "_Methods":
    return _Methods([route for route in app.router.routes if isinstance(route, PlainRoute)])


class _Methods:
    """Which methods an address knows, over all routes that share it."""

    def __init__(self, routes: list[PlainRoute]) -> None:
        self._routes = routes

    def __call__(self, path: str) -> list[str]:
        matching = [route for route in self._routes if route.path_regex.match(path)]
        exact = [route for route in matching if route.path == path]  # `facets` is no issue's id
        methods = {method for route in exact or matching for method in route.methods or ()}
        if "GET" in methods and path not in ("/v1/events/stream", "/api/events"):
            methods.add("HEAD")
        return sorted(methods)
