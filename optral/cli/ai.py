"""`optral ai`: whether the operator's language model may be asked about issues, and what that costs."""

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format

app = options.group("The language model: whether it may be asked, and what it cost today.")


@app.command()
def show(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Show whether a model is offered and may be asked, and what it cost today.

    Example: optral ai show
    """
    with session.client(url, api_key) as client:
        output.show_all(client.ai.get().raw, out)


@app.command()
def on(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Let the model be asked: redacted evidence of issues is sent to the provider that the operator chose, shown as destination.

    A yes is for that place. When the operator chooses another one, say it again.

    Example: optral ai on
    """
    with session.client(url, api_key) as client:
        destination = client.ai.get().value.get("destination")
        if destination:
            output.note(f"evidence may go to {output.clean(destination)}")
        output.show_all(client.ai.switch(True, destination=destination).raw, out)


@app.command()
def off(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Let nothing be sent to a model from now on.

    Example: optral ai off
    """
    with session.client(url, api_key) as client:
        output.show_all(client.ai.switch(False).raw, out)
