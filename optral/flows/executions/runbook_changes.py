"""Runbooks are made, changed and deleted here: the package's work and its audit record, in one transaction."""

from optral.access import service as access
from optral.flows.executions.start import principal
from optral.runbooks import service as runbooks
from optral.runbooks.language.definition import Definition
from optral.runbooks.model import Runbook
from optral.store.transaction import Transaction


def create(tx: Transaction, made: Definition, *, source: str | None = None) -> Runbook:
    """Keep a new runbook. Raises as `runbooks.create`."""
    new = runbooks.create(tx, made, by=principal(tx), source=source)
    access.audit(tx, action="runbook.create", target=new.id, detail={"slug": new.slug, "version": new.version, "risk": made.risk})
    return new


def update(
    tx: Transaction,
    runbook_id: str,
    *,
    made: Definition | None = None,
    source: str | None = None,
    is_enabled: bool | None = None,
    restored_from: int | None = None,
    if_version: int | None = None,
) -> Runbook:
    """A new version, or on and off. What is so already stays and is not recorded. Raises as `runbooks.update`."""
    before = runbooks.get(tx, runbook_id)
    after = runbooks.update(tx, runbook_id, made=made, is_enabled=is_enabled, by=principal(tx), source=source, if_version=if_version)
    if after.revision != before.revision:
        detail = {"slug": after.slug, "version": after.version, "enabled": after.is_enabled, "risk": after.definition.risk}
        restored = {} if restored_from is None else {"restoredFrom": restored_from}
        access.audit(tx, action="runbook.update", target=after.id, detail=detail | restored)
    return after


def restore(tx: Transaction, runbook_id: str, number: int, *, if_version: int | None = None) -> Runbook:
    """Make a new version of an earlier one, which has to fit the rules of today. Raises as `runbooks.version` and `runbooks.update`."""
    _, kept = runbooks.version(tx, runbook_id, number)
    text = runbooks.version_text(kept)
    return update(tx, runbook_id, made=runbooks.read(text), source=text, restored_from=number, if_version=if_version)


def delete(tx: Transaction, runbook_id: str, *, if_version: int | None = None) -> Runbook:
    """Delete; executions stay. Raises as `runbooks.delete_runbook`."""
    gone = runbooks.delete_runbook(tx, runbook_id, if_version=if_version)
    access.audit(tx, action="runbook.delete", target=gone.id, detail={"slug": gone.slug, "version": gone.version})
    return gone
