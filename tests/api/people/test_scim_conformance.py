"""`/scim/v2` against scim2-tester, which asks all that RFC 7643 and 7644 promise of a server that describes itself."""

import asyncio

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from tests.api.conftest import NO_TLS, Api
from tests.api.people.scim_calls import provisioning


async def test_the_conformance_checks_find_no_error(api: Api) -> None:
    *_, scim = await provisioning(api)

    def check() -> list[str]:
        headers = {"Authorization": f"Bearer {scim.token}"}
        with httpx2.Client(base_url=f"{api.url}/scim/v2", headers=headers, verify=NO_TLS) as client:
            results = check_server(SyncSCIMClient(client))
        assert sum(one.status is Status.SUCCESS for one in results) > 50
        return [f"{one.title}: {one.reason}" for one in results if one.status in (Status.ERROR, Status.CRITICAL)]

    assert await asyncio.to_thread(check) == []
