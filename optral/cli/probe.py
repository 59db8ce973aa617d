"""`optral probe`: whether a Service or pod can be reached from the agent's pod, checked now."""

import enum
import re
from typing import Annotated, NamedTuple

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.terms.errors import Misconfigured, NotFound

COLUMNS = (
    Column("CHECK", "check", whole=True),
    Column("OUTCOME", "outcome", whole=True),
    Column("REASON", "reason", whole=True),
    Column("ADDRESS", "address"),
    Column("PORT", "port", whole=True),
    Column("STATUS", "httpStatus", whole=True),
    Column("MS", "tookMs", whole=True),
    Column("FINDING", "summary"),
)
_TARGET = re.compile(r"(?:(?P<kind>[A-Za-z]+)/)?(?P<namespace>[^/:]+)/(?P<name>[^/:]+)(?::(?P<port>[0-9]{1,5}))?")
_KINDS = {"service": "Service", "svc": "Service", "pod": "Pod", "po": "Pod"}


class Check(enum.StrEnum):
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"


class Target(NamedTuple):
    kind: str
    namespace: str
    name: str
    port: int | None


def probe(
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="Cluster name or id.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="[service|pod/]NAMESPACE/NAME[:PORT]; a Service if no kind is given.")],
    client: Client,
    check: Annotated[Check, typer.Option(help="What to check.")] = Check.TCP,
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST", help="A host outside the cluster that the environment of this pod names.")
    ] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Check from the agent's pod whether a Service or pod can be reached. Exit code 1: unreachable or unknown.

    Example: optral probe production shop/web:80

    The agent must allow probes (docs/agent.md). Other pods may be subject to different NetworkPolicies than the agent.
    """
    wanted = read_target(target)
    answer = client.resources.probe(_find(client, cluster, wanted), check=check.value, port=wanted.port, host=host)
    found = answer.value
    if out is Format.TABLE:
        output.show_one(answer.raw, out, columns=COLUMNS)
    else:
        output.as_data(answer.raw, out)
    raise typer.Exit(0 if found["outcome"] == "reachable" else 1)


def read_target(text: str) -> Target:
    """Raises `Misconfigured`."""
    match = _TARGET.fullmatch(text)
    kind = None if match is None else _KINDS.get((match["kind"] or "service").lower())
    if match is None or kind is None:
        raise Misconfigured("target", say=f"TARGET must be [service|pod/]NAMESPACE/NAME[:PORT], such as shop/web:80, not {text!r}")
    return Target(kind, match["namespace"], match["name"], None if match["port"] is None else int(match["port"]))


def _find(client: Client, cluster: str, target: Target) -> str:
    """The id of the resource. Raises `NotFound`."""
    listed = client.resources.list(kind=target.kind, cluster=cluster, namespace=target.namespace, q=target.name, page_size=100)
    found = next((resource for resource in listed.value.resources if resource.name == target.name), None)
    if found is None:
        say = f"the inventory of {cluster} has no {target.kind} {target.name} in namespace {target.namespace}"
        raise NotFound("resource_not_found", say=say)
    return found.id
