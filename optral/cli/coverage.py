"""`optral coverage`: what answers cover: what was looked at, and what was not and why."""

import sys
from typing import Any

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column, clean
from optral.kit.words import counted

CLUSTER_COLUMNS = (
    Column("CLUSTER", "name", whole=True),
    Column("LOOKED AT", "lookedAt", whole=True, text=lambda value: "yes" if value else "no"),
    Column("KINDS", "kinds", whole=True),
    Column("NAMESPACES", "namespaces", text=lambda value: ", ".join(value) if value else "all"),
    Column("LAST REPORT", "seenAt", whole=True, age=True),
)
UNREAD_COLUMNS = (
    Column("NEEDED", "needed", whole=True, text=lambda value: "yes" if value else "no"),
    Column("REASON", "reason", whole=True),
    Column("WHAT", "message", wraps=True),
    Column("WHAT TO DO", "fix", wraps=True),
)


def coverage(
    client: Client, cluster: options.Cluster = None, namespace: options.Namespace = None, out: options.Output = Format.TABLE
) -> None:
    """Show what Optral checked for issues, what it did not check, and why.

    While something needed was not read, an empty list of issues does not mean that nothing is wrong. Needs the scope issues:read.

    Example: optral coverage --cluster production
    """
    answer = client.coverage(cluster=cluster, namespace=namespace)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    sys.stdout.write("".join(f"{clean(line)}\n" for line in _summary(answer.value)))
    for title, columns, rows in (("clusters", CLUSTER_COLUMNS, "clusters"), ("not looked at", UNREAD_COLUMNS, "unread")):
        if answer.value.get(rows):
            sys.stdout.write(f"\n{title}\n")
            output.table(columns, answer.value[rows])
    return None


def _summary(found: dict[str, Any]) -> list[str]:
    rules = found["rules"]
    off = f", {len(rules['off'])} switched off" if rules["off"] else ""
    risk = "" if rules["risk"] else ", without risk checks"
    return [
        found["summary"],
        f"{rules['on']} of {counted(rules['types'], 'issue type')}{off}{risk}, of Optral {rules['version']}",
    ]
