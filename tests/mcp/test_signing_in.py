"""The official client signs in by itself: from the first refusal over registration and a person's approval to a tool."""

import subprocess
import sys
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.oauth2 import AuthorizationCodeResult
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from tests.api import accounts as people
from tests.api.conftest import NO_TLS, Api, api as api
from tests.mcp.assistants import Assistant

BACK = "http://127.0.0.1:33418/callback"
MEMBERS = {
    "client_id": "clientId",
    "redirect_uri": "redirectUri",
    "code_challenge": "codeChallenge",
    "code_challenge_method": "codeChallengeMethod",
    "state": "state",
    "resource": "resource",
}


@dataclass
class Kept:
    """What the client keeps for the next time."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def test_the_official_client_finds_its_way_and_calls_a_tool(api: Api) -> None:
    api.services.addresses = replace(api.services.addresses, public_url=None)  # the client knows the server by the address of the test
    person, kept, codes = await people.signed_in(api), Kept(), []

    async def browser(address: str) -> None:
        """The person opens the address and approves."""
        assert urlsplit(address).path == "/authorize"
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        body = {member: given[name] for name, member in MEMBERS.items() if name in given}
        answer = await person("POST", "/v1/assistants/approve", json=body)
        assert answer.status_code == 200, answer.text
        codes.append(parse_qs(urlsplit(answer.json()["redirectTo"]).query))

    async def callback() -> AuthorizationCodeResult:
        (found,) = codes
        return AuthorizationCodeResult(code=found["code"][0], state=found["state"][0])

    metadata = OAuthClientMetadata(client_name="Editor", redirect_uris=[BACK])  # type: ignore[list-item]
    auth = OAuthClientProvider(f"{api.url}/mcp", metadata, kept, redirect_handler=browser, callback_handler=callback)
    async with (
        httpx2.AsyncClient(auth=auth, verify=NO_TLS, timeout=30) as http,
        Client(streamable_http_client(f"{api.url}/mcp", http_client=http)) as client,
    ):
        said = await Assistant(client)("list_issues")
    assert not said.is_error and "you can see no cluster" in said.text
    assert kept.tokens is not None and kept.tokens.expires_in == 8 * 3600


@pytest.mark.slow  # a process
def test_a_server_loads_the_sdk_only_when_it_is_asked() -> None:
    code = "import sys, optral.server.app, optral.cli.main; print([m for m in ('mcp', 'mcp_types', 'jwt') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
