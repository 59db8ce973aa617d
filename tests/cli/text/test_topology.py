"""Objects related to an issue as a tree on a terminal."""

from typing import Any

import pytest

from optral.cli.text import topology


def node(id_: str, **more: Any) -> dict[str, Any]:
    kind, namespace, name = id_.split("/")
    return {"id": id_, "kind": kind, "namespace": namespace, "name": name, "state": "ok", "isSubject": False, "isCause": False, **more}


def edge(source: str, target: str, relation: str, problem: str | None = None) -> dict[str, Any]:
    return {"source": source, "target": target, "relation": relation, "broken": bool(problem), "problem": problem}


def printed(capsys: pytest.CaptureFixture[str], **answer: Any) -> list[str]:
    topology.render({"nodes": [], "edges": [], "leftOut": [], "notPermitted": 0, **answer})
    return capsys.readouterr().out.splitlines()


WEB, API, SETTINGS = "Deployment/shop/web", "Deployment/shop/api", "ConfigMap/shop/settings"


def test_draws_a_tree_with_what_is_broken_and_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [node(WEB), node(API, status="1/3 ready", isSubject=True), node(SETTINGS, state="missing", status="does not exist")]
    edges = [edge(WEB, API, "calls"), edge(API, SETTINGS, "reads", "it does not exist"), edge(WEB, SETTINGS, "reads")]
    lines = printed(
        capsys, nodes=nodes, edges=edges, leftOut=[{"beside": API, "kind": "Pod", "relation": "runs", "count": 12}], notPermitted=1
    )
    assert lines == [
        "Deployment shop/web",
        "├─ calls Deployment shop/api  <1/3 ready, issue>",
        "│  ├─ reads [BROKEN: it does not exist] ConfigMap shop/settings  <does not exist>",
        "│  └─ 12 more Pod (runs)",
        "└─ reads ConfigMap shop/settings  <does not exist> (above)",
        "",
        "1 more object is not shown: it needs the scope resources:read.",
    ]


def test_two_that_call_each_other_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, nodes=[node(WEB), node(API)], edges=[edge(WEB, API, "calls"), edge(API, WEB, "calls")])
    assert lines == ["Deployment shop/web", "└─ calls Deployment shop/api", "   └─ calls Deployment shop/web (above)"]


def test_says_when_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == ["No object of this issue is in the inventory."]


def test_lets_no_cluster_draw_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, nodes=[node(API, name="a\x1b[2Jb\nc", status="\x1b]0;x\x07")])
    assert len(lines) == 1 and "\x1b" not in lines[0] and "\x07" not in lines[0]
