"""A browser without a browser: a person's cookie, the header only our page sends, and where the request says it comes from."""

from dataclasses import dataclass
from typing import Any

import httpx2

from optral.access import passwords, people_service as access
from optral.api.http.cookies import PLAIN
from optral.terms import actor as actors
from optral.terms.actor import Role
from optral.terms.ids import OrgId
from tests.api.conftest import PEPPER, Api

PASSWORD = "a long and quiet river"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "X-Optral-CSRF": "1", "Content-Type": "application/json"}


@dataclass
class Browser:
    """Asks as a page of ours would. `cookie` is the session's token."""

    api: Api
    cookie: str | None = None

    async def __call__(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        sent = dict(SAME_ORIGIN) if headers is None else dict(headers)
        if self.cookie is not None:
            sent["Cookie"] = f"{PLAIN}={self.cookie}"
        answer = await self.api(method, path, key=None, headers=sent, **more)
        self.api.client.cookies.clear()
        if (given := answer.headers.get("set-cookie")) is not None:
            self.cookie = given.partition("=")[2].partition(";")[0] or None
        return answer

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        return await self("GET", path, **more)

    async def sign_in(self, email: str = "owner@example.org", password: str = PASSWORD) -> httpx2.Response:
        return await self("POST", "/v1/session", json={"email": email, "password": password})


async def with_password(api: Api, password: str = PASSWORD) -> None:
    """Give the owner a password."""
    kept = await passwords.hashed(password)
    await api.store.write(api.owner, lambda tx: access.set_password(tx, access.owner(tx), hash=kept))


async def signed_in(api: Api) -> Browser:
    """The owner, signed in."""
    await with_password(api)
    browser = Browser(api)
    assert (await browser.sign_in()).status_code == 201
    return browser


async def member(api: Api, role: Role, email: str, *, org: OrgId | None = None) -> Browser:
    """A new member of this role, invited and signed in; of another organization if named."""
    _, token = await api.store.write(actors.system(org or api.org), lambda tx: access.create_invite(tx, pepper=PEPPER, role=role))
    browser = Browser(api)
    answer = await browser("POST", "/v1/invites/accept", json={"token": token, "email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return browser
