"""A decision for each stored time in the future: what happens to it when the clock is set back (docs/decisions/clocks.md)."""

import re

import optral.server.schema  # noqa: F401 - loads all tables
from optral.store.deadlines import all_deadlines
from optral.store.metadata import Timestamp, metadata

_AHEAD = re.compile(
    r"(due|expires|ends|opens|next|deadline|starts|next_allowed|refresh|digest)_at|not_after|.*_until|(failing|active|false)?_?since"
)
ACCESS = "expires by the wall clock: refusing is safer than admitting"
PEOPLE = "set by people for a time of day"
EXAMINED = "computed again at each examination of the object"
PAST = "a time in the past; one in the future counts as now or not at all"
DECIDED = {
    "agent_certificates.not_after": ACCESS,
    "api_keys.expires_at": ACCESS,
    "approvals.expires_at": PEOPLE,
    "ca_rotation.since": "a rotation starts no phase until the clock is steady",
    "change_windows.ends_at": PEOPLE,
    "change_windows.starts_at": PEOPLE,
    "delegations.ends_at": PEOPLE,
    "device_logins.expires_at": ACCESS,
    "enrollment_tokens.expires_at": ACCESS,
    "executions.expires_at": PEOPLE,
    "fleet_tokens.expires_at": ACCESS,
    "invites.expires_at": ACCESS,
    "issue_conditions.due_at": EXAMINED,
    "issue_conditions.expires_at": EXAMINED,
    "issue_conditions.false_since": EXAMINED,
    "issue_conditions.opens_at": EXAMINED,
    "issue_conditions.since": EXAMINED,
    "alert_silences.ends_at": "a copy of what an Alertmanager has",
    "alert_silences.starts_at": "a copy of what an Alertmanager has",
    "alerts.ends_at": "the clock of the sender, whose alerts are bounded when they are read",
    "alerts.starts_at": "the clock of the sender, whose alerts are bounded when they are read",
    "issue_looks.due_at": EXAMINED,
    "issues.snoozed_until": PEOPLE,
    "password_resets.expires_at": ACCESS,
    "mail_messages.expires_at": "a link in it has an expiry of its own",
    "member_bindings.ends_at": PEOPLE,
    "mute_rules.expires_at": PEOPLE,
    "proposals.expires_at": "a pull request waits for people, for days",
    "scim_tokens.old_until": ACCESS,
    "rate_windows.ends_at": "a window that ends later than a new one would has expired",
    "sessions.expires_at": ACCESS,
    "setup_links.expires_at": ACCESS,
    "trigger_firings.next_allowed_at": "shown to people; the work goes by due_at",
    "triggers.active_since": PAST,
    "triggers.blocked_until": "at most a day, and people can unblock it",
    "triggers.next_at": "schedules are computed again after the clock was set back (flows/triggers/firing.py)",
    "webhooks.failing_since": PAST,
    "webhooks.held_until": PEOPLE,
}


def _columns() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Timestamp) and _AHEAD.fullmatch(column.name)
    }


def test_every_time_in_the_future_has_a_decision() -> None:
    brought_back = {f"{one.column.table.name}.{one.column.name}" for one in all_deadlines()}
    assert not brought_back & DECIDED.keys()
    assert _columns() == brought_back | DECIDED.keys()
