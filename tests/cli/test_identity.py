"""Identity providers from the command line, against the real API: written as a file, changed, limited, deleted."""

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import typer
import yaml

from optral.store.store import Store
from tests.api.accounts import PASSWORD, with_password
from tests.api.conftest import running
from tests.cli.test_detectors import run
from tests.identity.provider import Provider
from tests.support.clock import FakeClock

ME = ("--as", "owner@example.org")
SETTINGS = {
    "name": "corp",
    "issuer": "https://login.example.test/realms/main",
    "clientId": "optral",
    "domains": ["example.com"],
    "createsMembers": True,
    "rules": [{"claim": "groups", "value": "shop", "role": "operator", "clusters": ["production"], "namespaces": ["shop"]}],
}


@pytest.fixture
def typed() -> Iterator[mock.Mock]:
    """What is typed at the prompt."""
    with mock.patch.object(typer, "prompt", return_value=PASSWORD) as prompt:
        yield prompt


@pytest.mark.usefixtures("typed")
async def test_an_owner_manages_identity_providers(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    settings, secret = tmp_path / "corp.yaml", tmp_path / "secret"
    settings.write_text(yaml.safe_dump(SETTINGS))
    secret.write_text("a client secret\n".replace(" ", "-"))
    async with running(store, clock) as api:
        api.services.identity_caller = provider = Provider(api.clock)
        await with_password(api)
        cluster = await api.new_cluster("production")
        made = await run(api, "identity", "create", *ME, "--file", str(settings), "--secret-file", str(secret))
        assert (made["hasClientSecret"], made["rules"][0]["clusters"]) == (True, [cluster])
        assert "a-client-secret" not in json.dumps(made)
        shown = await run(api, "identity", "list", *ME, form="table")
        assert "corp" in shown and "/sign-in/callback" in shown
        assert (await run(api, "identity", "disable", *ME, "corp"))["enabled"] is False
        assert (await run(api, "identity", "enable", *ME, "corp"))["enabled"] is True
        policy = await run(api, "identity", "policy", *ME, "--provider-only", "--idle-minutes", "60", "--network", "127.0.0.0/8")
        owners = {"passwordOwners": ["owner@example.org"]}
        assert policy == {"providerOnly": True, "idleMinutes": 60, "sessionNetworks": ["127.0.0.0/8"], **owners}
        policy = await run(api, "identity", "policy", *ME, "--passwords", "--idle-minutes", "0", "--network", "")
        assert policy == {"providerOnly": False, **owners} == await run(api, "identity", "policy", *ME)
        assert await run(api, "identity", "test", *ME, "corp") == {"ok": True}
        provider.fails = "tls"
        assert "TLS certificate" in await run(api, "identity", "test", *ME, "corp", form="table", code=1)
        assert (await run(api, "identity", "delete", *ME, "corp"))["id"] == made["id"]
        assert (await run(api, "identity", "list", *ME))["total"] == 0
        key = await run(api, "keys", "create", *ME, "ci", "--network", "192.0.2.0/24")
        assert key["networks"] == ["192.0.2.0/24"]
