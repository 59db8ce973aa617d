"""Reading a cluster: every watched kind, once, in pages; and for explanations the last lines of containers that have an issue.

A list that fails, or ends before its end, is a gap in the look. Where the whole cluster may not be listed, the namespaces asked for are
listed one by one. Kinds that an add-on would bring and that the API server does not know are simply not there.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from optral.analysis import scope
from optral.analysis.snapshot import LogKey
from optral.kube import logs
from optral.kube.kinds import EVENT, KINDS, Kind
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.scan.intake import Intake
from optral.scan.look import Trouble
from optral.terms.errors import Unavailable

AT_ONCE = 4  # lists or logs at a time: a look must not weigh on the API server
PAGE = 500
MAX_LOGS = 120  # two of a container, of the most severe issues whose containers ran
LOG_S = 10.0
READ_BYTES = 1024 * 1024

Tell = Callable[[str], None]


async def read(client: KubeClient, intake: Intake, *, namespaces: frozenset[str], tell: Tell) -> None:
    """Take in the cluster and settle the intake at the API server's own time. Raises `Unavailable` when nothing answers at all."""
    intake.now = await _now(client)
    gate, done = asyncio.Semaphore(AT_ONCE), 0
    kinds = (*KINDS, EVENT)

    async def one(kind: Kind) -> None:
        nonlocal done
        async with gate:
            await _list(client, kind, intake, namespaces)
        done += 1
        tell(f"{client.access.name}: {done} of {len(kinds)} kinds, {intake.taken:,} objects")

    async with asyncio.TaskGroup() as group:
        for kind in kinds:
            group.create_task(one(kind))
    intake.settle(intake.now)


async def read_logs(client: KubeClient, intake: Intake, troubles: Iterable[Trouble], *, tell: Tell) -> None:
    """Fetch what containers with an issue wrote last, in this run and the one before; why there is none is evidence too."""
    keys = list(dict.fromkeys(key for trouble in troubles for key in _wanted(trouble)))[:MAX_LOGS]
    gate, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(key: LogKey) -> None:
        nonlocal done
        async with gate:
            await _log(client, intake, key)
        done += 1
        tell(f"{client.access.name}: log {done} of {len(keys)}")

    async with asyncio.TaskGroup() as group:
        for key in keys:
            group.create_task(one(key))


async def _now(client: KubeClient) -> datetime:
    """The API server's time: ages are counted by its clock, not by ours."""
    try:
        await client.version()  # the first answer, which may be a refusal: said once and not for every kind
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
        intake.gap(kind.plural, _why(error))
    except ApiUnreachable as error:
        intake.gap(kind.plural, str(error))


async def _list_each(client: KubeClient, kind: Kind, intake: Intake, namespaces: frozenset[str]) -> None:
    for namespace in sorted(namespaces):
        try:
            await _pages(client, kind, kind.object_path(namespace, "").rstrip("/"), intake)
        except (ApiError, ApiUnreachable) as error:
            intake.gap(f"{kind.plural} of {namespace}", _why(error) if isinstance(error, ApiError) else str(error))


async def _pages(client: KubeClient, kind: Kind, path: str, intake: Intake) -> None:
    """Every page of one list; begun again once when it expires under our hands (an object that comes twice counts once)."""
    for attempt in range(2):
        try:
            after = ""
            while True:
                page = await client.list_page(path, limit=PAGE, after=after)
                for item in page.items or ():
                    intake.take_known(kind, item)
                if not (after := page.next):
                    intake.seen_kinds.add(kind.id)  # all of it was listed, even when there is none
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


def _wanted(trouble: Trouble) -> list[LogKey]:
    lead = trouble.lead
    found = scope.logged(lead.type, pod=lead.shown_by.name, container=lead.part, facts=lead.facts)
    if found is None or trouble.namespace is None:
        return []
    return [LogKey(trouble.namespace, *found, previous) for previous in (True, False)]


async def _log(client: KubeClient, intake: Intake, key: LogKey) -> None:
    query = {"container": key.container, "tailLines": str(scope.TAIL_LINES)} | ({"previous": "true"} if key.previous else {})
    path = f"/api/v1/namespaces/{key.namespace}/pods/{key.pod}/log"
    try:
        async with asyncio.timeout(LOG_S):
            raw, is_cut = await client.tail(path, params=query, last_bytes=scope.MAX_LOG_BYTES, read_bytes=READ_BYTES)
    except TimeoutError:
        intake.log_errors[key] = f"it did not come within {LOG_S:.0f} s"
    except (ApiError, ApiUnreachable) as error:
        intake.log_errors[key] = str(error)[:500]
    else:
        text = (raw.partition(b"\n")[2] if is_cut else raw).decode("utf-8", "replace")  # the first line may be half a secret
        kept, refusal = logs.without_refusal(text)
        if refusal is None or kept:
            intake.logs[key] = kept.encode()
        if refusal is not None:
            intake.log_errors[key] = refusal[:500]
