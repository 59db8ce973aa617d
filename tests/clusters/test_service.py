"""Records, tokens, certificates and fences, on both engines."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from optral.clusters import authority as ca, enrollment_service as enrollment, service
from optral.clusters.authority import Authority
from optral.clusters.model import AgentFacts, ClusterFilter, ClusterStatus, SessionRef
from optral.clusters.service import LiveSession
from optral.kit.paging import PageCursor, PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.errors import Invalid, Misconfigured, NotFound, OptralError, Refused, Stale
from optral.terms.ids import ClusterId, OrgId
from tests.conftest import new_org
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey
from tests.support.clock import FakeClock

FACTS = AgentFacts(agent_version="0.1.0", kubernetes_version="v1.34.1", kube_system_uid=KUBE_UID)


@pytest.fixture
def me(org: OrgId) -> Actor:
    return actors.system(org)


@pytest.fixture
async def authority(store: Store) -> Authority:
    return await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))


@pytest.fixture
async def cluster_id(store: Store, me: Actor) -> str:
    return (await store.write(me, lambda tx: service.create(tx, name="shop"))).id


async def token_for(store: Store, me: Actor, cluster_id: str, *, replaces: bool = False) -> str:
    return (await store.write(me, lambda tx: enrollment.new_enrollment_token(tx, cluster_id, replaces=replaces))).token


def redeem(
    authority: Authority, token: str, key: AgentKey, *, nonce: str = "n", uid: str = KUBE_UID
) -> Callable[[Transaction], enrollment.Enrolled]:
    request = key.request
    return lambda tx: enrollment.redeem(tx, authority, token=token, request=request, nonce=nonce, kube_system_uid=uid)


async def enrolled(store: Store, me: Actor, authority: Authority, cluster_id: str, *, replaces: bool = False, uid: str = KUBE_UID) -> str:
    """Enroll with a fresh token; the fingerprint of the certificate."""
    token = await token_for(store, me, cluster_id, replaces=replaces)
    return (await store.write(me, redeem(authority, token, AgentKey(), uid=uid))).fingerprint


async def code_of(store: Store, me: Actor, job: Callable[[Transaction], object]) -> str:
    with pytest.raises(OptralError) as caught:
        await store.write(me, job)
    return caught.value.code


async def test_a_cluster_waits_for_its_agent(store: Store, me: Actor, cluster_id: str) -> None:
    cluster = await store.read(me, lambda tx: service.get(tx, cluster_id))
    assert (cluster.name, cluster.status, cluster.status_reason, cluster.standing.stale) == (
        "shop",
        ClusterStatus.PENDING,
        "never_connected",
        True,
    )


async def test_names_are_unique_per_organisation_and_free_after_deletion(
    store: Store, me: Actor, cluster_id: str, clock: FakeClock
) -> None:
    assert await code_of(store, me, lambda tx: service.create(tx, name="shop")) == "name_taken"
    other = await new_org(store, clock, "Other")
    await store.write(actors.system(other), lambda tx: service.create(tx, name="shop"))
    await store.write(me, lambda tx: service.delete(tx, cluster_id))
    await store.write(me, lambda tx: service.create(tx, name="shop"))


async def test_of_many_creating_one_name_at_once_one_wins(store: Store, me: Actor) -> None:
    jobs = [store.write(me, lambda tx: service.create(tx, name="same")) for _ in range(8)]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert sorted(getattr(outcome, "code", "created") for outcome in outcomes) == ["created"] + ["name_taken"] * 7


async def test_other_organisations_and_narrow_keys_see_nothing(store: Store, org: OrgId, cluster_id: str, clock: FakeClock) -> None:
    other = await new_org(store, clock, "Other")
    narrow = Actor(kind=actors.ActorKind.KEY, org_id=org, id="key_x", reach=actors.of_clusters({"cls_other"}))
    for stranger in (actors.system(other), narrow):
        with pytest.raises(NotFound):
            await store.read(stranger, lambda tx: service.get(tx, cluster_id))
        assert await store.read(stranger, lambda tx: service.count(tx, ClusterFilter())) == 0
        assert await store.read(stranger, lambda tx: service.resolve(tx, "shop")) is None


async def test_updates_only_the_version_the_caller_saw(store: Store, me: Actor, cluster_id: str) -> None:
    after = await store.write(me, lambda tx: service.update(tx, cluster_id, name="store", labels={"env": "prod"}, if_version=1))
    assert (after.name, dict(after.labels), after.version) == ("store", {"env": "prod"}, 2)
    same = await store.write(me, lambda tx: service.update(tx, cluster_id, name="store"))
    assert same.version == 2
    with pytest.raises(Stale):
        await store.write(me, lambda tx: service.update(tx, cluster_id, name="x", if_version=1))
    with pytest.raises(Invalid):
        await store.write(me, lambda tx: service.update(tx, cluster_id, name="no good"))


async def test_renaming_to_a_taken_name_is_refused(store: Store, me: Actor, cluster_id: str) -> None:
    await store.write(me, lambda tx: service.create(tx, name="other"))
    assert await code_of(store, me, lambda tx: service.update(tx, cluster_id, name="other")) == "name_taken"


async def test_pages_by_name_and_goes_on_from_a_place(store: Store, me: Actor) -> None:
    for name in ("c", "a", "b"):
        await store.write(me, lambda tx, name=name: service.create(tx, name=name))
    page = PageRequest(size=2, sort="name", descending=False)
    first = await store.read(me, lambda tx: service.find(tx, ClusterFilter(), page))
    place = PageCursor(first[-1].name, first[-1].id)
    rest = await store.read(
        me, lambda tx: service.find(tx, ClusterFilter(), PageRequest(size=2, sort="name", descending=False, after=place))
    )
    assert [[c.name for c in part] for part in (first, rest)] == [["a", "b"], ["c"]]
    assert await store.read(me, lambda tx: service.count(tx, ClusterFilter(name_contains="B"))) == 1


async def test_names_and_ids_resolve_and_deleted_ones_keep_their_name(store: Store, me: Actor, cluster_id: str) -> None:
    assert await store.read(me, lambda tx: service.resolve(tx, "shop")) == cluster_id
    assert await store.read(me, lambda tx: service.resolve(tx, cluster_id)) == cluster_id
    await store.write(me, lambda tx: service.delete(tx, cluster_id))
    assert await store.read(me, lambda tx: service.resolve(tx, cluster_id)) is None
    assert await store.read(me, lambda tx: service.names(tx, [cluster_id])) == {cluster_id: "shop"}


async def test_a_token_is_good_once(store: Store, me: Actor, authority: Authority, cluster_id: str) -> None:
    token = await token_for(store, me, cluster_id)
    await store.write(me, redeem(authority, token, AgentKey()))
    assert await code_of(store, me, redeem(authority, token, AgentKey())) == "token_used"


async def test_of_twenty_concurrent_uses_one_wins(store: Store, me: Actor, authority: Authority, cluster_id: str) -> None:
    token = await token_for(store, me, cluster_id)
    outcomes = await asyncio.gather(*(store.write(me, redeem(authority, token, AgentKey())) for _ in range(20)), return_exceptions=True)
    assert sorted(getattr(outcome, "code", "won") for outcome in outcomes) == ["token_used"] * 19 + ["won"]


async def test_a_lost_answer_is_given_again_for_ten_minutes(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    token, key = await token_for(store, me, cluster_id), AgentKey()
    first = await store.write(me, redeem(authority, token, key))
    clock.advance(599)
    again = await store.write(me, redeem(authority, token, key))
    assert again.is_repeat and again.chain_pem == first.chain_pem and again.renew_at == first.renew_at
    assert await code_of(store, me, redeem(authority, token, key, nonce="other")) == "token_used"
    clock.advance(2)
    assert await code_of(store, me, redeem(authority, token, key)) == "token_used"


async def test_a_token_ends_after_an_hour(store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock) -> None:
    token = await token_for(store, me, cluster_id)
    clock.advance(3600)
    assert await code_of(store, me, redeem(authority, token, AgentKey())) == "token_expired"


async def test_only_the_newest_unused_tokens_are_kept(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    tokens = []
    for _ in range(11):
        tokens.append(await token_for(store, me, cluster_id))
        clock.advance(1)
    assert await code_of(store, me, redeem(authority, tokens[0], AgentKey())) == "token_unknown"
    await store.write(me, redeem(authority, tokens[1], AgentKey()))


async def test_a_token_cannot_enrol_for_another_organisation(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    token = await token_for(store, me, cluster_id)
    other = actors.system(await new_org(store, clock, "Other"))
    assert await code_of(store, other, redeem(authority, token, AgentKey())) == "token_unknown"


async def test_each_session_raises_the_fence_and_the_older_one_is_refused(
    store: Store, me: Actor, authority: Authority, cluster_id: str
) -> None:
    fingerprint = await enrolled(store, me, authority, cluster_id)
    first = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=fingerprint, facts=FACTS))
    second = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=fingerprint, facts=FACTS))
    assert (first.fence, second.fence) == (1, 2)
    assert await code_of(store, me, lambda tx: service.state(tx, cluster_id, 1)) == "superseded"
    assert (await store.write(me, lambda tx: service.state(tx, cluster_id, 2))).name == "shop"
    live = [LiveSession(cluster_id, fingerprint, 1)]
    assert await store.read(actors.system(), lambda tx: service.ended(tx, live)) == {cluster_id: "superseded"}


async def test_facts_of_the_agent_are_kept_and_count_as_a_change_once(
    store: Store, me: Actor, authority: Authority, cluster_id: str
) -> None:
    fingerprint = await enrolled(store, me, authority, cluster_id)
    facts = AgentFacts(agent_version="0.1.0\x00", capabilities=("b", "a"), kubernetes_version="v1", kube_system_uid=KUBE_UID)
    first = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=fingerprint, facts=facts))
    assert (first.after.agent_version, first.after.agent_capabilities, first.after.version) == ("0.1.0", ("a", "b"), 2)
    again = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=fingerprint, facts=facts))
    assert again.after.version == 2


async def test_a_new_certificate_revokes_the_older_ones_at_its_first_use(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    old = await enrolled(store, me, authority, cluster_id)
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=old, facts=FACTS))
    clock.advance(60)
    new = await enrolled(store, me, authority, cluster_id)
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=old, facts=FACTS))  # still good
    admission = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=new, facts=FACTS))
    assert admission.revoked == 1
    assert await code_of(store, me, lambda tx: service.admit(tx, cluster_id, fingerprint=old, facts=FACTS)) == "revoked"


async def test_renewal_gives_a_certificate_and_leaves_the_old_one_until_it_is_used(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    old = await enrolled(store, me, authority, cluster_id)
    key = AgentKey()
    clock.advance(1)
    renewed = await store.write(me, lambda tx: enrollment.renew(tx, authority, cluster_id=cluster_id, fingerprint=old, request=key.request))
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=old, facts=FACTS))
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=renewed.fingerprint, facts=FACTS))
    again = lambda tx: enrollment.renew(tx, authority, cluster_id=cluster_id, fingerprint=old, request=key.request)  # noqa: E731
    assert await code_of(store, me, again) == "revoked"


async def test_another_kubernetes_cluster_needs_a_token_that_replaces(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    first = await enrolled(store, me, authority, cluster_id)
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=first, facts=FACTS))
    token = await token_for(store, me, cluster_id)
    assert await code_of(store, me, redeem(authority, token, AgentKey(), uid="other-uid")) == "cluster_mismatch"
    clock.advance(1)
    second = await enrolled(store, me, authority, cluster_id, replaces=True, uid="other-uid")
    other = AgentFacts(kube_system_uid="other-uid")
    admission = await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=second, facts=other))
    assert (admission.after.kube_system_uid, admission.revoked) == ("other-uid", 1)


async def test_two_kubernetes_clusters_cannot_share_a_fresh_record(store: Store, me: Actor, authority: Authority, cluster_id: str) -> None:
    first = await enrolled(store, me, authority, cluster_id)
    second = await enrolled(store, me, authority, cluster_id, uid="other-uid")
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=first, facts=FACTS))
    other = AgentFacts(kube_system_uid="other-uid")
    refused = await code_of(store, me, lambda tx: service.admit(tx, cluster_id, fingerprint=second, facts=other))
    assert refused == "cluster_mismatch"


@pytest.mark.parametrize("what", ["unknown", "expired", "revoked", "deleted", "other cluster", "other uid"])
async def test_only_a_certificate_whose_row_is_good_opens_a_session(
    store: Store, me: Actor, authority: Authority, cluster_id: str, clock: FakeClock, what: str
) -> None:
    fingerprint = await enrolled(store, me, authority, cluster_id)
    facts, target = FACTS, cluster_id
    if what == "unknown":
        fingerprint = "0" * 64
    elif what == "expired":
        clock.advance(timedelta(days=7).total_seconds())
    elif what == "revoked":
        await store.write(me, lambda tx: service.revoke_certificates(tx, cluster_id, reason="revoked"))
    elif what == "deleted":
        await store.write(me, lambda tx: service.delete(tx, cluster_id))
    elif what == "other cluster":
        target = (await store.write(me, lambda tx: service.create(tx, name="other"))).id
    else:
        facts = AgentFacts(kube_system_uid="not-mine")
    codes = {
        "unknown": "certificate_unknown",
        "deleted": "cluster_deleted",
        "other cluster": "certificate_unknown",
        "other uid": "cluster_mismatch",
    }
    refused = await code_of(store, me, lambda tx: service.admit(tx, target, fingerprint=fingerprint, facts=facts))
    assert refused == codes.get(what, what)


async def test_revoking_and_deleting_wake_the_followers_of_the_cluster(
    store: Store, me: Actor, authority: Authority, cluster_id: str
) -> None:
    fingerprint = await enrolled(store, me, authority, cluster_id)
    live = [LiveSession(cluster_id, fingerprint, 0)]
    with store.hubs[service.ENDED].follow(ClusterId(cluster_id)) as follower:
        await store.write(me, lambda tx: service.revoke_certificates(tx, cluster_id, reason="revoked"))
        assert await follower.wait(5) == {cluster_id}
        assert await store.read(actors.system(), lambda tx: service.ended(tx, live)) == {cluster_id: "revoked"}
        await store.write(me, lambda tx: service.delete(tx, cluster_id))
        assert await follower.wait(5) == {cluster_id}
    assert await store.read(actors.system(), lambda tx: service.ended(tx, live)) == {cluster_id: "cluster_deleted"}


async def test_heartbeats_of_an_older_session_change_nothing(
    store: Store, me: Actor, org: OrgId, authority: Authority, cluster_id: str, clock: FakeClock
) -> None:
    fingerprint = await enrolled(store, me, authority, cluster_id)
    await store.write(me, lambda tx: service.admit(tx, cluster_id, fingerprint=fingerprint, facts=FACTS))
    mine, older = (SessionRef(org, cluster_id, fence, frozenset()) for fence in (1, 0))
    beats = [(mine, clock.now(), 1500), (older, clock.now() - timedelta(days=1), 9)]
    await store.write(actors.system(), lambda tx: service.record_heartbeats(tx, beats))
    cluster = await store.read(me, lambda tx: service.get(tx, cluster_id))
    assert (cluster.last_heartbeat_at, cluster.clock_offset_ms) == (clock.now(), 1500)
    await store.write(actors.system(), lambda tx: service.record_heartbeats(tx, [(mine, clock.now(), None)]))
    assert (await store.read(me, lambda tx: service.get(tx, cluster_id))).clock_offset_ms == 1500


async def test_another_key_encryption_key_does_not_open_the_authorities(store: Store, authority: Authority) -> None:
    with pytest.raises(Misconfigured) as caught:
        await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=b"x" * 32))
    assert caught.value.code == "key_encryption_key_mismatch"
    again = await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    assert again.ca_pin == authority.ca_pin and authority.ca_pin.startswith("sha256:")


@pytest.mark.parametrize("der", [b"", b"junk", b"\x30" * 9000])
def test_a_request_that_cannot_be_read_is_refused(der: bytes) -> None:
    with pytest.raises(Refused) as caught:
        ca.read_request(der)
    assert caught.value.code == "csr_invalid"
