"""How an agent connects: a token becomes a certificate, a certificate a session.

Nothing an agent says decides who it is; callers hand over an `Identity` taken from its verified certificate. Refusals that belong to an
organization are recorded for the people who connect the cluster (attempts.py).
"""

from collections.abc import Mapping, Sequence

import structlog

from optral.access import service as access
from optral.clusters import (
    authority as ca,
    enrollment_service as enrollment,
    fleet_service as fleets,
    model,
    rotation_service as rotations,
    service as clusters,
)
from optral.clusters.authority import Authority
from optral.clusters.connection import Code, Contact
from optral.clusters.enrollment_service import Enrolled
from optral.clusters.model import AgentFacts, Identity, SessionRef
from optral.clusters.service import LiveSession
from optral.events import service as events
from optral.flows.clusters import cluster_events, fleet
from optral.flows.clusters.attempts import Attempts
from optral.kit.clock import Clock
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError, Refused, Unavailable
from optral.terms.ids import ClusterId, OrgId

_log = structlog.get_logger(__name__)


class Connect:
    """Enrollment, sessions and renewals of agents. One per process."""

    def __init__(self, store: Store, clock: Clock, authority: Authority) -> None:
        self._store, self.authority = store, authority
        self.attempts = Attempts(store, clock)

    async def enrol(self, *, token: str, csr_der: bytes, kube_system_uid: str, nonce: str, contact: Contact = Contact()) -> Enrolled:
        """Turn a one-use token and a certificate request into a certificate.

        Raises `Refused` (see clusters.enrollment_service.redeem), `Unavailable`.
        """
        owner = await self._store.read(actor.system(), lambda tx: enrollment.token_owner(tx, token))
        if owner is None:
            fleet_owner = await self._store.read(actor.system(), lambda tx: fleets.owner(tx, token))
            if fleet_owner is not None:
                org_id, token_id = OrgId(fleet_owner[0]), fleet_owner[1]
                return await self._enrol_of_fleet(
                    org_id, token_id, csr_der=csr_der, nonce=nonce, kube_system_uid=kube_system_uid, contact=contact
                )
            _log.warning("agent refused", code="token_unknown")
            raise Refused("token_unknown", say="unknown enrollment token; create a new one")
        org_id, cluster_id = OrgId(owner[0]), ClusterId(owner[1])
        try:
            request = ca.read_request(csr_der)
            _check_enrolment(kube_system_uid, nonce)
            return await self._store.write(
                actor.agent(org_id, cluster_id),
                lambda tx: self._enrol(tx, token=token, request=request, kube_system_uid=kube_system_uid, nonce=nonce, contact=contact),
            )
        except Refused as refusal:
            await self.attempts.refused(org_id, cluster_id, refusal.code, contact)
            raise

    async def _enrol_of_fleet(
        self, org_id: OrgId, token_id: str, *, csr_der: bytes, kube_system_uid: str, nonce: str, contact: Contact
    ) -> Enrolled:
        try:
            request = ca.read_request(csr_der)
            _check_enrolment(kube_system_uid, nonce)
            used = await self._store.write(
                actor.system(org_id),
                lambda tx: fleet.enroll(
                    tx, self.authority, token_id=token_id, request=request, nonce=nonce, kube_system_uid=kube_system_uid, contact=contact
                ),
            )
        except Refused as refusal:
            await self.attempts.refused(org_id, token_id, refusal.code, contact)
            raise
        if used.enrolled is None:
            if not used.is_new:
                await self.attempts.seen(org_id, used.cluster.id, used.code, contact)
            say = f"{used.cluster.name} is waiting for approval; it enrolls as soon as a person approves it"
            raise Unavailable("approval_pending", say=say, retry_after_s=15)
        return used.enrolled

    async def first_contact(self, hint: str, pin: str | None, contact: Contact) -> None:
        """An agent asked where to enroll. Never raises; `attempts.Attempts.reached` describes the hint."""
        is_pinned = pin is None or bool(self.authority.generations_of([pin]))
        await self.attempts.reached(hint, contact, is_pinned=is_pinned)

    async def renew(self, identity: Identity, csr_der: bytes) -> Enrolled:
        """A fresh certificate for a connected agent. Raises `Refused`, `TooMany`, `Unavailable`."""
        request = ca.read_request(csr_der)
        try:
            return await self._store.write(actor.agent(identity.org_id, identity.cluster_id), lambda tx: self._renew(tx, identity, request))
        except Refused as refusal:
            await self.attempts.refused(identity.org_id, identity.cluster_id, refusal.code, Contact())
            raise

    async def open(self, identity: Identity, facts: AgentFacts, kinds: frozenset[str], *, address: str = "") -> SessionRef:
        """Open a session; an older one of the cluster is overtaken. Raises `Refused` (see clusters.service.admit), `Unavailable`."""
        try:
            return await self._store.write(actor.agent(identity.org_id, identity.cluster_id), lambda tx: _open(tx, identity, facts, kinds))
        except Refused as refusal:
            contact = Contact(address=address, agent_version=facts.agent_version)
            await self.attempts.refused(identity.org_id, identity.cluster_id, refusal.code, contact)
            raise

    async def close(self, ref: SessionRef, *, reason: str) -> None:
        """The agent closed the session, for this reason (`clusters.model.Reason`)."""
        doer = actor.agent(OrgId(ref.org_id), ClusterId(ref.cluster_id))
        await self._store.write(doer, lambda tx: clusters.close_session(tx, ref, reason=reason))

    async def record_trust(self, ref: SessionRef, pins: Sequence[str]) -> None:
        """The agent of this session trusts the server CAs with these pins."""
        doer = actor.agent(OrgId(ref.org_id), ClusterId(ref.cluster_id))
        await self._store.write(doer, lambda tx: rotations.record_trust(tx, ref.cluster_id, fence=ref.fence, pins=pins))

    async def conflict(self, ref: SessionRef, agents: Sequence[Mapping[str, str]]) -> None:
        """Two agents take the tunnel of a cluster from each other: an event and an audit record name both, by instance and address."""

        def job(tx: Transaction) -> None:
            cluster = clusters.get(tx, ref.cluster_id)
            events.append(tx, [cluster_events.updated(cluster, agents=[dict(agent) for agent in agents])])
            access.audit(tx, action="agent.conflict", target=ref.cluster_id, detail={"agents": [dict(agent) for agent in agents]})

        try:
            await self._store.write(actor.agent(OrgId(ref.org_id), ClusterId(ref.cluster_id)), job)
        except OptralError:
            _log.exception("a conflict of two agents could not be recorded", cluster_id=ref.cluster_id)

    async def broke_protocol(self, identity: Identity, detail: Mapping[str, str]) -> None:
        """Record that an agent broke the protocol and is refused for a while; `detail` has the reason and its address."""

        def job(tx: Transaction) -> None:
            access.audit(tx, action="agent.refuse", target=identity.cluster_id, detail=dict(detail))

        try:
            await self._store.write(actor.agent(identity.org_id, identity.cluster_id), job)
        except OptralError:
            _log.exception("the refusal of an agent could not be recorded", cluster_id=identity.cluster_id)

    async def ended(self, sessions: Sequence[LiveSession]) -> dict[str, str]:
        """Which of these open sessions must end, and why, by cluster id."""
        return await self._store.read(actor.system(), lambda tx: clusters.ended(tx, sessions)) if sessions else {}

    def _enrol(self, tx: Transaction, *, token: str, request: ca.Request, kube_system_uid: str, nonce: str, contact: Contact) -> Enrolled:
        enrolled = enrollment.redeem(tx, self.authority, token=token, request=request, nonce=nonce, kube_system_uid=kube_system_uid)
        if not enrolled.is_repeat:
            self.attempts.note(tx, enrolled.cluster_id, Code.ENROLLED, contact)
            detail = {"fingerprint": enrolled.fingerprint, "kubeSystemUid": kube_system_uid}
            access.audit(tx, action="agent.enrol", target=enrolled.cluster_id, detail=detail)
        return enrolled

    def _renew(self, tx: Transaction, identity: Identity, request: ca.Request) -> Enrolled:
        renewed = enrollment.renew(tx, self.authority, cluster_id=identity.cluster_id, fingerprint=identity.fingerprint, request=request)
        access.audit(tx, action="agent.renew", target=identity.cluster_id, detail={"fingerprint": renewed.fingerprint})
        return renewed


def _open(tx: Transaction, identity: Identity, facts: AgentFacts, kinds: frozenset[str]) -> SessionRef:
    admission = clusters.admit(tx, identity.cluster_id, fingerprint=identity.fingerprint, facts=facts)
    if model.facts_differ(admission.before, admission.after):
        events.append(tx, [cluster_events.updated(admission.after)])
    if admission.revoked:
        detail = {"reason": "replaced", "count": admission.revoked}
        access.audit(tx, action="agent.revoke", target=identity.cluster_id, detail=detail)
    return SessionRef(identity.org_id, identity.cluster_id, admission.fence, kinds)


def _check_enrolment(kube_system_uid: str, nonce: str) -> None:
    if not 1 <= len(kube_system_uid) <= 100 or not kube_system_uid.isprintable():
        raise Refused("csr_invalid", say="the enrollment request has no kube-system uid")
    if len(nonce) > 100 or not nonce.isprintable():
        raise Refused("csr_invalid", say="the nonce is too long")
