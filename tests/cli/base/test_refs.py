"""Wherever a command takes an id, it takes names and beginnings of ids too."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import typer
import typer.main

from optral.cli.application import application
from optral.cli.base import refs
from optral.client.client import Client
from optral.terms.errors import Refused
from tests.cli.test_misuse import ARGUMENTS
from tests.support.commandline import Done, optral
from tests.support.serving import JsonHandler, on_thread

NUMBER = "01h455vb4pex5vsknk084sn02q"
OTHER = "01h9zzzzzzzzzzzzzzzzzzzzzz"
LISTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ISSUE": ("/v1/issues", "iss", {"resource": "web-1", "namespace": "shop", "owner": {"kind": "Deployment", "name": "web"}}),
    "RESOURCE": ("/v1/resources", "res", {"kind": "Deployment", "namespace": "shop", "name": "web"}),
    "CLUSTER": ("/v1/clusters", "cls", {"name": "web"}),
    "EXECUTION": ("/v1/executions", "exe", {}),
    "RUNBOOK": ("/v1/runbooks", "rbk", {}),
    "RULE": ("/v1/mute-rules", "mut", {}),
    "RECEIVER": ("/v1/alert-receivers", "alr", {"name": "web"}),
    "ALERT": ("/v1/alerts", "alt", {"name": "web"}),
    "TRIGGER": ("/v1/triggers", "trg", {"name": "web"}),
    "WINDOW": ("/v1/change-windows", "win", {"name": "web"}),
    "VIEW": ("/v1/views", "viw", {"name": "web"}),
    "PROVIDER": ("/v1/identity-providers", "idp", {"name": "web"}),
    "FORGE": ("/v1/forges", "frg", {"name": "web"}),
    "WEBHOOK": ("/v1/webhooks", "whk", {"name": "web"}),
    "KEY": ("/v1/api-keys", "key", {"name": "web"}),
    "TOKEN": ("/v1/fleet-tokens", "flt", {"name": "web"}),
    "MEMBER": ("/v1/members", "usr", {"email": "web"}),
    "INVITE": ("/v1/invites", "inv", {"email": "web"}),
    "BINDING": (f"/v1/members/usr_{NUMBER}/bindings", "bnd", {}),
    "DELEGATION": ("/v1/delegations", "dlg", {}),
    "COMMENT": (f"/v1/issues/iss_{NUMBER}/comments", "cmt", {}),
    "DELIVERY": (f"/v1/webhooks/whk_{NUMBER}/deliveries", "dlv", {}),
}
"""By metavariable: the list, the prefix of its ids, and what names the one that is meant."""
COMMON = {
    "type": "OOMKilled", "severity": "high", "status": "open", "cluster": "demo", "resource": "other", "name": "other", "kind": "Pod",
    "email": "other@example.org", "role": "viewer",
}  # fmt: skip
"""What rows have otherwise; the lists differ in what they read of it."""


class Server(JsonHandler):
    """Each list has two objects; every other answer is "not found"."""

    seen: ClassVar[list[str]] = []

    def reply(self) -> None:
        body = self.sent().decode()
        self.seen.append(f"{self.path} {body}")
        path = urlsplit(self.path).path
        found = next((name for name, (address, *_) in LISTS.items() if address == path), None)
        if path == "/v1/session":
            return self.answer({}, 201, Set_Cookie="optral_session=x; Path=/")
        if found is None or self.command != "GET":
            return self.answer({"status": 404, "code": "not_found", "detail": "not found", "requestId": "req_1"}, 404)
        _, prefix, names = LISTS[found]
        rows = [{**COMMON, "id": f"{prefix}_{NUMBER}", **names}, {**COMMON, "id": f"{prefix}_{OTHER}"}]
        if found == "RESOURCE":  # the ReplicaSet of the Deployment
            rows[1]["owner"] = {"kind": "Deployment", "name": "web"}
            rows = [{name: value for name, value in row.items() if name != "resource"} for row in rows]
        return self.answer({refs.KINDS[found].key: rows, "total": 2, "page": 1, "pageSize": 100})

    do_GET = do_POST = do_PATCH = do_DELETE = reply


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with on_thread(Server) as address:
        yield address


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    Server.seen.clear()
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "a long and quiet river")


@cache
def commands() -> Mapping[str, Any]:
    """By name; to build them takes 0.05 s."""

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk(inner, (*path, name))
        else:
            yield " ".join(path), command

    return dict(walk(typer.main.get_command(application()), ()))


def id_arguments(command: Any) -> list[str]:
    """The metavariables of the arguments, "" for one that is no id."""
    shown = [str(one.metavar or "").strip(".[]") for one in command.params if one.param_type_name == "argument"]
    return [one if one in refs.KINDS else "" for one in shown]


BY_ID = {name: command for name, command in commands().items() if any(id_arguments(command)) and name in ARGUMENTS}


def called(command: str, words: list[str], url: str) -> Done:
    signs_in = command.startswith(("members ", "identity ")) or command in ("safeguards undelegate", "keys roll")
    return optral(*command.split(), *words, *(["--as", "me@example.org"] if signs_in else []), url=url)


def test_every_argument_that_is_an_id_has_a_kind() -> None:
    whole = {
        "analyses get",  # listed by issue only, so nothing can be looked up without it; below
        "ask",
        "wait",  # looks the workload up again and again, for it may not exist yet (tests/cli/test_wait.py)
    }
    for name, words in ARGUMENTS.items():
        if name in whole:
            continue
        ids = [word for word in words if refs.is_whole_id(word) and "_" in word]
        assert len(ids) <= len([one for one in id_arguments(commands()[name]) if one]) + words.count("--cluster") + words.count(
            "--forge"
        ), name
    assert LISTS.keys() == refs.KINDS.keys()


def was_sent(kind: str) -> bool:
    """Whether a request had the whole id."""
    return any(f"{LISTS[kind][1]}_{NUMBER}" in one for one in Server.seen)


@pytest.mark.parametrize("command", BY_ID)
def test_the_beginning_of_an_id_is_enough(url: str, command: str) -> None:
    kinds = id_arguments(BY_ID[command])
    whole = ARGUMENTS[command][: len(kinds)]
    begun = [f"{LISTS[kind][1]}_01h4" if kind else word for kind, word in zip(kinds, whole, strict=False)]
    done = called(command, [*begun, *ARGUMENTS[command][len(begun) :]], url)
    assert all(was_sent(kind) for kind in kinds if kind), (Server.seen, done.stderr)


@pytest.mark.parametrize("command", [name for name, one in BY_ID.items() if id_arguments(one)[0] and LISTS[id_arguments(one)[0]][2]])
def test_a_name_is_enough(url: str, command: str) -> None:
    kind = id_arguments(BY_ID[command])[0]
    done = called(command, ["web", *ARGUMENTS[command][1:]], url)
    assert was_sent(kind), (Server.seen, done.stderr)


@pytest.mark.parametrize(("given", "kind"), [("iss_01h4", "ISSUE"), ("shop/web", "ISSUE"), ("cls_01h4", "CLUSTER"), ("web", "CLUSTER")])
def test_a_question_is_about_an_issue_or_a_cluster(url: str, given: str, kind: str) -> None:
    done = optral("ask", given, "What changed?", url=url)
    assert was_sent(kind), (Server.seen, done.stderr)


@pytest.mark.parametrize("given", ["deploy/web", "deployments/web", "Deployment/web", "deployment.apps/web", "shop/web", "web"])
@pytest.mark.parametrize("command", ["issues get", "resources get"])
def test_an_object_is_named_as_for_kubectl(url: str, command: str, given: str) -> None:
    done = optral(*command.split(), given, "-n", "shop", url=url)
    assert NUMBER in Server.seen[-1], done.stderr
    assert all(parse_qs(urlsplit(one).query)["namespace"] == ["shop"] for one in Server.seen[:-1])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("cls_01h", "'cls_01h' matches 2 clusters: "),
        ("we", "no cluster is 'we'; `optral clusters list` shows them"),
        ("WEB", "no cluster is 'WEB'; `optral clusters list` shows them"),
        ("cls_01h4x", "no cluster is 'cls_01h4x'; `optral clusters list` shows them"),
    ],
)
def test_what_is_ambiguous_or_unknown_lists_what_there_is(url: str, given: str, says: str) -> None:
    done = optral("clusters", "get", given, url=url)
    assert (done.returncode, done.stderr.startswith(f"optral: {says}")) == (1, True), done.stderr
    assert not was_sent("CLUSTER")


def test_candidates_are_listed_with_what_they_are(url: str) -> None:
    said = optral("clusters", "get", "cls_01h", url=url).stderr
    assert f"cls_{NUMBER}" in said and f"cls_{OTHER}" in said and said.strip().endswith("; give an id")


def test_a_name_means_the_workload_before_other_objects_of_that_name() -> None:
    workload = {"id": "iss_1", "resource": "web-1-a", "resourceKind": "Pod", "owner": {"kind": "Deployment", "name": "web"}}
    budget = {"id": "iss_2", "resource": "web", "resourceKind": "PodDisruptionBudget", "owner": None}
    answers = SimpleNamespace(issues=SimpleNamespace(list=lambda **_: SimpleNamespace(raw=json.dumps({"issues": [budget, workload]}))))
    assert refs.id_of(cast("Client", answers), "ISSUE", "shop/web") == "iss_1"
    assert refs.id_of(cast("Client", answers), "ISSUE", "pdb/web") == "iss_2"
    workload["owner"] = None
    with pytest.raises(Refused, match="2 issues"):
        workload["resource"] = "web"
        refs.id_of(cast("Client", answers), "ISSUE", "shop/web")


def test_a_list_that_is_too_long_asks_for_the_whole_id(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refs, "PAGE_ROWS", 2)
    done = optral("clusters", "get", "web", url=url)
    assert "give the whole id" in done.stderr and not was_sent("CLUSTER")


def test_a_whole_id_costs_no_request(url: str) -> None:
    optral("clusters", "get", f"cls_{NUMBER}", url=url)
    assert len(Server.seen) == 1


@pytest.mark.parametrize("option", [["issues", "list", "--parent"], ["executions", "list", "--issue"]])
def test_options_take_names_too(url: str, option: list[str]) -> None:
    optral(*option, "shop/web", url=url)
    assert was_sent("ISSUE")


@pytest.mark.parametrize(("given", "sent"), [("web", f"usr_{NUMBER}"), ("me", "me"), ("web,none", f"usr_{NUMBER}%2Cnone")])
def test_members_are_named_by_email_address(url: str, given: str, sent: str) -> None:
    optral("issues", "list", "--assignee", given, url=url)
    assert f"assignee={sent}" in Server.seen[-1]


@pytest.mark.parametrize(
    ("given", "kind", "is_same"),
    [
        ("po", "Pod", True), ("pods", "Pod", True), ("ingresses", "Ingress", True), ("networkpolicies", "NetworkPolicy", True),
        ("ds", "DaemonSet", True), ("certificates.cert-manager.io", "Certificate", True), ("pod", "PodDisruptionBudget", False),
        ("", "Pod", False), ("p", "Pod", False),
    ],
)  # fmt: skip
def test_words_for_kinds(given: str, kind: str, is_same: bool) -> None:
    assert refs.is_kind(given, kind) is is_same


@pytest.mark.parametrize(("name", "command"), [pytest.param(name, command, id=name) for name, command in commands().items()])
def test_options_are_written_in_lower_case(name: str, command: Any) -> None:
    """A metavariable that is the name of its parameter in capitals would become the option."""
    assert [flag for param in command.params for flag in param.opts if flag.startswith("--") and flag != flag.lower()] == []
