"""`optral clusters connect`: what is printed while somebody waits."""

import pytest

from optral.cli import connect
from optral.client.errors import ClientError
from optral.client.models import Connection, ConnectionNotice, ConnectionStep

TITLES = {"reached": "Agent reached the server", "enrolled": "Token accepted", "connected": "Tunnel connected"}


def answer(
    *states: str, problem: ConnectionNotice | None = None, warnings: tuple[ConnectionNotice, ...] = (), ready: bool = False
) -> Connection:
    steps = [ConnectionStep(id=name, title=title, state=state) for (name, title), state in zip(TITLES.items(), states, strict=True)]
    return Connection(cluster_id="cls_a", ready=ready, steps=steps, problem=problem, warnings=list(warnings), attempts=[])


class Server:
    """Answers one after another, the last again and again; time passes only while somebody sleeps."""

    def __init__(self, *answers: Connection | ClientError) -> None:
        self.answers, self.asked, self.now = answers, 0, 0.0

    def ask(self) -> Connection:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(found, ClientError):
            raise found
        return found

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def lines(self, timeout_s: float = 10) -> list[str]:
        return list(connect.progress(self.ask, timeout_s=timeout_s, sleep=self.sleep, now=lambda: self.now))


REFUSED = ConnectionNotice(
    code="token_used", message="The token was already used.", fix="Create a new one.", at="2026-11-01T12:00:00Z", address="192.0.2.7"
)


def test_each_step_is_printed_once_until_the_cluster_is_ready() -> None:
    server = Server(
        answer("current", "waiting", "waiting"), answer("done", "current", "waiting"), answer("done", "done", "done", ready=True)
    )
    assert [line[9:] for line in server.lines()] == [
        "...   Agent reached the server",
        "ok    Agent reached the server",
        "...   Token accepted",
        "ok    Token accepted",
        "ok    Tunnel connected",
    ]
    assert server.asked == 3


def test_a_refusal_is_printed_with_its_remedy_and_the_wait_goes_on() -> None:
    lines = Server(answer("done", "failed", "waiting", problem=REFUSED), answer("done", "done", "done", ready=True)).lines()
    assert any("FAIL" in line and "Create a new one." in line and "192.0.2.7" in line and "token_used" in line for line in lines)
    assert lines[-1].endswith("ok    Tunnel connected")


def test_what_waits_for_a_person_is_no_failure_and_says_what_to_do() -> None:
    waits = ConnectionNotice(
        code="approval_pending", message="The agent is waiting for approval.", fix="Approve it: optral fleet approve shop."
    )
    lines = Server(answer("done", "current", "waiting", problem=waits), answer("done", "done", "done", ready=True)).lines()
    assert "wait  Token accepted: The agent is waiting for approval. Approve it: optral fleet approve shop." in lines[1]
    assert not any("FAIL" in line for line in lines)


def test_an_agent_that_asks_again_for_its_approval_is_printed_once() -> None:
    asks = [
        ConnectionNotice(
            code="approval_pending", message="The agent is waiting for approval.", fix="Approve it.", at=f"2026-11-01T12:00:0{second}Z"
        )
        for second in range(3)
    ]
    lines = Server(*(answer("done", "current", "waiting", problem=one) for one in asks), answer("done", "done", "done", ready=True)).lines()
    assert sum("wait" in line for line in lines) == 1


def test_a_ready_cluster_with_missing_rights_is_a_warning_and_not_ok() -> None:
    missing = ConnectionNotice(code="kinds_forbidden", message="RBAC does not allow the agent to read 2 kinds: Node, Pod.", fix="Apply it.")
    lines = Server(answer("done", "done", "limited", warnings=(missing,), ready=True)).lines()
    assert [line[9:] for line in lines][2:] == [
        "warn  Tunnel connected",
        "warn  RBAC does not allow the agent to read 2 kinds: Node, Pod. Apply it.",
    ]


def test_waiting_ends_with_its_time() -> None:
    server = Server(answer("current", "waiting", "waiting"))
    server.lines(timeout_s=7)
    assert server.now == 7


@pytest.mark.parametrize("status", [0, 429, 503])
def test_a_server_that_is_away_for_a_moment_does_not_end_the_wait(status: int) -> None:
    server = Server(ClientError("unreachable", say="connection refused", status=status), answer("done", "done", "done", ready=True))
    assert "does not answer" in server.lines()[0]


def test_a_deleted_cluster_ends_the_wait() -> None:
    with pytest.raises(ClientError):
        Server(ClientError("cluster_not_found", say="no cluster has this id", status=404)).lines()
