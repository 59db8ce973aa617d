"""Frames survive the wire, old bytes stay readable, and a lying peer is found out before memory is spent."""

import re

import pytest
import zstandard

from optral.kube.changes import BadFrame, ChangeBatch, KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import wire_of
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb

POD = ObjectChange(Op.UPSERT, "Pod", "uid-1", "shop", "api-1", "42", b'{"kind":"Pod"}')
NODE_GONE = ObjectChange(Op.DELETE, "Node", "uid-2", "", "node-1", "43", b"")


def test_changes_survive_the_wire_in_order() -> None:
    batch = frames.pack_batch([POD, NODE_GONE])
    assert batch.count == 2
    assert frames.unpack_batch(pb.Batch.FromString(batch.SerializeToString())) == [POD, NODE_GONE]


@pytest.mark.parametrize("phase", list(Phase))
def test_marks_survive_the_wire(phase: Phase) -> None:
    mark = KindMark("Deployment.apps", phase, "g1", "99", 7)
    assert frames.frame_of(pb.Up(seq=1, kind_state=frames.pack_mark(mark))) == mark


def test_digests_survive_the_wire() -> None:
    digest = KindDigest("Pod", 3, (1 << 128) - 1)
    assert frames.frame_of(pb.Up(seq=1, digest=frames.pack_digest(digest))) == digest


def test_cursors_survive_the_wire_and_unknown_kinds_are_left_out() -> None:
    packed = pb.KindCursor(kind=wire_of("Pod"), generation="g1", count=3, digest=frames.pack_sum(12345))
    assert frames.unpack_cursors([packed, pb.KindCursor(kind="example.com/v9/things")]) == [KindCursor("Pod", "g1", 3, 12345)]
    with pytest.raises(BadFrame):
        frames.unpack_cursors([packed] * 2)


def test_a_batch_is_unpacked_only_when_asked() -> None:
    frame = frames.frame_of(pb.Up(seq=1, batch=pb.Batch(payload_zstd=b"junk", raw_bytes=4, count=1)))
    assert isinstance(frame, ChangeBatch)
    with pytest.raises(BadFrame):
        frame.unpack()


def test_what_is_no_inventory_is_no_frame() -> None:
    assert frames.frame_of(pb.Up(seq=1, heartbeat=pb.Heartbeat(now_ms=1))) is None


# Bytes written by the first version. They must stay readable: fields are never renumbered.
GOLDEN = {
    "hello": (
        "0801522d0a140a05302e312e3010011801220776312e33342e3112150a0776312f706f6473120267311803220400000001",
        pb.Up(
            seq=1,
            hello=pb.Hello(
                info=pb.AgentInfo(agent_version="0.1.0", protocol_min=1, protocol_max=1, kubernetes_version="v1.34.1"),
                cursors=[pb.KindCursor(kind="v1/pods", generation="g1", count=3, digest=b"\0\0\0\1")],
            ),
        ),
    ),
    "batch": (
        "08025a070a017a100a1801",
        pb.Up(seq=2, batch=pb.Batch(payload_zstd=b"z", raw_bytes=10, count=1)),
    ),
    "item": (
        "0a170802120876312f6e6f6465731a01752a016e3201374001",
        pb.Items(items=[pb.Item(op=pb.Item.DELETE, kind="v1/nodes", uid="u", name="n", resource_version="7", partial=True)]),
    ),
    "mark": (
        "080362130a0776312f706f647310021a01672201392802",
        pb.Up(
            seq=3, kind_state=pb.KindState(kind="v1/pods", phase=pb.KindState.SNAPSHOT_END, generation="g", resource_version="9", count=2)
        ),
    ),
    "digest": (
        "08046a1d0a0776312f706f647310021a1000000000000000000000000000000000",
        pb.Up(seq=4, digest=pb.Digest(kind="v1/pods", count=2, sum=b"\0" * 16)),
    ),
    "heartbeat": (
        "08057a0b08e8071009180120032804",
        pb.Up(seq=5, heartbeat=pb.Heartbeat(now_ms=1000, cluster_offset_ms=-5, offset_known=True, queued=3, dropped_events=4)),
    ),
    "goodbye": (
        "080682010a0a0873746f7070696e67",
        pb.Up(seq=6, goodbye=pb.Goodbye(reason="stopping")),
    ),
    "welcome": (
        "521c08031001180f20808040284030e8073a0b0a0776312f706f64731002",
        pb.Down(
            welcome=pb.Welcome(
                fence=3,
                protocol=1,
                heartbeat_s=15,
                max_batch_bytes=1048576,
                window_frames=64,
                server_time_ms=1000,
                kinds=[pb.KindDirective(kind="v1/pods", mode=pb.KindDirective.SNAPSHOT)],
            )
        ),
    ),
    "ack": (
        "100c",
        pb.Down(ack=12),
    ),
    "resync": (
        "6a110a0776312f706f64731206646967657374",
        pb.Down(resync=pb.ResyncKind(kind="v1/pods", reason="digest")),
    ),
    "heartbeat_ack": (
        "7a0608e80710e907",
        pb.Down(heartbeat_ack=pb.HeartbeatAck(echo_ms=1000, server_time_ms=1001)),
    ),
    "drain": (
        "8a0102081e",
        pb.Down(drain=pb.Drain(within_s=30)),
    ),
    "command": (
        "5a2f0a05636d645f78100218032207726573746172742a027b7d30e0d403381e40014a0175520137580562057573725f78",
        pb.Down(
            command=pb.Command(
                command_id="cmd_x",
                attempt=2,
                fence=3,
                verb="restart",
                params_json=b"{}",
                expires_in_ms=60000,
                timeout_s=30,
                dry_run=True,
                uid="u",
                resource_version="7",
                age_ms=5,
                requested_by="usr_x",
            )
        ),
    ),
    "cancel": (
        "620a0a05636d645f78120172",
        pb.Down(cancel=pb.Cancel(command_id="cmd_x", reason="r")),
    ),
    "command_state": (
        "080772190a05636d645f78100218082201632a016d32027b7d38094001",
        pb.Up(
            seq=7,
            command_state=pb.CommandState(
                command_id="cmd_x",
                attempt=2,
                state=pb.CommandState.UNKNOWN_OUTCOME,
                code="c",
                message="m",
                result_json=b"{}",
                output_bytes=9,
                replayed=True,
            ),
        ),
    ),
    "hello_running": (
        "080152071a05636d645f78",
        pb.Up(seq=1, hello=pb.Hello(running_command_ids=["cmd_x"])),
    ),
    "output_chunk": (
        "0a05636d645f78108080041a017a2001",
        pb.OutputChunk(command_id="cmd_x", offset=65536, data_zstd=b"z", eof=True),
    ),
    "output_ack": (
        "088080041001",
        pb.OutputAck(received_through=65536, stop=True),
    ),
    "reject": (
        "92010e0a077265766f6b656412016d183c",
        pb.Down(reject=pb.Reject(code="revoked", message="m", retry_after_s=60)),
    ),
    "enrol": (
        "0a056d68655f781201631a01752a016e",
        pb.EnrollRequest(token="mhe_x", csr_der=b"c", kube_system_uid="u", nonce="n"),
    ),
    "certificate": (
        "0a01631201741a05636c735f78200128023203613a31",
        pb.Certificate(chain_pem=b"c", trust_bundle_pem=b"t", cluster_id="cls_x", renew_at_ms=1, server_time_ms=2, tunnel_address="a:1"),
    ),
}


@pytest.mark.parametrize("name", list(GOLDEN))
def test_bytes_of_the_first_version_stay_readable(name: str) -> None:
    written, meaning = GOLDEN[name]
    assert meaning.SerializeToString(deterministic=True).hex() == written
    assert type(meaning).FromString(bytes.fromhex(written)) == meaning


def _batch(*items: pb.Item, count: int | None = None, raw_bytes: int | None = None) -> pb.Batch:
    raw = pb.Items(items=items).SerializeToString()
    return pb.Batch(
        payload_zstd=zstandard.compress(raw, 1),
        raw_bytes=len(raw) if raw_bytes is None else raw_bytes,
        count=len(items) if count is None else count,
    )


def _item(**change: object) -> pb.Item:
    fields: dict[str, object] = {"op": pb.Item.UPSERT, "kind": "v1/pods", "uid": "u", "namespace": "n", "name": "p", "json": b"{}"}
    return pb.Item(**(fields | change))  # type: ignore[arg-type]


BOMB = zstandard.compress(b"\0" * (64 * 1024 * 1024), 1)
STREAMED = zstandard.ZstdCompressor(level=1, write_content_size=False).compress(b"\0" * (9 * 1024 * 1024))


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(pb.Batch(payload_zstd=b"junk", raw_bytes=9, count=1), id="no zstd"),
        pytest.param(pb.Batch(payload_zstd=BOMB, raw_bytes=100, count=1), id="bomb that declares little"),
        pytest.param(pb.Batch(payload_zstd=BOMB, raw_bytes=64 * 1024 * 1024, count=1), id="bomb that declares all"),
        pytest.param(pb.Batch(payload_zstd=STREAMED, raw_bytes=100, count=1), id="bomb without a content size"),
        pytest.param(pb.Batch(payload_zstd=zstandard.compress(b"\xff" * 9), raw_bytes=9, count=1), id="no items"),
        pytest.param(pb.Batch(payload_zstd=_batch(_item()).payload_zstd + b"x", raw_bytes=_batch(_item()).raw_bytes, count=1), id="tail"),
        pytest.param(_batch(_item(), count=2), id="fewer items than claimed"),
        pytest.param(_batch(_item(), _item(), count=1), id="more items than claimed"),
        pytest.param(_batch(_item(), raw_bytes=1), id="longer than claimed"),
        pytest.param(_batch(_item(op=0)), id="no operation"),
        pytest.param(_batch(_item(op=9)), id="unknown operation"),
        pytest.param(_batch(_item(kind="v1/secrets")), id="a kind that was not requested"),
        pytest.param(_batch(_item(uid="")), id="no uid"),
        pytest.param(_batch(_item(name="")), id="no name"),
        pytest.param(_batch(_item(json=b"")), id="no object"),
        pytest.param(_batch(_item(name="a\0b")), id="NUL in a name"),
        pytest.param(_batch(_item(uid="u" * 2000)), id="endless uid"),
    ],
)
def test_refuses_a_batch_that_is_not_what_it_claims(batch: pb.Batch) -> None:
    with pytest.raises(BadFrame):
        frames.unpack_batch(batch)


UNSAFE = {
    "ESC": "a\x1b[31mb",
    "C1": "a\x9bb",
    "DEL": "a\x7fb",
    "a line": "a\nb",
    "bidirectional": "a\u202eb",
    "isolate": "a\u2066b",
    "paragraph": "a\u2029b",
}


@pytest.mark.parametrize("text", [*UNSAFE.values(), "n" * 254], ids=[*UNSAFE, "too long"])
def test_refuses_names_that_kubernetes_cannot_give(text: str) -> None:
    with pytest.raises(BadFrame, match="has a name that Kubernetes does not allow"):
        frames.unpack_batch(_batch(_item(name=text)))
    with pytest.raises(BadFrame):
        frames.unpack_batch(_batch(_item(namespace=text * 5)))
    with pytest.raises(BadFrame):
        frames.unpack_batch(_batch(_item(uid=text * 5)))


@pytest.mark.parametrize("kind", ["rbac.authorization.k8s.io/v1/clusterroles", "Widget.example.com"])
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *((text, re.sub("[\x1b\x9b\x7f\n\u202e\u2066\u2029]", "\ufffd", text)) for text in UNSAFE.values()),
        ("system:controller:node-controller", "system:controller:node-controller"),
        ("kubeadm:get-nodes", "kubeadm:get-nodes"),
        ("rôle 👩‍🔧 admin@example.com", "rôle 👩‍🔧 admin@example.com"),
        ("n" * 253, "n" * 253),
        ("n" * 2000, "n" * 252 + "…"),
    ],
)
def test_keeps_every_name_that_kubernetes_can_give(kind: str, name: str, kept: str) -> None:
    [change] = frames.unpack_batch(_batch(_item(kind=kind, name=name)))
    assert change.name == kept


@pytest.mark.parametrize("name", ["a" * 253, "web-0", "2001:db8::1", "www.example.com"])
def test_keeps_ordinary_names(name: str) -> None:
    [change] = frames.unpack_batch(_batch(_item(name=name)))
    assert change.name == name


@pytest.mark.parametrize(
    "up",
    [
        pytest.param(pb.Up(kind_state=pb.KindState(kind="v1/pods")), id="no phase"),
        pytest.param(pb.Up(kind_state=pb.KindState(kind="v1/pods", phase=99)), id="unknown phase"),  # type: ignore[arg-type]
        pytest.param(pb.Up(kind_state=pb.KindState(kind="v1/secrets", phase=pb.KindState.LIVE)), id="unknown kind"),
        pytest.param(pb.Up(kind_state=pb.KindState(kind="v1/pods", phase=pb.KindState.LIVE, count=1 << 63)), id="count out of range"),
        pytest.param(pb.Up(digest=pb.Digest(kind="v1/pods", sum=b"short")), id="short digest"),
        pytest.param(pb.Up(batch=pb.Batch(count=1 << 20)), id="too many items"),
    ],
)
def test_refuses_marks_that_mean_nothing(up: pb.Up) -> None:
    with pytest.raises(BadFrame):
        frames.frame_of(up)
