"""Who gets in: every certificate that is not exactly an agent's of ours is refused, over real TLS, with nothing told about any tenant."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from optral.access import service as access
from optral.clusters import authority as ca
from optral.flows.clusters import manage as flow
from optral.terms import actor as actors
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import DEADLINE_S, Enrolled, World, hello
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey, signer_of_agents

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY = timedelta(days=1)


class Forge:
    """Signs whatever is asked with the agents' authority's own key: what TLS lets through is up to us to refuse."""

    def __init__(self, world: World, cluster_id: str) -> None:
        self.signer = signer_of_agents(world.authority)
        self.uri = world.authority.spiffe_id(world.org, cluster_id)
        self.now = datetime.now(UTC)

    def sign(
        self,
        *,
        names: list[x509.GeneralName] | None = None,
        usage: list[x509.ObjectIdentifier] | None = None,
        is_authority: bool = False,
        begins: timedelta = -DAY,
        ends: timedelta = DAY,
        signer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
    ) -> tuple[bytes, bytes, x509.Certificate, ec.EllipticCurvePrivateKey]:
        issuer, issuer_key = signer or self.signer
        key = AgentKey()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agent")]))
            .issuer_name(issuer.subject)
            .public_key(key.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + begins)
            .not_valid_after(self.now + ends)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names or [x509.UniformResourceIdentifier(self.uri)]), critical=False)
        )
        if usage is None:
            usage = [CLIENT]
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        return key.pem, certificate.public_bytes(serialization.Encoding.PEM), certificate, key.key


def uri(text: str) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(text)]


FORGED: dict[str, tuple[Callable[[Forge], dict[str, object]], str]] = {
    "no extended key usage": (lambda forge: {"usage": []}, "usage_missing"),
    "for clients and servers": (lambda forge: {"usage": [CLIENT, SERVER]}, "usage_wrong"),
    "two names": (lambda forge: {"names": uri(forge.uri) * 2}, "name_wrong"),
    "a name of another form": (lambda forge: {"names": uri(forge.uri + "/x")}, "name_wrong"),
    "a name with an odd id": (lambda forge: {"names": uri("spiffe://agents.optral.internal/org/a/cluster/b/agent")}, "name_wrong"),
    "never issued by a row": (lambda forge: {}, "certificate_unknown"),
}


@pytest.mark.parametrize("what", list(FORGED))
async def test_what_tls_lets_through_is_refused_by_name(world: World, what: str) -> None:
    change, reason = FORGED[what]
    forge = Forge(world, (await world.enrol()).cluster_id)
    key_pem, chain_pem, _, _ = forge.sign(**change(forge))  # type: ignore[arg-type]
    rejected = await first_answer(world, key_pem, chain_pem)
    assert (rejected.code, rejected.message.partition(":")[0]) == ("identity_refused", reason)


def _self_signed_twin(forge: Forge) -> tuple[bytes, bytes]:
    rows = ca.create(key_encryption_key=KEY_ENCRYPTION_KEY, trust_domain=ca.DEFAULT_TRUST_DOMAIN, now=forge.now)
    twin = ca.open_sealed(rows, key_encryption_key=KEY_ENCRYPTION_KEY)
    key_pem, chain_pem, _, _ = forge.sign(signer=signer_of_agents(twin))
    return key_pem, chain_pem


def _signed_by_a_leaf(forge: Forge) -> tuple[bytes, bytes]:
    _, leaf_pem, leaf, leaf_key = forge.sign()
    key_pem, chain_pem, _, _ = forge.sign(signer=(leaf, leaf_key))
    return key_pem, chain_pem + leaf_pem


def _signed_by_a_lower_authority(forge: Forge) -> tuple[bytes, bytes]:
    _, lower_pem, lower, lower_key = forge.sign(is_authority=True)
    key_pem, chain_pem, _, _ = forge.sign(signer=(lower, lower_key))
    return key_pem, chain_pem + lower_pem


AT_THE_DOOR: dict[str, Callable[[Forge], tuple[bytes | None, bytes | None]]] = {
    "no certificate": lambda forge: (None, None),
    "another authority of the same name": _self_signed_twin,
    "signed by a leaf": _signed_by_a_leaf,
    "signed by a lower authority": _signed_by_a_lower_authority,
    "expired": lambda forge: forge.sign(begins=-2 * DAY, ends=-DAY)[:2],
    "not yet valid": lambda forge: forge.sign(begins=DAY, ends=2 * DAY)[:2],
    "for servers only": lambda forge: forge.sign(usage=[SERVER])[:2],
    "another trust domain": lambda forge: forge.sign(names=uri(forge.uri.replace("agents.optral.internal", "evil.example")))[:2],
    "a DNS name": lambda forge: forge.sign(names=[x509.DNSName("agents.optral.internal")])[:2],
}


@pytest.mark.parametrize("what", list(AT_THE_DOOR))
async def test_tls_itself_refuses(world: World, what: str) -> None:
    forge = Forge(world, (await world.enrol()).cluster_id)
    key_pem, chain_pem = AT_THE_DOOR[what](forge)
    agent = world.dial_with(key_pem, chain_pem)
    with pytest.raises((grpc.aio.AioRpcError, asyncio.InvalidStateError)):
        async with asyncio.timeout(DEADLINE_S):
            await agent.call.write(pb.Up(seq=1, hello=hello()))
            assert await agent.call.read() is grpc.aio.EOF
            raise await _error_of(agent.call)
    assert world.gateway.counters["sessions"] == 0


async def _error_of(call: grpc.aio.StreamStreamCall) -> BaseException:
    assert await call.code() == grpc.StatusCode.UNAVAILABLE
    return asyncio.InvalidStateError()


async def test_a_server_certificate_is_no_agents(world: World) -> None:
    key_pem, chain_pem = world.authority.issue_server(["localhost"], now=datetime.now(UTC))
    agent = world.dial_with(key_pem, chain_pem)
    with pytest.raises((grpc.aio.AioRpcError, asyncio.InvalidStateError)):
        async with asyncio.timeout(DEADLINE_S):
            await agent.call.write(pb.Up(seq=1, hello=hello()))
            assert await agent.call.read() is grpc.aio.EOF
            raise await _error_of(agent.call)


@pytest.mark.parametrize(("what", "code"), [("revoke", "revoked"), ("delete", "cluster_deleted")])
async def test_a_certificate_whose_right_ended_is_refused_and_audited(world: World, what: str, code: str) -> None:
    enrolled, me = await world.enrol(), actors.system(world.org)
    if what == "revoke":
        await world.store.write(me, lambda tx: flow.revoke_credentials(tx, enrolled.cluster_id))
    else:
        await world.store.write(me, lambda tx: flow.delete(tx, enrolled.cluster_id))
    for _ in range(2):
        assert (await first_answer(world, enrolled.key_pem, enrolled.chain_pem)).code == code
    records = await world.store.read(me, lambda tx: access.records_after(tx, 0))
    refused = [json.loads(record.detail) for record in records if record.outcome == "refused"]
    assert refused == [{"reason": code}], "once a minute for the same reason"


async def test_a_certificate_of_one_cluster_opens_no_other(world: World) -> None:
    mine, other = await world.enrol("mine"), await world.enrol("other")
    forge = Forge(world, other.cluster_id)
    key_pem, chain_pem, _, _ = forge.sign()
    assert (await first_answer(world, key_pem, chain_pem)).message.startswith("certificate_unknown")
    agent = world.dial(Enrolled(mine.key_pem, mine.chain_pem, other.cluster_id))
    await agent.hello()
    assert world.inventory.sessions[-1].cluster_id == mine.cluster_id


async def test_renewal_looks_at_the_certificate_too(world: World) -> None:
    forge = Forge(world, (await world.enrol()).cluster_id)
    key_pem, chain_pem, _, _ = forge.sign(usage=[])
    agent = world.dial_with(key_pem, chain_pem)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await agent.stub.Renew(pb.RenewRequest(csr_der=AgentKey().csr_der), timeout=DEADLINE_S)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert (caught.value.details() or "").startswith("identity_refused: usage_missing")


async def first_answer(world: World, key_pem: bytes, chain_pem: bytes) -> pb.Reject:
    agent = world.dial_with(key_pem, chain_pem)
    await agent.say(hello=hello(uid=KUBE_UID))
    return await agent.hear_reject()
