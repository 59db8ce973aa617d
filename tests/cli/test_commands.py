"""The command line as its users meet it, against a small server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from optral import __version__
from optral.cli import processes, reference
from optral.cli.application import application
from optral.cli.base import front
from optral.cli.commands import COMMANDS
from tests.support.commandline import optral, process
from tests.support.serving import JsonHandler, on_thread

ISSUES = {
    "issues": [
        {
            "id": "iss_1", "type": "OOMKilled", "severity": "critical", "status": "open", "cluster": "demo",
            "resource": "api\u001b[2J\u202egnp", "namespace": "shop",
            "detectedAt": "2026-11-01T12:00:00Z", "hasAnalysis": False, "count": 2,
        }
    ],
    "total": 1, "page": 1, "pageSize": 20,
}  # fmt: skip
PROBLEM = {"status": 404, "code": "not_found", "detail": "no issue has this id", "requestId": "req_1"}


class Server(JsonHandler):
    def do_GET(self) -> None:
        known = self.path.startswith("/v1/issues?") or self.path == "/v1/issues"
        self.answer(ISSUES if known else PROBLEM, 200 if known else 404)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with on_thread(Server) as address:
        yield address


def test_the_help_of_every_command_is_the_contract() -> None:
    """`python -m optral.cli.reference` writes both files."""
    assert reference.contract() == reference.CONTRACT.read_text()
    assert reference.page() == reference.PAGE.read_text()


@pytest.mark.parametrize(("path", "text"), [pytest.param(path, text, id=" ".join(path)) for path, text in reference.pages()])
def test_every_command_has_an_example(path: tuple[str, ...], text: str) -> None:
    is_group = "Commands:" in text
    assert is_group or f"optral {' '.join(path[1:])}" in text.partition("Example:")[2]


@pytest.mark.parametrize("columns", [1, 40, 52, 60, 73, 80, 99, 100, 101, 200])
def test_the_help_of_optral_is_what_all_commands_give(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`front` prints it without loading them."""
    monkeypatch.setenv("COLUMNS", str(columns))
    command = typer.main.get_command(application())
    context = typer.Context(command, info_name="optral", max_content_width=front.MAX_WIDTH)
    assert front.terminal_columns() == columns
    assert front.help_text(columns) == command.get_help(context).rstrip()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_loaded_alone_is_the_same(name: str) -> None:
    every, alone = (typer.main.get_command(application(one)) for one in (None, name))
    assert isinstance(every, TyperGroup)
    assert isinstance(alone, TyperGroup)
    assert list(alone.commands) == [name]
    texts = [
        group.commands[name].get_help(typer.Context(group.commands[name], info_name=name, parent=typer.Context(group, info_name="optral")))
        for group in (every, alone)
    ]
    assert texts[0] == texts[1]


def test_prints_the_version_without_loading_anything() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"optral {__version__}\n", "")
    assert optral("--version", "issues").stdout == done.stdout


def test_without_a_command_the_help_is_an_error() -> None:
    done = optral()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: optral [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("words", "key", "code", "says"),
    [
        pytest.param(["issues", "list"], "", 2, "OPTRAL_API_KEY", id="no key"),
        pytest.param(["issues", "get", "iss_01h455vb4pex5vsknk084sn02q"], "mht_x", 1, "no issue has this id", id="refused by the server"),
        pytest.param(["issues", "lst"], "mht_x", 2, "No such command", id="mistyped"),
        pytest.param(["issues", "list", "-o", "xml"], "mht_x", 2, "xml", id="unknown format"),
        pytest.param(["issues", "list", "--url", "ftp://x"], "mht_x", 2, "OPTRAL_URL", id="bad address"),
        pytest.param(["issues", "list", "--url", "http://127.0.0.1:1"], "mht_x", 1, "cannot connect to", id="nobody there"),
        pytest.param(["up", "--allow-writes"], "", 2, "--namespaces", id="writes without a place"),
        pytest.param(["up", "--namespaces", "shop"], "", 2, "--allow-writes", id="a place without writes"),
        pytest.param(["up"], "", 2, "no kubeconfig at", id="up without a cluster"),
        pytest.param(["agent", "--server", "http://127.0.0.1:1", "--token-file", "/nowhere"], "", 2, "--token-file", id="no token file"),
    ],
)
def test_errors_say_what_to_do_and_end_with_their_code(url: str, tmp_path: Path, words: list[str], key: str, code: int, says: str) -> None:
    call = process if words[0] in ("up", "agent") else optral
    done = call(*words, url=url if "--url" not in words else "", key=key, home=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_prints_a_table_that_cannot_touch_the_terminal(url: str) -> None:
    done = process("issues", "list", "-o", "wide", url=url)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == [
        "SEVERITY", "STATUS", "SINCE", "AFFECTS", "CLUSTER", "TYPE", "NAMESPACE", "RESOURCE", "COUNT", "TITLE", "CAUSE", "RESOLVES",
        "STALE", "ID",
    ]  # fmt: skip
    assert "OOMKilled" in lines[1]
    assert not {"\x1b", "\u202e"} & set(done.stdout)
    assert done.stderr == ""


def test_json_is_what_the_server_said(url: str) -> None:
    done = optral("issues", "list", "-o", "json", url=url)
    assert json.loads(done.stdout) == ISSUES
    assert not {"\x1b", "\u202e"} & set(done.stdout)


def test_yaml_is_the_same(url: str) -> None:
    import yaml

    assert yaml.safe_load(optral("issues", "list", "-o", "yaml", url=url).stdout) == ISSUES


def test_a_reader_that_leaves_early_is_no_error(url: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m optral issues list | true"], capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"OPTRAL_URL": url, "OPTRAL_API_KEY": "mht_x"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_setup_keeps_an_existing_key_file_and_makes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "admin.key"
    kept.write_text("mine")
    words = ["setup", "--org", "Shop", "--email", "owner@example.com", "--data-dir", str(tmp_path / "data"), "--key-file", str(kept)]
    done = optral(*words)  # refused before anything starts
    assert (done.returncode, kept.read_text()) == (2, "mine")
    assert "--key-file" in done.stderr
    kept.unlink()
    done = process(*words)
    assert (done.returncode, done.stdout) == (0, "")
    assert kept.read_text().startswith("mht_")
    assert kept.stat().st_mode & 0o077 == 0
    done = process(*words[:-1], str(tmp_path / "second.key"))
    assert (done.returncode, done.stderr) == (1, "optral: an organization already exists; use --add to create another\n")
    assert not (tmp_path / "second.key").exists()
    done = process(*words, "--if-empty")  # as at each start of a pod
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_log_of_an_agent_on_a_terminal_prints_no_local_variables() -> None:
    def fail(token: str) -> None:
        raise RuntimeError(f"no answer after {len(token)} tries")

    try:
        fail("mhe_" + "x" * 40)
    except RuntimeError:
        text = processes.console()(None, "error", {"event": "failed", "exc_info": sys.exc_info()})
    assert "no answer after 44 tries" in str(text)
    assert "mhe_xxxx" not in str(text)
