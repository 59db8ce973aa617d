"""Links that an object names in its annotations: to its runbook, its documentation, its dashboard.

Whoever may edit an object may write them, so they are shown as text with their address. Only http and https with a host and without a user
or password are links.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from optral.kit.printable import one_line

MAX_LINKS = 10
MAX_URL = 2_000
OWN = "optral.ai/link-"
_HUMANS = ("runbook", "documentation", "logs", "performance", "uptime", "incidents", "bugs", "repository", "chat", "support")
TITLES = {
    **{f"a8r.io/{name}": name.capitalize() for name in _HUMANS},
    "backstage.io/view-url": "Catalog",
    "backstage.io/source-location": "Source",
}
"""Annotations of the conventions https://ambassadorlabs.github.io/k8s-for-humans/ and https://backstage.io, in the order they are shown."""


class EntityLink(NamedTuple):
    """`annotation` is the key that names it."""

    title: str
    url: str
    annotation: str


class _Metadata(msgspec.Struct):
    annotations: dict[str, str] | None = None


class _Object(msgspec.Struct):
    metadata: _Metadata | None = None


_object = msgspec.json.Decoder(_Object)


def of_manifest(raw: bytes) -> list[EntityLink]:
    """The links of an object, given as JSON."""
    try:
        metadata = _object.decode(raw).metadata
    except msgspec.DecodeError:  # an object of a custom kind may have anything there
        return []
    return [] if metadata is None else of_annotations(metadata.annotations or {})


def of_annotations(annotations: Mapping[str, str]) -> list[EntityLink]:
    """At most `MAX_LINKS`: those of Optral first, by name, then those of the other conventions."""
    own = {key: one_line(key.removeprefix(OWN)).replace("-", " ").capitalize() for key in sorted(annotations) if key.startswith(OWN)}
    named = {key: title for key, title in (own | TITLES).items() if title and key in annotations}
    found = [EntityLink(title, annotations[key].removeprefix("url:").strip(), key) for key, title in named.items()]
    return [link for link in found if is_link(link.url)][:MAX_LINKS]


def is_link(url: str) -> bool:
    """Whether people may be led there."""
    if len(url) > MAX_URL or one_line(url) != url or any(char.isspace() or char in '"<>\\`' for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
