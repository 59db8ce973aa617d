"""Enrollment over real TLS: one token, one certificate."""

import asyncio
import json

import grpc
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from optral.access import service as access
from optral.gateway.enrollment import FAILURES_AT_ONCE
from optral.terms import actor as actors
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import World
from tests.support.agents import KUBE_UID, AgentKey


def request(a_token: str, *, key: AgentKey | None = None, **change: object) -> pb.EnrollRequest:
    fields = {"token": a_token, "csr_der": (key or AgentKey()).csr_der, "kube_system_uid": KUBE_UID, "nonce": "n"}
    return pb.EnrollRequest(**(fields | change))  # type: ignore[arg-type]


async def refusal(world: World, asked: pb.EnrollRequest) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.ask(asked)
    return caught.value.code(), (caught.value.details() or "").partition(":")[0]


async def test_a_token_becomes_a_certificate_for_that_cluster_alone(world: World) -> None:
    cluster_id, token = await world.token()
    key = AgentKey()
    answer = await world.ask(request(token, key=key))
    leaf = x509.load_pem_x509_certificate(answer.chain_pem)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [f"spiffe://agents.optral.internal/org/{world.org}/cluster/{cluster_id}/agent"]
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.public_key() == key.key.public_key()
    assert (answer.cluster_id, answer.tunnel_address) == (cluster_id, world.gateway.tunnel_address)
    assert answer.trust_bundle_pem.decode() == world.authority.ca_pem


async def test_a_token_used_twice_is_refused_and_audited(world: World) -> None:
    _, token = await world.token()
    await world.ask(request(token))
    assert await refusal(world, request(token)) == (grpc.StatusCode.UNAUTHENTICATED, "token_used")
    assert await refusal(world, request(token)) == (grpc.StatusCode.UNAUTHENTICATED, "token_used")
    records = await world.store.read(actors.system(world.org), lambda tx: access.records_after(tx, 0))
    assert [(record.action, record.outcome) for record in records[1:]] == [("agent.enrol", "success"), ("agent.connect", "refused")]
    assert json.loads(records[-1].detail) == {"reason": "token_used"}


async def test_of_twenty_at_once_one_wins(world: World) -> None:
    _, token = await world.token()
    outcomes = await asyncio.gather(*(world.ask(request(token)) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, pb.Certificate) for outcome in outcomes) == 1


async def test_a_lost_answer_is_given_again(world: World) -> None:
    _, token = await world.token()
    key = AgentKey()
    assert (await world.ask(request(token, key=key))).chain_pem == (await world.ask(request(token, key=key))).chain_pem


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"token": "mhe_" + "a" * 43}, "token_unknown", id="nobody made it"),
        pytest.param({"token": "x"}, "token_unknown", id="not a token"),
        pytest.param({"csr_der": b"junk"}, "csr_invalid", id="no request"),
        pytest.param({"kube_system_uid": ""}, "csr_invalid", id="no cluster"),
        pytest.param({"nonce": "n" * 200}, "csr_invalid", id="endless nonce"),
    ],
)
async def test_a_bad_request_spends_nothing(world: World, change: dict[str, object], code: str) -> None:
    _, token = await world.token()
    assert (await refusal(world, request(token, **change)))[1] == code
    await world.ask(request(token))


async def test_valid_tokens_of_one_address_are_not_limited(world: World) -> None:
    tokens = [(await world.token(f"shop-{number}"))[1] for number in range(2 * FAILURES_AT_ONCE)]
    for part in range(0, len(tokens), 20):
        answers = await asyncio.gather(*(world.ask(request(one)) for one in tokens[part : part + 20]))
        assert all(answer.chain_pem for answer in answers)


async def test_a_stranger_may_not_knock_without_end(world: World) -> None:
    for _ in range(FAILURES_AT_ONCE):
        assert (await refusal(world, request("x")))[1] == "token_unknown"
    assert await refusal(world, request("x")) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "rate_limited")
    world.clock.advance(60)
    assert (await refusal(world, request("x")))[1] == "token_unknown"
