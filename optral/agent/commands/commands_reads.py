"""The verbs that read: get, events, logs, metrics, probe. All but the last go through the same redaction as the inventory."""

from typing import Any

import msgspec

from optral.agent.commands.commands_common import Order, Tools, failed, failure_of, fetch, path_of, readable_kind, rejected, tree_of
from optral.agent.commands.commands_logs import many_logs, one_log
from optral.kube.kinds import EVENT, USAGE_OF, Kind, is_metadata_only
from optral.kube.objects.events import last_seen
from optral.kube.redact import Unredactable, metadata_only
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.terms import probes
from optral.terms.verbs import MAX_RESULT_BYTES, Events, Get, Logs, Metrics, Probe

MAX_EVENTS = 100


async def read(tools: Tools, order: Order) -> dict[str, Any]:
    """Do a reading verb; its result. Raises `Failure`."""
    params = order.params
    if isinstance(params, Get):
        return await _get(tools, params)
    if isinstance(params, Events):
        return await _events(tools, params)
    if isinstance(params, Logs):
        return await (many_logs(tools, params) if params.sources else one_log(tools, params))
    if isinstance(params, Metrics):
        return await _metrics(tools, params)
    if isinstance(params, Probe):
        return await _probe(tools, params)
    raise rejected("UNSUPPORTED", f"this agent does not know {order.verb.name}")


async def _get(tools: Tools, params: Get) -> dict[str, Any]:
    kind = readable_kind(tools, params.kind)
    raw = await fetch(tools, path_of(kind, params.namespace, params.name))
    return {"object": msgspec.Raw(_redacted(tools, kind, raw))}


def _redacted(tools: Tools, kind: Kind, raw: bytes) -> bytes:
    try:
        answer: bytes = tools.redactor.redact(kind, raw)
        if kind.custom and is_metadata_only(kind.id):
            return metadata_only(answer, kind)
        return answer if len(answer) < MAX_RESULT_BYTES - 1024 else metadata_only(answer, kind)
    except Unredactable as error:
        raise failed("UNREDACTABLE", "not even the object's metadata is safe to send") from error


async def _events(tools: Tools, params: Events) -> dict[str, Any]:
    kind = readable_kind(tools, params.kind)
    namespace = params.namespace or "default"  # Events about cluster-scoped objects live there
    selector = [f"involvedObject.name={params.name}", f"involvedObject.kind={kind.name}"]
    selector += [f"involvedObject.uid={params.uid}"] if params.uid else []
    path = f"/api/v1/namespaces/{namespace}/events"
    try:
        listed = await tools.client.get(path, params={"fieldSelector": ",".join(selector), "limit": "500"})
    except (ApiError, ApiUnreachable) as error:
        raise failure_of(error) from error
    events = [event for event in (_event(tools, raw) for raw in _items(listed)) if event is not None and _is_about(event, params, kind)]
    events.sort(key=_when, reverse=True)
    return {"events": events[:MAX_EVENTS], "total": len(events)}


def _items(listed: bytes) -> list[bytes]:
    try:
        items = msgspec.json.decode(listed, type=dict[str, msgspec.Raw]).get("items")
        return [] if items is None else [bytes(item) for item in msgspec.json.decode(items, type=list[msgspec.Raw] | None) or ()]
    except msgspec.MsgspecError as error:
        raise failed("API_ERROR", "the API server's answer cannot be read") from error


def _event(tools: Tools, raw: bytes) -> dict[str, Any] | None:
    try:
        return tree_of(tools.redactor.redact(EVENT, raw))
    except Unredactable:
        return None


def _is_about(event: dict[str, Any], params: Events, kind: Kind) -> bool:
    about = event.get("involvedObject")
    if not isinstance(about, dict) or about.get("name") != params.name or about.get("kind") != kind.name:
        return False
    return not params.uid or about.get("uid") in ("", None, params.uid)


def _when(event: dict[str, Any]) -> str:
    series = event.get("series")
    observed = series.get("lastObservedTime") if isinstance(series, dict) else None
    return str(last_seen(observed=observed, last=event.get("lastTimestamp"), at=event.get("eventTime")) or "")


async def _metrics(tools: Tools, params: Metrics) -> dict[str, Any]:
    """A report of each pod or node that was asked about, and of the others why there is none."""
    if tools.usage is None:
        raise rejected("UNSUPPORTED", "this agent does not read the metrics of kubelets")
    if tools.usage.is_refused:
        raise failed("RBAC_DENIED", "the agent's role does not allow it to read the metrics of kubelets")
    reports, missing = await tools.usage.read_now(params)
    kind = USAGE_OF[params.kind]
    return {"reports": [msgspec.Raw(_redacted(tools, kind, seen.raw)) for seen in reports], "missing": missing}


async def _probe(tools: Tools, params: Probe) -> dict[str, Any]:
    if tools.prober is None:
        raise rejected("UNSUPPORTED", "this agent does not run in a pod of the cluster, so its probes would say nothing about it")
    return probes.plain(await tools.prober.probe(tools, params))
