"""Programs that are well stay silent, however noisy their logs: nothing that they write in ordinary operation lasts."""

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from optral.detectors.pods.log_failures import IGNORED
from optral.kube.log_tally import Line, LogTally

LOGS = tomllib.loads((Path(__file__).parent / "healthy_logs.toml").read_text())["logs"]
MINUTES = 25
START = 10_000.0


def written(log: dict[str, object], seed: int) -> Iterator[Line]:
    """Half an hour of a log: each text comes at random, on average as often as the log says."""
    chance, lines = random.Random(seed), log["lines"]
    assert isinstance(lines, list)
    for every_s, text in lines:
        at = START + chance.uniform(0, every_s)
        while at < START + MINUTES * 60:
            yield from (Line(at, line) for line in text.splitlines())
            at += max(1.0, chance.uniform(0.5, 1.5) * every_s)


def spoken(log: dict[str, object], seed: int) -> dict[str, str]:
    """The signs that last at the end of any minute, each with a line that shows it."""
    tally, found = LogTally(), dict[str, str]()
    lines = sorted(written(log, seed), key=lambda line: line.at)
    for minute in range(1, MINUTES + 1):
        begin, end = START + (minute - 1) * 60, START + minute * 60
        new = [line for line in lines if begin <= line.at < end]
        if tally.count(new):
            tally.add(new)
        tally.forget(end)
        found |= {one.sign: one.example for one in tally.lasting(now=end) if one.sign not in IGNORED}
    return found


@pytest.mark.parametrize("log", [pytest.param(log, id=log["name"]) for log in LOGS])
def test_a_healthy_program_is_silent(log: dict[str, object]) -> None:
    assert [spoken(log, seed) for seed in range(3)] == [{}] * 3


FAILURES = [
    ('{"level":"error","msg":"query failed","error":"dial tcp 10.0.2.9:5432: connect: connection refused","remote_ip":"10.0.1.7"}', 60),
    ('{"level":"error","msg":"query failed","error":"pq: password authentication failed for user \\"shop\\"","client_ip":"10.0.1.7"}', 60),
    ("ERROR pool: read tcp 10.0.2.3:40112->10.0.2.9:5432: read: connection reset by peer", 30),
    ("java.net.SocketTimeoutException: Read timed out calling http://stock:8080/items", 40),
    ("ERROR dial tcp 10.0.2.9:443: i/o timeout", 240),
    ("WARN remote: server returned HTTP status 503 Service Unavailable for http://store:9009/push", 30),
    ("ERROR open /etc/app/key.pem: no such file or directory", 60),
    ("ERROR cannot find config: open /etc/app/prod.env: no such file or directory", 60),
    ("FileNotFoundException: The configuration file 'appsettings.json' was not found and is not optional.", 60),
    ("%6|1772452800.0|FAIL|app#producer-1| [thrd:kafka-1:9093/1]: Connect to ipv4#10.0.2.9:9093 failed: Connection refused", 30),
    ("[ERR] http: Request GET /v1/kv/app, error: No cluster leader", 120),
    ("TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00", 120),
    ("ERROR API_TOKEN is not set", 60),
    ("http: TLS handshake error from 10.0.1.7:40112: remote error: tls: bad certificate", 30),
    ("ERROR stock: rate limit exceeded, answer from 10.0.2.9:8080", 10),
    ("ERROR [Producer clientId=producer-1] NOT_ENOUGH_REPLICAS: NotEnoughReplicasException", 20),
    ("java.lang.OutOfMemoryError: Java heap space", 60),
    ("WARN login failed for user 'app' at db:1433", 60),
    ("2026-03-02 12:00:00.000 UTC [4711] FATAL:  sorry, too many clients already", 20),
    ('2026/03/02 12:00:00 [error] 31#31: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.1.7, '
     'server: _, request: "GET / HTTP/1.1", upstream: "http://10.0.2.9:80/"', 30),
]  # fmt: skip


@pytest.mark.parametrize(("text", "every_s"), FAILURES)
def test_what_looks_alike_and_is_a_failure_still_speaks(text: str, every_s: int) -> None:
    assert all(spoken({"lines": [[every_s, text], [5, "INFO served 12 requests"]]}, seed) for seed in range(3))
