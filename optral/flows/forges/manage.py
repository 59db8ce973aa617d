"""Connections to forges as people change them: the package's work and its audit record, in one transaction; and its test."""

import asyncio
from dataclasses import dataclass

from optral.access import people, service as access
from optral.forges import service as forges
from optral.forges.api import Api
from optral.forges.model import Forge, ForgeError, ForgeSettings
from optral.kit import records
from optral.kit.records import Change
from optral.store.transaction import Transaction

TEST_S = 25.0
MAX_TESTED = 20  # repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the test of one repository came to. `say` is empty when pull requests can be opened in it."""

    repository: str
    default_branch: str = ""
    say: str = ""


def create(tx: Transaction, given: ForgeSettings, *, key: bytes, token: str) -> Forge:
    """A new connection. Raises as `forges.create`; `Forbidden("confirmation_required")` for a person who typed the password long ago."""
    people.require_confirmed(tx.actor, tx.now)
    made = forges.create(tx, given, key=key, token=token)
    access.audit(tx, action="forge.create", target=made.id, detail=records.plain(made, ForgeSettings))
    return made


def change(
    tx: Transaction, forge_id: str, wanted: Change[Forge], *, key: bytes, token: str | None = None, if_revision: int | None = None
) -> Forge:
    """Raises as `create` and `forges.change`."""
    people.require_confirmed(tx.actor, tx.now)
    before = forges.get(tx, forge_id)
    after = forges.change(tx, forge_id, wanted, key=key, token=token, if_revision=if_revision)
    if after != before:
        detail = records.plain(after, ForgeSettings) | {"newToken": token is not None}
        access.audit(tx, action="forge.update", target=after.id, detail=detail)
    return after


def roll(tx: Transaction, forge_id: str, *, key: bytes) -> tuple[Forge, str]:
    """A new secret for the webhooks of the forge, shown this once. Raises as `create`, `NotFound`, `Stale`."""
    people.require_confirmed(tx.actor, tx.now)
    made, secret = forges.roll(tx, forge_id, key=key)
    access.audit(tx, action="forge.roll", target=made.id, detail={"name": made.name})
    return made, secret


def delete(tx: Transaction, forge_id: str, *, if_revision: int | None = None) -> Forge:
    """Forget it with its token. Raises as `create`, `NotFound`, `Stale`."""
    people.require_confirmed(tx.actor, tx.now)
    gone = forges.delete(tx, forge_id, if_revision=if_revision)
    access.audit(tx, action="forge.delete", target=gone.id, detail={"name": gone.name})
    return gone


async def test(forge: Forge, api: Api) -> tuple[str, list[Tested]]:
    """The account of the token, and whether pull requests can be opened in the repositories that are named whole.

    Raises `ForgeError` when the forge does not answer, or does not accept the token.
    """
    named = [one for one in forge.repositories if not one.endswith("/*")][:MAX_TESTED]
    try:
        async with asyncio.timeout(TEST_S):
            account = await api.account()
            return account, [await _tested(api, one) for one in named]
    except TimeoutError:
        raise ForgeError("forge_unreachable", f"{forge.kind.called} did not answer in time", is_lasting=False) from None


async def _tested(api: Api, repository: str) -> Tested:
    try:
        facts = await api.facts(repository)
    except ForgeError as error:
        return Tested(repository=repository, say=error.say)
    why = "it is archived" if facts.is_archived else "" if facts.may_push else f"the token may not push to it: it needs {api.needs}"
    return Tested(repository=repository, default_branch=facts.default_branch, say=why)
