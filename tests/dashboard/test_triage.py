"""What people do with issues in the dashboard: snooze, assign, label, comment, mute, many at once; and what hangs together."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from optral.clusters.model import ClusterFreshness
from optral.events import service as events
from optral.flows.issues import issue_events
from optral.grouping.model import Arrangement, Link
from optral.issues.lifecycle import grouping
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids, rows

pytestmark = pytest.mark.slow
HOSTILE = '<img src=x onerror="window.hit=1"> `x` {{7*7}}'


@pytest.fixture
async def ids(edge: Api) -> dict[str, str]:
    """Ids by name: `node` explains `web` and `db`; `cart` and `mail` have nothing to do with it."""
    cluster = await edge.new_cluster("production")
    names = {"node": Severity.CRITICAL, "web": Severity.HIGH, "db": Severity.HIGH, "cart": Severity.MEDIUM, "mail": Severity.LOW}
    await observe(edge, cluster, *(finding(name, severity=severity, api=edge) for name, severity in names.items()))
    found = await issue_ids(edge)

    def job(tx: Transaction) -> None:
        known = grouping.load(tx, cluster, offset=timedelta())
        links = {found[name]: Link(found["node"], "runs on", found["node"]) for name in ("web", "db")}
        moves = grouping.apply(tx, cluster, known, Arrangement(links))
        grouping.touch_roots(tx, moves)
        events.append(tx, issue_events.events_of(moves, cluster=ClusterFreshness("production", False, None)))

    await edge.store.write(actor.system(edge.org), job)
    return found


async def issue(api: Api, issue_id: str) -> dict[str, object]:
    found: dict[str, object] = (await api.get(f"/v1/issues/{issue_id}")).json()
    return found


async def press(page: Page, *names: str) -> None:
    """Buttons and items of menus, one after the other."""
    for name in names:
        await (
            page.get_by_role("button", name=name, exact=True)
            .or_(page.get_by_role("menuitem", name=name))
            .or_(page.get_by_role("menuitemcheckbox", name=name))
            .first.click()
        )


async def test_symptoms_hang_on_their_root(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open("/issues")
    await expect(rows(page)).to_have_count(3)
    await expect(page.locator(f"[data-id={ids['node']}]")).to_contain_text("2 symptoms")
    await press(page, "Also show", "Symptoms of other issues")
    await expect(rows(page)).to_have_count(5)
    assert "parent=any" in page.url
    await person.press("Escape")
    await person.open(f"/issues/{ids['node']}")
    panel = page.get_by_role("complementary")
    await expect(panel.locator("#symptoms li")).to_have_count(2)
    await expect(panel.locator("#symptoms li").first).to_contain_text("runs on")
    await panel.get_by_role("link", name="Container app of web").click()
    await page.wait_for_url(f"**/issues/{ids['web']}*")
    await expect(panel).to_contain_text("A symptom of Container app of node")
    await panel.get_by_role("link", name="Container app of node").click()
    await page.wait_for_url(f"**/issues/{ids['node']}*")


@pytest.mark.parametrize("width", [320, 390, 1024])
async def test_the_number_of_symptoms_is_not_cut(chromium: Browser, edge: Api, ids: dict[str, str], width: int) -> None:
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open("/issues")
        chip = person.page.locator(f"[data-id={ids['node']}]").get_by_text("2 symptoms")
        await expect(chip).to_be_visible()
        beyond = await chip.evaluate(
            "one => { const row = one.closest('[role=row]').getBoundingClientRect(), chip = one.getBoundingClientRect();"
            " const line = one.parentElement.parentElement.getBoundingClientRect(); return chip.right - Math.min(row.right, line.right) }"
        )
        assert beyond <= 0.5


async def test_a_snoozed_issue_leaves_the_list_until_it_is_woken(person: Person, ids: dict[str, str]) -> None:
    page, cart = person.page, ids["cart"]
    await person.open(f"/issues/{cart}")
    await press(page, "Snooze", "Until it occurs again")
    panel = page.get_by_role("complementary")
    await expect(panel).to_contain_text("Snoozed until it occurs again")
    await person.press("Escape")
    await expect(page.locator(f"[data-id={cart}]")).to_be_hidden()
    await press(page, "Snoozed 1")
    await expect(rows(page)).to_have_count(1)
    await expect(rows(page)).to_contain_text("Snoozed")
    await rows(page).get_by_role("link").click()
    await press(page, "End snooze")
    await expect(panel.get_by_text("Snoozed until")).to_be_hidden()
    assert "snooze" not in await issue(person.api, cart)


async def test_a_snooze_says_what_is_missing_and_takes_several_ends(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open(f"/issues/{ids['cart']}")
    await press(page, "Snooze", "Custom")
    form = page.get_by_role("dialog", name="Snooze")
    await form.get_by_label("Until", exact=True).fill("")
    await form.get_by_role("button", name="Snooze").click()
    await expect(form.get_by_role("alert")).to_contain_text("Choose when the snooze ends")
    await form.get_by_label("more occurrences").fill("3")
    await form.get_by_label("severity rises").check()
    await form.get_by_role("button", name="Snooze").click()
    await expect(page.get_by_text("Snoozed until it occurs 3 more times or it becomes more severe")).to_be_visible()


async def test_the_keyboard_snoozes_what_it_is_on(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open("/issues")
    await expect(rows(page)).to_have_count(3)
    await person.press("j", "j", "s")
    form = page.get_by_role("dialog", name="Snooze")
    await form.get_by_role("button", name="Snooze").click()
    await expect(rows(page)).to_have_count(2)
    assert (await issue(person.api, ids["cart"]))["substatus"] == "snoozed"
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Undone")).to_be_visible()
    assert "snooze" not in await issue(person.api, ids["cart"])


async def test_assigned_labelled_and_talked_about(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open(f"/issues/{ids['cart']}")
    panel = page.get_by_role("complementary")
    await press(page, "More actions")
    await page.get_by_role("menuitem", name="Assign").press("ArrowRight")
    await page.get_by_role("menuitemcheckbox", name="Me").press("Enter")
    await person.press("Escape")  # the menu of members stays open for another choice
    await expect(panel.locator("#activity")).to_contain_text("You self-assigned it")
    await press(page, "Edit labels")
    await page.get_by_role("dialog", name="Labels").get_by_role("textbox").fill("team=payments")
    await press(page, "Save")
    await expect(panel.get_by_text("team=payments").first).to_be_visible()
    await panel.get_by_label("Add a comment").fill(f"{HOSTILE}\nsecond line")
    await person.press("Control+Enter")
    comment = panel.get_by_role("article", name="Comment by you")
    await expect(comment).to_contain_text(HOSTILE)
    assert await page.evaluate("window.hit") is None
    await comment.get_by_role("button", name="Edit comment").click()
    await comment.get_by_role("textbox", name="Comment").fill("better said")
    await comment.get_by_role("button", name="Save").click()
    await expect(comment).to_contain_text("better said")
    await expect(comment).to_contain_text("edited")
    await comment.get_by_role("button", name="Delete comment").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(comment).to_be_hidden()
    await expect(panel.locator("#activity")).to_contain_text("You deleted a comment")
    await person.open("/issues?assignee=me")
    await expect(rows(page)).to_have_count(1)
    await press(page, "Label")
    await page.get_by_role("menuitemcheckbox", name="team:payments").click()
    await expect(rows(page)).to_have_count(1)
    assert "label=team" in page.url


async def test_a_comment_that_cannot_be_sent_is_not_lost(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open(f"/issues/{ids['cart']}")
    await page.route("**/comments", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    box = page.get_by_label("Add a comment")
    await box.fill("do not lose me")
    await page.get_by_role("button", name="Comment", exact=True).click()
    await expect(page.get_by_text("Cannot reach the server")).to_be_visible()
    await expect(box).to_have_value("do not lose me")
    await box.focus()
    await person.press("Escape")
    await expect(page.get_by_role("complementary")).to_be_visible()  # Escape leaves the box, not the page
    await expect(box).to_have_value("do not lose me")


async def test_muting_from_an_issue_makes_a_rule_with_a_reason(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open(f"/issues/{ids['cart']}")
    await press(page, "More actions", "Mute…")
    form = page.get_by_role("dialog", name="Mute issues like this")
    await expect(form).to_contain_text("Mutes OOMKilled of Deployment cart, container app, in namespace shop on production.")
    await form.get_by_role("button", name="Mute").click()
    await expect(form).to_contain_text("Enter a reason")
    await form.get_by_label("Reason").fill("small on purpose")
    await form.get_by_role("button", name="Mute").click()
    await expect(page.get_by_text("Muted: 1 issue now")).to_be_visible()
    await expect(page.get_by_role("complementary")).to_contain_text("small on purpose")
    rule = (await person.api.get("/v1/mute-rules")).json()["muteRules"][0]
    assert rule["reason"] == "small on purpose"
    assert rule["match"]["names"] == ["cart"]
    await person.press("Escape")
    await expect(rows(page)).to_have_count(2)
    await press(page, "Muted 1")
    await expect(rows(page)).to_have_count(1)


async def test_many_at_once(person: Person, ids: dict[str, str]) -> None:
    page, api = person.page, person.api
    await api("PATCH", f"/v1/issues/{ids['mail']}", json={"status": "acknowledged"})
    await person.open("/issues")
    await expect(rows(page)).to_have_count(3)
    await person.press("j", "x", "j", "x")
    bar = page.get_by_role("toolbar", name="Selected issues")
    await expect(bar).to_contain_text("2 selected")
    await person.press("Escape")
    await expect(bar).to_be_hidden()
    await page.get_by_label("Select all loaded issues").check()
    await bar.get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_text("Acknowledged: 2, 1 unchanged")).to_be_visible()
    assert {(await issue(api, ids[name]))["status"] for name in ("node", "cart", "mail")} == {"acknowledged"}
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(f"[data-id={ids['node']}]")).not_to_contain_text("Acknowledged")
    assert (await issue(api, ids["mail"]))["status"] == "acknowledged"
    await page.get_by_label("Select all loaded issues").check()
    await bar.get_by_role("button", name="Label…").click()
    await page.get_by_role("dialog", name="Add labels").get_by_role("textbox").fill("wave=one")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Labels saved: 3")).to_be_visible()
    await page.get_by_label("Select all loaded issues").check()
    await bar.get_by_role("button", name="Resolve").click()
    await expect(page.get_by_role("heading", name="No open issues")).to_be_visible()


async def set_severity(page: Page, to: str, *selected: str) -> None:
    for one in selected:
        await page.locator(f"[data-id={one}]").get_by_role("checkbox").check()
    await page.get_by_role("toolbar", name="Selected issues").get_by_role("button", name="Severity").click()
    await page.get_by_role("menuitem", name=to).click()


async def test_a_severity_is_set_for_many_and_for_one_and_computed_again(person: Person, page: Page, ids: dict[str, str]) -> None:
    async def severities(*names: str) -> list[object]:
        return [(await issue(person.api, ids[name]))["severity"] for name in names]

    await person.open("/issues")
    await expect(rows(page)).to_have_count(3)
    await set_severity(page, "Low", ids["node"], ids["cart"])
    await expect(page.get_by_text("Severity set to low: 2")).to_be_visible()
    await expect(page.locator(f"[data-id={ids['node']}]")).to_contain_text("Low")
    assert await severities("node", "cart", "mail") == ["low", "low", "low"]
    await set_severity(page, "Automatic", ids["node"], ids["cart"])
    await expect(page.locator(f"[data-id={ids['node']}]")).to_contain_text("Critical")
    assert await severities("node", "cart", "mail") == ["critical", "medium", "low"]

    await person.open(f"/issues/{ids['cart']}?full=1")
    facts = page.get_by_role("region", name="Facts and actions")
    await press(page, "More actions")
    await page.get_by_role("menuitem", name="Severity").press("ArrowRight")
    await page.get_by_role("menuitem", name="High").press("Enter")
    await expect(facts).to_contain_text(re.compile(r"Severity set by\s*you, computed: medium"))
    await press(page, "More actions")
    await page.get_by_role("menuitem", name="Severity").press("ArrowRight")
    await page.get_by_role("menuitem", name="Automatic (medium)").press("Enter")
    await expect(facts).not_to_contain_text("Severity set by")
    assert await severities("cart") == ["medium"]


async def test_what_is_refused_of_many_stays_selected_and_is_said(person: Person, page: Page, ids: dict[str, str]) -> None:
    await person.open("/issues?status=all")
    await expect(rows(page)).to_have_count(3)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await person.api("PATCH", f"/v1/issues/{ids['mail']}", json={"status": "resolved"})
    await expect(page.locator(f"[data-id={ids['mail']}]")).to_contain_text("resolved")
    await page.get_by_label("Select all loaded issues").check()
    await page.get_by_role("toolbar").get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_text("Acknowledged: 2. Refused: 1")).to_be_visible()
    await expect(page.get_by_role("toolbar")).to_contain_text("1 selected")


async def test_a_viewer_looks_and_changes_nothing(chromium: Browser, edge: Api, ids: dict[str, str]) -> None:
    async with window(chromium, edge) as person:
        await sign_in(person)
        page = person.page
        await page.route("**/v1/me", as_viewer)
        await person.open(f"/issues/{ids['node']}")
        for name in ("Acknowledge", "Resolve", "Snooze"):
            await expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
        await page.get_by_role("button", name="More actions").click()
        for name in ("Assign", "Labels…", "Mute…", "Analyze"):
            await expect(page.get_by_role("menuitem", name=name)).to_be_disabled()
        await person.press("Escape")
        await expect(page.get_by_label("Add a comment")).to_have_count(0)
        await expect(page.get_by_role("checkbox")).to_have_count(0)


async def as_viewer(route: Route) -> None:
    response = await route.fetch()
    body = await response.json()
    body["actor"] |= {"role": "viewer", "scopes": ["issues:read", "clusters:read", "events:read", "runbooks:read", "members:read"]}
    await route.fulfill(response=response, json=body)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_while_triaging(chromium: Browser, edge: Api, ids: dict[str, str], dark: bool) -> None:
    async with window(chromium, edge, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await edge("POST", f"/v1/issues/{ids['node']}/comments", json={"body": "said"})
        await person.open(f"/issues/{ids['node']}")
        await expect(page.get_by_role("article")).to_be_visible()
        await page.get_by_label("Select all loaded issues").check()
        assert await person.axe() == []
        await press(page, "More actions", "Mute…")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await person.axe() == []
