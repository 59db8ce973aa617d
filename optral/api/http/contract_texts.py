"""The contract of a running server as JSON and as YAML. Each text takes a second of CPU, so it is written once, on a thread."""

import asyncio
from collections.abc import Callable

from optral.api.http.openapi_schema import Json
from optral.api.http.routing import as_json
from optral.kit import yamls


class ContractTexts:
    """`document` gives the OpenAPI document; it is called on a thread."""

    def __init__(self, document: Callable[[], Json]) -> None:
        self._document = document
        self._writing: dict[str, asyncio.Future[bytes]] = {}

    async def json(self) -> bytes:
        return await self._text("json", as_json)

    async def yaml(self) -> bytes:
        return await self._text("yaml", lambda document: yamls.dumped(document).encode())

    async def _text(self, name: str, render: Callable[[Json], bytes]) -> bytes:
        """The text; a caller that leaves does not end the writing, which the next one would begin again."""
        writing = self._writing.get(name)
        if writing is None or (writing.done() and (writing.cancelled() or writing.exception() is not None)):
            writing = self._writing[name] = asyncio.ensure_future(asyncio.to_thread(lambda: render(self._document())))
        return await asyncio.shield(writing)
