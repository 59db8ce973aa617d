"""`kubectl optral`: the same program, for the cluster that kubectl works on."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from optral.cli import main, plugin
from tests.cli.base.test_refs import Server, url as url
from tests.support.commandline import Done, optral

KUBECONFIG = """
current-context: {current}
contexts:
- {{name: admin@web, context: {{cluster: web, user: admin}}}}
- {{name: web, context: {{cluster: other-name, user: admin}}}}
- {{name: admin@elsewhere, context: {{cluster: elsewhere, user: admin}}}}
- nonsense
"""


def called(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> Done:
    Server.seen.clear()
    monkeypatch.setattr(plugin, "is_plugin", lambda: True)
    return optral(*words, url=url)


def cluster_filter() -> list[str]:
    return parse_qs(urlsplit(Server.seen[-1].partition(" ")[0]).query).get("cluster", [])


@pytest.mark.parametrize(
    ("current", "words", "expected"),
    [
        pytest.param("web", [], ["web"], id="the name of the context"),
        pytest.param("admin@web", [], ["web"], id="the name of its cluster"),
        pytest.param("admin@elsewhere", [], [], id="a cluster that is not there"),
        pytest.param("missing", [], [], id="a context that is not there"),
        pytest.param('""', [], [], id="no current context"),
        pytest.param("web", ["--cluster", "all"], [], id="all on request"),
        pytest.param("web", ["--cluster", "x"], ["x"], id="another on request"),
    ],
)
def test_a_list_shows_the_cluster_of_the_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, current: str, words: list[str], expected: list[str]
) -> None:
    (tmp_path / "config").write_text(KUBECONFIG.format(current=current))
    names = plugin.context_names
    monkeypatch.setattr(plugin, "context_names", lambda: _in(tmp_path / "config", names, monkeypatch))
    called(monkeypatch, url, "issues", "list", *words)
    assert cluster_filter() == expected


def _in(path: Path, names: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with monkeypatch.context() as patched:
        patched.setenv("KUBECONFIG", str(path))
        return names()


@pytest.mark.parametrize("content", [None, "a: [", "- a", "\x00", "contexts: 1"])
def test_a_kubeconfig_that_is_none_chooses_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config").write_text(content)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert plugin.context_names() == []


def test_without_kubectl_no_cluster_is_chosen(url: str) -> None:
    Server.seen.clear()
    optral("issues", "list", url=url)
    assert cluster_filter() == [] and len(Server.seen) == 1


@pytest.mark.parametrize(
    ("program", "name"), [("/usr/bin/kubectl-optral", "kubectl optral"), ("/usr/bin/optral", "optral"), ("-c", "optral")]
)
def test_usage_lines_say_what_was_typed(monkeypatch: pytest.MonkeyPatch, program: str, name: str) -> None:
    monkeypatch.setattr(sys, "argv", [program])
    assert main._program() == name
    assert plugin.is_plugin() is (name != "optral")


def test_the_package_installs_the_plugin(tmp_path: Path) -> None:
    scripts = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts[plugin.PROGRAM] == scripts["optral"]
    script = tmp_path / plugin.PROGRAM
    script.write_text(f"#!{sys.executable}\nfrom optral.cli.main import run\nrun()\n")
    script.chmod(0o700)
    for words in ([], ["issues", "list"]):
        done = subprocess.run([str(script), *words, "--help"], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.startswith(f"Usage: kubectl optral {' '.join(words)}".rstrip())
    assert shutil.which(plugin.PROGRAM, path=str(tmp_path))
