"""What logs say of others."""

import pytest

from optral.grouping import callers, complaints
from optral.grouping.model import AffectedObject
from optral.terms.refs import ObjectRef
from tests.grouping.graphs import failing


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host", True),
        ("Error: getaddrinfo EAI_AGAIN db", True),
        ("connect ECONNREFUSED 10.0.0.7:5432", True),
        ('psycopg.OperationalError: could not translate host name "db" to address: Name or service not known', True),
        ("rpc error: code = Unavailable desc = dns: A record lookup error: lookup cart on 10.0.0.2:53: server misbehaving", True),
        ("listening on :8080", False),
        ("panic: runtime error: index out of range", False),
        ("", False),
    ],
)
def test_knows_a_complaint_about_somebody_else(line: str, tells: bool) -> None:
    assert bool(complaints.error_lines(f"start\n{line}\nend")) is tells


def test_keeps_the_newest_ten_and_no_line_twice() -> None:
    log = "\n".join(f"connect to db-{number % 15} failed: connection refused" for number in range(300))
    found = complaints.error_lines(log)
    assert len(found) == complaints.MAX_KEPT == len(set(found))
    assert found[0] == "connect to db-14 failed: connection refused"
    assert len(complaints.error_lines("connection refused " + "x" * 10_000)[0]) == complaints.MAX_LINE


def test_reads_the_logs_only_of_failures_that_a_call_may_cause() -> None:
    workload = ObjectRef("Deployment.apps", "shop", "api")
    pods = [AffectedObject(ObjectRef("Pod", "shop", f"api-{number}")) for number in range(9)]
    asked: list[tuple[str, str, str]] = []

    def read(*place: str) -> list[str]:
        asked.append(place)  # type: ignore[arg-type]
        return ["connection refused"]

    crash, full = failing("CrashLoopBackOff", workload, *pods, part="app"), failing("OOMKilled", workload, *pods, part="app")
    log_lines = callers.with_log_lines([crash, full], read)
    assert [one.log_lines for one in log_lines] == [("connection refused",), ()]
    assert asked == [("shop", f"api-{number}", "app") for number in range(callers.MAX_PODS_READ)]
