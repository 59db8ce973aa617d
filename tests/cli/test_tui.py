"""`optral tui` as a person on call uses it: by keyboard, on a real edge, at 80x24 and wider."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from unittest import mock
from urllib.parse import urlsplit

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from optral.cli.base import session
from optral.cli.tui import cure as cures, look, parts, start
from optral.cli.tui.app import Tui
from optral.cli.tui.issue import IssuePage
from optral.cli.tui.server import MAX_CALLS, Server
from optral.client.errors import ClientError
from optral.kit.records import changing
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms.actor import Role
from optral.terms.errors import OptralError
from optral.terms.severity import Severity
from tests.api.accounts import PASSWORD, member, with_password
from tests.api.conftest import Api, api as api
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop, driven
from tests.support.commandline import optral
from tests.support.sqlite_alone import engine_name as engine_name

DEADLINE_S = 25
HOSTILE = ["[red]x[/red]", "[@click=app.quit]x[/]", "\x1b[2J\x1b]0;x\x07", "a\r\nb", "\u202egnp.exe", "[/]", "x" * 3000, "𝕏́" * 40, "\\[b]"]
RAISE = {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "api", "limit": "128Mi"}
SMALL, WIDE = (80, 24), (160, 50)


@dataclass
class Terminal:
    """The program in a terminal that a test reads and types into."""

    app: Tui
    pilot: Pilot[OptralError]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type an answer into the dialog that is open, and send it."""
        await self.until(lambda: isinstance(self.app.focused, Input))
        self.app.screen.query_one(Input).value = text
        await self.press("enter")

    async def until(self, true: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not true():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            pytest.fail(f"it did not come to that:\n{self.text()}")

    async def reads(self, *texts: str) -> None:
        """Wait until all of these can be read."""
        await self.until(lambda: all(one in self.text() for one in texts))

    async def lacks(self, text: str) -> None:
        await self.until(lambda: text not in self.text())

    def text(self) -> str:
        """What is on the screen."""
        width, height = self.app.size
        shown = ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]
        assert len(shown) == height and all(cell_len(line) <= width for line in shown)
        return "\n".join(line.rstrip() for line in shown)


@asynccontextmanager
async def terminal(
    url: str, key: str, *, size: tuple[int, int] = SMALL, query: str = "", theme: look.Theme = "dark"
) -> AsyncIterator[Terminal]:
    with session.client(url, key) as client, mock.patch.object(parts, "RETRY_S", 0.05):
        app = Tui(Server(client, url, key), query=query, theme=theme)
        async with app.run_test(size=size) as pilot:
            yield Terminal(app, pilot)


@dataclass
class Relay:
    """A way to the edge that can be cut and restored, as a server that goes and comes back at the same address."""

    target: str
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = urlsplit(self.target)
        inner, outer = await asyncio.open_connection(address.hostname, address.port)
        self._writers += [writer, outer]
        if self._server is None or not self._server.is_serving():  # cut since this connection was accepted
            await self.cut()
            return
        await asyncio.gather(_pump(reader, outer), _pump(inner, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        writer.transport.abort()


@asynccontextmanager
async def relayed(api: Api) -> AsyncIterator[Relay]:
    relay = Relay(api.url)
    await relay.open()
    try:
        yield relay
    finally:
        await relay.cut()


async def shop_of(api: Api) -> str:
    cluster = await api.new_cluster("production")
    await observe(api, cluster, finding("cart", severity=Severity.LOW, api=api), finding("web", api=api))
    return cluster


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=str)
async def test_open_issues_come_worst_first_and_new_ones_by_themselves(api: Api, size: tuple[int, int]) -> None:
    cluster = await shop_of(api)
    async with terminal(api.url, api.key, size=size) as seen:
        await seen.reads("Live", "2 issues", "1 critical", "1 low", "NAMESPACE", "a Acknowledge", "? Help", "q Quit")
        lines = seen.text().splitlines()
        at = [next(n for n, line in enumerate(lines) if line.strip().startswith(word)) for word in ("SEVERITY", "critical", "low")]
        assert at == sorted(at)
        assert "Container app of web was killed at its memory limit" in seen.text()
        await observe(api, cluster, finding("pay", severity=Severity.HIGH, api=api))
        await seen.reads("3 issues", "high")
        table = seen.app.screen.query_one(DataTable)
        assert table.cursor_row == 0


async def test_the_cursor_stays_on_its_issue_when_a_worse_one_comes(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await observe(api, cluster, finding("cart", severity=Severity.LOW, api=api))
    async with terminal(api.url, api.key) as seen:
        await seen.reads("1 issue ", "app of cart was killed at its memory limit")
        await observe(api, cluster, finding("web", api=api))
        await seen.reads("2 issues")
        assert seen.app.screen.query_one(DataTable).cursor_row == 1


async def test_an_issue_opens_with_its_cause_and_esc_leads_back(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key) as seen:
        await seen.reads("2 issues")
        await seen.press("j", "enter")
        await seen.reads("production/shop/cart", "low  open  OOMKilled", "Esc Back")
        await seen.press("question_mark")
        await seen.reads("Keys", "Acknowledge the issue")
        await seen.press("escape", "escape")
        await seen.reads("2 issues")
        await seen.press("escape")
        assert seen.app.is_running
        await seen.press("q")
        await seen.until(lambda: not seen.app.is_running)


async def test_an_issue_is_acknowledged_and_resolved(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key) as seen:
        await seen.reads("2 issues")
        await seen.press("a")
        await seen.reads("acknowledged: Container app of web", "✓")
        await seen.press("a")
        await seen.reads("already acknowledged")
        await seen.press("e")
        await seen.reads("A new occurrence reopens it")
        await seen.press("escape")
        await seen.reads("2 issues")
        await seen.press("e", "y")
        await seen.reads("resolved: Container app of web", "1 issue ")
    found = {one["owner"]["name"]: one["status"] for one in (await api.get("/v1/issues")).json()["issues"]}
    assert found == {"web": "resolved", "cart": "open"}


@pytest.mark.slow
async def test_the_filter_is_the_query_language_and_its_errors_are_said(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key) as seen:
        await seen.reads("2 issues")
        await seen.press("slash")
        seen.app.screen.query_one(Input).value = "severity:low q"
        await seen.press("backspace", "backspace", "enter")
        await seen.reads("1 issue ", "filter severity:low")
        await seen.press("slash")
        seen.app.screen.query_one(Input).value = "severty:high"
        await seen.press("enter")
        await seen.reads("invalid query at character 1: there is no key severty")
        await seen.press("slash")
        seen.app.screen.query_one(Input).value = "ns:none"
        await seen.press("enter")
        await seen.reads("No issue in what could be read matches this filter")  # the cluster has no inventory yet
        await seen.press("escape")
        await seen.reads("2 issues")
    async with terminal(api.url, api.key, query="status:resolved") as seen:
        await seen.reads("0 issues", "filter status:resolved")


@pytest.mark.slow
async def test_a_server_that_goes_leaves_what_was_read_and_is_found_again(api: Api) -> None:
    cluster = await shop_of(api)
    async with relayed(api) as relay, terminal(relay.url, api.key) as seen:
        await seen.reads("2 issues", "● Live")
        await relay.cut()
        await seen.reads("Reconnecting, data of", "2 issues", "app of web")
        await seen.press("j", "a")
        await seen.reads("cannot connect to")
        await seen.press("enter")
        await seen.reads("production/shop/cart", "Reconnecting")
        await observe(api, cluster, finding("pay", severity=Severity.HIGH, api=api))
        await relay.open()
        await seen.press("escape")
        await seen.reads("● Live", "3 issues")
        await seen.lacks("cannot connect to")


async def test_without_a_server_at_first_it_waits_for_one(api: Api) -> None:
    await shop_of(api)
    async with relayed(api) as relay:
        await relay.cut()
        async with terminal(relay.url, api.key) as seen:
            await seen.reads("Reconnecting, no data yet", "cannot connect to")
            await relay.open()
            await seen.reads("● Live", "2 issues")


async def test_a_key_that_is_not_valid_ends_it_with_the_reason(api: Api) -> None:
    async with terminal(api.url, "mht_unknown") as seen:
        await seen.until(lambda: not seen.app.is_running)
    assert isinstance(seen.app.return_value, ClientError)
    assert seen.app.return_value.status == 401


async def test_a_key_that_may_only_read_issues_says_what_is_missing(api: Api) -> None:
    await shop_of(api)
    key = await api.new_key(scopes={"issues:read"})
    async with terminal(api.url, key, size=WIDE) as seen:
        await seen.reads("2 issues")
        await seen.press("a")
        await seen.reads("issues:write")
        assert seen.app.is_running


async def shop_with_an_analyzed_issue(api: Api) -> tuple[Shop, str]:
    """An issue of a memory limit, and the analysis that recommends to raise it."""
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("production")
    return shop, await shop.observe(shown=True)


async def approve(seen: Terminal, reason: str = "") -> None:
    await seen.press("enter")
    await seen.reads("Approve this plan?")
    await seen.type(reason)


@asynccontextmanager
async def waiting_for_two(api: Api, *, size: tuple[int, int] = WIDE, theme: look.Theme = "dark") -> AsyncIterator[tuple[Shop, Terminal]]:
    """The cure of an issue that another member requested and that two others must approve, on the owner's screen."""
    shop, issue_id = await shop_with_an_analyzed_issue(api)
    await with_password(api)
    rules = (ApprovalRule("high", "", "", 2),)
    await api.store.write(
        api.owner,
        lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": rules, "break_glass_roles": ("owner",)}), by=api.owner.id),
    )
    requester = await member(api, Role.ADMIN, "dev@example.org")
    body = {"clusterId": shop.cluster_id, "issueId": issue_id, "parameters": RAISE}
    async with driven(shop), terminal(api.url, api.key, size=size, theme=theme) as seen:
        assert (await requester("POST", "/v1/runbooks/raise-memory-limit/execute", json=body)).status_code == 202
        await seen.reads("1 issue ")
        await seen.press("r")
        await seen.reads("waiting for approval", "0 of 2 until", "approves this plan; others must approve it, too")
        yield shop, seen


@pytest.mark.slow
async def test_an_approval_has_a_reason_and_counts(api: Api) -> None:
    async with waiting_for_two(api, size=SMALL) as (shop, seen):
        await approve(seen, "checked with the team")
        await seen.reads("1 of 2 until", "owner@example.org approved", "checked with the team")
        await approve(seen)
        await seen.reads("you have approved this plan already")
        assert shop.agent.applied == 0


@pytest.mark.slow
async def test_a_plan_is_rejected_for_a_reason(api: Api) -> None:
    async with waiting_for_two(api) as (shop, seen):
        await seen.press("d")
        await seen.reads("Reject this plan?")
        await seen.type("not on a Friday")
        await seen.reads("✗ owner@example.org rejected", "not on a Friday")
        assert shop.agent.applied == 0


@pytest.mark.slow
async def test_missing_approvals_are_skipped_by_a_person_for_a_reason(api: Api) -> None:
    async with waiting_for_two(api) as (shop, seen):
        await seen.press("b")
        await seen.reads("Continue without the missing approvals?")
        for too_short in ("", "urgent"):
            await seen.type(too_short)
            await seen.reads("Type at least 10 characters.")
        await seen.type("checkout is down")
        await seen.reads("Your email address")
        await seen.type("owner@example.org")
        await seen.reads("Password of owner@example.org")
        await seen.type("not my password")
        await seen.reads("the email address or the password is wrong")
        assert shop.agent.applied == 0
        await seen.press("b")
        await seen.reads("Continue without the missing approvals?")
        await seen.type("checkout is down")
        await seen.reads("Your email address")
        await seen.type("owner@example.org")
        await seen.reads("Password of owner@example.org")
        await seen.type(PASSWORD)
        await seen.until(lambda: shop.agent.applied == 1)
        await seen.reads("owner@example.org skipped the missing approvals", "Break-glass: checkout is down")
        assert PASSWORD not in seen.text()


@pytest.mark.slow
async def test_a_run_starts_despite_a_freeze_only_for_a_reason(api: Api) -> None:
    shop, _ = await shop_with_an_analyzed_issue(api)
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
    assert (await api("POST", "/v1/change-windows", json={"kind": "freeze", "name": "Sale", **times})).status_code == 201
    cure = {"title": "Restart web", "runbook": "raise-memory-limit", "risk": "high", "parameters": RAISE}
    async with driven(shop), terminal(api.url, api.key) as seen:
        with mock.patch.object(cures, "cure_of", lambda _: cure):
            await seen.reads("1 issue ")
            await seen.press("r")
            await seen.reads("Nothing has been changed")
            assert "Break-glass" not in seen.text()
            await seen.press("enter")
            await seen.reads("Sale", "b Break-glass")
            await seen.press("b")
            await seen.reads("Start despite the freeze?")
            await seen.type("")
            await seen.reads("Type at least 10 characters.")
            await seen.type("checkout is down")
            await seen.reads("waiting for approval", "Break-glass: checkout is down")


@pytest.mark.slow
async def test_a_cure_is_previewed_started_approved_and_verified(api: Api) -> None:
    shop, issue_id = await shop_with_an_analyzed_issue(api)
    cure = {"title": "Raise the memory limit of web", "runbook": "raise-memory-limit", "risk": "high", "parameters": RAISE}
    async with driven(shop) as passes, terminal(api.url, api.key) as seen:
        with mock.patch.object(cures, "cure_of", lambda _: cure):
            await seen.reads("1 issue ")
            await seen.press("r")
            await seen.reads(
                "Raise the memory limit of web", "high risk", "- 64Mi", "+ 128Mi", "Nothing has been changed", "requests approval"
            )
            assert shop.agent.applied == 0
            await seen.press("enter")
            await seen.reads("approves this plan and runs it")
            assert shop.agent.applied == 0
            await approve(seen)
            await seen.reads("Type web to approve your own request")
            await seen.press(*"wep", "enter")
            await seen.reads("not approved: type web to confirm")
            await approve(seen)
            await seen.reads("Type web to approve your own request")
            await seen.until(lambda: isinstance(seen.app.focused, Input))
            await seen.press(*"web")
            assert seen.app.screen.query_one(Input).value == "web"
            await seen.press("enter")
            await seen.reads("Reason for the approval")
            await seen.type("no")
            await seen.reads("Type at least 3 characters.")
            await seen.type("more")
            await seen.until(lambda: shop.agent.applied == 1)
            passes.set()
            await seen.reads("✓ Raise the limit")
            assert shop.agent.limit == "128Mi"
            await shop.observe(shown=False)
            await seen.reads("succeeded, verified")
            await seen.press("escape")
            await seen.reads("1 issue ")
    found = (await api.get(f"/v1/executions?issue={issue_id}")).json()["executions"]
    assert [one["status"] for one in found if not one["dryRun"]] == ["succeeded"]


@pytest.mark.slow
async def test_a_cure_that_waits_for_approval_is_found_again_and_canceled(api: Api) -> None:
    shop, issue_id = await shop_with_an_analyzed_issue(api)
    body = {"clusterId": shop.cluster_id, "issueId": issue_id, "parameters": RAISE}
    async with driven(shop), terminal(api.url, api.key) as seen:
        assert (await api("POST", "/v1/runbooks/raise-memory-limit/execute", json=body)).status_code == 202
        await seen.reads("1 issue ")
        await seen.press("r")
        await seen.reads("waiting for approval", "+ 128Mi")
        await seen.press("x")
        await seen.reads("Cancel the run?")
        await seen.press("y")
        await seen.reads("canceled")
    assert shop.agent.applied == 0


@pytest.mark.slow
async def test_an_issue_without_a_runbook_and_a_refused_preview_say_so(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key) as seen:
        await seen.reads("2 issues")
        with mock.patch.object(cures, "cure_of", lambda _: None):
            await seen.press("r")
            await seen.reads("No runbook does what the analysis")
            await seen.press("enter", "escape")
        await seen.reads("2 issues")
        with mock.patch.object(
            cures, "cure_of", lambda _: {"title": "[b]x", "runbook": "raise-memory-limit", "parameters": {"limit": "?"}}
        ):
            await seen.press("r")
            await seen.reads("[b]x", "limit", "optral runbooks run raise-memory-limit --issue")
            await seen.until(lambda: seen.app.screen._refusal is not None)  # type: ignore[attr-defined]
            await seen.lacks("Planning")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, WIDE, (20, 6)], ids=str)
async def test_names_of_a_cluster_are_text_and_nothing_else(api: Api, size: tuple[int, int]) -> None:
    cluster = await api.new_cluster("production")
    await observe(api, cluster, *(finding(name, severity=Severity.HIGH, api=api) for name in HOSTILE))
    async with terminal(api.url, api.key, size=size) as seen:
        await seen.until(lambda: seen.app.screen.query_one(DataTable).row_count == len(HOSTILE))
        for _ in HOSTILE:
            await seen.press("enter")
            await seen.until(lambda: isinstance(seen.app.screen, IssuePage))
            assert not [one for one in seen.text() if one != "\n" and not one.isprintable()]
            await seen.press("a")
            await seen.press("escape", "j")
        assert not [one for one in seen.text() if one != "\n" and not one.isprintable()]
        if size == WIDE:
            await seen.reads("app of [red]x[/red] was", "app of [/] was", "app of \\[b] was", "app of [@click=app.quit]x[/] was")


@pytest.mark.slow
async def test_calls_wait_for_a_free_place_until_their_deadline() -> None:
    gate = threading.Event()

    def waits(_: object) -> bool:
        return gate.wait(DEADLINE_S)

    with session.client("http://127.0.0.1:9", "mht_unused") as client:
        server = Server(client, "http://127.0.0.1:9", "mht_unused")
        calls = [asyncio.ensure_future(server.call(waits)) for _ in range(MAX_CALLS + 2)]
        await asyncio.sleep(0)
        with pytest.raises(ClientError, match="did not answer"):
            await server.call(lambda _: True, deadline_s=0.01)
        gate.set()
        assert all(await asyncio.gather(*calls))


@pytest.mark.slow
async def test_a_screen_that_ends_while_it_reads_ends_quietly(api: Api) -> None:
    await shop_of(api)
    for _ in range(5):
        async with terminal(api.url, api.key) as seen:
            seen.app.pages()[-1].again()
            await seen.press("enter", "escape")


def test_without_its_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "find_spec", lambda _: None)
    done = optral("tui")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'optral[tui]'" in done.stderr


def test_without_a_terminal_it_says_so() -> None:
    done = optral("tui")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("of", [look.DARK, look.LIGHT], ids=["dark", "light"])
def test_every_color_can_be_read(of: look.Palette) -> None:
    """WCAG 2.2 AA for text: a contrast of 4.5 at least."""
    on = [
        (getattr(of, name), below)
        for name in ("ink", "quiet", "critical", "high", "medium", "low", "good")
        for below in (of.page, of.raised)
    ]
    for color, below in [*on, (of.cursor_ink, of.cursor)]:
        assert _contrast(color, below) >= 4.5, f"{color} on {below}"


def _contrast(color: str, below: str) -> float:
    lighter, darker = sorted((_luminance(color), _luminance(below)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_keys_below_every_screen_can_be_read_and_fit(api: Api, theme: look.Theme) -> None:
    async with waiting_for_two(api, size=SMALL, theme=theme) as (_, seen):
        await seen.reads("d Reject", "b Break-glass", "x Cancel run", "? Help", "q Quit")
        for text, style, _ in seen.app.screen._compositor.render_strips()[-1]:
            if text.strip() and style and style.color and style.bgcolor:
                color, below = (one.get_truecolor().hex for one in (style.color, style.bgcolor))
                assert _contrast(color, below) >= 4.5, f"{text!r}: {color} on {below}"
    look.choose("dark")


@pytest.mark.parametrize(
    ("theme", "reported", "chosen"),
    [
        ("auto", "0;15", look.LIGHT),
        ("auto", "15;0", look.DARK),
        ("auto", "", look.DARK),
        ("light", "15;0", look.LIGHT),
        ("dark", "0;15", look.DARK),
    ],
)
def test_the_theme_is_as_given_or_as_the_terminal_reports(
    theme: look.Theme, reported: str, chosen: look.Palette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORFGBG", reported)
    try:
        assert look.choose(theme) is chosen
    finally:
        look.choose("dark")


@pytest.mark.slow
async def test_the_light_theme_reaches_every_screen_and_every_word(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key, theme="light") as seen:
        await seen.reads("2 issues", "● Live")
        for key in (None, "enter", "question_mark"):
            if key:
                await seen.press(key)
            await seen.pilot.pause()
            styles = {style for strip in seen.app.screen._compositor.render_strips() for _, style, _ in strip if style}
            shown = {str(color.get_truecolor().hex) for one in styles for color in (one.color, one.bgcolor) if color is not None}
            assert look.LIGHT.page in shown or key == "question_mark"  # a dialog dims what is below it
            assert not shown & set(look.DARK.variables().values()) - set(look.LIGHT.variables().values())
    look.choose("dark")


@pytest.mark.slow
async def test_another_size_of_the_terminal_keeps_the_issue_and_its_text(api: Api) -> None:
    await shop_of(api)
    async with terminal(api.url, api.key, size=WIDE) as seen:
        await seen.reads("2 issues")
        await seen.press("enter")
        await seen.reads("production/shop/web")
        for size in ((40, 12), (200, 60), SMALL):
            await seen.pilot.resize_terminal(*size)
            await seen.until(lambda size=size: len(seen.app.screen._compositor.render_strips()) == size[1])
            await seen.reads("Container app of web")


async def test_an_empty_list_says_so_and_fills_by_itself(api: Api) -> None:
    cluster = await api.new_cluster("production")
    async with terminal(api.url, api.key) as seen:
        await seen.reads("● Live", "0 issues")
        await observe(api, cluster, finding("web", api=api))
        await seen.reads("1 issue")
