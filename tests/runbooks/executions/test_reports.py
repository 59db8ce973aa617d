"""Reports on what no runbook changes: they name what holds an object and what would be lost, and their commands test before they change."""

import shlex
from typing import Any

import pytest

from optral.runbooks.executions import reports

DELETED = "2026-05-01T10:00:00Z"


def stuck(*finalizers: str, kind: str = "PersistentVolumeClaim", version: str = "v1", **more: Any) -> reports.Report:
    meta = {"namespace": "shop", "name": "data", "deletionTimestamp": DELETED, "finalizers": list(finalizers)}
    return reports.of("stuckFinalizers", kind, {"apiVersion": version, "metadata": meta | more.pop("meta", {}), **more})


def commands(report: reports.Report) -> list[str]:
    return [command.text for command in report.commands]


def test_a_stuck_object_names_each_finalizer_who_removes_it_and_what_would_be_lost() -> None:
    found = stuck("kubernetes.io/pvc-protection", "shop.example.com/backup")
    assert found.summary == f"PersistentVolumeClaim shop/data was deleted at {DELETED} and still exists."
    assert found.holds == [
        "kubernetes.io/pvc-protection: removed by the pods that use the claim",
        "shop.example.com/backup: removed by the controller that sets it (domain shop.example.com)",
    ]
    assert [line.partition(": ")[0] for line in found.would_be_lost] == ["kubernetes.io/pvc-protection", "shop.example.com/backup"]
    assert commands(found)[0] == "kubectl -n shop get persistentvolumeclaim data -o yaml"


def test_a_finalizer_is_removed_only_where_it_still_is() -> None:
    (_, last) = commands(stuck("shop.example.com/backup", kind="Widget", version="shop.example.com/v1"))
    words = shlex.split(last)
    assert words[:6] == ["kubectl", "-n", "shop", "patch", "widget.shop.example.com", "data"]
    assert words[-1] == (
        '[{"op": "test", "path": "/metadata/finalizers/0", "value": "shop.example.com/backup"}, '
        '{"op": "remove", "path": "/metadata/finalizers/0"}]'
    )


def test_a_namespace_says_what_is_left_in_it_and_its_own_finalizer_is_never_removed() -> None:
    left = {"type": "NamespaceContentRemaining", "status": "True", "message": "pods. has 2 resource instances"}
    meta = {"name": "old", "deletionTimestamp": DELETED}
    manifest = {"apiVersion": "v1", "metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": {"conditions": [left]}}
    found = reports.of("stuckFinalizers", "Namespace", manifest)
    assert found.holds == ["NamespaceContentRemaining: pods. has 2 resource instances"]
    assert "xargs -n 1 kubectl -n old get" in found.text
    assert "patch" not in found.text and "finalize" not in found.text


@pytest.mark.parametrize(
    ("report", "says"),
    [
        pytest.param(stuck("a.b/c", meta={"deletionTimestamp": None}), "is not being deleted", id="not deleted"),
        pytest.param(stuck(), "has no finalizers", id="no finalizers"),
        pytest.param(reports.of("stuckFinalizers", "Pod", {}), "does not exist any more", id="gone"),
        pytest.param(
            reports.of("releasedVolume", "PersistentVolume", {"metadata": {"name": "pv-1"}, "status": {"phase": "Bound"}}),
            "is not released: its phase is Bound",
            id="a volume in use",
        ),
    ],
)
def test_what_is_not_stuck_has_no_command_that_changes_it(report: reports.Report, says: str) -> None:
    assert says in report.summary
    assert (list(report.commands), list(report.would_be_lost)) == ([], [])


def test_a_released_volume_says_whose_data_it_has_and_how_to_reuse_or_delete_it() -> None:
    spec = {
        "capacity": {"storage": "20Gi"},
        "persistentVolumeReclaimPolicy": "Retain",
        "claimRef": {"namespace": "shop", "name": "data", "uid": "uid-1"},
        "csi": {"driver": "disks.example.com", "volumeHandle": "vol-7"},
    }
    found = reports.of("releasedVolume", "PersistentVolume", {"metadata": {"name": "pv-1"}, "spec": spec, "status": {"phase": "Released"}})
    assert found.would_be_lost[0] == "20Gi data of claim shop/data (disks.example.com, vol-7), if this is the only copy"
    assert commands(found)[-1] == "kubectl delete persistentvolume pv-1"
    assert '{"op": "test", "path": "/spec/claimRef/uid", "value": "uid-1"}' in commands(found)[1]


def test_names_of_the_cluster_stay_one_word_of_a_command() -> None:
    hostile = "a; rm -rf / $(id)"
    for command in stuck(hostile, meta={"name": hostile, "namespace": hostile}).commands:
        assert not {";", "rm", "$(id)"} & set(shlex.split(command.text))
