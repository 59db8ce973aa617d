"""An identity provider that provisions by SCIM."""

from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.api.accounts import Browser
from tests.api.conftest import Api
from tests.api.people.provider_visits import with_provider
from tests.identity.provider import Provider

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Scim:
    """Calls with the token of a provider."""

    api: Api
    token: str = field(repr=False)

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json", **more.pop("headers", {})}
        return await self.api(method, f"/scim/v2{path}", key=None, headers=headers, json=body, **more)

    async def create(self, path: str, **body: Any) -> dict[str, Any]:
        made = await self("POST", path, {"schemas": [USER if path == "/Users" else GROUP], **body})
        assert made.status_code == 201, made.text
        return dict(made.json())

    async def patch(self, path: str, *operations: dict[str, Any]) -> httpx2.Response:
        return await self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


async def provisioning(api: Api, **settings: Any) -> tuple[Browser, Provider, str, Scim]:
    """The owner, a provider with its id, and its calls."""
    owner, provider, provider_id = await with_provider(api, **settings)
    made = await owner("POST", f"/v1/identity-providers/{provider_id}/scim", json={})
    assert made.status_code == 201, made.text
    return owner, provider, provider_id, Scim(api, made.json()["token"])
