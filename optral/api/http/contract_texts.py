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
        self._texts: dict[str, bytes] = {}
        self._writing = asyncio.Lock()

    async def json(self) -> bytes:
        return await self._text("json", as_json)

    async def yaml(self) -> bytes:
        return await self._text("yaml", lambda document: yamls.dumped(document).encode())

    async def _text(self, name: str, render: Callable[[Json], bytes]) -> bytes:
        if name not in self._texts:
            async with self._writing:
                if name not in self._texts:  # nobody wrote it meanwhile
                    self._texts[name] = await asyncio.to_thread(lambda: render(self._document()))
        return self._texts[name]
