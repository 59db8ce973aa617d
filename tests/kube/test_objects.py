import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from optral.kube import kinds, objects
from optral.kube.objects import Event, Pod, Service
from tests.support.examples import examples

NAMES = {"uid": "u", "namespace": "shop", "name": "api"}


def pod(**body: Any) -> Pod:
    made = objects.decode("Pod", json.dumps({"metadata": {"uid": "u", "namespace": "shop", "name": "api"}} | body).encode())
    assert isinstance(made, Pod)
    return made


def test_reads_what_detectors_ask_for() -> None:
    made = pod(
        spec={"nodeName": "n1", "containers": [{"name": "api", "resources": {"limits": {"memory": "1Gi"}}}]},
        status={
            "phase": "Running",
            "startTime": "2026-03-02T12:00:00Z",
            "containerStatuses": [
                {"name": "api", "restartCount": 2, "lastState": {"terminated": {"exitCode": 137, "containerID": "c://1"}}}
            ],
        },
    )
    assert (made.uid, made.namespace, made.spec.node_name) == ("u", "shop", "n1")
    assert made.spec.containers[0].resources.limits == {"memory": "1Gi"}
    ended = made.status.container_statuses[0].last_state.terminated
    assert ended is not None
    assert (ended.exit_code, ended.container_id) == (137, "c://1")


@pytest.mark.parametrize(
    "status",
    [
        {"phase": None, "containerStatuses": [{"name": "api", "restartCount": 3}]},
        {"phase": 5, "containerStatuses": [{"name": "api", "restartCount": 3, "state": "strange", "ready": "yes"}]},
        {"phase": [], "containerStatuses": [{"name": "api", "restartCount": 3, "lastState": None}, None, 7, "x"]},
        {"startTime": "yesterday", "conditions": None, "containerStatuses": [{"name": "api", "restartCount": 3}]},
        {"startTime": "2026-03-02T12:00:00", "containerStatuses": [{"name": "api", "restartCount": 3}]},
    ],
)
def test_what_does_not_fit_is_left_out_and_the_rest_is_kept(status: dict[str, Any]) -> None:
    made = pod(spec=None, status=status)
    assert made.status.container_statuses[0].restart_count == 3
    assert (made.status.phase, made.status.start_time, made.name) == ("", None, "api")


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"spec":' * 50_000, b'{"metadata":{"generation":' + b"9" * 5000 + b"}}"],
)
def test_an_unreadable_object_keeps_the_name_its_sender_gave_it(raw: bytes) -> None:
    made = objects.decode("Pod", raw, **NAMES)
    assert isinstance(made, Pod)
    assert (made.uid, made.namespace, made.name) == ("u", "shop", "api")


def test_an_object_cannot_pass_for_another_one() -> None:
    raw = json.dumps({"metadata": {"uid": "other", "namespace": "kube-system", "name": "etcd", "labels": {"a": "b"}}}).encode()
    made = objects.decode("Pod", raw, **NAMES)
    assert (made.uid, made.namespace, made.name, made.labels) == ("u", "shop", "api", {"a": "b"})


def test_text_that_no_database_takes_is_replaced() -> None:
    raw = b'{"metadata":{"name":"a\\u0000b","labels":{"x":"\\ud800"}},"status":{"reason":"fine"}}'
    made = objects.decode("Pod", raw)
    assert isinstance(made, Pod)
    assert (made.name, made.labels, made.status.reason) == ("a\ufffdb", {"x": "\ufffd"}, "fine")


def test_kinds_without_a_class_keep_their_metadata() -> None:
    for kind in kinds.BY_ID:
        made = objects.decode(kind, b'{"metadata":{"name":"x","resourceVersion":"7","ownerReferences":[{"kind":"A","name":"b"}]}}')
        assert (made.name, made.resource_version, made.owner_references[0].name) == ("x", "7", "b")
        assert made.kind in ("", kind)


def test_events_of_both_forms_tell_the_same() -> None:
    old = {
        "count": 4,
        "firstTimestamp": "2026-03-02T11:00:00Z",
        "lastTimestamp": "2026-03-02T12:00:00Z",
        "source": {"component": "kubelet"},
    }
    new = {
        "eventTime": "2026-03-02T11:00:00.000000Z",
        "series": {"count": 4, "lastObservedTime": "2026-03-02T12:00:00.000000Z"},
        "reportingComponent": "kubelet",
        "firstTimestamp": None,
        "lastTimestamp": None,
    }
    told = []
    for form in (old, new):
        made = objects.decode("Event", json.dumps(form).encode())
        assert isinstance(made, Event)
        told.append((made.times, made.first_seen, made.last_seen, made.reporter))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("path", "expected"), [("spec.containers{api}", "api"), ("spec.initContainers{i}", "i"), ("", None), ("{x}", None)]
)
def test_an_event_names_its_container(path: str, expected: str | None) -> None:
    told = objects.decode("Event", json.dumps({"involvedObject": {"fieldPath": path}}).encode())
    assert isinstance(told, Event)
    assert told.container == expected


def test_a_port_may_be_a_name_or_a_number() -> None:
    raw = b'{"spec":{"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":8081}],"selector":{"app":"api"}}}'
    made = objects.decode("Service", raw)
    assert isinstance(made, Service)
    assert [port.target_port for port in made.spec.ports] == ["http", 8081]


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["metadata", "spec", "status", "name", "labels", "conditions", "containers", "state", "uid"]), inner, max_size=4
        ),
    ),
    max_leaves=25,
)


@examples(200)
@given(body=_json, kind=st.sampled_from(sorted(kinds.BY_ID)))
def test_no_json_makes_decoding_raise(body: Any, kind: str) -> None:
    made = objects.decode(kind, json.dumps(body).encode(), **NAMES)
    assert made.uid == "u"
    made.name.encode()


@examples(100)
@given(raw=st.binary(max_size=60))
def test_no_bytes_make_decoding_raise(raw: bytes) -> None:
    assert objects.decode("Pod", raw, **NAMES).name == "api"
