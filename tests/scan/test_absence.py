"""A scan concludes that an object is missing only where it read everything."""

import json
from pathlib import Path

import pytest

from optral.analysis.reading.snapshot import Snapshot
from optral.scan import dump
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from tests.analysis.cluster import Json, deployment, pod, service


def elsewhere(one: Json, namespace: str) -> Json:
    one["metadata"]["namespace"] = namespace
    return one


def document(*objects: Json, **metadata: str) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "List", "metadata": metadata, "items": objects}).encode()


OBJECTS = (deployment(), pod(), service(), elsewhere(service("store"), "data"), elsewhere(pod(None, "store-1"), "data"))


def snapshot_of(raw: bytes, tmp_path: Path) -> Snapshot:
    (tmp_path / "dump.json").write_bytes(raw)
    intake = Intake(keep=True)
    dump.read(tmp_path, intake)
    dump.settle(intake)
    return Explainer(intake)._read({"", "orders", "kube-system"})


def test_finds_what_routes_refer_to_in_another_namespace(tmp_path: Path) -> None:
    snap = snapshot_of(document(*OBJECTS), tmp_path)
    assert snap.find("Service", "data", "store") is not None
    assert [one.name for one in snap.all("Service", "data")] == ["store"]
    assert snap.missing("Service", "data", "stroe") is not None
    assert snap.missing("Service", "orders", "stroe") is not None


@pytest.mark.parametrize(("kind", "namespace"), [("Pod", "data"), ("Service", "archive"), ("ConfigMap", "orders"), ("Pod", None)])
def test_does_not_know_what_it_did_not_read(kind: str, namespace: str | None, tmp_path: Path) -> None:
    """Pods of a namespace beside the issue's, Services of a namespace that the dump lacks, a kind that it lacks, pods of all namespaces."""
    snap = snapshot_of(document(*OBJECTS), tmp_path)
    assert snap.missing(kind, namespace, "x") is None
    assert snap.listed(kind, namespace) is None


def test_knows_of_nothing_missing_from_a_dump_with_the_first_page_of_a_list(tmp_path: Path) -> None:
    snap = snapshot_of(document(*OBJECTS, **{"continue": "token"}), tmp_path)
    assert snap.find("Pod", "orders", "api-1-x") is not None
    assert snap.missing("Pod", "orders", "x") is None
