"""The formats of a dump, and how errors in one are reported."""

import copy
import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.kube import objects
from optral.kube.kinds import BY_ID
from optral.kube.objects import Pod
from optral.scan import dump, long_list
from optral.scan.detection import IssueFilter, ScanResult, detect_issues
from optral.scan.intake import Intake
from optral.terms.errors import Misconfigured
from tests.support import broken

Manifest = dict[str, Any]
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # ten times as fast


def read(path: Path, *, keep: bool = False) -> Intake:
    intake = Intake(keep=keep)
    dump.read(path, intake)
    dump.settle(intake)
    return intake


def scanned(intake: Intake) -> ScanResult:
    return detect_issues(intake, IssueFilter())


def a_list(manifests: list[Manifest], **meta: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": "List", "metadata": meta, "items": manifests}


def _json(folder: Path, manifests: list[Manifest]) -> Path:
    (folder / "all.json").write_text("\n " + json.dumps(a_list(manifests), indent=2) + "\n\n")
    return folder / "all.json"


def _array(folder: Path, manifests: list[Manifest]) -> Path:
    (folder / "all.json").write_text(json.dumps(manifests))
    return folder / "all.json"


def _lines(folder: Path, manifests: list[Manifest]) -> Path:
    (folder / "all.json").write_text("\n".join(map(json.dumps, manifests)))
    return folder / "all.json"


def _gzip(folder: Path, manifests: list[Manifest]) -> Path:
    (folder / "all.json.gz").write_bytes(gzip.compress(json.dumps(a_list(manifests)).encode()))
    return folder / "all.json.gz"


def _yaml(folder: Path, manifests: list[Manifest]) -> Path:
    (folder / "all.yaml").write_text(yaml.dump_all([*manifests[::2], a_list(manifests[1::2])], Dumper=DUMPER))
    return folder / "all.yaml"


def _directory(folder: Path, manifests: list[Manifest]) -> Path:
    """A file per kind, lists without the kind on their items, one of them in two files."""
    for kind in sorted({one["kind"] for one in manifests}):
        mine = [copy.copy(one) for one in manifests if one["kind"] == kind]
        listed = a_list(mine) | {"apiVersion": mine[0]["apiVersion"], "kind": f"{kind}List"}
        for one in mine:
            del one["apiVersion"], one["kind"]
        (folder / kind).mkdir()
        (folder / kind / f"{kind}.json").write_text(json.dumps(listed))
    (folder / "again.yaml").write_text(yaml.dump(a_list(manifests), Dumper=DUMPER))
    (folder / "notes.txt").write_text("not a dump")
    return folder


def _cluster_info(folder: Path, manifests: list[Manifest]) -> Path:
    """As `kubectl cluster-info dump` prints it: indented lists in a row, and logs between marks."""
    parts = [json.dumps(a_list(manifests[:100]), indent=4), json.dumps(a_list(manifests[100:]), indent=4)]
    parts.append("==== START logs for container main of pod team-01/x ====\nhello\n==== END logs for container main of pod team-01/x ====")
    (folder / "dump.txt").write_text("\n".join(parts) + "\n")
    return folder / "dump.txt"


def _bundle(folder: Path, manifests: list[Manifest]) -> Path:
    logs = {"team-01/x/main": "hello\n", "team-01/x/main.previous": "before\n", "team-01/x/main#previous": "before\n"}
    (folder / "case.json").write_text(json.dumps({"meta": {"now": broken.ago(0)}, "objects": a_list(manifests), "logs": logs}))
    return folder / "case.json"


@pytest.mark.parametrize(
    ("make", "part_bytes"),
    [
        *((make, long_list.PART_BYTES) for make in (_json, _array, _lines, _gzip, _yaml, _directory, _cluster_info, _bundle)),
        *((make, 20_000) for make in (_json, _gzip, _cluster_info, _bundle)),  # a list that is read in parts
    ],
)
def test_finds_the_same_issues_in_every_format(
    tmp_path: Path,
    manifests: list[Manifest],
    make: Callable[[Path, list[Manifest]], Path],
    part_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_list, "PART_BYTES", part_bytes)
    intake = read(make(tmp_path, manifests))
    assert intake.gaps == []
    assert intake.object_count == len(manifests)
    assert sorted((root.type, len(root.affected)) for root in scanned(intake).roots) == sorted(
        (name.partition(" ")[0], broken.BROKEN) for name in broken.FAILURES
    )


def test_keeps_the_logs_of_a_bundle_and_of_kubectl(tmp_path: Path, manifests: list[Manifest]) -> None:
    for folder, make in (("a", _bundle), ("b", _cluster_info)):
        (tmp_path / folder).mkdir()
        intake = read(make(tmp_path / folder, manifests))
        assert b"hello\n" in intake.logs.values()
    assert {key.previous for key in read(tmp_path / "a" / "case.json").logs} == {True, False}


def test_evaluates_a_dump_as_of_its_newest_time(tmp_path: Path, manifests: list[Manifest]) -> None:
    intake = Intake()
    dump.read(_json(tmp_path, manifests), intake)
    assert dump.settle(intake) == "the newest time in the dump"
    assert intake.now is not None
    assert datetime.fromisoformat(broken.ago(60)) <= intake.now <= datetime.fromisoformat(broken.ago(-60))


LATE = "2026-03-02T11:59:58Z"


@pytest.mark.parametrize(
    "part",
    [
        {"metadata": {"creationTimestamp": LATE}},
        {"metadata": {"managedFields": [{"manager": "kubelet", "time": LATE}]}},
        {"status": {"conditions": [{"type": "Ready", "lastTransitionTime": LATE}]}},
        {"status": {"containerStatuses": [{"state": {"running": {"startedAt": LATE}}}]}},
        {"status": {"containerStatuses": [{"state": {"terminated": {"startedAt": "2026-03-02T11:00:00Z", "finishedAt": LATE}}}]}},
        {"metadata": {"creationTimestamp": LATE}, "spec": {"priority": "a wrong type"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["Pod", "Widget", ""])
def test_evaluates_a_dump_as_of_any_time_of_a_pod(tmp_path: Path, part: Manifest, kind: str) -> None:
    """Of a pod in a mixed list and in a list of pods; an object of a kind that is not watched does not count."""
    pod = {"metadata": {"name": "checkout"} | part.get("metadata", {})} | {key: part[key] for key in ("spec", "status") if key in part}
    old = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "creationTimestamp": "2026-03-02T09:00:00Z"}}
    (tmp_path / "namespace.json").write_text(json.dumps(old))
    listed = a_list([{"apiVersion": "v1", "kind": kind, **pod} if kind else pod]) | ({} if kind else {"kind": "PodList"})
    (tmp_path / "pods.json").write_text(json.dumps(listed))
    assert read(tmp_path).now == datetime.fromisoformat(LATE if kind != "Widget" else old["metadata"]["creationTimestamp"])


def test_redacts_a_pod_among_many_and_keeps_the_last_of_two(tmp_path: Path, manifests: list[Manifest]) -> None:
    pods = [copy.deepcopy(one) for one in manifests if one["kind"] == "Pod"][:3]
    pods[1]["status"]["message"] = "login failed: password=correct-horse-battery"
    first = copy.deepcopy(pods[1])
    first["status"]["message"] = "login failed: password=staple-of-another-horse"
    intake = read(_json(tmp_path, [first, *pods]))
    messages = {pod.name: pod.status.message for pod in intake.view.all(Pod.kind) if isinstance(pod, Pod)}
    assert len(messages) == intake.object_count == 3
    assert messages[pods[1]["metadata"]["name"]].startswith("login failed: password=[redacted:")
    assert intake.redactor.text("password=correct-horse-battery") in messages[pods[1]["metadata"]["name"]]


def test_drops_secrets_unread(tmp_path: Path, manifests: list[Manifest]) -> None:
    hidden = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "team-01"},
        "data": {"password": "aHVudGVyMg=="},
    }
    listed = a_list([{"metadata": {"name": "other"}, "data": {"a": "aHVudGVyMg=="}}]) | {"kind": "SecretList"}
    (tmp_path / "secrets.json").write_text(json.dumps(listed))
    _json(tmp_path, [*manifests, hidden])
    intake = read(tmp_path, keep=True)
    assert intake.secrets_dropped == 2
    assert not any(kind.startswith("Secret") for kind, _, _ in intake.manifests())
    assert b"aHVudGVyMg" not in b"".join(read() or b"" for _, _, read in intake.manifests())


def test_redacts_kept_manifests_when_they_are_read(tmp_path: Path, manifests: list[Manifest]) -> None:
    pod = copy.deepcopy(next(one for one in manifests if one["kind"] == "Pod"))
    pod["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": "correct-horse-battery"}]
    pod["status"]["message"] = "login failed: password=correct-horse-battery"
    (tmp_path / "pod.json").write_text(json.dumps(pod))
    intake = read(tmp_path / "pod.json", keep=True)
    ((_, _, read_it),) = intake.manifests()
    assert b"correct-horse" not in (read_it() or b"")
    (obj,) = intake.view.all("Pod")
    assert "correct-horse" not in repr(obj)


def test_detectors_read_the_same_pod_as_from_the_whole_redacted_manifest(manifests: list[Manifest]) -> None:
    intake = Intake()
    raws = [json.dumps(one).encode() for one in manifests if one["kind"] == "Pod"]
    for raw in raws:
        intake.take(raw)
    dump.settle(intake)
    for raw in raws:
        whole = objects.decode("Pod", intake.redactor.redact(BY_ID["Pod"], raw))
        assert intake.view.get("Pod", whole.uid) == whole


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("a.json", b'{"kind":"List","items":[{"kind":"Pod"', "truncated JSON", id="cut short"),
        pytest.param("a.json", b"[1, 2", "truncated JSON", id="an array cut short"),
        pytest.param("a.json", b'{"kind":"List","items":[7, null, "x"]}', "not a readable Kubernetes object", id="no objects"),
        pytest.param("a.json", b"  \n", "empty file", id="empty"),
        pytest.param("a.yaml", b"a: [b\nc: }", "invalid YAML", id="broken YAML"),
        pytest.param("a.yaml", b"just words", "no Kubernetes object", id="plain text"),
        pytest.param("a.json.gz", gzip.compress(b"{}")[:8], "truncated", id="gzip cut short"),
        pytest.param("a.json.gz", b"\x1f\x8bxxxxxxxxxxxx", "invalid gzip file", id="no gzip"),
        pytest.param("a.json", b'{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"x"},"items":[]}', "truncated", id="a page"),
        pytest.param("a.json", b'{"meta":{"now":"soon"},"objects":[]}', "RFC 3339", id="bad time"),
        pytest.param("a.json", b'{"objects":[],"logs":{"pod":"x"}}', "not namespace/pod/container", id="bad log name"),
        pytest.param("a.yaml", b"a: &a [x,x]\nb: &b [*a,*a]\n" + b"\n".join(
            b"k%d: &k%d [%s]" % (n, n, b",".join([b"*" + (b"k%d" % (n - 1) if n else b"b")] * 9)) for n in range(12)
        ), "no Kubernetes object", id="YAML bomb"),
    ],
)  # fmt: skip
def test_reports_content_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    intake = read(tmp_path / name)
    assert any(says in gap.why for gap in intake.gaps), intake.gaps


@pytest.mark.parametrize("make", [_json, _gzip])
def test_keeps_what_comes_before_the_end_of_a_large_file_that_is_cut_short(
    tmp_path: Path, manifests: list[Manifest], make: Callable[[Path, list[Manifest]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_list, "PART_BYTES", 20_000)
    path = make(tmp_path, manifests)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    intake = read(path)
    assert len(manifests) / 4 < intake.object_count < len(manifests)
    assert any("truncated" in gap.why for gap in intake.gaps)


def test_a_large_dump_is_not_kept_in_memory(tmp_path: Path, manifests: list[Manifest], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_list, "PART_BYTES", 20_000)
    largest = 0

    class Watched(long_list.LongList):
        def _more(self) -> None:
            nonlocal largest
            super()._more()
            largest = max(largest, len(self._text))

    monkeypatch.setattr(long_list, "LongList", Watched)
    read(_json(tmp_path, manifests))
    assert 0 < largest < 100_000 < (tmp_path / "all.json").stat().st_size


@pytest.mark.parametrize("what", ["nothing", "empty"])
def test_refuses_a_missing_file_and_an_empty_directory(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misconfigured):
        dump.read(tmp_path / what, Intake())


def test_reads_an_object_with_an_invalid_timestamp(tmp_path: Path) -> None:
    strange = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "creationTimestamp": 7}, "status": {"conditions": "none"}}
    (tmp_path / "a.json").write_text(json.dumps(strange))
    assert read(tmp_path / "a.json").object_count == 1


def test_a_json_file_without_kubernetes_objects_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"answer": 42}')
    assert read(tmp_path / "a.json").gaps


def test_finds_a_custom_resource_of_any_kind_that_fails(tmp_path: Path) -> None:
    failed = {
        "type": "Ready",
        "status": "False",
        "reason": "SyncFailed",
        "message": "no such bucket",
        "lastTransitionTime": broken.ago(1800),
    }
    widgets = [
        {
            "apiVersion": "shop.example/v1beta1",
            "kind": "Widget",
            "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": broken.ago(0)},
            "status": {"conditions": [failed | {"status": status}]},
        }
        for name, status in (("blue", "False"), ("red", "True"))
    ]
    [issue] = scanned(read(_json(tmp_path, widgets))).roots
    assert (issue.type, issue.lead.subject.kind) == ("CustomResourceNotReady", "Widget.shop.example")
    assert issue.lead.title == "Widget shop/blue (shop.example) is not ready: no such bucket"


def test_applies_annotations_that_tune_detectors(tmp_path: Path) -> None:
    def job(name: str, tuning: str) -> Manifest:
        metadata = {"name": name, "namespace": "shop", "annotations": {"optral.ai/detectors": tuning}}
        status = {"startTime": broken.ago(13 * 3600), "active": 1}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {}, "status": status}

    annotations = {
        "late": "",
        "patient": "JobNotCompleted.patienceSeconds=14h",
        "off": "JobNotCompleted=off",
        "calm": "JobNotCompleted=low",
    }
    bundle = {"meta": {"now": broken.ago(0)}, "objects": a_list([job(*one) for one in annotations.items()])}
    (tmp_path / "case.json").write_text(json.dumps(bundle))
    roots = scanned(read(tmp_path / "case.json")).roots
    assert [(root.subject.name, root.severity.value) for root in roots] == [("late", "medium"), ("calm", "low")]
