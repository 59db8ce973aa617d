"""What faults share: a fault ends early when a user fixes its workload, and containers restart with a back-off.

A fault is a sequence of steps: it yields the seconds until its next step, and heals once `should_end` is true.
"""

from collections.abc import Callable

from optral.demo import pods
from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.state import App
from optral.demo.world import World

BACK_OFF_S = (10, 20, 40, 80, 160, 300)
Fault = Callable[[World, ShouldEnd], Steps]


def fixable(namespace: str, name: str, by: str, play: Fault) -> Fault:
    """The fault, which ends early when a user fixes the workload `by` rollback, memory, restart or scale (see writes.py)."""

    key = (namespace, name)

    def perform(world: World, should_end: ShouldEnd) -> Steps:
        world.faults[key] = by
        try:
            yield from play(world, lambda: should_end() or key in world.fixed)
        finally:
            del world.faults[key]
            world.fixed.discard(key)

    return unless_changed(key, perform)


def unless_changed(key: tuple[str, str], play: Fault) -> Fault:
    """The fault, or nothing once a user has changed its workload or node: a fix is permanent."""

    def perform(world: World, should_end: ShouldEnd) -> Steps:
        if key not in world.changed:
            yield from play(world, should_end)

    return perform


def back_off(world: World, app: App, pod: Manifest, *, wait_s: int) -> None:
    """The kubelet waits before the next start."""
    meta = pod["metadata"]
    who = f"{app.container} in pod {meta['name']}_{meta['namespace']}({meta['uid']})"
    message = f"back-off {wait_s if wait_s < 60 else f'{wait_s // 60}m{wait_s % 60}'}s restarting failed container={app.container}"
    pods.wait(
        pod,
        app.container,
        reason="CrashLoopBackOff",
        message=f"{message} pod={meta['name']}_{meta['namespace']}({meta['uid']})",
        at=world.now,
    )
    world.save(pod)
    world.emit(pod, "BackOff", f"Back-off restarting failed container {who}", field=app.container)


def start_again(world: World, app: App, pod: Manifest) -> None:
    pods.restarted(pod, app.container)
    pods.start(pod, app.container, rng=world.rng, at=world.now)
    world.save(pod)
    world.emit(pod, "Started", f"Started container {app.container}", type_="Normal", field=app.container)


def write_log(world: World, pod: Manifest, *lines: str) -> None:
    """Set the last log lines of the container."""
    at = stamp(world.now)
    world.logs[pod["metadata"]["namespace"], pod["metadata"]["name"]] = "".join(f"{at} {line}\n" for line in lines)
