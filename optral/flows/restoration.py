"""What must be settled in a restored database before a server works with it: nothing that the backup had in progress is done again.

The backup shows a moment in the past. A command that was waiting then may have changed its cluster since, and a key may have been revoked
since, a member removed, a secret rolled. Call inside the transaction that restores.
"""

from dataclasses import dataclass, field
from datetime import datetime

from optral.access import bindings_service as bindings, delegations_service as delegations, people_service as people, service as access
from optral.clusters import fleet_service as fleets, service as clusters
from optral.clusters.model import ClusterFilter
from optral.commands import service as commands
from optral.flows.clusters import fleet
from optral.flows.executions.persistence import persist
from optral.flows.people import keys
from optral.flows.triggers import rights
from optral.identity import scim_service as scims, service as identity
from optral.kit.paging import PageRequest
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.executions.effects import Progress, end
from optral.runbooks.model import Execution, ExecutionStatus
from optral.store.transaction import Transaction
from optral.triggers import service as triggers

_EVERY = PageRequest(size=1_000_000)
_UNTRUSTED = "the database was restored from a backup, and the secret may have been rolled since; create a new secret"

CREDENTIALS = {
    "api_keys.digest": "revoked, unless the keys are kept on request",
    "fleet_tokens.hash": "revoked: a token that was revoked or used up since would enroll clusters again",
    "triggers.secret": "not trusted until it is rolled: one that was rolled since would start runbooks again",
    "members.password_hash": "kept, or nobody could sign in; the members are listed, since one may have been removed since",
    "alert_receivers.secret": "kept: who knows it can only report alerts, which change nothing; roll it where it was rolled since",
    "identity_providers.client_secret": "kept: it counts at the provider, which refuses it if it was replaced there",
    "scim_tokens.digest": "replaced by one that nothing opens: a token that was rolled since would provision members again",
    "scim_tokens.old_digest": "removed, as above",
    "scim_users.user_key": "no credential: a user name",
    "alerts.fingerprint": "no credential: names an alert",
    "forges.token": "kept: it counts at the forge, which refuses it if it was revoked there",
    "forges.secret": "kept: it only makes Optral look at a pull request earlier",
    "webhooks.digest_at": "no credential: a time",
    "webhooks.target": "kept: it signs what Optral sends, and a receiver that was given a new secret refuses it",
    "agent_certificates.fingerprint": "kept, or every agent would be disconnected; to be revoked again where it was revoked since",
    "agent_certificates.chain_pem": "kept: a certificate is public",
    "authorities.certificate_pem": "kept: a certificate is public",
    "authorities.sealed_key": "kept: agents trust this authority; a rotation that has ended since has to be repeated",
    "idempotent_answers.sealed": "kept: it opens with the caller's own Idempotency-Key, and what it holds is revoked as above",
    "idempotent_answers.digest": "no credential: a hash of a request",
    "idempotent_answers.key": "no credential: a hash of a route and the caller's key",
    "fleet_enrollments.used_key": "no credential: the digest of a public key",
    "fleet_enrollments.used_nonce": "a lost answer is repeated for the same key alone, and not for a revoked token",
    "fleet_enrollments.fingerprint": "no credential: names a certificate",
    "fleet_enrollments.token_id": "no credential: an id",
    "audit_heads.hash": "no credential: of the audit chain",
    "audit_heads.base_hash": "no credential: of the audit chain",
    "audit_records.hash": "no credential: of the audit chain",
    "executions.plan_hash": "no credential: names a plan",
    "approvals.plan_hash": "no credential: names a plan",
    "analyses.evidence_hash": "no credential: names evidence",
    "issues.fingerprint": "no credential: names an issue",
    "issue_conditions.fingerprint": "no credential: names an issue",
    "trigger_firings.key": "no credential: names an occasion",
    "triggers.secret_by": "no credential: an id",
    "issue_comments.key_id": "no credential: an id",
    "resource_kinds.digest": "no credential: compares inventories",
    "resources.manifest": "no credential: redacted by the agent",
    "resource_dictionaries.data": "no credential: for unpacking manifests",
    "kubernetes_events.manifest": "no credential: redacted by the agent",
    "secret_checks.value": "no credential: recognizes the secrets of the server",
}
"""What a restore does with each column that could let somebody in, and which columns only look so. `backup.LEFT_OUT` has other tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Who may do what again in one organization, for whoever restores it: what ended after the backup must be ended again."""

    organisation: str
    members: list[str]
    bindings: list[str]
    delegations: list[str]


@dataclass(slots=True)
class RestoreOutcome:
    """How many of each were ended by a restore, and who came back."""

    keys: int = 0
    commands: int = 0
    executions: int = 0
    fleet_tokens: int = 0
    scim_tokens: int = 0
    triggers: int = 0
    clusters: int = 0
    returned: list[Returned] = field(default_factory=list)


def settle(tx: Transaction, *, taken_at: datetime, keeps_keys: bool) -> RestoreOutcome:
    """End commands and executions of all organizations, fleet and SCIM tokens, and API keys unless they are kept.

    Signed triggers are blocked. Each leaves its audit record.
    """
    settled = RestoreOutcome()
    for org_id in access.organisation_ids(tx):
        _settle(tx.acting_for(org_id), settled, taken_at=taken_at, keeps_keys=keeps_keys)
    return settled


def _settle(tx: Transaction, settled: RestoreOutcome, *, taken_at: datetime, keeps_keys: bool) -> None:
    access.audit(tx, action="database.restore", target=tx.org_id, detail={"takenAt": rfc3339(taken_at), "keepsKeys": keeps_keys})
    settled.returned.append(_returned(tx))
    for cluster in clusters.find(tx, ClusterFilter(), _EVERY):
        settled.clusters += 1
        settled.commands += commands.disown(tx, cluster.id)
        for execution in runbooks.live_of_cluster(tx, cluster.id):
            _end(tx, execution, taken_at)
            settled.executions += 1
    if not keeps_keys:
        for key in access.find_keys(tx, page=_EVERY):
            keys.revoke(tx, key.id)
            settled.keys += 1
    for token in fleets.live(tx):
        fleet.revoke(tx, token.id, because="database.restore")
        settled.fleet_tokens += 1
    for provider in identity.find(tx):
        if scims.distrust_token(tx, provider.id):
            access.audit(tx, action="scim.distrust", target=provider.id, detail={"because": "database.restore"})
            settled.scim_tokens += 1
    settled.triggers += len(rights.distrust(tx, triggers.signed(tx), _UNTRUSTED))


def _returned(tx: Transaction) -> Returned:
    found = people.find_members(tx, _EVERY)
    emails = {str(one.id): one.email for one in found}
    bound = bindings.of_members(tx, [one.id for one in found if one.is_limited])
    return Returned(
        organisation=people.organisation(tx).name,
        members=[f"{one.email} ({'limited' if one.is_limited else one.role})" for one in found],
        bindings=[f"{emails[user_id]}: {one.role}, {one.id}" for user_id, several in bound.items() for one in several],
        delegations=[
            f"{emails.get(one.member_id, one.member_id)} to {emails.get(one.delegate_id, one.delegate_id)}" for one in delegations.every(tx)
        ],
    )


def _end(tx: Transaction, execution: Execution, taken_at: datetime) -> None:
    """An execution that was in progress; one that waited for approval may have been approved and executed since."""
    message = f"the database was restored from a backup of {rfc3339(taken_at)}; what the execution did after that is not known"
    failure = {"code": "restored", "message": message, "changed": None}
    status = ExecutionStatus.CANCELED if execution.dry_run else ExecutionStatus.LOST
    persist(tx, end(Progress(execution, runbooks.steps(tx, execution.id)), status, tx.now, failure=failure))
