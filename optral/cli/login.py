"""`optral login` and `optral logout`: a key for this machine, approved by a person in their browser, and its end.

The code is typed by the person and is not part of the address that is opened: a link with a filled-in code would help whoever sends it to
somebody else.
"""

import os
import socket
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from optral.cli.base import contexts_file, output, session
from optral.cli.base.contexts_file import Context, Contexts
from optral.cli.base.options import DEFAULT_URL
from optral.kit.printable import one_line
from optral.kit.times import rfc3339
from optral.terms.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from optral.client.client import Client

LONGEST_WAIT_S = 15 * 60
"""Of this program; the server ends a login after 10 minutes."""


def login(
    url: Annotated[str, typer.Argument(envvar="OPTRAL_URL", help="URL of the server.", show_default=DEFAULT_URL)] = "",
    name: Annotated[str, typer.Option(help="Name of the context; defaults to the host of the URL.")] = "",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    keyring: Annotated[bool, typer.Option("--keyring/--no-keyring", help="Store the key in the system's keyring if there is one.")] = True,
) -> None:
    """Log in to a server: approve a code in the browser, and store an API key as a context.

    Example: optral login https://optral.example.com

    The key acts as you, with the permissions and the expiry that you choose on the page. It is stored in the system's keyring (install
    `optral[keyring]`), or in ~/.config/optral/config.yaml (mode 0600; OPTRAL_CONFIG names another file).
    """
    contexts = contexts_file.read()
    url = _wanted_url(url, contexts)
    contexts_file.write(contexts)  # before a key exists that could not be stored
    with session.stranger(url) as client:
        codes = client.device.start(f"optral on {_machine()}").value
        pages = _pages(codes.get("verificationUri"), f"{url.rstrip('/')}/device")
        _invite(pages, str(codes["userCode"]), opens=browser and has_display())
        fetched = _fetched(client, codes)
    made = _context(name or _name_for(url, contexts), url, fetched)
    replaced = contexts.known.get(made.name)
    if replaced is not None:
        contexts_file.forget_secret(replaced)
    made = contexts_file.stored(made, str(fetched["key"]), use_keyring=keyring)
    contexts_file.write(contexts.with_one(made, is_current=True))
    expires = f"; the key expires on {made.expires[:10]}" if made.expires else ""
    typer.echo(f"logged in to {made.url} as {output.clean(made.email)} ({output.clean(made.organization)}){expires}", err=True)
    typer.echo(f"context {made.name} is current", err=True)


def logout(context: Annotated[str, typer.Argument(envvar="OPTRAL_CONTEXT", help="Context; defaults to the current one.")] = "") -> None:
    """Revoke the API key of a context on the server, and delete the context.

    Example: optral logout
    """
    contexts = contexts_file.read()
    if not (name := context or contexts.current):
        raise Misconfigured("context_unset", say="there is no current context; `optral contexts list` shows all")
    found = contexts.get(name)
    from optral.client.errors import ClientError

    try:
        with session.client(found.url, found.secret()) as client:
            client.device.revoke()
    except ClientError as error:
        if error.status != 401:  # a key that has ended is as good as revoked
            say = f"the key was not revoked: {error.say}. To delete only the context: optral contexts delete {name}"
            raise Refused("not_revoked", say=say) from error
    contexts_file.forget_secret(found)
    contexts_file.write(contexts.without(name))
    typer.echo(f"logged out of {found.url}; the key is revoked and context {name} deleted", err=True)


def has_display() -> bool:
    """Whether a browser that opens here would be seen: not in a remote shell, and on Linux only with a display."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _wanted_url(given: str, contexts: Contexts) -> str:
    current = contexts.known.get(contexts.current)
    return given or (current.url if current else DEFAULT_URL)


def _machine() -> str:
    """The name of this machine, printable and short enough for the name of a key."""
    return one_line(socket.gethostname())[:80] or "this machine"


def _pages(address: object, own: str) -> list[str]:
    """The page to open: that of the server; `own` first where this machine does not know the server's name, as with a forwarded port.

    Raises `Refused` for what is no web address: the server decides it, and a browser opens more than pages.
    """
    text = str(address or own)
    if urlsplit(text).scheme not in ("http", "https") or not text.isprintable():
        raise Refused("bad_page", say="the server returned an address that is not a web page; check the URL of the server")
    host = urlsplit(text).hostname
    return [text] if host == urlsplit(own).hostname or _is_known(host) else [own, text]


def _is_known(host: str | None) -> bool:
    try:
        return bool(host and socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False


def _invite(pages: list[str], code: str, *, opens: bool) -> None:
    typer.echo(f"Code: {output.clean(code)}", err=True)
    named, *others = map(output.clean, pages)
    elsewhere = "".join(f" (on a machine that can resolve this name: {other})" for other in others)
    typer.echo(f"Open {named}{elsewhere} and enter the code. It is valid for 10 minutes.", err=True)
    if opens:
        import webbrowser

        webbrowser.open(pages[0])


def _fetched(client: "Client", codes: dict[str, Any]) -> dict[str, Any]:
    """Ask for the key until the login is approved. Raises `ClientError` when it was denied or has ended."""
    wait_s = _seconds(codes.get("intervalSeconds"))
    waited_s = 0.0
    with output.waiting("waiting for approval in the browser"):
        while waited_s < LONGEST_WAIT_S:
            time.sleep(wait_s)
            waited_s += wait_s
            answer = _attempt(client, str(codes["deviceCode"]))
            if "key" in answer:
                return answer
            wait_s = _seconds(answer.get("intervalSeconds"))
    raise Refused("login_timeout", say="nobody approved the login; run `optral login` again")


def _attempt(client: "Client", device_code: str) -> dict[str, Any]:
    """One request for the key; a server that is away for a moment is asked again."""
    from optral.client.errors import ClientError

    try:
        return client.device.token(device_code).value
    except ClientError as error:
        if error.status in (0, 429) or error.status >= 500:
            return {}
        raise


def _seconds(given: object) -> float:
    return min(max(float(given), 1.0), 60.0) if isinstance(given, int | float) else 5.0


def _context(name: str, url: str, fetched: dict[str, Any]) -> Context:
    key = fetched.get("apiKey") or {}
    return Context(
        name=name,
        url=url,
        email=str(fetched.get("email", "")),
        organization=str(fetched.get("organisation", "")),
        expires=_moment(key.get("expiresAt")),
        key_id=str(key.get("id", "")),
    )


def _moment(text: object) -> str:
    try:
        return rfc3339(datetime.fromisoformat(str(text)))
    except ValueError:
        return ""


def _name_for(url: str, contexts: Contexts) -> str:
    """The name of the context that is already for this server, or the host."""
    known = contexts.for_url(url)
    return known.name if known else urlsplit(url).netloc.rpartition("@")[2]
