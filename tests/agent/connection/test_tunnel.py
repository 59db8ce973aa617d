"""What the tunnel knows of time, and how it reads a refusal."""

from datetime import timedelta

import pytest

from optral.agent.connection.clocks import Clocks
from optral.agent.connection.session import _rejected
from optral.kubeapi.client import offset_s
from optral.wire.agent.v1 import tunnel_pb2 as pb


def test_the_cluster_offset_is_the_api_servers_clock_minus_the_control_planes() -> None:
    clocks = Clocks()
    assert clocks.cluster_offset_ms() is None
    clocks.update(sent_ms=1000, received_ms=1200, server_ms=61_100)  # the control plane is 60 s ahead of us
    clocks.api_offset = timedelta(hours=1)
    assert clocks.cluster_offset_ms() == 3_600_000 - 60_000


def test_a_slow_round_trip_is_a_bad_witness() -> None:
    clocks = Clocks()
    clocks.update(sent_ms=0, received_ms=10, server_ms=5)
    clocks.update(sent_ms=0, received_ms=9000, server_ms=0)
    assert clocks.server_offset_ms == 0


@pytest.mark.parametrize(
    ("reject", "final", "at_least_s"),
    [
        (pb.Reject(code="revoked"), True, 0),
        (pb.Reject(code="unavailable", retry_after_s=5), False, 5),
        (pb.Reject(code="superseded", retry_after_s=1), False, 30),
    ],
)
def test_a_reject_says_whether_to_come_back(reject: pb.Reject, final: bool, at_least_s: float) -> None:
    ended = _rejected(reject)
    assert (ended.final, ended.retry_after_s) == (final, at_least_s)


def test_a_date_header_is_read_half_a_round_trip_and_half_a_second_ago() -> None:
    assert offset_s("Thu, 15 Jan 2026 12:00:00 GMT", sent_s=1768478400.0, received_s=1768478401.0) == 0
    assert offset_s(None, sent_s=0, received_s=1) is None
    assert offset_s("yesterday", sent_s=0, received_s=1) is None
