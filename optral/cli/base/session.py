"""A client for the commands that speak to a server: with an API key, or for what only people do, as a person who types the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.client import Client


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in for one command. The password goes with the requests that ask for it again."""

    client: "Client"
    password: str = field(repr=False)


@contextmanager
def person(url: str, email: str) -> Iterator[Person]:
    """Ask for the password and act as this person; signed out at the end. Raises `Misconfigured`, `ClientError`."""
    if not email:
        raise Misconfigured("email_unset", say="API keys cannot do this; sign in with --as EMAIL")
    _check(url)
    password = typer.prompt(f"Password of {email}", hide_input=True, err=True)
    from optral.client.client import Client

    with Client.as_person(url, email, password) as made:
        yield Person(made, password)


@contextmanager
def person_if(url: str, email: str, api_key: str, *, is_needed: bool) -> Iterator["Client"]:
    """A person's client if it is needed or an email address is given, otherwise the key's. Raises as `person` and `client`."""
    if not is_needed and not email:
        with client(url, api_key) as made:
            yield made
        return
    with person(url, email) as who:
        yield who.client


def stranger(url: str) -> "Client":
    """A client without a key, for starting a login. Raises `Misconfigured`."""
    _check(url)
    from optral.client.client import Client

    return Client.as_stranger(url)


def client(url: str, api_key: str) -> "Client":
    """Raises `Misconfigured` without a key."""
    if not api_key:
        raise Misconfigured(
            "api_key_unset", say="no API key; run `optral login URL`, or set OPTRAL_API_KEY (`optral setup` prints the first key)"
        )
    _check(url)
    if not api_key.isascii() or not api_key.isprintable():
        raise Misconfigured("api_key_invalid", say="the API key contains invalid characters; set OPTRAL_API_KEY to a key (mht_…)")
    from optral.client.client import Client

    return Client(url, api_key)


def _check(url: str) -> None:
    if not _is_address(url):
        raise Misconfigured("url_invalid", say=f"OPTRAL_URL (--url) must be a URL such as https://optral.example.com, not {url!r}")


def _is_address(url: str) -> bool:
    """An http or https URL with a host and, if any, a port that exists."""
    if any(not character.isprintable() or character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
