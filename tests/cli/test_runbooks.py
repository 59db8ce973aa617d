"""Running a runbook from the command line: typed parameters, a log as it grows, an exit code that tells."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from optral.cli import executions
from optral.cli.base import output
from optral.runbooks.executions import waiting
from tests.support.commandline import optral
from tests.support.serving import JsonHandler, on_thread

LOG = ["Requested", "Waiting for approval of this plan", "done\u001b[2J", "Ended"]
EXECUTION = {
    "id": "exe_01h455vb4pex5vsknk084sn02q", "runbook": {"slug": "scale-workload", "version": 1}, "status": "failed", "cluster": "demo",
    "target": {"kind": "Deployment", "namespace": "shop", "name": "web"}, "requestedBy": "usr_1",
    "approval": {"required": False, "ready": False},
    "plan": {
        "diff": [{"path": "spec.replicas", "from": 1, "to": 3}],
        "missingPermissions": [{
            "step": "Scale", "verb": "patch", "resource": "deployments.apps", "namespace": "shop", "role": "Role",
            "rule": {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
            "chartValues": {"profile": "operate", "operate": {"namespaces": ["shop"], "verbs": ["scale"]}},
        }],
    },
    "steps": [
        {"name": "Scale", "verb": "scale", "state": "failed", "code": "POLICY_DENIED", "message": "read-only"},
        {"name": "Report", "verb": "report", "state": "succeeded", "result": {"text": "What holds it:\n- a finalizer\u001b[2J"}},
    ],
    "failure": {"code": "POLICY_DENIED", "message": "the agent's policy is read-only"},
}  # fmt: skip
ISSUE = {
    "id": "iss_1", "cluster": "demo", "clusterId": "cls_1", "namespace": "shop", "resource": "web-5d8f7c9b6d-x2k4l", "type": "OOMKilled",
    "severity": "high", "status": "open", "detectedAt": "2026-11-01T12:00:00Z", "owner": {"kind": "Deployment", "name": "web"},
}  # fmt: skip
VERSIONS = {"1": "slug: own\nrisk: low\n", "2": "slug: own\nrisk: high\u001b[2J\n"}
RUNBOOK = {
    "slug": "scale-workload",
    "version": 2,
    "parameters": [{"name": "replicas", "type": "integer"}, {"name": "name", "type": "string"}],
    "source": "slug: own\nrisk: high\u001b[2J\n",
}


SUGGESTIONS = {
    "causes": ["node_damaged"],
    "issueTypes": ["NodeNotReady"],
    "matching": 301,
    "isWhole": False,
    "issues": [
        {"id": "iss_1", "severity": "high", "cluster": "demo", "by": "analysis", "cause": "node_damaged", "title": "n1 is down\u001b[2J"}
    ],
}


class Server(JsonHandler):
    bodies: ClassVar[list[object]] = []
    conditions: ClassVar[list[str | None]] = []
    version: ClassVar[int] = 2
    is_overtaken: ClassVar[bool] = False
    """Whether somebody else changes the runbook between the reading and the change."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.endswith("/logs"):
            offset = int(query.partition("offset=")[2].partition("&")[0])
            entry = {"offset": offset, "at": "2026-11-01T12:00:00Z", "level": "info", "message": LOG[offset]}
            self._say({"logs": [entry], "nextOffset": offset + 1, "completed": offset + 1 == len(LOG)})
        elif path.startswith("/v1/executions"):
            self._say(EXECUTION)
        elif path.startswith("/v1/issues/"):
            self._say(ISSUE)
        elif path.startswith("/v1/issues"):
            symptom = ISSUE | {"id": "iss_2", "type": "PDBInsufficientHealthyPods", "parentIssueId": "iss_1"}
            self._say({"issues": [symptom, ISSUE], "total": 2, "page": 1, "pageSize": 100})
        elif path.endswith("/versions"):
            self._say({"versions": [{"version": 2, "createdBy": "usr_1", "createdAt": "2026-11-01T12:00:00Z", "current": True}]})
        elif "/versions/" in path:
            self._say({"version": 1, "source": VERSIONS[path.rpartition("/")[2]]})
        elif path.endswith("/suggestions"):
            self._say(SUGGESTIONS)
        else:
            self._say(RUNBOOK | {"version": self.version})

    def do_PATCH(self) -> None:
        self.bodies.append(json.loads(self.sent()))
        self.conditions.append(self.headers["If-Match"])
        if self.is_overtaken:
            type(self).version += 1
            self._say({"code": "stale_version", "detail": "the runbook was changed in the meantime"}, status=412)
        else:
            self._say(RUNBOOK | {"version": self.version + 1})

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.sent()))
        self._say(EXECUTION, status=202)

    def _say(self, value: object, *, status: int = 200) -> None:
        self.answer(value, status, ETag=f'"v{self.version}"')


@pytest.fixture
def url() -> Iterator[str]:
    Server.bodies.clear()
    Server.conditions.clear()
    Server.version, Server.is_overtaken = 2, False
    with on_thread(Server) as address:
        yield address


def test_runs_follows_the_log_and_ends_with_1_when_it_failed(url: str) -> None:
    words = ["runbooks", "run", "scale-workload", "-c", "demo", "-p", "replicas=3", "-p", "name=12", "--reason", "load"]
    done = optral(*words, url=url)
    assert done.returncode == 1
    assert Server.bodies == [
        {
            "clusterId": "demo",
            "parameters": {"replicas": 3, "name": "12"},
            "dryRun": False,
            "allowDrift": False,
            "reason": "load",
        }
    ]
    lines = done.stdout.splitlines()
    assert [line.split(maxsplit=2)[2] for line in lines[:4]] == ["Requested", "Waiting for approval of this plan", "done [2J", "Ended"]
    assert "POLICY_DENIED" in done.stdout
    assert "\x1b" not in done.stdout


def test_after_a_verified_fix_it_says_when_the_issue_resolves(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXECUTION, "status", "succeeded")
    issue = "iss_01jd3q4m6ve5jt8cmykq3rzm0a"
    monkeypatch.setitem(EXECUTION, "issueId", issue)
    fix = {"executionId": EXECUTION["id"], "by": "usr_1", "verifiedAt": "2026-11-01T21:47:00Z", "resolvesAt": "2026-11-01T21:49:00.250Z"}
    monkeypatch.setitem(ISSUE, "fix", fix)
    done = optral("runbooks", "run", "scale-workload", "--issue", issue, url=url)
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "Fixed; the issue resolves at 21:49 UTC if it stays healthy."
    monkeypatch.setitem(ISSUE, "fix", fix | {"resolvesAt": None})
    assert "resolves at" not in optral("runbooks", "run", "scale-workload", "--issue", issue, url=url).stdout


def test_without_waiting_it_says_what_was_begun(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[str] = []
    monkeypatch.setattr(output, "note", notes.append)  # only a terminal gets them
    done = optral("runbooks", "run", "scale-workload", "-c", "demo", "--no-wait", "-o", "json", url=url)
    assert notes == [f"started execution {EXECUTION['id']}; `optral executions logs {EXECUTION['id']} -f` follows it"]
    assert (done.returncode, json.loads(done.stdout)["id"]) == (0, "exe_01h455vb4pex5vsknk084sn02q")


def test_a_parameter_is_a_name_and_a_value(url: str) -> None:
    done = optral("runbooks", "run", "scale-workload", "-p", "replicas", url=url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "NAME=VALUE" in done.stderr


def test_an_execution_shows_the_missing_permissions_and_what_grants_them(url: str) -> None:
    done = optral("executions", "get", "exe_01h455vb4pex5vsknk084sn02q", url=url)
    for text in (
        "patch deployments.apps in shop",
        "{apiGroups: [apps], resources: [deployments], verbs: [patch]}",
        "{profile: operate, operate: {namespaces: [shop], verbs: [scale]}}",
    ):
        assert text in done.stdout


def test_a_report_is_printed_as_it_is_written(url: str) -> None:
    done = optral("executions", "get", "exe_01h455vb4pex5vsknk084sn02q", url=url)
    assert "\nWhat holds it:\n- a finalizer [2J\n" in done.stdout


def test_a_log_comes_as_json_lines(url: str) -> None:
    done = optral("executions", "logs", "exe_01h455vb4pex5vsknk084sn02q", "--follow", "-o", "json", url=url)
    assert [json.loads(line)["offset"] for line in done.stdout.splitlines()] == [0, 1, 2, 3]


def test_approving_sends_reason_name_and_plan(url: str) -> None:
    done = optral(
        "executions", "approve", "exe_01h455vb4pex5vsknk084sn02q", "--reason", "yes", "--confirm", "web", "--plan", "sha256:1", url=url
    )
    assert done.returncode == 0
    assert Server.bodies == [{"reason": "yes", "confirm": "web", "planHash": "sha256:1"}]


def test_an_issue_can_be_named_by_its_workload_also_while_it_has_symptoms_there(url: str) -> None:
    optral("runbooks", "run", "scale-workload", "--issue", "shop/web", "-p", "replicas=3", "--no-wait", url=url)
    assert [body["issueId"] for body in Server.bodies] == ["iss_1"]


def test_versions_are_listed_compared_and_restored(url: str) -> None:
    listed = optral("runbooks", "versions", "own", url=url)
    assert listed.returncode == 0 and "2026-11-01" in listed.stdout
    for words in (("own", "1", "2"), ("own", "1")):
        shown = optral("runbooks", "diff", *words, url=url)
        assert shown.stdout.splitlines()[:2] == ["--- version 1", "+++ version 2"]
        assert shown.stdout.splitlines()[-2:] == ["-risk: low", "+risk: high [2J"]
    assert optral("runbooks", "restore", "own", "1", url=url).returncode == 0
    assert Server.bodies[-1] == {"restoreVersion": 1}


def test_a_file_makes_a_new_version_of_the_runbook_it_names(url: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("slug: own\nrisk: low\n")
    done = optral("runbooks", "update", str(file), "--if-version", "2", url=url)
    assert (done.returncode, Server.bodies, Server.conditions) == (0, [{"source": "slug: own\nrisk: low\n"}], ['"v2"'])


def test_an_update_says_what_to_do_when_somebody_else_was_faster(url: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("slug: own\n")
    done = optral("runbooks", "update", str(file), "--if-version", "1", url=url)
    assert (done.returncode, Server.bodies) == (1, []), "it is known before anything is sent"
    assert "own is at version 2, not 1" in done.stderr
    assert "optral runbooks diff own 1 2" in done.stderr
    Server.is_overtaken = True
    late = optral("runbooks", "update", str(file), url=url)
    assert late.returncode == 1
    assert "own is at version 3, not 2" in late.stderr and "--if-version 3" in late.stderr


@pytest.mark.parametrize(
    ("text", "said"), [("risk: low\n", "has no slug"), ("- a\n", "is not an object"), ("a: [\n", "neither YAML nor JSON")]
)
def test_a_file_that_names_no_runbook_is_refused(url: str, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    done = optral("runbooks", "update", str(file), url=url)
    assert (done.returncode, Server.bodies) == (2, [])
    assert said in done.stderr


def test_the_source_of_a_runbook_is_printed_as_it_is_but_safe(url: str) -> None:
    done = optral("runbooks", "source", "own", url=url)
    assert done.stdout == "slug: own\nrisk: high [2J\n"


def test_suggestions_name_causes_types_and_open_issues(url: str) -> None:
    done = optral("runbooks", "suggestions", "cordon-node", url=url)
    assert done.stdout.splitlines()[:3] == ["Causes: node_damaged", "Issue types: NodeNotReady", "Open issues now: at least 301"]
    assert "n1 is down [2J" in done.stdout and "\x1b" not in done.stdout


def test_a_plan_says_who_manages_the_object_and_what_the_next_sync_reverts(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = {"repository": "https://git.example.com/shop/deploy.git", "path": "overlays/prod"}
    managers = [
        {"step": "Scale", "kind": "flux", "name": "shop", "source": source},
        {"step": "Scale", "kind": "hpa", "name": "web\u001b[2J"},
    ]
    monkeypatch.setitem(EXECUTION, "plan", {"diff": [], "managers": managers})
    done = optral("executions", "get", str(EXECUTION["id"]), url=url)
    flux, hpa = [line for line in done.stdout.splitlines() if line.startswith(("Flux", "Horizontal"))]
    assert "shop/deploy.git" in flux and "overlays/prod" in flux and "A change in the cluster will be reverted at the next sync" in flux
    assert "HorizontalPodAutoscaler web" in hpa and "May revert the change" in hpa and "\u001b" not in done.stdout


def test_everything_that_an_execution_can_wait_for_has_words() -> None:
    assert executions.WAITS.keys() == set(waiting.KINDS)
    freeze = {"kind": "freeze", "what": 'the end of the freeze "sale"', "until": "2026-11-30T00:00:00Z", "windowId": "win_1"}
    assert executions.waiting_text(freeze) == 'the end of the freeze "sale" until 2026-11-30T00:00:00Z'
    assert executions.waiting_text({"kind": "resume", "step": "Scale", "position": 2}) == "executions to be resumed in step 2 (Scale)"
