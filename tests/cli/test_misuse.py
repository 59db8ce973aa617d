"""Whatever a user types or points a command at ends in one clear line and exit code 1 or 2, never in a traceback.

`ARGUMENTS` has a row for every command of the reference, with arguments that are well-formed; a new command without a row fails.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from optral.cli import reference
from tests.support.commandline import DEADLINE_S, Done, forked, optral
from tests.support.serving import JsonHandler, on_thread

pytestmark = pytest.mark.slow  # a process for each command

ISSUE, RESOURCE, CLUSTER = (f"{kind}_01h455vb4pex5vsknk084sn02q" for kind in ("iss", "res", "cls"))
EXECUTION, RULE, WEBHOOK, FLEET, VIEW = (f"{kind}_01h455vb4pex5vsknk084sn02q" for kind in ("exe", "mut", "whk", "flt", "viw"))
FORGE = "frg_01h455vb4pex5vsknk084sn02q"
OWNERS = str(Path(__file__).with_name("owners.yaml"))
SETTINGS = str(Path(__file__).parents[2] / "dashboard" / "package.json")  # an object; the server is the one to judge it

ARGUMENTS: dict[str, list[str]] = {
    "search": ["api"],
    "tui": [],
    "ask": [ISSUE, "What changed?"],
    "mcp": [],
    "me": [],
    "overview": [],
    "coverage": [],
    "digest": [],
    "handover": [],
    "login": ["--no-browser"],
    "clusters list": [],
    "clusters get": [CLUSTER],
    "clusters create": ["production"],
    "clusters connect": ["production", "--no-wait"],
    "clusters install": [CLUSTER],
    "clusters update": [CLUSTER, "--label", "tier=edge"],
    "clusters map": [CLUSTER],
    "clusters delete": [CLUSTER, "--yes"],
    "clusters revoke-credentials": [CLUSTER, "--yes"],
    "fleet create": ["production", "--uses", "3"],
    "fleet list": [],
    "fleet get": [FLEET],
    "fleet revoke": [FLEET],
    "fleet waiting": [],
    "fleet approve": [CLUSTER],
    "fleet reject": [CLUSTER],
    "issues list": [],
    "issues get": [ISSUE],
    "issues explain": [ISSUE],
    "issues captured": [ISSUE],
    "issues ticket": [ISSUE],
    "issues topology": [ISSUE],
    "issues post-mortem": [ISSUE],
    "issues bundle": [ISSUE, "--file", "/dev/null/bundle.zip"],
    "issues feedback": [ISSUE, "--helpful"],
    "issues trends": [],
    "issues watch": [],
    "issues acknowledge": [ISSUE],
    "issues resolve": [ISSUE],
    "issues reopen": [ISSUE],
    "issues snooze": [ISSUE, "--for", "1h"],
    "issues unsnooze": [ISSUE],
    "issues severity": [ISSUE, "--to", "low"],
    "issues assign": [ISSUE, "--to", "me"],
    "issues label": [ISSUE, "--set", "team=shop"],
    "issues comment": [ISSUE, "text"],
    "issues comments": [ISSUE],
    "issues edit-comment": [ISSUE, "cmt_01h455vb4pex5vsknk084sn02q", "text"],
    "issues delete-comment": [ISSUE, "cmt_01h455vb4pex5vsknk084sn02q"],
    "issues history": [ISSUE],
    "issues similar": [ISSUE],
    "issues facets": [],
    "issues groups": [],
    "issues mute": [ISSUE, "--for", "1d", "--reason", "known"],
    "analyses feedback": [],
    "analyses list": [ISSUE],
    "analyses get": ["ana_01h455vb4pex5vsknk084sn02q"],
    "analyses automatic": [],
    "analyses log-capture": ["--off"],
    "mute-rules list": [],
    "mute-rules get": [RULE],
    "mute-rules create": ["--type", "OOMKilled", "--for", "1d", "--reason", "known"],
    "mute-rules update": [RULE, "--reason", "known"],
    "mute-rules delete": [RULE],
    "views list": [],
    "views create": ["Critical", "severity:critical"],
    "views update": [VIEW, "--name", "Worst"],
    "views delete": [VIEW],
    "detectors list": [],
    "detectors show": ["OOMKilled"],
    "detectors enable": ["OOMKilled"],
    "detectors disable": ["OOMKilled"],
    "detectors tune": ["OOMKilled", "--severity", "low"],
    "detectors shift": ["down"],
    "detectors risks": ["on"],
    "detectors test": ["FILE"],
    "ai show": [],
    "ai usage": [],
    "ai on": ["--yes"],
    "ai off": [],
    "resources list": [],
    "resources get": [RESOURCE],
    "resources manifest": [RESOURCE],
    "resources compare": [RESOURCE, RESOURCE],
    "resources diff": [RESOURCE, RESOURCE],
    "resources logs": [RESOURCE],
    "resources usage": [RESOURCE],
    "resources events": [RESOURCE],
    "resources history": [RESOURCE],
    "resources tree": [RESOURCE],
    "logs": [RESOURCE],
    "probe": [CLUSTER, "shop/web:80"],
    "wait": [RESOURCE, "--timeout", "1s"],
    "resources counts": [],
    "resources kinds": [CLUSTER],
    "runbooks list": [],
    "runbooks get": ["restart-workload"],
    "runbooks create": ["FILE"],
    "runbooks update": ["FILE"],
    "runbooks validate": ["FILE"],
    "runbooks source": ["restart-workload"],
    "runbooks draft": [ISSUE],
    "runbooks suggestions": ["restart-workload"],
    "runbooks schema": [],
    "runbooks versions": ["restart-workload"],
    "runbooks diff": ["restart-workload", "1"],
    "runbooks restore": ["restart-workload", "1"],
    "runbooks enable": ["restart-workload"],
    "runbooks disable": ["restart-workload"],
    "runbooks delete": ["restart-workload", "--yes"],
    "runbooks run": ["restart-workload", "--cluster", CLUSTER],
    "executions list": [],
    "executions get": [EXECUTION],
    "executions change-record": [EXECUTION],
    "executions logs": [EXECUTION],
    "executions approve": [EXECUTION],
    "executions reject": [EXECUTION],
    "executions cancel": [EXECUTION],
    "executions retry": [EXECUTION],
    "executions patch": [EXECUTION],
    "executions undo": [EXECUTION],
    "executions again": [EXECUTION],
    "executions propose": [EXECUTION],
    "alerts list": [],
    "alerts quality": [],
    "alerts get": ["alt_01h455vb4pex5vsknk084sn02q"],
    "alerts change-rule": ["KubePodNotReady", "--forge", FORGE, "--repository", "shop/deploy", "--yes"],
    "alerts silences list": [ISSUE],
    "alerts silences create": [ISSUE, "--alertmanager", "main", "--for", "2h", "--comment", "replaced tonight"],
    "alerts silences end": [ISSUE, "4be1a3f0-0000-4000-8000-000000000001"],
    "alerts receivers list": [],
    "alerts receivers get": ["alr_01h455vb4pex5vsknk084sn02q"],
    "alerts receivers create": ["platform"],
    "alerts receivers update": ["alr_01h455vb4pex5vsknk084sn02q", "--name", "other"],
    "alerts receivers enable": ["alr_01h455vb4pex5vsknk084sn02q"],
    "alerts receivers disable": ["alr_01h455vb4pex5vsknk084sn02q"],
    "alerts receivers roll": ["alr_01h455vb4pex5vsknk084sn02q"],
    "alerts receivers delete": ["alr_01h455vb4pex5vsknk084sn02q"],
    "alerts receivers rejected": ["alr_01h455vb4pex5vsknk084sn02q"],
    "triggers list": [],
    "triggers get": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers firings": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers on-issue": ["oom", "--runbook", "restart-workload", "--type", "OOMKilled"],
    "triggers on-schedule": ["night", "--runbook", "restart-workload", "--cluster", CLUSTER, "--schedule", "0 3 * * *"],
    "triggers on-request": ["hook", "--runbook", "restart-workload", "--cluster", CLUSTER],
    "triggers update": ["trg_01h455vb4pex5vsknk084sn02q", "--name", "other"],
    "triggers preview": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers enable": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers disable": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers unblock": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers roll": ["trg_01h455vb4pex5vsknk084sn02q"],
    "triggers delete": ["trg_01h455vb4pex5vsknk084sn02q"],
    "safeguards get": [],
    "safeguards set-limit": ["5"],
    "safeguards set-risk": ["low"],
    "safeguards set-approvals": ["high", "2"],
    "safeguards set-break-glass": ["owner"],
    "safeguards delegate": ["ops@example.com", "--for", "7d"],
    "safeguards delegations": [],
    "safeguards undelegate": ["dlg_01h455vb4pex5vsknk084sn02q"],
    "safeguards windows": [],
    "safeguards freeze": ["sale", "--schedule", "0 1 * * *", "--minutes", "60"],
    "safeguards maintenance": ["nights", "--schedule", "0 1 * * *", "--minutes", "60"],
    "safeguards get-window": ["win_01h455vb4pex5vsknk084sn02q"],
    "safeguards update-window": ["win_01h455vb4pex5vsknk084sn02q", "--name", "other"],
    "safeguards delete-window": ["win_01h455vb4pex5vsknk084sn02q"],
    "executions stop": ["--all", "--reason", "it breaks"],
    "executions pause": [],
    "executions paused": [],
    "executions resume": [],
    "events list": [],
    "events watch": [],
    "audit list": [],
    "audit export": [],
    "audit verify": [],
    "keys list": [],
    "keys create": ["ci"],
    "keys get": ["key_01h455vb4pex5vsknk084sn02q"],
    "keys roll": ["ci"],
    "keys revoke": ["key_01h455vb4pex5vsknk084sn02q"],
    "members list": [],
    "members invite": ["--role", "viewer"],
    "members invites": [],
    "members withdraw": ["inv_01h455vb4pex5vsknk084sn02q"],
    "members role": ["usr_01h455vb4pex5vsknk084sn02q", "viewer"],
    "members bindings": ["usr_01h455vb4pex5vsknk084sn02q"],
    "members bind": ["usr_01h455vb4pex5vsknk084sn02q", "viewer"],
    "members unbind": ["usr_01h455vb4pex5vsknk084sn02q", "bnd_01h455vb4pex5vsknk084sn02q"],
    "members lift": ["usr_01h455vb4pex5vsknk084sn02q"],
    "members remove": ["usr_01h455vb4pex5vsknk084sn02q"],
    "identity list": [],
    "identity get": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity create": ["--file", SETTINGS],
    "identity edit": ["idp_01h455vb4pex5vsknk084sn02q", "--file", SETTINGS],
    "identity enable": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity disable": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity test": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity scim status": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity scim create": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity scim rotate": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity scim remove": ["idp_01h455vb4pex5vsknk084sn02q"],
    "identity policy": ["--provider-only"],
    "identity delete": ["idp_01h455vb4pex5vsknk084sn02q"],
    "owners list": [],
    "owners rules get": [],
    "owners rules set": [OWNERS],
    "mail list": [],
    "mail test": ["ops@example.com"],
    "forges list": [],
    "forges create": ["git", "--kind", "github", "--repository", "shop/deploy", "--token-file", __file__],
    "forges edit": [FORGE, "--name", "other"],
    "forges test": [FORGE],
    "forges roll": [FORGE],
    "forges delete": [FORGE],
    "webhooks list": [],
    "webhooks create": ["chat", "https://example.com/hook"],
    "webhooks edit": [WEBHOOK, "--name", "other"],
    "webhooks preview": [WEBHOOK],
    "webhooks test": [WEBHOOK],
    "webhooks deliveries": [WEBHOOK],
    "webhooks redeliver": [WEBHOOK, "dlv_01h455vb4pex5vsknk084sn02q"],
    "webhooks enable": [WEBHOOK],
    "webhooks disable": [WEBHOOK],
    "webhooks roll": [WEBHOOK],
    "webhooks delete": [WEBHOOK],
}
LOCAL: dict[str, list[list[str]]] = {
    "audit verifier": [["banana"]],
    "ca status": [["--data-dir", "FILE"]],
    "ca rotate": [["--data-dir", "FILE"]],
    "ca advance": [["--data-dir", "FILE"]],
    "ca rollback": [["--data-dir", "FILE"]],
    "version": [["-o", "banana"]],
    "logout": [[], ["absent"]],
    "contexts list": [["-o", "banana"]],
    "contexts show": [[], ["absent"]],
    "contexts use": [["absent"]],
    "contexts rename": [["absent", "other"]],
    "contexts delete": [["absent"]],
    "completion": [["tcsh"]],
    "backup": [
        ["absent/backup", "--data-dir", "data"],
        ["backup", "--data-dir", "FILE"],
        ["backup", "--data-dir", "data", "--passphrase-file", "absent"],
    ],
    "restore": [
        ["absent", "--data-dir", "data"],
        ["FILE", "--data-dir", "data"],
        ["FILE", "--data-dir", "FILE"],
        ["FILE", "--data-dir", "data", "--passphrase-file", "."],
    ],
    "reset-password": [
        ["a@example.org", "--generate", "--data-dir", "data"],
        ["a@example.org", "--generate", "--data-dir", "FILE"],
    ],
    "doctor": [["-o", "banana"]],
    "server": [
        ["--listen", "nonsense"],
        ["--listen", "127.0.0.1:99999"],
        ["--data-dir", "FILE"],
        ["--data-dir", "data", "--tls-cert", "absent.pem", "--tls-key", "absent.key"],
        ["--data-dir", "data", "--tls-cert", "FILE", "--tls-key", "FILE"],
        ["--data-dir", "data", "--tls-cert", ".", "--tls-key", "."],
    ],
    "agent": [
        [],
        ["--server", "nonsense", "--token", "mhe_x", "--kubeconfig", "absent"],
        ["--server", "http://127.0.0.1:1", "--token-file", "absent"],
        ["--server", "http://127.0.0.1:1", "--token-file", "."],
        ["--server", "http://127.0.0.1:1", "--token-file", "BINARY"],
        ["--server", "http://127.0.0.1:1", "--token", "mhe_x", "--kubeconfig", "."],
        ["--server", "http://127.0.0.1:1", "--token", "mhe_x", "--kubeconfig", "FILE"],
        ["--server", "http://127.0.0.1:1", "--token", "mhe_x", "--kubeconfig", "BINARY"],
        ["--server", "http://127.0.0.1:1", "--token", "mhe_x", "--kubeconfig", "FILE", "--policy", "absent"],
    ],
    "setup": [
        ["--org", "", "--email", "x"],
        ["--org", "Shop", "--email", "not an address", "--data-dir", "data"],
        ["--org", "Shop", "--email", "a@example.org", "--data-dir", "FILE"],
        ["--org", "Shop", "--email", "a@example.org", "--plan", "gold", "--data-dir", "data"],
        ["--org", "Shop", "--email", "a@example.org", "--data-dir", "data", "--key-file", "."],
        ["--org", "Shop", "--email", "a@example.org", "--data-dir", "data", "--key-file", "absent/key"],
    ],
    "demo": [["--data-dir", "FILE"], ["--seed", "x"]],
    "up": [
        ["--kubeconfig", "absent"],
        ["--kubeconfig", "."],
        ["--kubeconfig", "FILE"],
        ["--kubeconfig", "BINARY"],
        ["--kubeconfig", "LIST"],
        ["--allow-writes"],
    ],
    "scan": [
        ["--from", "absent"],
        ["--from", "BINARY"],
        ["--from", "FILE", "--fail-on", "banana"],
        ["--kubeconfig", "absent"],
        ["--kubeconfig", "."],
        ["--kubeconfig", "BINARY"],
        ["--kubeconfig", "LIST"],
        ["--context", "nowhere"],
        ["--type", "Nonsense"],
    ],
    "eval": [["absent", "--mapping", "absent"], [".", "--mapping", "FILE"], ["FILE", "--mapping", "FILE"], [".", "--mapping", "."]],
}
WITHOUT_A_LOOP = {"version", "scan", "eval"}
"""These take no signals, so that a thread runs them as well as a process does."""
BAD_URLS = [
    "nonsense",
    "ftp://127.0.0.1",
    "http://",
    "http://[::1",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:x",
    "http://exa mple/",
    "http://\x00/",
]
BAD_IDS = ["shop/reviews", "../../v1/plan", "", " ", "%2e%2e", "ü", "a" * 3000]
PROBLEM = {"status": 401, "title": "Unauthorized", "code": "unauthenticated", "detail": "the API key is not valid", "requestId": "req_1"}


class Server(JsonHandler):
    """The first part of the path decides what kind of server it is."""

    def reply(self) -> None:
        self.sent()
        kind = self.path.split("/")[1]
        status, body, media = {
            "key": (401, json.dumps(PROBLEM), "application/problem+json"),
            "html": (200, "<html>Welcome to nginx!</html>", "text/html"),
            "list": (200, "[1]", "application/json"),
            "failed": (
                500,
                json.dumps(PROBLEM | {"status": 500, "code": "internal", "detail": "the database is away"}),
                "application/problem+json",
            ),
            "bare": (502, "Bad gateway", "text/plain"),
            "empty": (200, "", "application/json"),
        }.get(kind, (404, json.dumps(PROBLEM | {"status": 404, "code": "not_found", "detail": "not found"}), "application/problem+json"))
        self.answer(body.encode(), status, Content_Type=media)

    do_GET = do_POST = do_PATCH = do_DELETE = reply


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with on_thread(Server) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is called: FILE is text, BINARY is none, LIST is YAML that is no mapping."""
    (tmp_path / "FILE").write_text("hello: world\n")
    (tmp_path / "BINARY").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "LIST").write_text("- a\n- b\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_has_a_row() -> None:
    leaves = {" ".join(path[1:]) for path, text in reference.pages() if "Commands:" not in text}
    assert leaves == ARGUMENTS.keys() | LOCAL.keys()


def assert_clear(done: Done, *, codes: tuple[int, ...] = (1, 2)) -> None:
    said = done.stderr.strip()
    assert "Traceback" not in said + done.stdout, said[-2000:]
    assert done.returncode in codes, (done.returncode, said, done.stdout)
    assert said, "it says nothing"
    lines = [line for line in said.splitlines() if not line.startswith(("Usage:", "Try '")) and "[warning  ]" not in line]
    assert len([line for line in lines if line.strip()]) == 1, said


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_without_a_usable_server_says_so(folder: Path, url: str, command: str) -> None:
    words = [*command.split(), *ARGUMENTS[command]]
    assert_clear(optral(*words, url="http://127.0.0.1:1"))
    assert_clear(optral(*words, url=url, key=""))
    assert_clear(optral(*words, url=url.replace("http:", "https:")))
    for kind in ("key", "html", "list", "bare", "empty"):
        assert_clear(optral(*words, url=f"{url}/{kind}"))


def test_an_error_of_the_server_names_the_request_for_its_log(url: str) -> None:
    assert "the database is away (request id req_1)" in optral("overview", url=f"{url}/failed").stderr


@pytest.mark.parametrize("address", BAD_URLS)
def test_an_address_that_is_none_is_misuse(folder: Path, address: str) -> None:
    assert_clear(optral("issues", "list", "--url", address))
    assert_clear(optral("events", "watch", "--url", address))


WITH_IDS = [name for name, words in ARGUMENTS.items() if words and "_01h455" in words[0]]


@pytest.mark.parametrize(
    ("command", "given"), [*((name, "shop/reviews") for name in WITH_IDS), *(("issues resolve", one) for one in BAD_IDS)]
)
def test_an_id_that_cannot_be_one_is_refused_in_words(folder: Path, url: str, command: str, given: str) -> None:
    done = optral(*command.split(), given, *ARGUMENTS[command][1:], url=url)
    assert_clear(done)
    assert "openapi" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["issues", "list", "--page", "x"],
        ["issues", "list", "--page", "0"],
        ["issues", "list", "--page-size", "1000"],
        ["issues", "list", "-o", "xml"],
        ["issues", "explain", ISSUE, "--wait", "99"],
        ["issues", "snooze", ISSUE, "--for", "soon"],
        ["resources", "logs", RESOURCE, "--tail", "-1"],
        ["logs"],
        ["logs", RESOURCE, "--label", "app:web"],
        ["logs", "--label", "app:web", "--namespace", "shop"],
        ["logs", RESOURCE, "--follow", "--previous"],
        ["logs", RESOURCE, "--grep", "("],
        ["logs", RESOURCE, "--since", "yesterday"],
        ["clusters", "create", "x", "--label", "nonsense"],
        ["detectors", "test", "absent"],
        ["detectors", "test", "."],
        ["detectors", "test", "BINARY"],
        ["runbooks", "create", "absent"],
        ["runbooks", "create", "."],
        ["runbooks", "create", "BINARY"],
        ["runbooks", "update", "BINARY"],
        ["runbooks", "run", "x", "--param", "nonsense"],
        ["issues", "label", ISSUE, "nonsense="],
        ["nonsense"],
        ["issues", "nonsense"],
    ],
    ids=" ".join,
)
def test_odd_arguments_end_in_a_line(folder: Path, url: str, words: list[str]) -> None:
    assert_clear(optral(*words, url=url))


@pytest.mark.parametrize(
    ("command", "words"), [pytest.param(name, words, id=f"{name} {' '.join(words)}") for name, rows in LOCAL.items() for words in rows]
)
def test_commands_that_run_something_end_in_a_line(folder: Path, command: str, words: list[str]) -> None:
    if command in WITHOUT_A_LOOP:
        assert_clear(optral(*command.split(), *words, key="", home=folder))
        return
    assert_clear(forked(*command.split(), *words, home=folder), codes=(1, 2, 78))


@pytest.mark.parametrize("words", [["issues", "list"], ["issues", "list", "-o", "json"], ["--help"], ["issues", "get", ISSUE]])
def test_a_closed_stdout_is_no_error_to_shout_about(url: str, words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    environment = os.environ | {"OPTRAL_URL": url, "OPTRAL_API_KEY": "mht_x", "PYTHONUNBUFFERED": ""}
    done = subprocess.run(
        [sys.executable, "-m", "optral", *words],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env=environment,
    )
    os.close(write)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
