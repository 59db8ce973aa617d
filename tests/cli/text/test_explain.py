"""An analysis on a terminal."""

from typing import Any

import pytest

from optral import detectors
from optral.cli.text import explain
from tests.analysis.test_rules import CASES
from tests.detectors.build import NOON
from tests.detectors.test_reach_of_names import WORLDS

CONTAINERS = {"api", "app", "i", "box"}

ISSUE: dict[str, Any] = {
    "id": "iss_1",
    "type": "OOMKilled",
    "severity": "critical",
    "status": "open",
    "cluster": "prod",
    "namespace": "orders",
    "resource": "api-1-x",
    "owner": {"kind": "Deployment", "name": "api"},
    "container": "api",
    "title": "Container api was killed",
}


def shown(analysis: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]) -> str:
    explain.render(ISSUE, analysis)
    return capsys.readouterr().out


def of(name: str) -> dict[str, Any]:
    _, found = CASES[name][2]()
    return {"id": "ana_1", "status": found.status.value, "durationMs": 12, **found.body}


def test_says_the_cause_why_what_to_do_and_what_proves_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(of("killed_after_the_limit_was_lowered"), capsys)
    for words in (
        "The memory limit was lowered",
        "99 % high",
        "WHY",
        "from 512Mi to 128Mi",
        "WHAT TO DO",
        "limit=512Mi",
        "EVIDENCE",
        "[1]",
    ):
        assert words in text
    assert "`" not in text


def test_gives_a_fix_of_one_field_as_a_command_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    analysis = of("calls_a_service_that_selects_nobody")
    (command,) = [action["edit"]["command"] for action in analysis["recommendedActions"] if "edit" in action]
    assert command in [line.strip() for line in shown(analysis, capsys).splitlines()]


def test_an_agent_that_is_read_only_is_no_dead_end(capsys: pytest.CaptureFixture[str]) -> None:
    helm = "helm upgrade optral-agent https://optral.example.com/charts/optral-agent.tgz -n optral --reuse-values --set profile=operate"
    obstacle = {
        "code": "agent_read_only",
        "message": "Optral's agent is read-only in this cluster, so it cannot make this change.",
        "chartValues": {"profile": "operate", "operate": {"namespaces": ["orders"]}},
        "helm": helm,
        "up": "optral up --allow-writes --namespaces orders",
    }
    analysis = of("killed_after_the_limit_was_lowered")
    command = "kubectl -n orders set resources deployment/api -c api --limits=memory=512Mi"
    for action in analysis["recommendedActions"]:
        action |= {"command": command, "obstacle": obstacle}
    text = shown(analysis, capsys)
    lines = [line.strip() for line in text.splitlines()]
    assert command in lines
    assert [lines.count(one) for one in (helm, obstacle["up"])] == [1, 1]
    assert text.count("agent is read-only in this cluster") == 1


def test_says_why_a_runbook_would_be_refused_now(capsys: pytest.CaptureFixture[str]) -> None:
    analysis = of("killed_after_the_limit_was_lowered")
    (action,) = (one for one in analysis["recommendedActions"] if one.get("runbook") == "raise-memory-limit")
    until = "2026-05-04T03:10:00Z"
    action["hold"] = {"code": "cooling_down", "message": "raise-memory-limit changed Deployment shop/web recently", "until": until}
    text = shown(analysis, capsys)
    assert "raise-memory-limit changed Deployment shop/web recently; possible again at 03:10 UTC" in " ".join(text.split())


def test_says_that_it_does_not_know_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(
        {"id": "ana_1", "status": "inconclusive", "summary": "The evidence does not decide it.", "missingEvidence": ["log lines"]}, capsys
    )
    assert "does not decide" in text
    assert "Missing: log lines" in text


@pytest.mark.parametrize(
    ("analysis", "words"),
    [
        (None, "Not analyzed yet"),
        ({"id": "ana_1", "status": "queued"}, "is queued"),
        ({"id": "ana_1", "status": "failed", "failure": "it did not finish in time"}, "did not finish"),
    ],
)
def test_says_where_an_analysis_stands(analysis: dict[str, Any] | None, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in shown(analysis, capsys)


@pytest.mark.parametrize(
    ("occurrences", "words"), [(1, "occurred 23 more times after this analysis"), (23, "occurred once more"), (24, ""), (None, "")]
)
def test_says_that_the_issue_occurred_again_since(occurrences: int | None, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    analysis = of("killed_after_the_limit_was_lowered") | ({} if occurrences is None else {"occurrences": occurrences})
    explain.render(ISSUE | {"count": 24}, analysis)
    text = capsys.readouterr().out
    assert words in text
    assert ("after this analysis" in text) == bool(words)


def test_lets_no_cluster_draw_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    analysis = of("fails_by_itself")
    analysis["evidence"][0]["excerpt"] = "\x1b[2Jgone\u202e"
    analysis["rootCause"]["claims"][0]["text"] += " \x1b]0;title\x07"
    text = shown(analysis, capsys)
    assert not any(one in text for one in "\x1b\x07\u202e")


@pytest.mark.parametrize(
    ("scores", "words"),
    [([0.55, 0.53, 0.4, 0.1], ["about as likely:", "less likely:", "unlikely:"]), ([0.9, 0.7, 0.3], ["less likely:", "unlikely:"])],
)
def test_says_how_likely_the_others_are_and_shows_no_score_beside_the_confidence(
    scores: list[float], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    analysis = of("fails_by_itself")
    known = analysis["hypotheses"][0]
    analysis["hypotheses"] = [known | {"score": score, "verdict": "rejected" if at else "accepted"} for at, score in enumerate(scores)]
    lines = shown(analysis, capsys).partition("ALSO CONSIDERED")[2].splitlines()
    assert [line.split(":")[0].strip() + ":" for line in lines if "likely:" in line] == words


@pytest.mark.parametrize("name", sorted(CASES)[::7])
def test_no_line_has_blanks_at_its_end(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert all(line == line.rstrip() for line in shown(of(name), capsys).splitlines())


@pytest.mark.parametrize(
    ("part", "facts", "expected"),
    [
        ("api", {"containerKind": "main", "component": "api"}, "container api"),
        ("api", {}, "container api"),
        ("StorageClass/fast", {"kind": "StorageClass", "name": "fast", "key": None}, "StorageClass fast"),
        ("ServiceAccount/robot", {"kind": "ServiceAccount", "name": "robot"}, "ServiceAccount robot"),
        ("ConfigMap/settings/mode", {"kind": "ConfigMap", "name": "settings", "key": "mode"}, "ConfigMap settings, key mode"),
        ("list pods", {"verb": "list", "resource": "pods"}, "permission list pods"),
        ("data", {"volume": "data", "node": "n"}, "volume data"),
        ("example.com/x", {"gate": "example.com/x"}, "gate example.com/x"),
        ("KernelDeadlock", {"condition": "KernelDeadlock", "status": "True"}, "condition KernelDeadlock"),
        ("kube-scheduler", {"component": "kube-scheduler"}, "component kube-scheduler"),
        ("cpu", {"resource": "cpu", "nodes": 3}, "resource cpu"),
        ("orders", {"case": "missing", "host": "orders", "nearest": "orders"}, "host orders"),
    ],
)
def test_what_an_issue_is_about_has_the_right_noun(part: str, facts: dict[str, Any], expected: str) -> None:
    assert explain.part_of({"container": part, "facts": facts}) == expected


def test_only_containers_are_called_so() -> None:
    """Of the findings of every area, the noun is `container` exactly where the name is one of a container of the pod or its template."""
    seen = set()
    for world in WORLDS.values():
        for finding in detectors.examine_all(world.whole(), now=NOON, include_risk=True).findings:
            if finding.part:
                noun = explain.part_of({"container": finding.part, "facts": finding.facts}).partition(" ")[0]
                seen.add((finding.type, noun))
                assert (noun == "container") == (finding.part in CONTAINERS), (finding.type, finding.part, noun)
    assert {noun for _, noun in seen} >= {"container", "PriorityClass", "StorageClass", "gate", "host", "component"}


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        pytest.param(
            {"status": "inconclusive", "missingEvidence": ["log lines of container api"]},
            (
                "with less evidence (missing: log lines of container api)",
                "The facts that this result cites have not changed, so it still applies.",
            ),
            id="had less evidence",
        ),
        pytest.param(
            {"status": "failed", "failure": "it did not finish in time"}, ("which failed (it did not finish in time)",), id="failed"
        ),
    ],
)
def test_says_what_came_of_an_analysis_that_did_not_replace_the_answer(
    attempt: dict[str, Any], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = of("killed_after_the_limit_was_lowered") | {"attempt": {"id": "ana_2", "finishedAt": "2026-03-01T12:00:00Z", **attempt}}
    text = shown(answer, capsys)
    assert text.index("Analyzed again at 2026-03-01T12:00:00Z") < text.index("The memory limit was lowered")
    for said in words:
        assert said in " ".join(text.split())


def test_says_first_what_changed_just_before(capsys: pytest.CaptureFixture[str]) -> None:
    analysis = of("killed_after_the_limit_was_lowered")
    text = "ConfigMap flags, which Deployment api uses, changed 2 minutes before: `data/checkout` from `on` to `off`"
    change = {"ref": {"kind": "ConfigMap", "name": "flags"}, "path": "data/checkout", "manager": "kubectl-edit", "evidenceId": "ev_1"}
    earlier = {"ref": {"kind": "Deployment", "name": "api"}, "path": "spec/replicas", "from": 1, "to": 3, "evidenceId": "ev_2"}
    analysis["changes"] = [change | {"text": text, "precedesS": 120, "relation": "config"}, earlier]
    lines = [line.strip() for line in shown(analysis, capsys).splitlines() if line.strip()]
    assert lines[2:5] == [
        "CHANGED JUST BEFORE",
        "ConfigMap flags, which Deployment api uses, changed 2 minutes before: data/checkout from on to off (by",
        "kubectl-edit)",
    ]
    assert lines[5].startswith("The memory limit was lowered")
    assert not any("spec/replicas" in line for line in lines[:6])
