"""A client for the commands that speak to a server."""

from typing import TYPE_CHECKING

from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.client import Client


def client(url: str, api_key: str) -> "Client":
    """Raises `Misconfigured` without a key."""
    if not api_key:
        raise Misconfigured("api_key_unset", say="no API key; set OPTRAL_API_KEY to one (`optral setup` prints the first)")
    if not url.startswith(("http://", "https://")):
        raise Misconfigured("url_invalid", say=f"OPTRAL_URL must begin with http:// or https://, not {url!r}")
    from optral.client.client import Client

    return Client(url, api_key)
