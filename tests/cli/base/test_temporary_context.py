"""`optral demo` and `optral up` give the command line a context while they run, and never touch those of the user."""

import json
import shutil
import sys
from pathlib import Path
from unittest import mock

import pytest

from optral.cli.base import contexts_file, temporary_context
from optral.cli.base.contexts_file import Context, Contexts
from optral.up import screen
from optral.up.screen import NO_CONTEXT, Facts, to_try

URL, KEY = "http://127.0.0.1:8080", "mht_demo"
MINE = Context(name="production", url="https://optral.example.com", key="mht_mine")


@pytest.fixture(autouse=True)
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTRAL_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def test_it_is_the_current_context_while_it_runs_and_gone_afterwards() -> None:
    with temporary_context.held("demo", URL, KEY) as arguments:
        assert arguments == ""
        now = contexts_file.read()
        assert (now.current, now.get("demo").url, now.get("demo").secret()) == ("demo", URL, KEY)
    assert contexts_file.read() == Contexts()


def test_a_context_of_the_user_stays_current_and_as_it_is() -> None:
    before = Contexts(current="production", known={"production": MINE})
    contexts_file.write(before)
    with temporary_context.held("demo", URL, KEY) as arguments:
        assert arguments == " --context demo"
        assert contexts_file.read().current == "production"
    assert contexts_file.read() == before


def test_a_context_of_the_user_with_the_same_name_is_not_overwritten() -> None:
    before = Contexts(current="", known={"demo": MINE.__class__(name="demo", url="https://demo.example.com", key="mht_mine")})
    contexts_file.write(before)
    with temporary_context.held("demo", URL, KEY):
        assert contexts_file.read().get("demo").secret() == "mht_mine"
        assert contexts_file.read().get("demo-2").secret() == KEY
    assert contexts_file.read() == before


def test_what_a_crash_left_over_is_replaced() -> None:
    contexts_file.write(
        Contexts(current="demo", known={"demo": Context(name="demo", url="http://127.0.0.1:1", key="old", is_temporary=True)})
    )
    with temporary_context.held("demo", URL, KEY):
        assert contexts_file.read().get("demo").url == URL
    assert contexts_file.read() == Contexts()


def test_what_the_user_made_of_it_meanwhile_stays() -> None:
    with temporary_context.held("demo", URL, KEY):
        contexts_file.write(Contexts(current="demo", known={"demo": Context(name="demo", url=URL, key="mht_of_a_login")}))
    assert contexts_file.read().get("demo").secret() == "mht_of_a_login"


def test_without_a_terminal_or_a_place_to_write_commands_need_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTRAL_CONFIG", str(tmp_path))  # a folder
    with temporary_context.held("demo", URL, KEY) as arguments:
        assert arguments == NO_CONTEXT
    monkeypatch.setenv("OPTRAL_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    with temporary_context.held("demo", URL, KEY) as arguments:
        assert arguments == NO_CONTEXT
        assert contexts_file.read() == Contexts()


def test_the_first_screen_proposes_what_works_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts("Optral demo", URL, "e", "t", "c", KEY, "d")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert to_try(facts)[0].startswith("export OPTRAL_URL=")
    assert to_try(facts._replace(context="")) == ["optral issues list", "optral overview", "optral tui"]
    assert to_try(facts._replace(context=" --context demo"))[0] == "optral issues list --context demo"


def test_the_terminal_interface_is_proposed_where_its_package_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts("Optral demo", URL, "e", "t", "c", KEY, "d", context="")
    monkeypatch.setattr(screen, "find_spec", lambda _: None)
    assert [line.split(maxsplit=1)[1] for line in to_try(facts)] == ["issues list", "overview"]


@pytest.mark.parametrize(
    ("source", "proposed"),
    [
        pytest.param(None, "uvx optral issues list", id="a release"),
        pytest.param(
            "file:///src/dist/optral-1-py3-none-any.whl",
            "uvx --from file:///src/dist/optral-1-py3-none-any.whl optral issues list",
            id="a wheel",
        ),
    ],
)
def test_a_demo_of_uvx_proposes_uvx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, proposed: str) -> None:
    """It has put the program into PATH, where another terminal does not find it."""
    folder = tmp_path / "uv" / "archive-v0" / "x1" / "bin"
    folder.mkdir(parents=True)
    (folder / "optral").touch()
    monkeypatch.setenv("UV", "/usr/bin/uv")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "prefix", str(folder.parent))
    monkeypatch.setattr(shutil, "which", lambda name: str(folder / name))
    given = mock.Mock(read_text=lambda _: None if source is None else json.dumps({"url": source}))
    monkeypatch.setattr(screen, "distribution", lambda _: given)
    assert to_try(Facts("Optral demo", URL, "e", "t", "c", KEY, "d", context=""))[0] == proposed


def test_what_only_an_activated_environment_finds_is_proposed_with_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "optral").touch()
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "prefix", str(folder.parent))
    facts = Facts("Optral demo", URL, "e", "t", "c", KEY, "d", context="")
    monkeypatch.setattr(shutil, "which", lambda name: str(folder / name))
    assert to_try(facts)[0] == f"{folder / 'optral'} issues list"
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / "links" / name))  # as pipx and uv tool link it
    assert to_try(facts)[0] == "optral issues list"


def test_a_command_that_the_shell_does_not_find_is_proposed_with_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `make demo` in a clone."""
    folder = tmp_path / "clone" / ".venv" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    facts = Facts("Optral demo", URL, "e", "t", "c", KEY, "d", context=" --context demo")
    assert to_try(facts)[0] == "optral issues list --context demo", "the file is missing"
    (folder / "optral").touch()
    assert to_try(facts)[0] == f"{folder / 'optral'} issues list --context demo"
    monkeypatch.chdir(tmp_path / "clone")
    assert to_try(facts)[0] == ".venv/bin/optral issues list --context demo"
