"""Whose log is read next: bounded for the cluster, fair among workloads, often where something is wrong."""

from collections import Counter

from optral.agent.logs.turns import LONGEST_S, SHORTEST_S, YOUNG_S, Source, Turns

LONG_AGO = -10 * YOUNG_S


def source(pod: str, workload: str, container: str = "app", *, started_at: float = LONG_AGO) -> Source:
    return Source(pod, "shop", pod, container, workload, started_at)


def pods(workload: str, count: int) -> list[Source]:
    return [source(f"{workload}-{number}", workload) for number in range(count)]


def run(turns: Turns, seconds: int, *, begin: int = 0, noisy: frozenset[str] = frozenset(), size: int = 1000) -> Counter[str]:
    """How often the logs of each workload are read."""
    reads: Counter[str] = Counter()
    for now in range(begin, begin + seconds):
        for taken in turns.take(now):
            reads[taken.workload] += 1
            turns.done(taken, now, size=size, is_interesting=taken.workload in noisy, wall=now)
    return reads


def test_the_budget_of_requests_holds_for_the_whole_cluster() -> None:
    turns = Turns(requests=60, size=1e9, now=0)
    turns.follow([one for number in range(200) for one in pods(f"w{number}", 5)], 0)
    assert 55 <= run(turns, 60).total() <= 65


def test_the_budget_of_bytes_holds_for_the_whole_cluster() -> None:
    turns = Turns(requests=6000, size=60_000, now=0)
    turns.follow(pods("a", 1) + pods("b", 1) + pods("c", 1), 0)
    reads = run(turns, 600, noisy=frozenset("abc"), size=10_000)
    assert reads.total() * 10_000 <= 60_000 * 10 + 2 * 30_000


def test_a_large_workload_takes_no_more_turns_than_a_small_one() -> None:
    turns = Turns(requests=30, size=1e9, now=0)
    turns.follow(pods("large", 1000) + pods("small", 1), 0)
    run(turns, 30)
    reads = run(turns, 300, begin=30, noisy=frozenset({"small"}))
    assert reads["small"] >= 8, "due every 30 s, it waits for nobody"


def test_a_quiet_container_is_read_less_and_less_often() -> None:
    turns = Turns(requests=6000, size=1e9, now=0)
    turns.follow(pods("quiet", 1) + pods("noisy", 1), 0)
    reads = run(turns, 3600, noisy=frozenset({"noisy"}))
    assert reads["noisy"] == 3600 / SHORTEST_S
    assert reads["quiet"] <= 3600 / LONGEST_S + 6


def test_a_young_container_is_read_at_the_shortest_interval() -> None:
    turns = Turns(requests=6000, size=1e9, now=0)
    turns.follow([source("new", "new", started_at=0)], 0)
    assert run(turns, int(YOUNG_S))["new"] == YOUNG_S / SHORTEST_S


def test_a_new_run_of_a_container_starts_again() -> None:
    turns = Turns(requests=6000, size=1e9, now=0)
    turns.follow([source("p", "w")], 0)
    run(turns, 1000)
    assert turns.follow([source("p", "w", started_at=1000)], 1000) == [("p", "app")]
    assert [one.started_at for one in turns.take(1000)] == [1000]
    assert turns.follow([], 1001) == [("p", "app")]
    assert len(turns) == 0


def test_a_reading_that_never_ends_is_made_again() -> None:
    turns = Turns(requests=6000, size=1e9, now=0)
    turns.follow([source("p", "w")], 0)
    assert len(turns.take(0)) == 1
    assert turns.take(LONGEST_S - 1) == []
    assert len(turns.take(LONGEST_S)) == 1
