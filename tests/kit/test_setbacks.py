"""What fails rests longer and longer, alone, and is told of once."""

from optral.kit import setbacks
from optral.kit.setbacks import Setbacks
from tests.support.clock import FakeClock


def made(clock: FakeClock) -> tuple[Setbacks, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    return Setbacks(clock.monotonic, lambda key, error: told.append((key, str(error)))), told


def test_rests_grow_to_a_bound_and_are_told_of_once(clock: FakeClock) -> None:
    some, told = made(clock)
    rests = []
    for _ in range(9):
        rests.append(some.failed("disk", OSError("full")))
        clock.advance(rests[-1])
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (told, some.total) == ([("disk", "full")], 9)
    some.worked("disk")
    some.worked("disk")
    assert told == [("disk", "full"), ("disk", "None")]
    assert some.failed("disk", OSError("full")) == 1


def test_failures_of_what_was_begun_together_are_one(clock: FakeClock) -> None:
    some, _ = made(clock)
    for _ in range(16):
        some.failed("disk", OSError("full"))
    assert (some.rest_s("disk"), some.total) == (1, 16)


def test_one_rests_and_another_does_not(clock: FakeClock) -> None:
    some, _ = made(clock)
    some.failed("a", OSError("full"))
    assert (some.resting(), some.rest_s("b")) == ({"a"}, 0)
    clock.advance(1)
    assert some.resting() == frozenset()


def test_what_is_never_tried_again_is_forgotten(clock: FakeClock) -> None:
    some, told = made(clock)
    some.failed("gone", OSError("full"))
    clock.advance(setbacks.FORGOTTEN_AFTER_S + 2)
    some.failed("other", OSError("full"))
    some.worked("gone")
    assert [key for key, _ in told] == ["gone", "other"]
