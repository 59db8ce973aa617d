"""Identity providers as owners change them: the package's work and its audit record, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from optral.access import people, people_service, service as access
from optral.access.policy import SignInPolicy
from optral.flows.people.bindings import named_cluster
from optral.identity import service as identity
from optral.identity.model import Provider, ProviderSettings
from optral.kit import records
from optral.kit.records import Change
from optral.store.transaction import Transaction
from optral.terms.errors import Refused


def create(tx: Transaction, given: ProviderSettings, *, key: bytes, secret: str | None) -> Provider:
    """Raises as `identity.create`; `Forbidden("confirmation_required")` for a person whose last confirmation is old."""
    people.require_confirmed(tx.actor, tx.now)
    made = identity.create(tx, given, key=key, secret=secret)
    access.audit(tx, action="identity.create", target=made.id, detail=_detail(made))
    return made


def change(
    tx: Transaction, provider_id: str, wanted: Change[Provider], *, key: bytes, secret: str | None = None, if_revision: int | None = None
) -> Provider:
    """Raises as `create` and `identity.change`."""
    people.require_confirmed(tx.actor, tx.now)
    before = identity.get(tx, provider_id)
    after = identity.change(tx, provider_id, wanted, key=key, secret=secret, if_revision=if_revision)
    _keep_a_provider(tx)
    if after != before:
        access.audit(tx, action="identity.update", target=after.id, detail=_detail(after) | {"newSecret": secret is not None})
    return after


def delete(tx: Transaction, provider_id: str, *, if_revision: int | None = None) -> Provider:
    """Delete it with the identities that it knows; members keep the rights that they have. Raises as `create`, `NotFound`, `Stale`."""
    people.require_confirmed(tx.actor, tx.now)
    gone = identity.delete(tx, provider_id, if_revision=if_revision)
    _keep_a_provider(tx)
    access.audit(tx, action="identity.delete", target=gone.id, detail={"name": gone.name, "issuer": gone.issuer})
    return gone


def set_policy(tx: Transaction, wanted: SignInPolicy) -> SignInPolicy:
    """Change how the people of the organization sign in. Raises as `create`, `people_service.set_sign_in_policy` and
    `Refused("provider_needed")`."""
    people.require_confirmed(tx.actor, tx.now)
    before = people_service.sign_in_policy(tx)
    after, ended = people_service.set_sign_in_policy(tx, wanted)
    _keep_a_provider(tx)
    if after != before:
        detail = records.plain(after, SignInPolicy) | {"sessionsEnded": ended}
        access.audit(tx, action="identity.policy", target=str(tx.org_id), detail=detail)
    return after


def _keep_a_provider(tx: Transaction) -> None:
    if people_service.sign_in_policy(tx).is_provider_only and not any(one.is_enabled for one in identity.find(tx)):
        say = "people sign in with an identity provider only, so one must be enabled; allow passwords first"
        raise Refused("provider_needed", say=say)


def resolved(tx: Transaction, rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules with ids for names of clusters. Raises `Invalid` for an unknown cluster."""
    found = []
    for rule in rules:
        named = rule.get("clusters")
        found.append(dict(rule) if named is None else {**rule, "clusters": sorted({named_cluster(tx, one) for one in named})})
    return found


def _detail(one: Provider) -> dict[str, Any]:
    return records.plain(one, ProviderSettings, but=("rules",)) | {"rules": [_rule(rule) for rule in one.rules]}


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the audit log has it: members that restrict nothing are left out."""
    return {name: value for name, value in rule.items() if value is not None}
