"""What differs between the manifests of two resources, for people: each path with what stands there on both sides."""

from typing import TYPE_CHECKING, Any

import msgspec
import typer
import yaml

from optral.cli import output
from optral.kit import yamls
from optral.kube import diff

if TYPE_CHECKING:
    from optral.client.http import Answer
    from optral.client.models import ResourceWithManifest

MOST = 1000  # differences that are printed
_OWN = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


def show(left: "Answer[ResourceWithManifest]", right: "Answer[ResourceWithManifest]", *, with_status: bool) -> None:
    """Print the differences; nothing where there are none. Says how old a side is whose agent is not connected."""
    for sign, side in (("-", left), ("+", right)):
        one = side.value
        if one.manifest is None:
            raise typer.BadParameter("comparing needs the scope resources:manifest")
        typer.echo(output.clean(f"{sign * 3} {one.cluster} {one.kind} {one.namespace or ''}/{one.name}"))
        if notice := output.stale_notice(msgspec.json.decode(side.raw)):
            typer.echo(f"# {notice}")
    trees = [_compared(side.value.manifest or "", with_status=with_status) for side in (left, right)]
    found = diff.walk(trees[0], trees[1], limit=MOST + 1)
    for difference in found[:MOST]:
        typer.echo(output.clean(diff.dotted(difference.path)))
        _side("-", difference.before)
        _side("+", difference.after)
    if len(found) > MOST:
        typer.echo(f"More than {MOST} differences; the rest is not shown.")


def _compared(manifest: str, *, with_status: bool) -> dict[str, Any]:
    tree = yaml.load(manifest, Loader=yamls.LOADER)  # noqa: S506 - a safe loader
    if not isinstance(tree, dict):
        return {}
    metadata = tree.get("metadata")
    if isinstance(metadata, dict):
        tree["metadata"] = {key: value for key, value in metadata.items() if key not in _OWN}
    return tree if with_status else {key: value for key, value in tree.items() if key != "status"}


def _side(sign: str, value: Any) -> None:
    if value is diff.ABSENT:
        return
    text = (
        value if isinstance(value, str) else yamls.dumped(value) if isinstance(value, dict | list) else msgspec.json.encode(value).decode()
    )
    for line in output.clean_text(text).rstrip("\n").split("\n"):
        typer.echo(f"{sign} {line}")
