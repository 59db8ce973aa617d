"""`optral scan` as people and pipelines meet it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from structlog.testing import capture_logs

from optral.kit.lazy_log import LazyLogger
from tests.support import broken
from tests.support.commandline import Done, optral, process

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "cluster.json"
    with path.open("w") as file:
        broken.write(file, workloads=10, each=7)
    return path


def scan(*words: str, call: Callable[..., Done] = optral) -> Done:
    done = call("scan", *words, key="")
    assert "Traceback" not in done.stderr
    return done


def test_prints_one_line_for_each_issue(dump: Path) -> None:
    done = scan("--from", str(dump), call=process)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].split() == ["SEVERITY", "SINCE", "AFFECTS", "TITLE", "TYPE", "NAMESPACE", "OBJECT", "CONTAINER"]
    assert len([line for line in lines[1 : lines.index("")] if "└" not in line]) == len(broken.FAILURES)
    assert "10 issues" in done.stdout


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_gives_programs_the_whole_report(dump: Path, form: str) -> None:
    done = scan("--from", str(dump), "-o", form)
    report = json.loads(done.stdout) if form == "json" else yaml.safe_load(done.stdout)
    assert report["total"] == len(report["issues"]) == 10
    assert sum(issue["affectedTotal"] for issue in report["issues"]) == 50
    promised = ["type", "severity", "status", "cluster", "resource", "namespace", "detectedAt", "hasAnalysis"]
    assert list(report["issues"][0])[: len(promised)] == promised if form == "json" else set(promised) <= set(report["issues"][0])
    assert report["incomplete"] == []


def test_writes_markdown_that_nothing_in_the_cluster_can_mark_up(tmp_path: Path) -> None:
    pods = [one for one in broken.objects(workloads=10, each=7) if one["kind"] == "Pod"]
    crashing = next(pod for pod in pods if "CrashLoopBackOff" in str(pod["status"]))
    del crashing["metadata"]["ownerReferences"]
    crashing["metadata"]["name"] = "a|b](http://x) <script>"
    (tmp_path / "pod.json").write_text(json.dumps(crashing))
    text = scan("--from", str(tmp_path / "pod.json"), "-o", "markdown").stdout
    assert text.startswith("# Optral scan\n")
    assert "| Severity |" in text
    assert "<script>" not in text
    assert "](http" not in text


def test_explains_each_issue_with_the_same_words_as_the_server(dump: Path) -> None:
    done = scan("--from", str(dump), "--explain", "--type", "createcontainerconfigerror")
    for words in ("WHY", "WHAT TO DO", "EVIDENCE", "settings"):
        assert words in done.stdout
    report = json.loads(scan("--from", str(dump), "--explain", "-o", "json").stdout)
    assert all(issue["hasAnalysis"] for issue in report["issues"])
    ready = [issue["analysis"] for issue in report["issues"] if issue["analysis"]["status"] == "ready"]
    assert ready
    assert all({"rootCause", "confidence", "evidence", "recommendedActions", "engine", "durationMs"} <= set(one) for one in ready)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["--fail-on", "high"], 1, id="as severe"),
        pytest.param(["--fail-on", "low"], 1, id="more severe"),
        pytest.param(["--fail-on", "critical"], 0, id="less severe"),
        pytest.param(["--fail-on", "high", "-n", "team-19"], 0, id="nothing there"),
        pytest.param([], 0, id="not asked to"),
    ],
)
def test_the_exit_code_is_for_pipelines(dump: Path, words: list[str], code: int) -> None:
    assert scan("--from", str(dump), *words).returncode == code


def test_filters_by_namespace_and_severity(dump: Path) -> None:
    report = json.loads(scan("--from", str(dump), "-n", "team-00,team-03", "-o", "json").stdout)
    assert {issue["namespace"] for issue in report["issues"]} == {"team-00", "team-03"}
    report = json.loads(scan("--from", str(dump), "--min-severity", "high", "-o", "json").stdout)
    assert {issue["severity"] for issue in report["issues"]} == {"high"}


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_what_is_incomplete_is_said_loudly_and_never_ends_well(dump: Path, tmp_path: Path, form: str) -> None:
    (tmp_path / "cut.json").write_bytes(dump.read_bytes()[:100_000])
    (tmp_path / "whole.json").write_bytes(dump.read_bytes())
    done = scan("--from", str(tmp_path), "-o", form)
    assert done.returncode == 1
    assert "cut.json" in done.stderr
    assert "cut.json" in done.stdout


def test_a_namespace_that_does_not_exist_is_no_good_news(dump: Path) -> None:
    done = scan("--from", str(dump), "-n", "team-O3")
    assert done.returncode == 1
    assert "INCOMPLETE  namespace team-O3: does not exist; did you mean team-03?" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--from", "/nowhere"], "/nowhere", id="no file"),
        pytest.param(["--from", ".", "--context", "x"], "not both", id="both"),
        pytest.param(["--type", "OOMKiled"], "did you mean OOMKilled", id="mistyped type"),
        pytest.param(["--fail-on", "urgent"], "urgent", id="no severity"),
        pytest.param(["--kubeconfig", "/nowhere"], "no kubeconfig at", id="no kubeconfig"),
    ],
)
def test_misuse_says_what_to_do(words: list[str], says: str) -> None:
    done = scan(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_cluster_that_does_not_answer_is_a_refusal(tmp_path: Path) -> None:
    config = {
        "current-context": "gone",
        "contexts": [{"name": "gone", "context": {"cluster": "c"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    done = scan("--kubeconfig", str(tmp_path / "config"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "gone" in done.stderr
    assert "object at" not in done.stderr


def test_a_scan_in_this_process_leaves_the_logs_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "dump.json").write_text('{"kind": "List", "apiVersion": "v1", "items": []}')
    assert optral("scan", "--from", str(tmp_path / "dump.json")).returncode == 0
    LazyLogger("test").error("something")  # would configure them as the scan does
    with capture_logs() as logs:
        structlog.get_logger("test").info("else")
    assert [one["event"] for one in logs] == ["else"]
