"""`optral resources`: the inventory of every cluster."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column

if TYPE_CHECKING:
    from optral.client.http import Answer

app = options.group("Browse the inventory of Kubernetes objects.")
COLUMNS = (
    Column("KIND", "kind"),
    Column("CLUSTER", "cluster"),
    Column("NAMESPACE", "namespace"),
    Column("NAME", "name"),
    Column("STATUS", "status"),
    Column("AGE", "createdAt", whole=True, age=True),
    output.STALE,
    Column("ID", "id", whole=True, spare=True),
)
COUNT_COLUMNS = (
    Column("CLUSTER", "cluster"),
    Column("KIND", "kind"),
    Column("NAMESPACE", "namespace"),
    Column("COUNT", "count"),
    output.STALE,
)
KIND_COLUMNS = (
    Column("KIND", "kind"),
    Column("GROUP", "group"),
    Column("STATUS", "status", whole=True),
    Column("COUNT", "count", whole=True),
    Column("METADATA ONLY", "metadataOnly"),
    Column("REASON", "reason"),
)
REQUEST_COLUMNS = (
    Column("PER SECOND", "requests.perSecond"),
    Column("ERROR SHARE", "requests.errorShare"),
    Column("P50 MS", "requests.p50Ms"),
    Column("P95 MS", "requests.p95Ms"),
    Column("USUAL P95 MS", "requests.usualP95Ms"),
    Column("P99 MS", "requests.p99Ms"),
    Column("SOURCE", "requests.source"),
    Column("PROVEN BY", "requests.provenBy"),
)
USAGE_COLUMNS = (
    Column("CONTAINER", "name"),
    Column("CPU MILLIS", "cpuMillis", whole=True),
    Column("P95", "cpuP95Millis", whole=True),
    Column("LIMIT", "cpuLimitMillis", whole=True),
    Column("MEMORY BYTES", "memoryBytes", whole=True),
    Column("P95", "memoryP95Bytes", whole=True),
    Column("LIMIT", "memoryLimitBytes", whole=True),
    Column("THROTTLED", "throttledShare", whole=True),
)
EVENT_COLUMNS = (
    Column("LAST SEEN", "lastAt", whole=True, age=True),
    Column("TYPE", "type", whole=True),
    Column("REASON", "reason", whole=True),
    Column("COUNT", "count", whole=True),
    Column("SOURCE", "source", spare=True),
    Column("MESSAGE", "message"),
)
WithStatus = Annotated[bool, typer.Option("--with-status", help="Also compare the status.")]
POD_USE_COLUMNS = (
    Column("POD", "name"),
    Column("CPU MILLIS", "used.cpuMillis", whole=True),
    Column("REQUEST", "requested.cpuMillis", whole=True),
    Column("LIMIT", "limit.cpuMillis", whole=True),
    Column("MEMORY BYTES", "used.memoryBytes", whole=True),
    Column("REQUEST", "requested.memoryBytes", whole=True),
    Column("LIMIT", "limit.memoryBytes", whole=True),
    Column("AGE", "observedAt", whole=True, age=True),
)
Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Resource id or its beginning, or deploy/web, shop/web or web.")]


@app.command("list", cls=lists.Paged)
def list_(
    client: Client,
    search: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="Query such as 'kind:Pod ns:shop state:failing'; see docs/search.md.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", "-k", help="Kind, such as Pod; separate several with commas.")] = None,
    group: Annotated[
        str | None, typer.Option("--group", "-g", help="API group, such as cert-manager.io; separate several with commas.")
    ] = None,
    cluster: options.Cluster = None,
    namespace: options.Namespace = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="The same as QUERY.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="Exact status, such as CrashLoopBackOff.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="failing, pending or healthy; separate several with commas.")] = None,
    label: Annotated[str | None, typer.Option("--label", "-l", help="Label as name:value; separate several with commas.")] = None,
    workloads: Annotated[
        bool, typer.Option("--workloads", help="Only workloads that no other workload owns, with the state of their worst pod.")
    ] = False,
    sort: Annotated[str, typer.Option("--sort", help="name, kind, namespace, createdAt, updatedAt, or status for failing first.")] = "name",
    out: options.ListOutput = View.TABLE,
) -> None:
    """List resources.

    Example: optral resources list 'kind:Pod ns:shop state:failing -name:test*'

    Objects of one kind are listed with the columns of their kind, and -o wide shows more of them. Custom resources are listed by their
    kind or group, with their health in the column STATUS.
    """
    wanted = {
        "kind": kind,
        "group": group,
        "cluster": cluster,
        "namespace": namespace,
        "q": " ".join(one for one in (search, query) if one) or None,
        "status": status,
        "state": state,
        "label": label,
        "workloads": workloads or None,
        "sort": sort,
    }
    raw = lists.read(lambda **at: client.resources.list(**wanted, **at), "resources", out)
    output.show(raw, out, columns=_columns(raw), rows="resources")


def _columns(raw: bytes) -> tuple[Column, ...]:
    """With those of the kind, if the list has objects of one kind only; the columns that say the same of every object otherwise."""
    import msgspec

    from optral.client import models

    kinds = msgspec.json.decode(raw, type=models.Resources).columns
    if len(kinds) != 1 or not kinds[0].columns:
        return COLUMNS
    own = kinds[0].columns
    has_state = any(one.is_state for one in own)
    before = [column for column in COLUMNS[:5] if not (column.path == "kind" or (has_state and column.path == "status"))]
    shown = [Column(one.title.upper(), f"columns.{one.name}", age=one.type == "time", wide=one.wide) for one in own]
    return (*before, *shown, *COLUMNS[5:])


@app.command()
def kinds(
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="Cluster name or id.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """List the kinds that a cluster's agent reports, and why it cannot read others.

    Example: optral resources kinds cls_01h455vb4pex5vsknk084sn02q
    """
    output.show(client.clusters.kinds(cluster).raw, out, columns=KIND_COLUMNS, rows="kinds")


@app.command()
def get(resource: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show a resource; -o json and -o yaml include its manifest.

    Example: optral resources get res_01h455vb4pex5vsknk084sn02q
    """
    output.show_one(client.resources.get(resource).raw, out, columns=COLUMNS)


@app.command()
def manifest(resource: Id, client: Client) -> None:
    """Print a resource's manifest as YAML, with secrets redacted.

    Example: optral resources manifest res_01h455vb4pex5vsknk084sn02q
    """
    import msgspec

    found = client.resources.get(resource)
    text = found.value.manifest
    if found.value.stale and (notice := output.stale_notice(msgspec.json.decode(found.raw))):
        typer.echo(f"# {notice}")
    typer.echo(output.clean_text(text or ""), nl=False)


@app.command()
def events(resource: Id, client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List the Kubernetes Events of a resource, newest first.

    Example: optral resources events deploy/web --namespace shop
    """
    answer = client.resources.events(resource)
    if not out.is_data and (notice := output.stale_notice(answer.value)):
        typer.echo(notice)
    output.show(answer.raw, out, columns=EVENT_COLUMNS, rows="events")


@app.command()
def history(resource: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show the changes to the spec of a resource, newest first: the time, the field manager, and each field with its values.

    Example: optral resources history deploy/web --namespace shop
    """
    from optral.cli.text import lineage

    answer = client.resources.history(resource)
    return output.as_data(answer.raw, out) if out is not Format.TABLE else lineage.show_history(answer.value)


@app.command()
def tree(resource: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show the owners of a resource and everything that it owns.

    Example: optral resources tree deploy/web --namespace shop
    """
    from optral.cli.text import lineage

    answer = client.resources.tree(resource)
    return output.as_data(answer.raw, out) if out is not Format.TABLE else lineage.show_tree(answer.value)


@app.command()
def compare(
    left: Annotated[str, typer.Argument(metavar="RESOURCE", help="Resource id or its beginning, or deploy/web, shop/web or web.")],
    client: Client,
    right: Annotated[
        str | None, typer.Argument(metavar="[RESOURCE]", help="The resource to compare it with, in the same cluster or another one.")
    ] = None,
    with_cluster: Annotated[
        str | None, typer.Option("--with-cluster", metavar="NAME", help="Compare with the same object of this cluster.")
    ] = None,
    revision: Annotated[
        int | None, typer.Option("--revision", min=0, help="Revision of the left side; 0 for the state before the first revision.")
    ] = None,
    to_revision: Annotated[
        int | None, typer.Option("--to-revision", min=0, help="Revision of the right side; defaults to the current state.")
    ] = None,
    with_status: WithStatus = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Compare two resources, the same one in two clusters, or two revisions of one, path by path.

    Example: optral resources compare deploy/web --namespace shop --with-cluster staging

    Fields that always differ, such as the uid, are not compared.
    """
    answer = client.resources.compare(
        left, right=right, cluster=with_cluster, leftRevision=revision, rightRevision=to_revision, with_status=with_status
    )
    _show_differences(answer, out)


@app.command()
def diff(
    left: Annotated[str, typer.Argument(metavar="RESOURCE", help="Resource id or its beginning, or deploy/web, shop/web or web.")],
    right: Annotated[str, typer.Argument(metavar="RESOURCE", help="The resource to compare it with, in the same cluster or another one.")],
    client: Client,
    with_status: WithStatus = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Compare two resources: a short form of `optral resources compare`.

    Example: optral resources diff res_01h455vb4pex5vsknk084sn02q res_01h455vb4pex5vsknk084sn03r
    """
    answer = client.resources.compare(left, right=right, with_status=with_status)
    _show_differences(answer, out)


def _show_differences(answer: "Answer[dict[str, Any]]", out: Format) -> None:
    from optral.cli.text import differences

    if out.is_data:
        return output.as_data(answer.raw, out)
    return differences.show(answer.value)


@app.command()
def logs(
    resource: Id,
    client: Client,
    container: Annotated[str | None, typer.Option("--container", "-c", help="Container; defaults to the pod's default container.")] = None,
    previous: Annotated[bool, typer.Option("--previous", "-p", help="Print the log of the previous run, before the last restart.")] = False,
    tail: Annotated[int, typer.Option(min=1, max=2000, help="Number of lines from the end.")] = 500,
    since_seconds: Annotated[int | None, typer.Option("--since-seconds", min=1, help="Only lines newer than this many seconds.")] = None,
) -> None:
    """Print the end of a pod's log, fetched from the cluster now. The agent redacts secrets.

    Example: optral resources logs res_01h455vb4pex5vsknk084sn02q --previous
    """
    answer = client.resources.logs(resource, container=container, previous=previous, tail_lines=tail, since_seconds=since_seconds).value
    if answer.get("truncated"):
        output.note("the log is longer; use --tail to print up to 2000 lines")
    typer.echo(output.clean_text(str(answer.get("text", ""))), nl=False)


@app.command()
def usage(resource: Id, client: Client, out: options.Output = Format.TABLE) -> None:
    """Show the CPU and memory that a pod, a node or the pods of a workload use, from the last reports of the agent.

    Example: optral resources usage res_01h455vb4pex5vsknk084sn02q

    For a workload, it also shows the requests that its pods serve, if the agent reads them from Prometheus. Usage is shown only
    for pods that the agent reports. The output formats json and yaml also have volumes, and a series of the last readings.
    """
    answer = client.resources.usage(resource)
    if out is Format.TABLE and (of_pods := answer.value.get("workload")) is not None:
        return _show_workload(answer.value, of_pods)
    if out is Format.TABLE and (reason := answer.value.get("reason")):
        return output.note(reason)
    if "requests" in answer.value:
        return output.show(answer.raw, out, columns=REQUEST_COLUMNS)
    return output.show(answer.raw, out, columns=USAGE_COLUMNS, rows="parts")


def _show_workload(answer: dict[str, Any], of_pods: dict[str, Any]) -> None:
    if "requests" in answer:
        output.table(REQUEST_COLUMNS, [answer])
        typer.echo()
    output.table(POD_USE_COLUMNS, of_pods["ofPods"])
    if reason := of_pods.get("reason"):
        output.note(f"{of_pods['measuredPods']} of {of_pods['pods']} pods are measured. {reason}")


@app.command()
def counts(
    client: Client, cluster: options.Cluster = None, namespace: options.Namespace = None, out: options.Output = Format.TABLE
) -> None:
    """Count resources by kind.

    Example: optral resources counts --cluster production
    """
    answer = client.resources.counts(cluster=cluster, namespace=namespace)
    output.show(answer.raw, out, columns=COUNT_COLUMNS, rows="counts")
