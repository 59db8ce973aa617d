"""Email addresses of members in place of their ids, in what people read. Programs (`-o json`) get ids."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optral.client.client import Client

_ID = re.compile(rb"usr_[0-9a-z]{26}")
_PAGE_ROWS, _MAX_PAGES = 100, 10


class Names:
    """The members, read when the first id is seen. A member who left, or a key that may not list members, leaves the id."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._known: dict[bytes, bytes] | None = None

    def put_into(self, text: bytes) -> bytes:
        """The same JSON or text with email addresses for ids."""
        return _ID.sub(lambda found: self._members().get(found[0], found[0]), text)

    def _members(self) -> dict[bytes, bytes]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[bytes, bytes]:
        import msgspec

        from optral.client.errors import ClientError

        found: dict[bytes, bytes] = {}
        for page in range(1, _MAX_PAGES + 1):
            try:
                answer = msgspec.json.decode(self._client.members.list(page=page, page_size=_PAGE_ROWS).raw)
            except ClientError:
                return found
            # As inside a JSON string, since the text may be JSON.
            found |= {one["id"].encode(): msgspec.json.encode(one["email"])[1:-1] for one in answer["members"]}
            if len(answer["members"]) < _PAGE_ROWS:
                break
        return found
