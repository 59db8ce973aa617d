"""Reads a cluster: lists every watched kind once, in pages, and for explanations fetches the last log lines of failed containers.

A list that fails or is truncated is a gap in the scan. If listing the whole cluster is forbidden, the requested namespaces are listed one
by one. Optional kinds that the API server does not know, such as those of an add-on, are skipped.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import LogKey
from optral.kit.words import counted
from optral.kube import logs
from optral.kube.kinds import EVENT, KINDS, Kind
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.kubeapi.discovery import MAX_KINDS, Discovery
from optral.scan import log_samples
from optral.scan.detection import ScanIssue
from optral.scan.intake import Intake
from optral.terms.errors import Unavailable

CONCURRENCY = 4  # lists or logs at a time, so that a scan puts little load on the API server
PAGE = 500
MAX_LOGS = 120  # two per container (previous and current run), most severe issues first
LOG_S = 10.0
READ_BYTES = 1024 * 1024

Progress = Callable[[str], None]


async def read(client: KubeClient, intake: Intake, *, namespaces: frozenset[str], progress: Progress) -> None:
    """List the cluster and settle the intake at the API server's time. Raises `Unavailable` if the API server does not answer."""
    intake.now = await _now(client)
    slots, done = asyncio.Semaphore(CONCURRENCY), 0
    kinds = (*KINDS, EVENT, *await _custom_kinds(client, intake))

    async def list_kind(kind: Kind) -> None:
        nonlocal done
        async with slots:
            await _list(client, kind, intake, namespaces)
        done += 1
        progress(f"{client.access.name}: {done} of {len(kinds)} kinds, {intake.object_count:,} objects")

    async with asyncio.TaskGroup() as group:
        for kind in kinds:
            group.create_task(list_kind(kind))
    progress(f"{client.access.name}: sampling logs")
    await log_samples.sample(client, intake, intake.pods(namespaces), now=intake.now.timestamp())
    intake.settle(intake.now)


async def _custom_kinds(client: KubeClient, intake: Intake) -> list[Kind]:
    """The custom kinds that may be listed and can report their health."""
    try:
        found = await Discovery(client).look()
    except (ApiError, ApiUnreachable) as error:
        intake.gap("custom resources", f"the API server does not tell which kinds it serves: {error}")
        return []
    if found.left_out:
        intake.gap("custom resources", f"{counted(found.left_out, 'kind')} beyond the first {MAX_KINDS} are not read")
    return [kind for kind in found.kinds if kind.id not in found.unreadable and not kind.metadata_only]


async def read_logs(client: KubeClient, intake: Intake, issues: Iterable[ScanIssue], *, progress: Progress) -> None:
    """Fetch the last log lines of containers with an issue, of this run and the previous one. An error is kept: it is evidence too."""
    keys = list(dict.fromkeys(key for issue in issues for key in _log_keys(issue)))[:MAX_LOGS]
    slots, done = asyncio.Semaphore(CONCURRENCY), 0

    async def fetch(key: LogKey) -> None:
        nonlocal done
        async with slots:
            await _read_log(client, intake, key)
        done += 1
        progress(f"{client.access.name}: log {done} of {len(keys)}")

    async with asyncio.TaskGroup() as group:
        for key in keys:
            group.create_task(fetch(key))


async def _now(client: KubeClient) -> datetime:
    """The API server's time, since timestamps of objects come from its clock."""
    try:
        await client.version()  # fails once for denied access, instead of once per kind
        return datetime.now(UTC) + await client.clock_offset(samples=3)
    except ApiError as error:
        if error.status in (401, 403):
            raise Unavailable(
                "cluster", say=f"{client.access.name} denies access ({error}); check the credentials of this context"
            ) from error
        return datetime.now(UTC)
    except ApiUnreachable as error:
        if "Date header" in str(error):
            return datetime.now(UTC)
        raise Unavailable(
            "cluster", say=f"{client.access.name} at {client.access.server} does not answer: {error}; is the context the right one?"
        ) from error


async def _list(client: KubeClient, kind: Kind, intake: Intake, namespaces: frozenset[str]) -> None:
    try:
        await _pages(client, kind, kind.path, intake)
    except ApiError as error:
        if error.status == 404 and kind.optional:
            return
        if error.status == 403 and kind.namespaced and namespaces:
            await _list_each(client, kind, intake, namespaces)
            return
        _fails(intake, kind, kind.plural, error)
    except ApiUnreachable as error:
        _fails(intake, kind, kind.plural, error)


async def _list_each(client: KubeClient, kind: Kind, intake: Intake, namespaces: frozenset[str]) -> None:
    intake.namespaces = namespaces
    failed: dict[str, ApiError | ApiUnreachable] = {}
    for namespace in sorted(namespaces):
        try:
            await _pages(client, kind, kind.object_path(namespace, "").rstrip("/"), intake)
        except (ApiError, ApiUnreachable) as error:
            failed[namespace] = error
    for namespace, failure in failed.items():
        _fails(intake, kind, f"{kind.plural} of {namespace}", failure)


def _fails(intake: Intake, kind: Kind, what: str, error: ApiError | ApiUnreachable) -> None:
    """Record that a list is incomplete: an object of the kind that is not in it may exist."""
    intake.gap(what, _why(error) if isinstance(error, ApiError) else str(error))
    intake.listed_kinds.discard(kind.id)


async def _pages(client: KubeClient, kind: Kind, path: str, intake: Intake) -> None:
    """Take in every page of one list. A list that expires is restarted once; an object that is listed twice counts once."""
    for attempt in range(2):
        try:
            after = ""
            while True:
                page = await client.list_page(path, limit=PAGE, after=after)
                for item in page.items or ():
                    intake.take_known(kind, item)
                if not (after := page.next):
                    intake.listed_kinds.add(kind.id)  # the list is complete, also when it is empty
                    return
        except ApiError as error:
            if not error.is_expired or attempt:
                raise


def _why(error: ApiError) -> str:
    if error.status == 403:
        return "may not be listed with these credentials"
    if error.status == 404:
        return "the API server does not know it"
    return f"the list failed or was truncated: {error}"


def _log_keys(issue: ScanIssue) -> list[LogKey]:
    lead = issue.lead
    container = scope.logged(lead.type, pod=lead.shown_by.name, container=lead.part, facts=lead.facts)
    if container is None or issue.namespace is None:
        return []
    return [LogKey(issue.namespace, *container, previous) for previous in scope.runs(lead.type)]


async def _read_log(client: KubeClient, intake: Intake, key: LogKey) -> None:
    query = {"container": key.container, "tailLines": str(scope.TAIL_LINES)} | ({"previous": "true"} if key.previous else {})
    path = f"/api/v1/namespaces/{key.namespace}/pods/{key.pod}/log"
    try:
        async with asyncio.timeout(LOG_S):
            raw, is_cut = await client.tail(path, params=query, last_bytes=scope.MAX_LOG_BYTES, read_bytes=READ_BYTES)
    except TimeoutError:
        intake.log_errors[key] = f"no answer within {LOG_S:.0f} s"
    except (ApiError, ApiUnreachable) as error:
        intake.log_errors[key] = str(error)[:500]
    else:
        text = (raw.partition(b"\n")[2] if is_cut else raw).decode("utf-8", "replace")  # the first line may be part of a secret
        kept, refusal = logs.without_refusal(text)
        if refusal is None or kept:
            intake.logs[key] = kept.encode()
        if refusal is not None:
            intake.log_errors[key] = refusal[:500]
