"""Logs of many containers with one command: merged by time, continued without gap or repetition, and honest about what is missing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.agent.commands import commands_logs
from tests.agent.commanding import Agent, name
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble, path_of

SENT: dict[str, str] = {}
"""Long outputs, which travel on a stream of their own, by command."""


def at(second: int, nanos: int = 0) -> str:
    return f"2026-01-02T03:04:{second:02d}.{nanos:09d}Z"


def pod(double: KubeDouble, pod_name: str, *containers: str, restarts: int = 0, node: str = "n") -> None:
    double.put(
        path_of("pods", pod_name, group="v1"),
        {
            "metadata": {"name": pod_name},
            "spec": {"nodeName": node, "containers": [{"name": one} for one in containers or ("app",)]},
            "status": {"containerStatuses": [{"name": one, "restartCount": restarts} for one in containers or ("app",)]},
        },
        uid=f"uid-{pod_name}",
    )


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        yield made


@pytest.fixture
async def agent(double: KubeDouble, tmp_path: Path) -> AsyncIterator[Agent]:
    async with Agent(double, tmp_path) as made:

        async def keep(command_id: str, data: bytes) -> bool:
            SENT[command_id] = data.decode()
            return True

        made.commands.opened(1, keep)
        yield made


async def read(agent: Agent, *sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    end = await agent.do("logs", namespace="shop", pod=sources[0]["pod"], sources=list(sources), **more)
    assert name(end) == "SUCCEEDED", end.message
    result: dict[str, Any] = msgspec.json.decode(end.result_json)
    return {**result, "text": SENT[end.command_id]} if "outputBytes" in result else result


async def test_lines_of_many_pods_are_merged_by_time(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    pod(double, "web-2")
    double.stamped_logs[("web-1", "app", False)] = [(at(1), b"one"), (at(3), b"three")]
    double.stamped_logs[("web-2", "app", False)] = [("2026-01-02T04:04:02.5+01:00", b"two"), (at(4), b"four")]
    result = await read(agent, {"pod": "web-1"}, {"pod": "web-2"})
    assert result["text"].splitlines() == [
        f"0 {at(1)} one", f"1 {at(2, 500_000_000)} two", f"0 {at(3)} three", f"1 {at(4)} four",
    ]  # fmt: skip
    assert [(one["container"], one["podUid"], one["hasEarlier"], one["code"]) for one in result["sources"]] == [
        ("app", "uid-web-1", False, ""),
        ("app", "uid-web-2", False, ""),
    ]


async def test_a_following_read_gives_each_line_once_also_those_of_one_instant(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    log = double.stamped_logs[("web-1", "app", False)] = [(at(1), b"old"), (at(2, 7), b"a"), (at(2, 7), b"b")]
    log += [(at(2, 7), b"c"), (at(2, 9), b"d")]
    result = await read(agent, {"pod": "web-1", "after": at(2, 7), "seen": 2})
    assert [line.rpartition(" ")[2] for line in result["text"].splitlines()] == ["c", "d"]
    assert not result["sources"][0]["hasEarlier"]


async def test_lines_that_were_pushed_out_between_two_reads_are_reported_missing(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    double.stamped_logs[("web-1", "app", False)] = [(at(1), b"known"), *((at(2, n), b"line %d" % n) for n in range(3000))]
    result = await read(agent, {"pod": "web-1", "after": at(1), "seen": 1})
    assert result["lines"] == 2000
    assert result["text"].endswith("line 2999\n")
    assert result["sources"][0]["hasEarlier"], "1,000 lines are not in it"


async def test_what_does_not_fit_is_the_oldest_and_said(agent: Agent, double: KubeDouble) -> None:
    pod(double, "loud")
    pod(double, "quiet")
    double.stamped_logs[("loud", "app", False)] = [(at(2, n), b"x" * 100) for n in range(500)]
    double.stamped_logs[("quiet", "app", False)] = [(at(3), b"still here")]
    result = await read(agent, {"pod": "loud"}, {"pod": "quiet"}, limitBytes=4096)
    assert len(result["text"]) <= 4096
    assert result["text"].endswith("still here\n")
    assert [one["hasEarlier"] for one in result["sources"]] == [True, False]


async def test_a_log_that_cannot_be_read_is_said_beside_the_others(agent: Agent, double: KubeDouble, monkeypatch: Any) -> None:
    monkeypatch.setattr(commands_logs, "DEADLINE_S", 0.3)
    pod(double, "web-1")
    pod(double, "waiting")
    pod(double, "silent")
    pod(double, "unplaced", node="")
    double.stamped_logs[("web-1", "app", False)] = [(at(1), b"one")]
    double.log_errors["waiting"] = (400, 'container "app" in pod "waiting" is waiting to start: ImagePullBackOff')
    double.silent.add("silent")
    result = await read(
        agent, *({"pod": one} for one in ("web-1", "waiting", "silent", "unplaced", "deleted")), {"pod": "web-1", "container": "db"}
    )
    assert result["text"] == f"0 {at(1)} one\n"
    assert [one["code"] for one in result["sources"]] == [
        "", "NOT_STARTED", "KUBELET_UNREACHABLE", "NOT_STARTED", "NOT_FOUND", "CONTAINER_NOT_FOUND",
    ]  # fmt: skip
    assert "ImagePullBackOff" in result["sources"][1]["message"]
    assert result["sources"][5]["message"] == "the pod web-1 has no container db; it has app"


async def test_a_refusal_of_the_runtime_is_no_line(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    double.logs[("web-1", "app", False)] = b"unable to retrieve container logs for containerd://0a1b"
    result = await read(agent, {"pod": "web-1"})
    assert (result["text"], result["sources"][0]["code"]) == ("", "NOT_KEPT")


async def test_the_last_words_of_a_run_that_ended_come_before_those_of_the_next(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1", restarts=3)
    double.stamped_logs[("web-1", "app", True)] = [(at(1), b"known"), (at(2), b"panic: out of range")]
    double.stamped_logs[("web-1", "app", False)] = [(at(3), b"starting")]
    result = await read(agent, {"pod": "web-1", "after": at(1), "seen": 1, "restarts": 2})
    assert [line.partition("Z ")[2] for line in result["text"].splitlines()] == ["panic: out of range", "starting"]
    assert result["sources"][0]["restarts"] == 3


async def test_a_run_whose_log_is_gone_leaves_a_gap_that_is_said(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1", restarts=3)
    double.stamped_logs[("web-1", "app", False)] = [(at(3), b"starting")]
    result = await read(agent, {"pod": "web-1", "after": at(1), "seen": 1, "restarts": 2})
    assert (result["lines"], result["sources"][0]["hasEarlier"]) == (1, True)


async def test_secrets_are_masked_also_when_they_began_in_the_read_before(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    key = ["-----BEGIN RSA PRIVATE KEY-----", *("MIIE" + "cnryB64x" * 7 for _ in range(3)), "-----END RSA PRIVATE KEY-----"]
    log = double.stamped_logs[("web-1", "app", False)] = [(at(5, n), line.encode()) for n, line in enumerate(key)]
    log.append((at(6), b"password=cnry-secret-value done"))
    result = await read(agent, {"pod": "web-1", "after": at(5, 2), "seen": 1})
    assert "cnry" not in result["text"]
    assert result["lines"] == 3


async def test_binary_bytes_and_a_huge_line_are_lines_of_text(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    double.stamped_logs[("web-1", "app", False)] = [
        (at(1), bytes(range(11, 256)).replace(b"\n", b"")), (at(2), b"\x1b[31mred\x1b[0m\r"), (at(3), b"word " * 20_000), (at(4), b"after"),
    ]  # fmt: skip
    result = await read(agent, {"pod": "web-1"}, limitBytes=1024 * 1024)
    lines = result["text"].split("\n")[:-1]
    assert [line[:32] for line in lines] == [f"0 {at(second)}" for second in (1, 2, 3, 4)]
    assert lines[1].endswith(" red")
    assert lines[2].endswith("… [83,616 more characters]")
    assert not any(character < " " for line in lines for character in line)


async def test_a_line_larger_than_all_there_is_room_for_is_left_out_and_said(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    double.stamped_logs[("web-1", "app", False)] = [(at(1), b"x" * (6 * 1024 * 1024)), (at(2), b"after")]
    result = await read(agent, {"pod": "web-1"})
    assert result["text"] == f"0 {at(2)} after\n"
    assert result["sources"][0]["hasEarlier"]


async def test_one_source_must_be_of_the_pod_that_the_audit_names(agent: Agent, double: KubeDouble) -> None:
    pod(double, "web-1")
    end = await agent.do("logs", namespace="shop", pod="web-2", sources=[{"pod": "web-1"}])
    assert (name(end), end.code) == ("REJECTED", "INVALID")
    end = await agent.do("logs", namespace="shop", pod="web-1", sources=[{"pod": "web-1", "after": "yesterday"}])
    assert (name(end), end.code) == ("REJECTED", "INVALID")


async def test_an_agent_says_that_it_can(agent: Agent) -> None:
    assert "logs.v2" in agent.commands.capabilities()
