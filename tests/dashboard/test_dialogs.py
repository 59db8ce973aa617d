"""Every dialog on a phone, in light and dark: axe objects to nothing in it. A new dialog needs an entry in `OPENED` or in `CHECKED_BY`."""

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, TimeoutError as PlaywrightTimeout, expect

from optral.identity import service as identity
from optral.identity.model import ProviderSettings
from optral.kit.records import changing
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms.actor import Role, system
from tests.api.accounts import member
from tests.api.conftest import Api
from tests.api.runbooks.test_triggers import HOOK
from tests.dashboard.conftest import ROOT, Person, sign_in, window
from tests.dashboard.test_axe import PHONE, faults
from tests.identity.provider import CLIENT, ISSUER, Provider

pytestmark = pytest.mark.slow
PAGES = ROOT / "dashboard" / "src" / "pages"
DIALOG = re.compile(r"^(?:export )?function (\w+)|<(?:FormDialog|Dialog|Radix\.Content)\b", re.MULTILINE)

Step = str | tuple[str, str]
"""How the name of what is pressed begins; with a value, the label of a field to fill; with `key`, a key."""
OPENED: dict[str, list[tuple[str, list[Step], str]]] = {
    "/issues": [
        ("shortcuts Shortcuts", [("key", "?")], "Keyboard shortcuts"),
        ("palette/palette Palette", [("key", "Control+k")], "Command palette"),
        ("issues/viewdialog ViewDialog", ["Saved views", "Save view"], "Save view"),
    ],
    "/issues?view={view}": [("issues/viewdialog DeleteViewDialog", ["Saved views", "Delete view"], "Delete")],
    "/issues/{issue}": [
        ("issues/triage SnoozeDialog", ["More actions", "Snooze", "Custom"], "Snooze"),
        ("issues/triage LabelDialog", ["More actions", "Labels"], "Labels"),
        ("settings/mutedialog MuteDialog", ["More actions", "Mute"], "Mute issues like this"),
        ("issues/tickets TicketDialog", ["More actions", "Create ticket"], "Create ticket"),
        ("documents DocumentDialog", ["More actions", "Post-mortem"], "Post-mortem: "),
        ("issues/activity DeleteComment", [("Add a comment", "seen"), "Comment", "Delete comment"], "Delete this comment"),
    ],
    "/clusters/fleet": [
        ("clusters/approval Decision", ["Approve edge"], "Approve edge"),
        ("clusters/fleet TokenDialog", ["edge sites"], "edge sites"),
        ("clusters/fleet RevokeDialog", ["edge sites", "Revoke…"], "Revoke edge sites"),
        ("clusters/fleetcreate CreateFleetToken", ["Create fleet token"], "Create fleet token"),
        ("settings/secret SecretDialog", ["Create fleet token", ("Name", "more"), "Create"], "Store this token now"),
    ],
    "/clusters/{cluster}?tab=settings": [("clusters/clustersettings Revoke", ["Revoke credentials"], "Revoke the credentials")],
    "/executions/{execution}": [("runbooks/decide Decide", ["Cancel"], "Cancel this execution")],
    "/settings/api-keys": [
        ("settings/keycreate CreateDialog", ["Create API Key"], "Create API Key"),
        ("settings/keys RollDialog", ["Roll"], "Roll"),
        ("settings/keys RevokeDialog", ["Revoke"], "Revoke"),
    ],
    "/settings/members": [
        ("settings/members InviteDialog", ["Invite"], "Invite member"),
        ("settings/bindings AccessDialog", ["Access of viewer"], "Access of viewer"),
        ("settings/members RemoveDialog", ["Remove viewer"], "Remove viewer"),
        ("settings/members RoleDialog", [("Role of viewer@example.org", "owner")], "Make viewer@example.org an owner"),
    ],
    "/settings/sign-in": [
        ("settings/providerdialog ProviderDialog", ["Add identity provider"], "Add an identity provider"),
        ("settings/providertest ProviderTestDialog", ["Test Example"], "Test Example"),
        ("settings/provideraccess ProviderAccessDialog", ["More actions for Example", "Access"], "Access of Example"),
        ("settings/scim TokenDialog", ["Create token of Example"], "Create the SCIM token of Example"),
        ("settings/signinpolicy PolicyDialog", ["Change the sign-in policy"], "Sign-in policy"),
    ],
    "/settings/webhooks": [
        ("settings/webhookdialog HookDialog", ["New webhook"], "New webhook"),
        ("settings/webhookdeliveries Deliveries", ["Deliveries of"], "Deliveries of"),
        ("settings/webhookdeliveries TestDialog", ["Test on-call"], "Test on-call"),
        ("settings/rolldialog RollDialog", ["More actions for on-call", "New secret"], "Roll the secret"),
        ("settings/deletedialog DeleteDialog", ["More actions for on-call", "Delete"], "Delete on-call"),
    ],
    "/settings/gitops": [
        ("settings/forgedialog ForgeDialog", ["Connect a Git provider"], "Connect a Git provider"),
        ("settings/forgewebhook ForgeWebhookDialog", ["More actions for git", "Webhook"], "Webhook of git"),
    ],
    "/settings/safeguards": [
        ("settings/windowdialog WindowDialog", ["New freeze"], "New freeze"),
        ("settings/limitdialogs LimitDialog", ["New limit"], "New limit"),
        ("settings/limitdialogs RiskDialog", ["Change"], "Risk without approval"),
    ],
    "/settings/detectors": [("settings/tune TuneDialog", ["Tune"], "")],
    "/settings/mute-rules": [
        ("settings/mutes ChangeDialog", ["Edit mute rule"], "Edit mute rule"),
        ("settings/mutes EndDialog", ["Delete mute rule"], "Delete this mute rule"),
    ],
    "/settings/owners": [
        ("settings/ownerrules SourcesDialog", ["Edit sources"], "Edit sources"),
        ("settings/ownerrules RuleDialog", ["New rule"], "New rule"),
        ("settings/ownerrules DeleteRule", ["More actions for rule 1", "Delete"], "Delete rule 1"),
    ],
    "/settings/approvals": [
        ("settings/approvals RuleDialog", ["Add rule"], "Add a rule"),
        ("settings/approvals BreakGlassDialog", ["Change"], "Break-glass"),
        ("settings/approvals RemoveDialog", ["Remove the rule"], "Remove this rule"),
        ("settings/delegations DelegateDialog", ["Delegate"], "Delegate approvals"),
    ],
    "/triggers": [
        ("triggers/dialogs TriggerDialog", ["New trigger"], "New trigger"),
        ("triggers/firings Firings", ["Firings of deployed"], "Firings of deployed"),
        ("triggers/stop StopDialog", ["Stop all"], "Stop all executions"),
    ],
    "/clusters/{cluster}?tab=settings&last": [  # the dialog that follows is there once the cluster is removed
        ("clusters/clustersettings Remove", ["Remove production"], "Remove production"),
        (
            "clusters/clustersettings Remove",
            ["Remove production", ("Type production to confirm", "production"), "Remove"],
            "production was",
        ),
    ],
}
CHECKED_BY = {
    "alerts/receiverdialog ReceiverDialog": "test_a_receiver_is_created_with_a_secret_that_is_shown_once",
    "alerts/ruledialog RuleDialog": "test_the_rule_of_an_alert_without_a_failure_is_changed_by_a_pull_request",
    "frame Frame": "test_when_the_session_ends_a_sheet_asks_and_the_page_stays",
    "issues/silences EndDialog": "test_an_issue_is_silenced_and_the_silence_ended",
    "issues/silences SilenceDialog": "test_an_issue_is_silenced_and_the_silence_ended",
    "issues/bulk ConfirmDialog": "test_all_that_match_are_acknowledged_and_no_other",
    "runbooks/editor/actions Delete": "test_a_built_in_runbook_is_duplicated_and_the_copy_deleted",
    "runbooks/editor/conflict Conflict": "test_two_people_edit_at_once_and_nothing_is_lost",
    "runbooks/editor/page Leave": "test_a_built_in_runbook_is_duplicated_and_the_copy_deleted",
    "runbooks/editor/versions Restore": "test_two_people_edit_at_once_and_nothing_is_lost",
    "runbooks/restart Restart": "test_an_undo_during_a_freeze_takes_a_reason_too",
    "settings/analysis LanguageModel": "test_the_model_is_enabled_only_after_its_destination_was_shown",
    "settings/confirm AtProvider": "test_a_change_that_needs_a_recent_sign_in_goes_to_the_provider_again",
    "settings/confirm ByPassword": "test_asks_for_the_password_again_after_15_minutes",
    "settings/delegations EndDialog": "test_a_delegate_approves_on_behalf_of_the_owner_who_delegated_it_for_a_time",
    "settings/forges TestDialog": "test_a_forge_is_connected_tested_changed_and_deleted",
}
"""Dialogs that need more than the pages of `furnished`: a browser test that runs axe while the dialog is open."""
SHORT_LIVED = {"triggers/dialogs EditDialog"}  # shown while the trigger loads, then `TriggerDialog` takes its place


def dialogs() -> set[str]:
    """The components that draw a dialog: their file and their name."""
    found = set()
    for file in PAGES.rglob("*.tsx"):
        name = ""
        for match in DIALOG.finditer(file.read_text()):
            name = match[1] or name
            if not match[1]:
                found.add(f"{file.relative_to(PAGES).with_suffix('')} {name}")
    return found


def test_every_dialog_is_looked_at() -> None:
    opened = {name for ways in OPENED.values() for name, _, _ in ways}
    assert dialogs() == opened | CHECKED_BY.keys() | SHORT_LIVED
    tests = "\n".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    bodies = dict(re.findall(r"^async def (\w+)\((.*?)(?=^\S|\Z)", tests, re.MULTILINE | re.DOTALL))
    assert [name for name in CHECKED_BY.values() if ".axe(" not in bodies.get(name, "")] == []


async def take(person: Person, step: Step, within: Locator) -> None:
    page = person.page
    if isinstance(step, str):
        role: Literal["menuitem", "button"] = "menuitem" if await page.get_by_role("menu").count() else "button"
        where = page.locator("body") if role == "menuitem" else within
        await where.get_by_role(role, name=re.compile(f"^{re.escape(step)}"), disabled=False).first.click()
    elif step[0] == "key":
        await person.press(step[1])
    elif step[0].startswith("Role of"):
        await page.get_by_label(step[0]).select_option(step[1])
    else:
        await within.get_by_label(step[0]).first.fill(step[1])


async def addresses(api: Api) -> dict[str, str]:
    """What the pages of `OPENED` are about."""
    await member(api, Role.VIEWER, "viewer@example.org")
    await api("POST", "/v1/triggers", json=HOOK | {"cluster": "staging"})
    await api("PATCH", "/v1/owners/rules", json={"rules": [{"team": "payments"}]})
    api.services.identity_caller = Provider(api.clock)
    corp = ProviderSettings(name="Example", issuer=ISSUER, client_id=CLIENT)
    await api.store.write(system(api.org), lambda tx: identity.create(tx, corp, key=api.services.sealing_key, secret=None))
    rule = {"approval_rules": [ApprovalRule("high", "", "", 2)]}
    await api.store.write(system(api.org), lambda tx: safeguards.save(tx, changing(Safeguards, rule), by="usr_1"))

    async def first(name: str, path: str = "") -> str:
        return str((await api.get(f"/v1/{path or name}")).json()[name][0]["id"])

    return {
        "view": await first("views"),
        "issue": await first("issues", "issues?cluster=production"),
        "execution": await first("executions"),
        "cluster": await first("clusters", "clusters?q=production"),
    }


async def faults_of(person: Person, name: str, steps: list[Step], title: str) -> list[str]:
    """Open one dialog, look at it, and close it unless something was entered."""
    dialog = person.page.get_by_role("dialog").last
    try:
        for step in steps:
            await take(person, step, dialog if await dialog.count() else person.page.locator("body"))
        await expect(dialog).to_have_accessible_name(re.compile(f"^{re.escape(title)}"))
    except (AssertionError, PlaywrightTimeout) as error:
        return [f"{name} is not opened by {steps}: {str(error)[:300]}"]
    found = await faults(person, name, within="[role=dialog]")
    await person.press("Escape")
    return found


@pytest.mark.parametrize("settings", [True, False], ids=["settings", "elsewhere"])
async def test_axe_finds_no_fault_in_any_dialog(chromium: Browser, furnished: Api, settings: bool) -> None:
    found = []
    async with window(chromium, furnished, width=PHONE, height=844, touch=True) as person:
        await sign_in(person)
        known = await addresses(furnished)
        for path, ways in ((path, ways) for path, ways in OPENED.items() if path.startswith("/settings") is settings):
            for number, (name, steps, title) in enumerate(ways):
                if number == 0 or await person.page.get_by_role("dialog").count():
                    await person.open(path.format_map(known))
                    await expect(person.page.get_by_text("Live", exact=True)).to_be_attached()
                    await person.settled()
                found += await faults_of(person, name, steps, title)
    assert not found, "\n".join(found)
