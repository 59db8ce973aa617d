"""`optral login`, `logout` and `contexts` against the real HTTP edge, and which server and key a command uses."""

import asyncio
import stat
import sys
import webbrowser
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from optral.cli import login
from optral.client.endpoints.people import Device
from optral.store.store import Store
from tests.api import accounts as people
from tests.api.accounts import Browser
from tests.api.conftest import Api, running
from tests.api.people.provider_visits import Visitor
from tests.api.people.scim_calls import provisioning
from tests.support.clock import FakeClock
from tests.support.commandline import Done, optral
from tests.support.sqlite_alone import engine_name as engine_name

PAGE = "http://optral.example.org/device"
"""Of the public URL."""


@pytest.fixture
async def edge(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    async with running(store, clock) as api:
        yield api


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The contexts file of a user who has none yet, on a machine without a keyring or a display."""
    place = tmp_path / "config" / "optral" / "config.yaml"
    monkeypatch.setenv("OPTRAL_CONFIG", str(place))
    monkeypatch.setitem(sys.modules, "keyring", None)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    return place


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def stored(file: Path) -> str:
    return file.read_text()


@dataclass
class Desk:
    """A person at a machine: runs commands, and decides what they are asked in the browser while a login waits."""

    api: Api
    browser: Browser
    decision: str = "approve"
    codes: list[str] = field(default_factory=list)

    async def __call__(self, *words: str, key: str = "", url: str = "") -> Done:
        return await asyncio.to_thread(optral, *words, key=key, url=url)

    async def decide(self) -> None:
        for code in self.codes:
            await self.browser("POST", f"/v1/device/{self.decision}", json={"userCode": code})
        self.codes.clear()


@pytest.fixture
async def desk(edge: Api, file: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Time passes for the server as the command waits."""
    made, loop, start = Desk(edge, await people.signed_in(edge)), asyncio.get_running_loop(), Device.start

    def started(self: Device, name: str) -> Any:
        answer = start(self, name)
        made.codes.append(str(answer.value["userCode"]))
        return answer

    def sleep(seconds: float) -> None:
        edge.clock.advance(seconds)
        asyncio.run_coroutine_threadsafe(made.decide(), loop).result(60)

    monkeypatch.setattr(Device, "start", started)
    monkeypatch.setattr(login, "_is_known", lambda _: True)
    monkeypatch.setattr(login, "time", type("time", (), {"sleep": staticmethod(sleep)}))
    return made


async def test_a_login_is_stored_and_used_and_ended(desk: Desk, file: Path) -> None:
    done = await desk("login", desk.api.url)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"Open {PAGE} and enter the code" in done.stderr
    assert "logged in to" in done.stderr and "as owner@example.org (Shop)" in done.stderr
    assert mode(file) == 0o600
    me = await desk("me", "-o", "yaml")
    assert yaml.safe_load(me.stdout)["member"]["email"] == "owner@example.org"
    keys = yaml.safe_load((await desk("keys", "list", "-o", "yaml")).stdout)["apiKeys"]
    assert [one["name"].startswith("optral on ") for one in keys].count(True) == 1
    out = await desk("logout")
    assert (out.returncode, "revoked" in out.stderr) == (0, True)
    assert yaml.safe_load(stored(file)) == {"current": "", "contexts": {}}
    assert "optral login" in (await desk("me")).stderr


async def test_a_person_of_an_identity_provider_logs_in_until_they_leave(desk: Desk) -> None:
    api = desk.api
    _, provider, provider_id, scim = await provisioning(api)
    user = await scim.create("/Users", userName="dev@example.com", externalId="u-1")
    await scim.create("/Groups", displayName="shop", members=[{"value": user["id"]}])
    visitor = Visitor(api, provider, provider_id)
    provider.auth_time = int(api.clock.now().timestamp()) - 3600  # the provider knew the person for an hour
    assert (await visitor.sign_in()).status_code == 201
    answers: list[int] = []

    async def decide() -> None:
        """The page asks the person to sign in at the provider again, and then approves."""
        for code in desk.codes:
            approval = {"userCode": code}
            answers.append((await visitor("POST", "/v1/device/approve", json=approval)).status_code)
            url = (await visitor("POST", "/v1/session/confirm/provider")).json()["authorizationUrl"]
            provider.auth_time = int(api.clock.now().timestamp())
            answers.append((await visitor("POST", "/v1/session/confirm/provider/callback", json=provider.visit(url))).status_code)
            answers.append((await visitor("POST", "/v1/device/approve", json=approval)).status_code)
        desk.codes.clear()

    desk.decide = decide  # type: ignore[method-assign]
    done = await desk("login", api.url)
    assert (done.returncode, answers) == (0, [403, 200, 200]), done.stderr
    assert "as dev@example.com (Shop)" in done.stderr
    me = yaml.safe_load((await desk("me", "-o", "yaml")).stdout)
    assert [(one["role"], one["namespaces"]) for one in me["actor"]["places"]] == [("operator", ["shop"])]
    assert (await scim.patch(f"/Users/{user['id']}", {"op": "replace", "value": {"active": False}})).status_code == 200
    api.clock.advance(1)
    ended = await desk("me")
    assert ended.returncode != 0 and "optral login" in ended.stderr


async def test_a_denied_login_stores_nothing(desk: Desk, file: Path) -> None:
    desk.decision = "deny"
    done = await desk("login", desk.api.url)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "optral: the login was denied")
    assert not yaml.safe_load(stored(file))["contexts"]


async def test_a_login_that_nobody_approves_ends(desk: Desk) -> None:
    desk.decision = "check"
    done = await desk("login", desk.api.url)
    assert (done.returncode, "expired" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("environment", "words", "is_opened"),
    [
        ({"DISPLAY": ":0"}, [], True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, [], True),
        ({"DISPLAY": ":0"}, ["--no-browser"], False),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, [], False),
        ({}, [], False),
    ],
)
async def test_a_browser_opens_only_where_somebody_sees_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: list[str], is_opened: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    await desk("login", desk.api.url, *words)
    assert opened == ([PAGE] if is_opened else []), "and the code is never part of the address"


async def test_an_address_that_is_no_web_page_is_not_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    with pytest.raises(Exception, match="not a web page"):
        login._pages("file:///etc/passwd", "http://127.0.0.1:8080/device")
    assert login._pages("https://optral.example.com/device", "http://127.0.0.1:8080/device") and not opened


async def test_where_the_name_of_the_server_is_unknown_the_address_that_was_given_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind `kubectl port-forward`: only pods know the name of a Service."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(login, "has_display", lambda: True)
    monkeypatch.setattr(login, "_is_known", lambda _: False)
    done = await desk("login", desk.api.url)
    assert f"Open {desk.api.url}/device (on a machine that can resolve this name: {PAGE}) and enter the code" in done.stderr
    assert opened == [f"{desk.api.url}/device"]


class Ring(ModuleType):
    """A keyring in memory."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.kept[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


async def test_the_key_is_kept_in_a_keyring_where_there_is_one(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert (await desk("login", desk.api.url, "--name", "shop")).returncode == 0
    (secret,) = ring.kept.values()
    assert secret.startswith("mht_") and "mht_" not in stored(file)
    assert (await desk("contexts", "rename", "shop", "store")).returncode == 0
    assert (await desk("me")).returncode == 0
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "keyring" in (await desk("me")).stderr
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert (await desk("logout")).returncode == 0
    assert not ring.kept


async def test_a_keyring_that_does_not_work_leaves_the_key_to_the_file(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("keyring")
    monkeypatch.setitem(sys.modules, "keyring", broken)
    assert (await desk("login", desk.api.url)).returncode == 0
    assert "mht_" in stored(file)


async def test_a_revoked_key_says_how_to_get_another(desk: Desk, file: Path) -> None:
    await desk("login", desk.api.url, "--name", "shop")
    key_id = next(iter(yaml.safe_load(stored(file))["contexts"].values()))["key-id"]
    await desk.api("DELETE", f"/v1/api-keys/{key_id}")
    desk.api.clock.advance(2)
    done = await desk("me")
    assert done.stderr.strip() == f"optral: the API key of context shop is no longer valid; run `optral login {desk.api.url}`"
    assert (await desk("logout")).returncode == 0


CONTEXTS = """
current: one
contexts:
  one: {url: "http://127.0.0.1:1", key: mht_one, email: one@example.org}
  two: {url: "http://127.0.0.1:2/", key: mht_two, email: two@example.org}
"""


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        pytest.param([], {}, ("http://127.0.0.1:1", "mht_one"), id="the current context"),
        pytest.param(["--context", "two"], {}, ("http://127.0.0.1:2/", "mht_two"), id="a context that is named"),
        pytest.param([], {"OPTRAL_CONTEXT": "two"}, ("http://127.0.0.1:2/", "mht_two"), id="a context of the environment"),
        pytest.param(
            ["--context", "one"], {"OPTRAL_CONTEXT": "two"}, ("http://127.0.0.1:1", "mht_one"), id="an option wins over the environment"
        ),
        pytest.param(
            [], {"OPTRAL_CONTEXT": "two", "OPTRAL_API_KEY": "mht_e"}, ("http://127.0.0.1:8080", "mht_e"), id="a key wins over a context"
        ),
        pytest.param([], {"OPTRAL_URL": "http://x", "OPTRAL_API_KEY": "mht_e"}, ("http://x", "mht_e"), id="the environment as before"),
        pytest.param(
            ["--context", "two"], {"OPTRAL_URL": "http://x", "OPTRAL_API_KEY": "mht_e"}, ("http://127.0.0.1:2/", "mht_two"),
            id="a typed context wins over the environment",
        ),
        pytest.param(["--url", "http://127.0.0.1:2"], {}, ("http://127.0.0.1:2", "mht_two"), id="the key of that very server"),
        pytest.param(["--url", "http://127.0.0.1:3"], {}, ("http://127.0.0.1:3", ""), id="no key goes to another server"),
        pytest.param([], {"OPTRAL_URL": "http://127.0.0.1:3"}, ("http://127.0.0.1:3", ""), id="nor to one of the environment"),
        pytest.param(["--api-key", "mht_t"], {"OPTRAL_CONTEXT": "two"}, ("http://127.0.0.1:8080", "mht_t"), id="a typed key"),
    ],
)  # fmt: skip
def test_which_server_and_key_a_command_uses(
    file: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], environment: dict[str, str], expected: tuple[str, str]
) -> None:
    from optral.cli.base import session
    from optral.terms.errors import Refused

    used: list[tuple[str, str]] = []

    def client(url: str, api_key: str) -> Any:
        used.append((url, api_key))
        raise Refused("seen", say="seen")

    file.parent.mkdir(parents=True)
    file.write_text(CONTEXTS)
    file.chmod(0o600)
    monkeypatch.setattr(session, "client", client)
    url, key = environment.get("OPTRAL_URL", ""), environment.get("OPTRAL_API_KEY", "")
    with pytest.MonkeyPatch.context() as more:
        from tests.support import commandline

        plain = commandline._environment
        more.setattr(commandline, "_environment", lambda *given: plain(*given) | environment)
        optral("me", *words, url=url, key=key)
    assert used == [expected]


def test_a_context_and_a_url_exclude_each_other(file: Path) -> None:
    done = optral("me", "--context", "one", "--url", "http://127.0.0.1:1", key="")
    assert (done.returncode, "not both" in done.stderr) == (2, True)


def test_contexts_are_listed_changed_and_deleted_without_showing_a_key(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(CONTEXTS)
    file.chmod(0o600)
    listed = optral("contexts", "list", key="")
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [["CURRENT", "NAME"], ["yes", "one"], ["no", "two"]]
    assert optral("contexts", "use", "two", key="").returncode == 0
    assert optral("contexts", "rename", "two", "three", key="").returncode == 0
    assert optral("contexts", "rename", "one", "three", key="").returncode == 1
    shown = optral("contexts", "show", "-o", "json", key="")
    assert '"name": "three"' in shown.stdout
    assert "mht_" not in listed.stdout + shown.stdout + optral("contexts", "list", "-o", "yaml", key="").stdout
    assert "not revoked" in optral("contexts", "delete", "three", key="").stderr
    assert optral("contexts", "list", "-o", "name", key="").stdout == "one\n"
    assert yaml.safe_load(stored(file))["current"] == ""


@pytest.mark.parametrize("text", ["a: [", "contexts: [1]", "contexts: {x: {key: 1}}", "- a", "\x00", "contexts: {x: 1}"])
def test_a_file_that_is_none_is_named_in_one_line(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.chmod(0o600)
    done = optral("me", key="")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert str(file) in done.stderr


def test_a_file_that_others_can_read_is_named(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(CONTEXTS)
    file.chmod(0o644)
    assert f"chmod 600 {file}" in optral("contexts", "show", key="").stderr


def test_a_file_that_cannot_be_written_is_noticed_before_a_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "occupied").write_text("")
    monkeypatch.setenv("OPTRAL_CONFIG", str(tmp_path / "occupied" / "config.yaml"))
    done = optral("login", "http://127.0.0.1:1", key="")
    assert done.returncode == 2
    assert "cannot" in done.stderr and "connect" not in done.stderr
