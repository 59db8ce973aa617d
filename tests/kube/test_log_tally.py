"""A line is no failure: a sign lasts when it comes again and again, still comes, and no line says that it has ended."""

import pytest

from optral.kube import log_table, logs
from optral.kube.log_tally import (
    FORGET_S,
    HELD,
    HELD_S,
    OVER_S,
    OVER_TIMES,
    PACES,
    RECOVERABLE,
    STARTUP_S,
    USUAL,
    Line,
    LogTally,
    of_lines,
    shows_anything,
)

REFUSED = "ERROR dial tcp 10.0.0.7:5432: connect: connection refused"
NO_NAME = "ERROR dial tcp: lookup store.shop.svc on 10.96.0.10:53: no such host"


def every(seconds: float, text: str, *, times: int, begin: float = 1000) -> list[Line]:
    return [Line(begin + number * seconds, text) for number in range(times)]


def lasting(tally: LogTally, now: float, **more: float) -> list[str]:
    return [one.sign for one in tally.lasting(now=now, **more)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(every(30, NO_NAME, times=4), ["dependency"], id="every half minute"),
        pytest.param(every(30, "RedisError: NOAUTH Authentication required.", times=4), ["credentials"], id="bare exceptions"),
        pytest.param(every(30, NO_NAME, times=2), [], id="twice"),
        pytest.param(every(5, NO_NAME, times=8), [], id="for half a minute"),
        pytest.param(every(30, "INFO GET /healthz 200", times=40), [], id="no sign"),
        pytest.param(every(30, "DEBUG " + REFUSED.removeprefix("ERROR "), times=10), [], id="debug output"),
        pytest.param(every(30, "2026-03-02 12:00:00,1 INFO tickets: filed 'I get connection refused'", times=9), [], id="information"),
        pytest.param([*every(30, REFUSED, times=4), Line(1200, "INFO connected to postgres at 10.0.0.7:5432")], [], id="recovered"),
        pytest.param([Line(900, "INFO reconnected"), *every(30, REFUSED, times=4)], ["dependency"], id="fails after it recovered"),
        pytest.param(every(40, "WARN 429 Too Many Requests", times=4), [], id="a rate limit now and then"),
        pytest.param(every(40, "panic: required key API_TOKEN missing value", times=2), ["setting"], id="a setting, twice"),
    ],
)
def test_what_lasts(lines: list[Line], expected: list[str]) -> None:
    assert lasting(of_lines(lines), now=lines[-1].at + 30) == expected


def test_a_sign_that_no_longer_comes_has_ended() -> None:
    tally = of_lines(every(30, NO_NAME, times=4))  # until 1090
    assert lasting(tally, now=1090 + OVER_S) == ["dependency"]
    assert lasting(tally, now=1091 + OVER_S) == []
    tally.forget(1091 + FORGET_S)
    assert tally.signs == {}


def test_a_sign_that_comes_rarely_ends_later() -> None:
    tally = of_lines(every(100, NO_NAME, times=4))  # until 1300
    assert lasting(tally, now=1300 + OVER_TIMES * 100) == ["dependency"]
    assert lasting(tally, now=1301 + OVER_TIMES * 100) == []


@pytest.mark.parametrize(
    "line",
    [
        '2026-03-02 12:00:00.123 UTC [4711] FATAL:  role "root" does not exist',
        '2026-03-02 12:00:00.123 UTC [4711] shop@shop FATAL:  password authentication failed for user "shop"',
        '2026-03-02 12:00:00 UTC [4711] ERROR:  relation "orders" does not exist at character 15',
        "2026-03-02T12:00:00.1Z 8 [Note] [MY-010926] [Server] Access denied for user 'x'@'10.0.0.7' (using password: YES)",
        "2026-03-02 12:00:00 8 [Warning] Access denied for user 'x'@'10.0.0.7' (using password: YES)",
        "2026-03-02 12:00:00.1 [error] <0.684.0> PLAIN login refused: user 'guest' - invalid credentials",
        'nginx: 2026/03/02 12:00:00 [error] 7#7: *2 open() "/srv/favicon.ico" failed (2: No such file or directory), client: 10.0.0.7',
    ],
)
def test_what_a_server_says_of_its_clients_is_no_failure_of_the_server(line: str) -> None:
    assert lasting(of_lines(every(15, line, times=20)), now=1300) == []


def test_what_a_client_says_of_its_server_is_a_failure() -> None:
    lines = [
        'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) FATAL:  password authentication failed for user "shop"',
        'ERROR:  relation "orders" does not exist',
        "ERROR 1045 (28000): Access denied for user 'x'@'10.0.0.7' (using password: YES)",
    ]
    assert [lasting(of_lines(every(15, line, times=20)), now=1300) for line in lines] == [["credentials"], ["schema"], ["credentials"]]


ALARM = "2026-03-02 12:00:00.1 [warning] <0.1> disk resource limit alarm set on node rabbit@broker-0."


def test_an_alarm_holds_until_it_is_cleared() -> None:
    tally = of_lines([Line(1000, ALARM)])
    tally.forget(1000 + 2 * FORGET_S)
    assert lasting(tally, now=1000 + 2 * FORGET_S, started_at=990) == ["alarm"], "one line suffices, even of a server that just started"
    tally.add([Line(9000, "[warning] <0.1> disk resource limit alarm cleared on node rabbit@broker-0")])
    assert lasting(tally, now=9001) == []


def test_an_alarm_is_forgotten_at_last() -> None:
    tally = of_lines([Line(1000, ALARM)])
    tally.forget(1001 + HELD_S)
    assert tally.signs == {}


def test_what_cannot_be_reached_while_the_program_starts_does_not_count() -> None:
    tally = of_lines(every(20, REFUSED, times=6, begin=1000))  # until 1100
    assert lasting(tally, now=1110, started_at=995) == []
    tally.add(every(20, REFUSED, times=4, begin=1120))
    assert lasting(tally, now=1190, started_at=995) == ["dependency"], f"{STARTUP_S:g} s after the start it counts"


def test_the_newest_line_is_the_example_with_what_it_names() -> None:
    tally = of_lines([Line(1000, REFUSED), Line(1030, NO_NAME)])
    (sign,) = tally.signs.values()
    assert (sign.count, sign.first_at, sign.last_at) == (2, 1000, 1030)
    assert "no such host" in sign.example
    assert sign.slots["host"] == "store.shop.svc"


def test_a_line_that_names_more_stays_the_example_for_a_while() -> None:
    upstream = '[error] 7#7: *2 upstream timed out while reading response header from upstream, upstream: "http://10.96.42.7:8080/search"'
    access = '10.0.0.7 - - [02/Mar/2026:12:00:00 +0000] "GET /search HTTP/1.1" 504 167 "-" "curl"'
    failing = [Line(1000 + number * 5, text) for number in range(20) for text in (upstream, access)]
    (sign,) = of_lines(failing).signs.values()
    assert (sign.slots, "upstream" in sign.example) == ({"host": "10.96.42.7", "port": "8080"}, True)
    tally = of_lines([*failing, *(Line(1100 + number * 5, access) for number in range(60))])
    assert tally.signs["dependency"].example == access, "not for ever"


@pytest.mark.parametrize("line", ["2026-13-45T25:61:61Z text", "2026-02-30T00:00:00+01:00 text", "9999-12-31T23:59:59-14:00 text"])
def test_a_time_that_does_not_exist_is_none(line: str) -> None:
    assert logs.stamped(line) == ("", "text")


def test_a_stack_trace_is_one_occurrence() -> None:
    trace = ["Exception in thread main java.lang.IllegalStateException: cannot start", "\tat a.B.c(B.java:1)"]
    trace.append("Caused by: java.net.ConnectException: Connection refused (store:5432)")
    tally = of_lines([Line(1000, text) for text in trace])
    assert [sign.count for sign in tally.signs.values()] == [1]


def test_every_pace_and_every_recoverable_sign_is_in_the_table() -> None:
    names = {sign.name for sign in log_table.SIGNS}
    assert PACES.keys() <= names
    assert names >= RECOVERABLE
    usual = [USUAL, *(pace for sign, pace in PACES.items() if sign not in HELD)]
    assert all(pace.times >= 2 and pace.seconds > 0 for pace in usual), "one line is never a failure"


@pytest.mark.parametrize("example", [sign.example for sign in log_table.SIGNS])
def test_the_quick_look_misses_no_sign(example: str) -> None:
    assert shows_anything(["INFO started", f"2026-03-02T12:00:00.123Z {example} trace=6f1e2d3c4b5a"])


@pytest.mark.parametrize("text", ["\x1b[31m" * 5000, "x" * 10_000_000, "\udcff\x00\r", "{" * 100_000, '{"msg": "' + "\\" * 20_001])
def test_strange_lines_change_nothing(text: str) -> None:
    tally = of_lines([*every(30, NO_NAME, times=3), Line(1070, text)])
    assert [(sign.sign, sign.count) for sign in tally.signs.values()] == [("dependency", 3)]
