"""`optral wait`: the gate of a pipeline. The server judges (`flows/inventory/rollout.py`) and answers as soon as the state settles."""

import enum
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output, refs, spans
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.text.cells import cause
from optral.terms.errors import OptralError
from optral.terms.severity import Severity

if TYPE_CHECKING:
    from optral.client.http import Answer

UNHEALTHY, TIMED_OUT = 3, 4
"""Exit codes; 1 and 2 are those of every command."""
WAIT_S = 20
CAUSE_LOOKS = 4
PAUSE_S = 3.0
"""Until the next look where the server cannot wait: it is away, or the workload is not in the inventory."""
Json = dict[str, Any]


class For(enum.StrEnum):
    HEALTHY = "healthy"


def wait(
    workload: Annotated[
        str, typer.Argument(metavar="WORKLOAD", help="deploy/web, sts/db, ds/agent or job/migrate, or the id of the resource.")
    ],
    client: Client,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace of the workload.")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster of the workload, by name or id.")] = None,
    for_: Annotated[For, typer.Option("--for", help="What to wait for.")] = For.HEALTHY,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="How long to wait, such as 90s or 5m; 0: look once.")
    ] = "5m",
    generation: Annotated[
        int | None,
        typer.Option(min=1, help="The generation that the change led to; an older one never counts."),
    ] = None,
    min_severity: Annotated[Severity, typer.Option(help="Less severe issues do not count.")] = Severity.MEDIUM,
    keep_waiting: Annotated[
        bool, typer.Option("--keep-waiting", help="Do not stop at the first issue: it may resolve before the timeout.")
    ] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Wait until a workload is healthy: its rollout is complete, and no issue began since. For pipelines.

    Exit code 0: healthy; 3: unhealthy, with the cause; 4: not healthy in time; 1: the server refused or cannot be reached; 2: invalid
    usage.

    Example: optral wait deploy/web -n shop --for healthy --timeout 5m

    The inventory has to be newer than the start of this command, or show --generation. A workload that is not in it yet is waited for.
    Needs the scopes issues:read and resources:read.
    """
    wanted = {"generation": generation, "min_severity": min_severity.value, "until": "healthy" if keep_waiting else "settled"}
    typed = _typed(client, workload, namespace, cluster)
    answer, why = _waited(client, typed, wanted, timeout_s=spans.seconds(timeout, is_plain=True))
    if answer is not None and answer.value["state"] == "failing":
        answer = _with_causes(client, answer, wanted)
    state = "unknown" if answer is None else answer.value["state"]
    if out is not Format.TABLE:
        import msgspec

        absent = msgspec.json.encode({"state": state, "message": why, "issues": []})
        output.as_data(absent if answer is None else answer.raw, out)
    if state == "healthy":
        assert answer is not None
        _say_healthy(answer.value, is_shown=out is Format.TABLE)
        return
    is_unhealthy = state == "failing"
    output.error(f"{workload} is unhealthy: {why}" if is_unhealthy else f"{workload} was not {for_} within {timeout}: {why}")
    _say_issues(client, [] if answer is None else answer.value["issues"])
    raise typer.Exit(UNHEALTHY if is_unhealthy else TIMED_OUT)


def _typed(client: Client, workload: str, namespace: str | None, cluster: str | None) -> refs.Typed:
    """Refuses what cannot come: no name at all, and a cluster that does not exist. Raises `typer.BadParameter`, `OptralError`."""
    parts = workload.split("/")
    if len(parts) > 2 or not all(part.strip() for part in parts) or len(workload) > refs.MAX_TEXT:
        raise typer.BadParameter("name a workload, such as deploy/web, sts/db, ds/agent or job/migrate, or give the id of the resource")
    if cluster is not None:
        try:
            refs.id_of(client, "CLUSTER", cluster)
        except OptralError as error:
            if error.code == "ref_unknown":
                raise
    return refs.Typed(workload, namespace=namespace, cluster=cluster)


def _waited(
    client: Client,
    typed: refs.Typed,
    wanted: Json,
    *,
    timeout_s: float,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> "tuple[Answer[Json] | None, str]":
    """The last answer, and what it says; None while the workload was not found. Raises what waiting cannot change."""
    deadline, said, has_answered = now() + timeout_s, "", False
    resource_id, newer_than, answer, why = "", None, None, ""
    while True:
        left_s = deadline - now()
        try:
            resource_id = resource_id or refs.resolve(client, refs.KINDS["RESOURCE"], typed)
            answer = client.resources.rollout(resource_id, newer_than=newer_than, wait=max(0, min(WAIT_S, int(left_s))), **wanted)
            newer_than, why, has_answered = answer.value["newerThan"], answer.value["message"], True
            pause_s = 0.0
        except OptralError as error:
            if not _may_pass(error, has_answered=has_answered):
                raise
            resource_id, answer, why, pause_s = "", None, error.say, PAUSE_S
        state = "" if answer is None else answer.value["state"]
        if state == "healthy" or (state == "failing" and wanted["until"] == "settled") or now() >= deadline:
            return answer, why
        if why != said:
            output.remark(output.clean(why))
            said = why
        sleep(min(max(pause_s, 0.2), max(0.0, deadline - now())))


def _may_pass(error: OptralError, *, has_answered: bool) -> bool:
    """A workload that is not there yet; a server that is away for a moment, once it has answered."""
    status = getattr(error, "status", 1)
    if error.code in ("ref_unknown", "resource_not_found"):
        return True
    return status == 429 or (has_answered and (status == 0 or status >= 500))


def _with_causes(client: Client, answer: "Answer[Json]", wanted: Json, *, sleep: Callable[[float], None] = time.sleep) -> "Answer[Json]":
    """The answer, read again while an issue that has just opened is being analyzed."""
    for _ in range(CAUSE_LOOKS):
        if all(issue.get("cause") or issue.get("causeUnknown") for issue in answer.value["issues"]):
            break
        sleep(PAUSE_S)
        try:
            again = client.resources.rollout(answer.value["resourceId"], newer_than=answer.value["newerThan"], **wanted)
        except OptralError:
            continue  # the verdict stands without a cause
        if again.value["state"] != "failing":
            break
        answer = again
    return answer


def _say_healthy(found: Json, *, is_shown: bool) -> None:
    name = "/".join(output.clean(found[part]) for part in ("namespace", "name") if found.get(part))
    if is_shown:
        sys.stdout.write(f"{found['kind']} {name} is healthy: {output.clean(found['message'])}\n")
    for issue in found["earlierIssues"]:
        output.remark(f"open since before this rollout: {output.clean(issue['title'])}")
    if not found["coverage"]["complete"]:
        output.remark(f"issues may be missing: {output.clean(found['coverage']['summary'])}")


def _say_issues(client: Client, issues: list[Json]) -> None:
    for issue in issues:
        output.remark(f"{issue['severity'].upper()}  {output.clean(issue['title'])}")
        output.remark(f"  cause: {output.clean(cause(issue)) or 'not analyzed'}")
        output.remark(f"  {client.url}/issues/{issue['id']}")
