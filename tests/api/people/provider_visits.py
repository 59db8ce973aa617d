"""A browser that signs in with the identity provider of `tests/identity/provider.py`."""

from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.api.accounts import SAME_ORIGIN, Browser, signed_in
from tests.api.conftest import Api
from tests.identity.provider import CLIENT, ISSUER, SECRET, Provider

SESSION, ATTEMPT = "optral_session", "optral_sign_in"
RULE = {"claim": "groups", "value": "shop", "role": "operator", "namespaces": ["shop"]}


@dataclass
class Visitor:
    """A browser with all its cookies."""

    api: Api
    provider: Provider
    provider_id: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, **more: Any) -> httpx2.Response:
        sent = {**SAME_ORIGIN, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = await self.api(method, path, key=None, headers=sent, **more)
        self.api.client.cookies.clear()
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies = {**self.cookies, name: value} if value else {one: kept for one, kept in self.cookies.items() if one != name}
        return answer

    async def begin(self) -> str:
        started = await self("POST", "/v1/session/provider", json={"providerId": self.provider_id})
        assert started.status_code == 201, started.text
        return str(started.json()["authorizationUrl"])

    async def finish(self, returned: dict[str, Any]) -> httpx2.Response:
        return await self("POST", "/v1/session/provider/callback", json=returned)

    async def sign_in(self) -> httpx2.Response:
        return await self.finish(self.provider.visit(await self.begin()))


async def with_provider(api: Api, **settings: Any) -> tuple[Browser, Provider, str]:
    """The owner, a provider, and its id."""
    owner = await signed_in(api)
    api.services.identity_caller = provider = Provider(api.clock)
    body = {"name": "Example", "issuer": ISSUER, "clientId": CLIENT, "clientSecret": SECRET, "domains": ["example.com"]}
    made = await owner("POST", "/v1/identity-providers", json=body | {"createsMembers": True, "rules": [RULE]} | settings)
    assert made.status_code == 201, made.text
    return owner, provider, made.json()["id"]
