"""The healthy activity of the demo cluster: rollouts that succeed, Jobs that finish, replicas that follow the load, nodes that report.

None of it is a failure, and none of it may become an issue.
"""

from optral.demo import objects, pods, rollouts
from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.shop import CRON_JOBS, REGISTRY
from optral.demo.world import World

STEADY = (("shop", "orders"), ("shop", "accounts"), ("payments", "invoices"), ("search", "suggest"), ("reports", "dashboard"))
KEPT_JOBS = 3  # successfulJobsHistoryLimit


def releases(world: World, should_end: ShouldEnd) -> Steps:
    """A healthy workload gets a new version every minute and a half."""
    number = 0
    while not should_end():
        yield 90
        app = world.apps[STEADY[number % len(STEADY)]]
        number += 1
        image = f"{app.spec.full_image.rpartition(':')[0]}:{app.spec.tag}-{number}"
        yield from rollouts.replace_all(world, app, lambda spec, image=image: spec.update(image=image))  # type: ignore[misc]


def load(world: World, should_end: ShouldEnd) -> Steps:
    """The storefront scales with its visitors: two more pods for a while, then two fewer."""
    app = world.apps["shop", "storefront"]
    usual = app.desired
    while not should_end():
        yield 70
        rollouts.scale(world, app, usual + 2)
        for _ in range(2):
            pod = world.add_pod(app)
            world.place(app, pod)
            yield 3
            world.start_pod(app, pod)
        yield 100
        rollouts.scale(world, app, usual)


def heartbeats(world: World, should_end: ShouldEnd) -> Steps:
    """Nodes report every five minutes if nothing changed, and old Events are deleted."""
    while not should_end():
        yield 300
        for name, node in world.nodes.items():
            if name not in world.lost_nodes:
                for condition in node["status"]["conditions"]:
                    condition["lastHeartbeatTime"] = stamp(world.now)
                world.save(node)
        world.delete_old_events()


def cron_job(namespace: str, name: str, schedule: str, period_s: int, runs_s: int):  # type: ignore[no-untyped-def]
    """A CronJob whose runs finish; the last three are kept."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        command = objects.container(name, f"{REGISTRY}/{namespace}/{name}:1.6.0", probes=False, memory="64Mi")
        template = {"metadata": {"labels": {"app": name}}, "spec": objects.pod_spec([command], restart_policy="Never")}
        body = {"schedule": schedule, "concurrencyPolicy": "Forbid", "suspend": False, "successfulJobsHistoryLimit": KEPT_JOBS}
        body |= {"failedJobsHistoryLimit": 1, "jobTemplate": {"spec": {"backoffLimit": 2, "template": template}}}
        owner = world.make("CronJob.batch", name, namespace=namespace, labels={"app": name}, spec=body, status={})
        kept: list[tuple[Manifest, Manifest]] = []
        while not should_end():
            yield period_s - (world.now.timestamp() % period_s)
            job, pod = _start(world, owner, template)
            yield 2
            pods.run(pod, rng=world.rng, at=world.now)
            world.save(pod)
            yield runs_s
            _finish(world, owner, job, pod)
            kept.append((job, pod))
            for old in kept[:-KEPT_JOBS]:
                for manifest in reversed(old):
                    world.remove(manifest)
            kept = kept[-KEPT_JOBS:]

    return play


def _start(world: World, owner: Manifest, template: Manifest) -> tuple[Manifest, Manifest]:
    meta = owner["metadata"]
    name = f"{meta['name']}-{int(world.now.timestamp()) // 60}"
    labels = {"app": meta["name"], "job-name": name, "batch.kubernetes.io/job-name": name}
    body = {"backoffLimit": 2, "completions": 1, "parallelism": 1, "template": {**template, "metadata": {"labels": labels}}}
    job = world.make("Job.batch", name, namespace=meta["namespace"], labels=labels, owner=owner, spec=body, status={})
    job["status"] = {"startTime": stamp(world.now), "active": 1}
    world.save(job)
    owner["status"] = {**owner["status"], "lastScheduleTime": stamp(world.now), "active": [_reference(job)]}
    world.save(owner)
    pod = world.make(
        "Pod", f"{name}-{objects.suffix(world.rng)}", namespace=meta["namespace"], labels=labels, owner=job, spec=dict(template["spec"])
    )
    pods.schedule(pod, node=world.nodes[f"worker-{world.rng.randrange(1, 5)}"], at=world.now)
    world.save(pod)
    return job, pod


def _finish(world: World, owner: Manifest, job: Manifest, pod: Manifest) -> None:
    pods.end(pod, pod["spec"]["containers"][0]["name"], reason="Completed", exit_code=0, at=world.now)
    world.save(pod)
    conditions = [
        {
            "type": type_,
            "status": "True",
            "reason": "CompletionsReached",
            "lastProbeTime": stamp(world.now),
            "lastTransitionTime": stamp(world.now),
        }
        for type_ in ("SuccessCriteriaMet", "Complete")
    ]
    job["status"] = {"startTime": job["status"]["startTime"], "completionTime": stamp(world.now), "succeeded": 1, "conditions": conditions}
    world.save(job)
    world.emit(job, "Completed", "Job completed", type_="Normal", component="job-controller")
    owner["status"] = {"lastScheduleTime": owner["status"]["lastScheduleTime"], "lastSuccessfulTime": stamp(world.now)}
    world.save(owner)


def _reference(job: Manifest) -> Manifest:
    meta = job["metadata"]
    return {"kind": job["kind"], "apiVersion": job["apiVersion"], "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}


CRON_PLAYS = tuple(cron_job(*one) for one in CRON_JOBS)
