"""The decisions of `optral demo` and `optral up`: which cluster, which ports, what is remembered, when there is enough."""

import io
import socket
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from optral.client.models import Cluster, Inventory, Issue
from optral.client.stream import Event
from optral.terms.errors import Misconfigured
from optral.up import demo, kubeconfig, local, ports, record
from optral.up.live import State
from optral.up.screen import Facts, Screen, to_try

CONFIG = """
current-context: here
clusters: [{name: c1, cluster: {server: "https://one:6443"}}, {name: c2, cluster: {server: "https://two:6443"}}]
contexts: [{name: here, context: {cluster: c1}}, {name: there, context: {cluster: c2}}]
"""


def issue(number: int, type_: str) -> Issue:
    return Issue(
        id=f"iss_{number}", type=type_, severity="high", status="open", cluster="demo", resource="x", detected_at="2026-11-01T12:00:00Z"
    )


def state(issues: list[Issue], *, connected: bool = True, synced: str | None = "2026-11-01T12:00:00Z", since_s: float = 60) -> State:
    cluster = Cluster(id="cls_1", name="demo", status="online", inventory=Inventory(synced_at=synced))
    return State(issues=issues, cluster=cluster, is_connected=connected, since_s=since_s)


@pytest.mark.parametrize(
    ("types", "enough"),
    [
        pytest.param("ABCDEFGH", True, id="eight of eight"),
        pytest.param("ABCDEFAA", True, id="eight of six"),
        pytest.param("ABCDEAAA", False, id="eight of five"),
        pytest.param("ABCDEFG", False, id="seven"),
    ],
)
def test_the_demo_has_shown_enough(types: str, enough: bool) -> None:
    assert demo.has_enough(state([issue(number, type_) for number, type_ in enumerate(types)])) is enough


def test_what_was_found_before_this_start_is_not_enough() -> None:
    assert not demo.has_enough(state([issue(number, type_) for number, type_ in enumerate("ABCDEFGH")], connected=False))


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        pytest.param(state([]), True, id="quiet and complete, even without issues"),
        pytest.param(state([], since_s=3), False, id="something came a moment ago"),
        pytest.param(state([], synced=None), False, id="inventory not complete"),
        pytest.param(state([], connected=False), False, id="agent away"),
    ],
)
def test_a_cluster_has_settled(given: State, settled: bool) -> None:
    assert local.has_settled(given) is settled


def test_takes_the_usual_port_or_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = ports.usual_or_free(port)
        assert other != f"127.0.0.1:{port}"
        assert int(other.rpartition(":")[2]) > 0
    assert ports.usual_or_free(port) == f"127.0.0.1:{port}"


@pytest.mark.parametrize(("context", "found"), [(None, ("here", "one", "c1")), ("there", ("there", "two", "c2"))])
def test_finds_the_context(tmp_path: Path, context: str | None, found: tuple[str, str, str]) -> None:
    path = tmp_path / "config"
    path.write_text(CONFIG)
    name, host, cluster = found
    assert kubeconfig.find(path, context) == (name, f"https://{host}:6443", path, cluster)


@pytest.mark.parametrize(
    ("text", "context", "says"),
    [
        pytest.param(CONFIG, "else", "it has: here, there", id="unknown context"),
        pytest.param("clusters: []", None, "--context", id="no current context"),
        pytest.param("- a", None, "is not a kubeconfig", id="something else"),
        pytest.param("{", None, "is not a kubeconfig", id="not YAML"),
        pytest.param(None, None, "cannot read kubeconfig", id="no file"),
    ],
)
def test_says_what_is_wrong_with_a_kubeconfig(tmp_path: Path, text: str | None, context: str | None, says: str) -> None:
    path = tmp_path / "config"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Misconfigured) as caught:
        kubeconfig.find(path, context)
    assert says in caught.value.say


def test_joins_the_files_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("current-context: here\ncontexts: [{name: here, context: {cluster: c1}}]")
    two.write_text('clusters: [{name: c1, cluster: {server: "https://one:6443"}}]')
    monkeypatch.setenv("KUBECONFIG", f"{one}:{two}:{tmp_path / 'missing'}")
    assert kubeconfig.find(None, None) == ("here", "https://one:6443", None, "c1")


@pytest.mark.parametrize(
    ("context", "name"),
    [
        ("arn:aws:eks:eu:1:cluster/Prod", "arn-aws-eks-eu-1-cluster-prod"),
        ("***", "cluster"),
        ("a" * 80, "a" * 63),
        ("kind-dev", "kind-dev"),
    ],
)
def test_makes_a_cluster_name_of_a_context(context: str, name: str) -> None:
    assert local.name_of(context) == name


def test_remembers_privately_and_whole(tmp_path: Path) -> None:
    assert record.load(tmp_path) == record.Record()
    record.save(tmp_path, record.Record(api_key="mht_x", clusters={"here https://one": "cls_1"}))
    record.save(tmp_path, record.Record(api_key="mht_x", clusters={"here https://one": "cls_2"}))
    assert record.load(tmp_path).clusters == {"here https://one": "cls_2"}
    assert [path.name for path in tmp_path.iterdir()] == [record.NAME]
    assert (tmp_path / record.NAME).stat().st_mode & 0o077 == 0


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / record.NAME).write_text("{")
    with pytest.raises(Misconfigured, match="--data-dir"):
        record.load(tmp_path)


def test_gives_three_lines_to_try() -> None:
    facts = Facts("Optral", "http://127.0.0.1:8080", "a:1", "b:2", "demo", "mht_x", "/tmp/x")
    lines = to_try(facts)
    assert lines[0] == "export OPTRAL_URL=http://127.0.0.1:8080 OPTRAL_API_KEY=mht_x"
    assert [line.split()[0] for line in lines[1:]] == ["curl"] * 3


def test_the_link_and_the_key_stay_whole_on_a_narrow_terminal() -> None:
    out = io.StringIO()
    link, key = "http://127.0.0.1:41243/setup#" + "x" * 43, "mht_" + "k" * 46
    facts = Facts("Optral", "http://127.0.0.1:41243", "a:1", "b:2", "demo", key, "/tmp/x", setup_link=link)
    Screen(Console(file=out, width=40)).first(facts)
    lines = out.getvalue().splitlines()
    assert any(link in line for line in lines)
    assert any(line.startswith("  API key") and line.endswith(key) for line in lines)


def settled(shown: Screen) -> None:
    for _ in range(3):
        shown.settle()


def test_shows_an_issue_again_only_when_its_line_differs() -> None:
    out = io.StringIO()
    shown = Screen(Console(file=out, width=200))
    one = issue(1, "OOMKilled")
    for event_type, severity in (
        ("issue.created", "high"),
        ("issue.updated", "high"),
        ("issue.updated", "critical"),
        ("issue.resolved", "high"),
    ):
        shown.issue(msgspec.structs.replace(one, severity=severity), event_type=event_type)
        settled(shown)
    assert [line.split()[1:3] for line in out.getvalue().splitlines()] == [
        ["opened", "high"],
        ["changed", "critical"],
        ["resolved", "high"],
    ]


def test_symptoms_are_counted_and_roots_have_their_title_and_cause() -> None:
    out = io.StringIO()
    shown = Screen(Console(file=out, width=200))
    root = msgspec.structs.replace(issue(0, "OOMKilled"), title="Container api of Deployment shop/api ran out of memory")
    symptom = issue(1, "FailedCreate")
    for one in (root, symptom):
        shown.issue(one)
    shown.settle()
    assert out.getvalue() == ""
    shown.issue(msgspec.structs.replace(symptom, parent_issue_id="iss_0"), event_type="issue.updated")
    ready = {"issueId": "iss_0", "status": "ready", "summary": "The memory limit is too low."}
    shown.event(Event(id="1", type="analysis.ready", data=ready), None)
    settled(shown)
    shown.event(Event(id="2", type="analysis.ready", data=ready | {"summary": "The memory limit is too low. It was killed twice."}), None)
    assert [" ".join(line.split()[-7:]) for line in out.getvalue().splitlines()] == [
        "of Deployment shop/api ran out of memory",
        "cause The memory limit is too low.",
        "`optral issues list --parent any` shows them",
    ]


def test_what_another_issue_explains_is_shown_when_it_outlives_it() -> None:
    out = io.StringIO()
    shown = Screen(Console(file=out, width=200))
    one = issue(1, "FailedCreate")
    symptom = msgspec.structs.replace(one, parent_issue_id="iss_0")
    shown.issue(symptom)
    shown.issue(symptom, event_type="issue.updated")
    settled(shown)
    assert "opened" not in out.getvalue()
    shown.issue(one, event_type="issue.updated")
    settled(shown)
    assert out.getvalue().splitlines()[-1].split()[1] == "opened"


def test_names_from_a_cluster_cannot_touch_the_terminal() -> None:
    out = io.StringIO()
    shown = Screen(Console(file=out, width=200))
    shown.issue(msgspec.structs.replace(issue(1, "OOMKilled"), title="a\x1b[2J\u202eb"))
    settled(shown)
    assert "opened" in out.getvalue()
    assert not {"\x1b", "\u202e"} & set(out.getvalue())


def test_demo_and_up_stop_without_a_delay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTRAL_SHUTDOWN_DELAY", "5")
    assert demo._settings(tmp_path).shutdown_delay == 0
    assert local.settings_for(tmp_path, None).shutdown_delay == 0


def test_up_uses_free_ports_where_another_program_has_the_usual_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTRAL_TUNNEL_LISTEN", "127.0.0.1:9444")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr(local, "PORTS", dict.fromkeys(local.PORTS, port))
        found = local.settings_for(tmp_path, None)
        assert found.listen != f"127.0.0.1:{port}" != found.enroll_listen
        assert found.tunnel_listen == "127.0.0.1:9444"
        assert local.settings_for(tmp_path, f"127.0.0.1:{port}").listen == f"127.0.0.1:{port}"
