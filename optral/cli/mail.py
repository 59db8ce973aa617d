"""`optral mail`: the outbox of e-mail, and a test of the mail server."""

import time
from typing import Annotated

import msgspec
import typer

from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format, View
from optral.cli.base.output import Column

app = options.group("List the e-mail that the server sends, and test it.")
COLUMNS = (
    Column("KIND", "kind"),
    Column("RECIPIENT", "recipient"),
    Column("STATUS", "status"),
    Column("ATTEMPTS", "attempts"),
    Column("ERROR", "error"),
    Column("CREATED", "createdAt"),
    Column("ID", "id", whole=True, spare=True),
)
TEST_WAIT_S = 35.0  # one attempt takes at most 30 s


@app.command("list")
def list_(client: Client, out: options.ListOutput = View.TABLE) -> None:
    """List the newest 100 messages. What they say is not shown.

    Example: optral mail list
    """
    answer = client.mail.list()
    output.show(answer.raw, out, columns=COLUMNS, rows="messages")


@app.command()
def test(
    recipient: Annotated[str, typer.Argument(metavar="ADDRESS", help="Email address of the recipient.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Send a test message and show the outcome. Exit code 1 if the mail server did not accept it.

    Example: optral mail test ops@example.com
    """
    message = client.mail.test(recipient).value
    ends_at = time.monotonic() + TEST_WAIT_S
    while message["status"] == "pending" and "error" not in message and time.monotonic() < ends_at:
        time.sleep(0.2)
        message = next((one for one in client.mail.list().value["messages"] if one["id"] == message["id"]), message)
    output.show_one(msgspec.json.encode(message), out, columns=COLUMNS)
    raise typer.Exit(message["status"] != "sent")
