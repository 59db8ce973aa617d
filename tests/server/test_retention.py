"""Every table of the schema has a rule that deletes old rows, or a reason why it does not grow."""

from datetime import timedelta

import pytest

from optral.access import service as access
from optral.server import retention, schema
from optral.server.settings import Settings
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.terms import actor
from optral.terms.ids import OrgId

assert schema  # it gathers the tables


def test_every_table_has_a_rule_or_a_reason() -> None:
    pruned = {table for row in retention.TABLE for table in row.tables} | {retention.EVENT_LOG}
    assert pruned | set(retention.BOUNDED) == set(metadata.tables)
    assert pruned & set(retention.BOUNDED) == set()


def test_every_setting_about_retention_is_used_by_a_row() -> None:
    used = {row.setting for row in retention.TABLE if row.setting} | {"retention_events_days", "retention_events_rows"}
    assert used == {name for name in Settings.model_fields if name.startswith("retention_")}


@pytest.mark.parametrize("row", retention.TABLE, ids=lambda row: row.name)
def test_a_setting_changes_the_age_of_its_rows(row: retention.Row) -> None:
    shorter = Settings.model_construct(**{row.setting: 3}) if row.setting else Settings.model_construct()
    age = row.age(shorter)
    assert age in (timedelta(hours=3), timedelta(days=3)) if row.setting else age >= timedelta()


async def test_every_rule_runs_on_an_empty_organisation(store: Store, org: OrgId) -> None:
    for rule in retention.rules(Settings.model_construct()):
        assert await store.write(actor.system(), lambda tx, rule=rule: rule(tx, 500)) == 0
    assert await store.read(actor.system(), lambda tx: len(access.organisation_ids(tx))) == 1
