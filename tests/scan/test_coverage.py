"""What a scan looked at, in its report: a scan without issues does not claim more than it read."""

import json
from pathlib import Path
from typing import Any

from optral.scan.detection import IssueFilter
from optral.scan.run import scan_dump
from tests.support.commandline import optral

NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "creationTimestamp": "2026-01-01T00:00:00Z"}}
NAMES = {"ConfigMap": "kube-root-ca.crt", "Namespace": "shop", "Pod": "web", "Service": "web"}


def objects(*without: str) -> list[dict[str, Any]]:
    items = [{"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}} for kind, name in NAMES.items()]
    items[2]["status"] = {"phase": "Succeeded"}
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    return [one for one in [*items, {**NODE, "status": status}] if one["kind"] not in without]


def dump(folder: Path, *without: str) -> Path:
    path = folder / "dump.json"
    path.write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": objects(*without)}))
    return path


def test_a_dump_names_the_kinds_that_it_may_lack(tmp_path: Path) -> None:
    report = scan_dump(dump(tmp_path), IssueFilter(), explain=False, progress=lambda _: None)
    record = report.shape()["coverage"]
    assert record["complete"] is True and record["kindsLookedAt"] == 5
    [absent] = [one for one in record["unread"] if one["reason"] == "noObjects"]
    assert "Deployment.apps" in absent["kinds"] and absent["needed"] is False
    assert any(line.startswith("No issue found. Looked at 1 cluster, 5 kinds.") for line in report.footer())


def test_a_dump_without_pods_is_not_reported_as_healthy(tmp_path: Path) -> None:
    report = scan_dump(dump(tmp_path, "Pod"), IssueFilter(), explain=False, progress=lambda _: None)
    record = report.shape()["coverage"]
    assert record["complete"] is False
    said = next(line for line in report.footer() if "Looked at" in line)
    assert said.startswith("No issue found in what could be read, which does not mean that there is none.")
    assert "No object of Pod was given" in said


def test_the_text_and_the_json_of_the_command_have_the_record(tmp_path: Path) -> None:
    path = dump(tmp_path)
    assert "Looked at 1 cluster, 5 kinds." in optral("scan", "--from", str(path)).stdout
    assert "Looked at 1 cluster, 5 kinds." in optral("scan", "--from", str(path), "-o", "markdown").stdout
    record = json.loads(optral("scan", "--from", str(path), "-o", "json", "--type", "OOMKilled").stdout)["coverage"]
    assert (record["rules"]["on"], record["clusterTotal"]) == (1, 1)
