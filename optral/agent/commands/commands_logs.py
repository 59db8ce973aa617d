"""The verb `logs`: the end of one container's log, or new lines of many containers with their times.

Many containers are read at once and independently: one whose log cannot be read says why beside the lines of the others. Lines are
redacted in the order in which their container wrote them, together with the lines before them, and merged afterwards. Each line of the
result is `SOURCE TIME TEXT`, the source by its number in the command.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.agent.commands.commands_common import Failure, Tools, failed, failure_of, fetch, path_of, tree_of
from optral.kube import logs, pod_containers
from optral.kube.kinds import BY_ID
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.terms.verbs import MAX_LOG_LINES, Logs, LogSource

CAPABILITY = "logs.v2"
"""This agent reads the logs of many containers with one command."""
MAX_READ_BYTES = 16 * 1024 * 1024  # of a log: 2,000 lines are rarely a tenth of that
MAX_READ_OF_MANY = 4 * 1024 * 1024  # of all logs of one command
READS_AT_ONCE = 8
DEADLINE_S = 8.0  # of all reads of one command: a kubelet that does not answer must not hold up the lines of the others
MAX_LINE_CHARS = 16 * 1024
CONTEXT_S = 5  # lines this long before the requested ones are redacted with them: a secret may have begun there
NO_TIME = "-"
_POD = BY_ID["Pod"]


async def one_log(tools: Tools, params: Logs) -> dict[str, Any]:
    """The end of one container's log. Raises `Failure`."""
    path = path_of(_POD, params.namespace, params.pod)
    pod = tree_of(await fetch(tools, path))
    container = _container(pod, params.pod, params.container)
    query = {"container": container, "tailLines": str(params.tail_lines)}
    query |= {"previous": "true"} if params.previous else {}
    query |= {"sinceSeconds": str(params.since_seconds)} if params.since_seconds else {}
    place = _Place(path, params.pod, container)
    raw, is_cut = await _tail(tools, pod, place, query, last_bytes=params.limit_bytes, read_bytes=MAX_READ_BYTES)
    text = await asyncio.to_thread(logs.redact, tools.redactor, raw)
    return {
        "text": text,
        "container": container,
        "previous": params.previous,
        "lines": text.count("\n"),
        "bytes": len(text.encode()),
        "truncated": is_cut,
        "podUid": _uid(pod),
    }


class _Line(NamedTuple):
    time: str
    text: str


@dataclass(slots=True)
class _Read:
    """What was read of one source. `has_earlier`: lines before the first one are left out."""

    pod: str
    container: str
    uid: str = ""
    lines: list[_Line] = field(default_factory=list)
    has_earlier: bool = False
    restarts: int | None = None
    code: str = ""
    message: str = ""


async def many_logs(tools: Tools, params: Logs) -> dict[str, Any]:
    """New lines of each source, the oldest first, at most `limit_bytes`; of more, the newest. Never raises for one source."""
    ends_at = asyncio.get_running_loop().time() + DEADLINE_S
    places = asyncio.Semaphore(READS_AT_ONCE)
    async with _Pods(tools, params.namespace) as pods:
        reads = await asyncio.gather(*(_read(tools, params, source, pods, places, ends_at) for source in params.sources))
    lines = _merged(reads, params.limit_bytes)
    text = "".join(lines)
    return {
        "text": text,
        "lines": len(lines),
        "bytes": len(text.encode()),
        "sources": [
            {
                "pod": read.pod,
                "container": read.container,
                "podUid": read.uid,
                "hasEarlier": read.has_earlier,
                "restarts": read.restarts,
                "code": read.code,
                "message": tools.redactor.text(read.message),
            }
            for read in reads
        ],
    }


class _Pods:
    """The pods of one command, each fetched once. A context manager, which ends what is still being fetched."""

    def __init__(self, tools: Tools, namespace: str) -> None:
        self._tools, self._namespace = tools, namespace
        self._found: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def __aenter__(self) -> "_Pods":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._found.values():
            task.cancel()
        await asyncio.gather(*self._found.values(), return_exceptions=True)

    async def get(self, name: str) -> dict[str, Any]:
        """The pod. Raises `Failure`."""
        if (task := self._found.get(name)) is None:
            task = self._found[name] = asyncio.ensure_future(self._fetch(name))
        return await asyncio.shield(task)

    async def _fetch(self, name: str) -> dict[str, Any]:
        return tree_of(await fetch(self._tools, path_of(_POD, self._namespace, name)))


async def _read(tools: Tools, params: Logs, source: LogSource, pods: _Pods, places: asyncio.Semaphore, ends_at: float) -> _Read:
    read = _Read(pod=source.pod, container=source.container)
    try:
        async with asyncio.timeout_at(ends_at), places:
            pod = await pods.get(source.pod)
            read.uid = _uid(pod)
            read.container = _container(pod, source.pod, source.container)
            read.restarts = _restarts(pod, read.container)
            await _read_lines(tools, params, source, pod, read)
    except Failure as failure:
        read.code, read.message = failure.code, failure.message
    except TimeoutError:
        read.code, read.message = "KUBELET_UNREACHABLE", f"the log was not received within {DEADLINE_S:g} s"
    return read


async def _read_lines(tools: Tools, params: Logs, source: LogSource, pod: dict[str, Any], read: _Read) -> None:
    """Put the lines into `read`. Raises `Failure`, also after the lines of an earlier run."""
    has_restarted = source.restarts is not None and (read.restarts or 0) > source.restarts
    if has_restarted and source.after and not params.previous:
        try:
            await _read_run(tools, params, source, pod, read, is_previous=True)
        except Failure:
            read.has_earlier = True  # the runtime did not keep that run; what it wrote last is not known
    await _read_run(tools, params, source, pod, read, is_previous=params.previous)


async def _read_run(tools: Tools, params: Logs, source: LogSource, pod: dict[str, Any], read: _Read, *, is_previous: bool) -> None:
    tail_lines = MAX_LOG_LINES if source.after else params.tail_lines
    query = {"container": read.container, "tailLines": str(tail_lines), "timestamps": "true"}
    query |= {"previous": "true"} if is_previous else {}
    if source.after:
        query["sinceTime"] = _context_begins(source.after)
    elif params.since_seconds:
        query["sinceSeconds"] = str(params.since_seconds)
    share = max(MAX_READ_OF_MANY // len(params.sources), 64 * 1024)
    place = _Place(path_of(_POD, params.namespace, source.pod), source.pod, read.container)
    raw, is_cut = await _tail(tools, pod, place, query, last_bytes=share, read_bytes=4 * share)
    found = await asyncio.to_thread(_lines, tools, raw)
    if found and found[-1].time == NO_TIME and logs.is_refusal(found[-1].text):
        raise failed("NOT_KEPT", f"the node has no such log: {found[-1].text}")
    is_full = is_cut or len(found) >= tail_lines
    read.has_earlier |= is_full and (not source.after or not found or found[0].time > source.after)
    read.lines += _new(found, source)


def _lines(tools: Tools, raw: bytes) -> list[_Line]:
    """The lines with their times, redacted; a line without a time has that of the line before it."""
    texts = raw.decode("utf-8", "replace").split("\n")
    if not texts[-1]:
        texts.pop()
    times: list[str] = []
    for number, text in enumerate(texts):
        time, line = logs.stamped(text)
        times.append(time or (NO_TIME if line != text or not times else times[-1]))
        texts[number] = line.rstrip("\r")
    return [_Line(time, _short(text)) for time, text in zip(times, logs.redact_lines(tools.redactor, texts), strict=True)]


def _short(text: str) -> str:
    more = len(text) - MAX_LINE_CHARS
    return text if more <= 0 else f"{text[:MAX_LINE_CHARS]}… [{more:,} more characters]"


def _context_begins(after: str) -> str:
    try:
        begins = datetime.fromisoformat(after[:19]) - timedelta(seconds=CONTEXT_S)
    except (ValueError, OverflowError):
        raise failed("INVALID", f"{after} is not a time") from None
    return f"{begins.isoformat()}Z"


def _new(found: list[_Line], source: LogSource) -> list[_Line]:
    """The lines that are not known yet."""
    if not source.after:
        return found
    of_that_time = [line for line in found if line.time == source.after]
    return of_that_time[source.seen :] + [line for line in found if line.time > source.after and line.time != NO_TIME]


def _merged(reads: list[_Read], limit_bytes: int) -> list[str]:
    """The lines of all, the oldest first; the newest that fit. Marks the sources whose lines do not."""
    rows = [(line, number) for number, read in enumerate(reads) for line in read.lines]
    rows.sort(key=lambda row: row[0].time)  # stable: the lines of one container stay in their order
    texts: list[str] = []
    room = limit_bytes
    while rows:
        line, number = rows.pop()
        text = f"{number} {line.time} {line.text}\n"
        room -= len(text.encode())
        if room < 0:
            rows.append((line, number))
            break
        texts.append(text)
    for _, number in rows:
        reads[number].has_earlier = True
    return texts[::-1]


class _Place(NamedTuple):
    """`path` is the pod's."""

    path: str
    pod: str
    container: str


async def _tail(
    tools: Tools, pod: dict[str, Any], place: _Place, query: dict[str, str], *, last_bytes: int, read_bytes: int
) -> tuple[bytes, bool]:
    """The end of a log in whole lines, and whether there was more. Raises `Failure`."""
    if not (pod.get("spec") or {}).get("nodeName"):  # the API server answers with an empty log
        raise failed("NOT_STARTED", f"the pod {place.pod} has no node yet, so nothing of it has started")
    try:
        raw, is_cut = await tools.client.tail(f"{place.path}/log", params=query, last_bytes=last_bytes, read_bytes=read_bytes)
    except (ApiError, ApiUnreachable) as error:
        raise _log_failure(error, place.container, place.pod) from error
    return (raw.partition(b"\n")[2] if is_cut else raw), is_cut  # cut in the middle of a line, maybe of a secret


def _uid(pod: dict[str, Any]) -> str:
    return str(pod["metadata"].get("uid", ""))


def _restarts(pod: dict[str, Any], container: str) -> int | None:
    status = pod.get("status")
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for one in (status.get(kind) or ()) if isinstance(status, dict) else ():
            if isinstance(one, dict) and one.get("name") == container and isinstance(count := one.get("restartCount"), int):
                return max(count, 0)
    return None


def _container(pod: dict[str, Any], pod_name: str, wanted: str) -> str:
    """The container meant; the default one when none is named. Raises `Failure` for one the pod does not have."""
    names = pod_containers.names(pod)
    if wanted and wanted not in names:
        raise failed("CONTAINER_NOT_FOUND", f"the pod {pod_name} has no container {wanted}; it has {', '.join(names)}")
    if (found := wanted or pod_containers.default(pod)) is None:
        raise failed("CONTAINER_NOT_FOUND", f"the pod {pod_name} has no containers")
    return found


def _log_failure(error: ApiError | ApiUnreachable, container: str, pod: str) -> Exception:
    if isinstance(error, ApiError) and error.status == 400:
        if "previous terminated container" in error.message:
            return failed("NO_PREVIOUS", f"the container {container} of {pod} has no earlier run whose log is kept")
        if "waiting to start" in error.message or "is not available" in error.message or "not found" in error.message:
            return failed("NOT_STARTED", f"the container {container} of {pod} has not started, so there is no log: {error.message}")
    if isinstance(error, ApiError) and error.status == 404 and "not found" in error.message and pod not in error.message:
        return failed("NOT_STARTED", f"there is no log of the container {container} of {pod}: {error.message}")
    if isinstance(error, ApiError) and error.status in (500, 502, 503, 504):
        return failed("KUBELET_UNREACHABLE", f"the node of {pod} does not hand out its log: {error.message}")
    return failure_of(error)
