"""`optral clusters connect`: the command that connects a cluster, and what the server sees while it runs."""

import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.terms.errors import Refused

if TYPE_CHECKING:
    from optral.client import models

POLL_S = 2.0


class Method(StrEnum):
    """How an agent is installed."""

    HELM = "helm"
    KUBECTL = "kubectl"
    ARGOCD = "argocd"
    FLUX = "flux"
    LOCAL = "local"


WHERE = {
    "helm": "on a machine where Helm can reach the cluster",
    "kubectl": "on a machine where kubectl can reach the cluster",
    "argocd": "where kubectl can reach the cluster with Argo CD; for Git, save only the second part, which holds no token",
    "flux": "where kubectl can reach the cluster with Flux; for Git, save only the second part, which holds no token",
    "local": "on a machine whose kubeconfig points at the cluster",
}
NO_POD = frozenset({"public_address_unreachable", "agent_image_unset"})


def connect(
    name: Annotated[str, typer.Argument(help="Name of the cluster. It is created if it does not exist.")],
    client: Client,
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="Label of a new cluster; can be repeated.")
    ] = None,
    method: Annotated[
        Method | None, typer.Option(help="How to install the agent; local runs it outside the cluster. On a terminal, it prompts.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the cluster is connected.")] = True,
    timeout: Annotated[int, typer.Option(min=1, max=86_400, help="Maximum time to wait, in seconds.")] = 600,
    out: options.Output = Format.TABLE,
) -> None:
    """Connect a cluster: print the command to run, then show each step until the cluster is ready.

    Exit code 1 if the cluster is not ready in time. Interrupting it changes nothing: run it again to see the progress.

    Example: optral clusters connect production --method helm
    """
    labels = options.pairs(label)
    cluster_id = _find(client, name) or client.clusters.create(name, labels=labels).value.id
    connection = client.clusters.connection(cluster_id)
    if not connection.value.ready:
        show_command(client, cluster_id, _chosen(method), is_data=out is not Format.TABLE)
        connection = client.clusters.connection(cluster_id)
        if wait:
            for step in progress(lambda: client.clusters.connection(cluster_id).value, timeout_s=timeout):
                typer.echo(output.clean(step), err=True)
            connection = client.clusters.connection(cluster_id)
    if out is not Format.TABLE:
        output.as_data(connection.raw, out)
    elif connection.value.ready:
        limits = [output.clean(step.title) for step in connection.value.steps if step.state == "limited"]
        typer.echo("; ".join([f"{output.clean(name)} is connected ({cluster_id})", *limits]))
    if wait and not connection.value.ready:
        raise Refused("not_connected", say=f"{name} is not connected after {timeout} s; `optral clusters connect {name}` shows it again")


def show_command(client: "Client", cluster_id: str, method: str | None, *, is_data: bool = False) -> None:
    """Print the command, after the warnings about addresses; beside the cluster where the server has no command for pods."""
    install = _install(client, cluster_id, method)
    for warning in install.warnings:
        typer.echo(f"warning: {output.clean(warning.message)}", err=True)
    typer.echo(f"To connect it, run this command {WHERE[install.method]}. Its token can be used once, within an hour:\n", err=is_data)
    typer.echo(output.clean_text(install.command) + "\n", err=is_data)


def _install(client: "Client", cluster_id: str, method: str | None) -> "models.Install":
    from optral.client.errors import ClientError

    try:
        return client.clusters.install(cluster_id, method=method or "kubectl").value
    except ClientError as error:
        if method is not None or error.code not in NO_POD:
            raise
        typer.echo(f"warning: {output.clean(error.say)}", err=True)
        return client.clusters.install(cluster_id, method="local").value


def progress(
    ask: Callable[[], "models.Connection"],
    *,
    timeout_s: float,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[str]:
    """Lines for people, each once: steps that are done, problems and warnings. Ends when the cluster is ready or at the time limit."""
    from optral.client.errors import ClientError

    began, shown = now(), set[str]()
    while True:
        try:
            connection = ask()
        except ClientError as error:
            if error.status not in (0, 429, 503):
                raise
            lines, is_ready = [f"  the server does not answer: {error.say}"], False
        else:
            lines, is_ready = list(_lines(connection)), connection.ready
        for line in lines:
            if line not in shown:
                shown.add(line)
                yield f"[{round(now() - began):>4} s] {line}"
        if is_ready or now() - began >= timeout_s:
            return
        sleep(min(POLL_S, max(0.0, timeout_s - (now() - began))))


_MARKS = {"failed": "FAIL", "current": "wait"}  # of a step with a problem


def _lines(connection: "models.Connection") -> Iterator[str]:
    for step in connection.steps:
        if step.state == "done":
            yield f"ok    {step.title}"
        elif step.state == "limited":
            yield f"warn  {step.title}"
        elif step.state in _MARKS and (problem := connection.problem) is not None:
            where = f" ({problem.address})" if problem.address else ""
            # Each refusal is news; an agent that waits for a person only asks again.
            seen = f", {problem.at or 'no attempt yet'}" if step.state == "failed" else ""
            yield f"{_MARKS[step.state]}  {step.title}: {problem.message}{where} {problem.fix} [{problem.code}{seen}]"
        elif step.state == "current":
            yield f"...   {step.title}"
    for warning in connection.warnings:
        yield f"warn  {warning.message} {warning.fix}"


def _find(client: "Client", name: str) -> str | None:
    """The id of the cluster with this name or id."""
    if name.startswith("cls_"):
        return client.clusters.get(name).value.id
    page: int | None = 1
    while page is not None:
        answer = client.clusters.list(q=name, page=page, page_size=100).value
        for cluster in answer.clusters:
            if cluster.name == name:
                return cluster.id
        page = page + 1 if answer.total > page * 100 else None
    return None


def _chosen(method: Method | None) -> str | None:
    """The given method, or the one that somebody at the terminal chooses; None leaves it to the server."""
    if method is not None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None if method is None else method.value
    for number, one in enumerate(Method, 1):
        typer.echo(f"  {number}  {one.value:<8} run it {WHERE[one]}", err=True)
    number = 0
    while not 1 <= number <= len(Method):
        number = typer.prompt(f"How do you want to install the agent? (1 to {len(Method)})", default=1, type=int, err=True)
    return list(Method)[number - 1].value
