"""Email addresses of members, names of API keys and of clusters in place of ids, in what people read. Programs (`-o json`) get ids."""

import re
from typing import TYPE_CHECKING, Any

from optral.cli.base.options import Format

if TYPE_CHECKING:
    from optral.client.client import Client

_ID = re.compile(rb"(?:usr|key)_[0-9a-z]{26}")
_ID_OR_CLUSTER = re.compile(rb"(?:usr|key|cls)_[0-9a-z]{26}")
_LISTS = {b"usr": ("members", "email", "members"), b"key": ("keys", "name", "apiKeys"), b"cls": ("clusters", "name", "clusters")}
"""By the beginning of an id: the resource of the client, the member that names an object, and the list in the answer."""
_PAGE_ROWS, _MAX_PAGES = 100, 10


def named(client: "Client", raw: bytes, out: Format, *, with_clusters: bool = False) -> bytes:
    """An answer for this format: with names in tables, as the server sent it otherwise."""
    return Names(client, with_clusters=with_clusters).put_into(raw) if out in (Format.TABLE, Format.WIDE) else raw


class Names:
    """Members, keys and, `with_clusters`, clusters, each read when the first id of them is seen.

    One that no longer exists, or that this key may not list, leaves the id.
    """

    def __init__(self, client: "Client", *, with_clusters: bool = False) -> None:
        self._client, self._pattern = client, _ID_OR_CLUSTER if with_clusters else _ID
        self._known: dict[bytes, dict[bytes, bytes]] = {}

    def put_into(self, text: bytes) -> bytes:
        """The same JSON or text with names for ids."""
        return self._pattern.sub(lambda found: self._of(found[0][:3]).get(found[0], found[0]), text)

    def _of(self, prefix: bytes) -> dict[bytes, bytes]:
        if prefix not in self._known:
            self._known[prefix] = self._read(*_LISTS[prefix])
        return self._known[prefix]

    def _read(self, resource: str, member: str, rows: str) -> dict[bytes, bytes]:
        import msgspec

        from optral.client.errors import ClientError

        found: dict[bytes, bytes] = {}
        source: Any = getattr(self._client, resource)
        for page in range(1, _MAX_PAGES + 1):
            try:
                listed = msgspec.json.decode(source.list(page=page, page_size=_PAGE_ROWS).raw)[rows]
            except ClientError:
                return found
            # As inside a JSON string, since the text may be JSON.
            found |= {one["id"].encode(): msgspec.json.encode(one[member])[1:-1] for one in listed}
            if len(listed) < _PAGE_ROWS:
                break
        return found
