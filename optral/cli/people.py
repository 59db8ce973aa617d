"""Email addresses of members and names of API keys in place of ids, in what people read. Programs (`-o json`) get ids."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optral.client.client import Client

_ID = re.compile(rb"(?:usr|key)_[0-9a-z]{26}")
_PAGE_ROWS, _MAX_PAGES = 100, 10


class Names:
    """Members and keys, each read when the first id of them is seen.

    One that no longer exists, or that this key may not list, leaves the id.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._known: dict[bytes, dict[bytes, bytes]] = {}

    def put_into(self, text: bytes) -> bytes:
        """The same JSON or text with names for ids."""
        return _ID.sub(lambda found: self._of(found[0][:3]).get(found[0], found[0]), text)

    def _of(self, prefix: bytes) -> dict[bytes, bytes]:
        if prefix not in self._known:
            of_members = prefix == b"usr"
            self._known[prefix] = self._read("members", "email") if of_members else self._read("keys", "name", "apiKeys")
        return self._known[prefix]

    def _read(self, resource: str, member: str, rows: str = "members") -> dict[bytes, bytes]:
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
