"""`optral audit`: who did what, as sentences with names, and the same as a file."""

import json
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from optral.cli import audit_check
from optral.cli.base import files, lists, options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column
from optral.kit.words import counted

app = options.group("List, export or verify the audit log: who did what.")
COLUMNS = (
    Column("AT", "at", whole=True),
    Column("WHO", "actorName"),
    Column("WHAT", "summary"),
    Column("CLUSTER", "cluster"),
    Column("ADDRESS", "address", wide=True),
    Column("ACTION", "action", wide=True),
    Column("TARGET", "target", wide=True, whole=True),
    Column("ID", "id", wide=True, whole=True),
)


MOST_IN_A_PART = 50_000


class Kind(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    CHAIN = "chain"


Group = Annotated[str | None, typer.Option("--group", help="Kind of action, such as issue, execution, cluster, member, key or session.")]
Action = Annotated[str | None, typer.Option("--action", help="Action, such as cluster.create; separate several with commas.")]
Who = Annotated[str | None, typer.Option("--actor", help="Id of the member (usr_…), API key (key_…) or cluster that acted.")]
Target = Annotated[str | None, typer.Option("--target", help="Id of the affected object.")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name.")]
Since = Annotated[str | None, typer.Option("--since", help="Start of the time range (RFC 3339), inclusive.")]
Until = Annotated[str | None, typer.Option("--until", help="End of the time range (RFC 3339), exclusive.")]


@app.command("list", cls=lists.Paged)
def list_(
    client: Client,
    group: Group = None,
    action: Action = None,
    actor: Who = None,
    target: Target = None,
    cluster: Cluster = None,
    since: Since = None,
    until: Until = None,
    out: options.ListOutput = View.TABLE,
) -> None:
    """List audit records, newest first. Needs the scope audit:read.

    Example: optral audit list --group execution --cluster production
    """
    wanted = {"group": group, "action": action, "actor": actor, "target": target, "cluster": cluster, "since": since, "until": until}
    raw = lists.read(lambda **at: client.audit.list(**wanted, **at), "audit", out)
    output.show(raw, out, columns=COLUMNS, rows="audit")


@app.command()
def export(
    client: Client,
    format: Annotated[
        Kind,
        typer.Option("--format", help="Comma-separated values, one JSON object per line, or the whole chain, for `optral audit verifier`."),
    ] = Kind.CSV,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="New file (mode 0600); defaults to standard output.")] = None,
    group: Group = None,
    action: Action = None,
    actor: Who = None,
    target: Target = None,
    cluster: Cluster = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Export audit records, oldest first, at most 50,000. The export is recorded in the audit log.

    Example: optral audit export --format jsonl --since 2026-01-01T00:00:00Z --file audit.jsonl
    """
    if file is not None:
        files.check_new(file)
    wanted = {"group": group, "action": action, "actor": actor, "target": target, "cluster": cluster, "since": since, "until": until}
    if format is Kind.CHAIN:
        text, head = b"".join(_chain(client)), ""
    else:
        text, head = client.audit.export(format.value, **wanted)
    if file is None:
        sys.stdout.write(output.clean_text(text.decode()))
    else:
        files.write_new(file, text)
        typer.echo(f"wrote {counted(len(text.splitlines()) - (format is not Kind.JSONL), 'record')} to {file}", err=True)
    if format is Kind.CHAIN:
        head = _head_of(text)
    typer.echo(f"head of the audit log: {output.clean(head)} (keep it; a later `optral audit verify --head` compares it)", err=True)


def _chain(client: Any) -> Iterator[bytes]:
    """The whole chain, in parts of at most 50,000 records."""
    after: int | None = None
    while True:
        part, head = client.audit.export("chain", after=after)
        yield part
        if len(part.splitlines()) <= MOST_IN_A_PART:
            return
        after = int(head.partition(":")[0])


def _head_of(text: bytes) -> str:
    record = json.loads(text.splitlines()[-1])
    return f"{record['seq']}:{record['hash']}" if "seq" in record else f"{record['head']['seq']}:{record['head']['hash']}"


@app.command()
def verifier() -> None:
    """Print the Python program that checks an export of the chain without a server. It needs only Python 3.8.

    Example: optral audit verifier > audit_check.py && python3 audit_check.py audit.chain --heads heads.txt
    """
    sys.stdout.write(Path(audit_check.__file__).read_text())


@app.command()
def verify(
    client: Client,
    heads: Annotated[Path | None, typer.Option("--heads", help="File with heads that were kept elsewhere, such as an anchor file.")] = None,
    head: Annotated[str | None, typer.Option("--head", metavar="NUMBER:HASH", help="Head that an earlier check or export printed.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Check that no audit record was changed, removed or inserted. Needs the scope audit:read. Exit code 1 if a record was.

    Example: optral audit verify
    """
    if heads is not None:
        raise typer.Exit(_verify_with(client, heads))
    answer = client.audit.verify(head=head)
    if out is not Format.TABLE:
        output.as_data(answer.raw, out)
    else:
        for line in _verdict(answer.value, is_compared=head is not None):
            typer.echo(output.clean(line))
    if not answer.value["intact"]:
        raise typer.Exit(1)


def _verify_with(client: Any, heads: Path) -> int:
    """Compare the chain with all of these heads; on this computer, so that the server need not be trusted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "audit.chain"
        for part in _chain(client):
            with file.open("ab") as opened:
                opened.write(part)
        return audit_check.main([str(file), "--heads", str(heads)])


def _verdict(found: dict[str, Any], *, is_compared: bool) -> Iterator[str]:
    checked = counted(found["records"], "record")
    if (fault := found.get("fault")) is not None:
        where = f"{fault['id']} of {fault['at']}" if "id" in fault else f"number {fault['seq']}"
        yield f"the audit log was tampered with or damaged: {fault['kind']} at {where}"
        yield f"  {fault['message']}; {checked} before it are as they were written"
        return
    yield f"the audit log is intact: {checked}" + (f", {found['firstAt']} to {found['lastAt']}" if "firstAt" in found else "")
    if is_compared:
        met = "contains the given head" if found.get("keptHeadFound") else "is not compared with the given head: its records are too old"
        yield f"it {met}"
    yield f"head: {found['head']['seq']}:{found['head']['hash']}"
