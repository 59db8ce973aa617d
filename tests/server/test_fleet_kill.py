"""A server that is killed while agents use a fleet token: never more enrollments than uses, and no acknowledged one is lost."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from optral.agent.connection import bootstrap, channel, identity
from optral.store.postgres import engine_for
from optral.store.sqlite import read_engine
from optral.terms.errors import Refused, Unavailable
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.support import fleet as fleets
from tests.support.platform import Platform

pytestmark = pytest.mark.slow  # processes

USES, AGENTS = 6, 10
KILLED_AFTER = (1, 3)
"""Acknowledged enrollments after which the server is killed; the other agents are in the middle of theirs."""
DEADLINE_S = 120


@pytest.fixture
def database(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str | None]:
    if engine_name == "sqlite":
        yield None
        return
    server = request.getfixturevalue("postgres")
    yield server.create_database("fleetkill")
    server.drop_database("fleetkill")


class Agents:
    """Each asks with one key until it is enrolled or refused, as a real agent does."""

    def __init__(self, platform: Platform, token: str, pin: str) -> None:
        self._platform, self._token, self._pin = platform, token, pin
        self.acknowledged: dict[str, pb.Certificate] = {}
        self.refused: dict[str, str] = {}

    async def enroll(self, uid: str) -> None:
        asked = identity.request()
        while uid not in self.acknowledged and uid not in self.refused:
            try:
                start = await bootstrap.fetch(self._platform.url, self._pin)
                self.acknowledged[uid] = await channel.enroll(
                    start, token=self._token, request=asked, kube_system_uid=uid, info=pb.AgentInfo(agent_version="0.1.0")
                )
            except Unavailable:
                await asyncio.sleep(0.2)
            except Refused as refusal:
                self.refused[uid] = refusal.code

    async def kill_server_when(self, acknowledged: int) -> None:
        while len(self.acknowledged) < acknowledged:  # noqa: ASYNC110 - the moment itself is what matters
            await asyncio.sleep(0.001)
        self._platform.kill_server()
        await asyncio.to_thread(self._platform.start_server)


async def test_a_killed_server_spends_no_use_twice_and_forgets_none(tmp_path: Path, database: str | None) -> None:
    platform = Platform(tmp_path, database_url=database)
    try:
        await asyncio.to_thread(platform.setup)
        await asyncio.to_thread(platform.start_server)
        body = {"name": "edge", "namePattern": "edge-{number}", "maxUses": USES}
        token = platform.call("POST", "/v1/fleet-tokens", json=body)
        agents = Agents(platform, token["token"], token["caPin"])
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
            for number in range(AGENTS):
                group.create_task(agents.enroll(f"uid-{number}"))
            for acknowledged in KILLED_AFTER:
                await agents.kill_server_when(acknowledged)
        detail = platform.call("GET", f"/v1/fleet-tokens/{token['id']}")
        assert (len(agents.acknowledged), set(agents.refused.values())) == (USES, {"token_exhausted"})
        assert (detail["uses"], detail["status"]) == (USES, "exhausted")
        kept = {use["clusterId"]: use["kubeSystemUid"] for use in detail["enrollments"] if use["state"] == "issued"}
        assert kept == {answer.cluster_id: uid for uid, answer in agents.acknowledged.items()}
        engine = read_engine(tmp_path / "data" / "optral.db") if database is None else engine_for(database)
        valid = fleets.rows(engine, "SELECT cluster_id, fingerprint FROM agent_certificates WHERE revoked_at IS NULL")
        engine.dispose()
        assert sorted(valid) == sorted((answer.cluster_id, fingerprint(answer)) for answer in agents.acknowledged.values())
    finally:
        platform.stop()


def fingerprint(answer: pb.Certificate) -> str:
    leaf = x509.load_pem_x509_certificates(answer.chain_pem)[0]
    return sha256(leaf.public_bytes(Encoding.DER)).hexdigest()
