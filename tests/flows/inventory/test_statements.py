"""How many statements a job of ingest sends to the database: each costs a round trip on PostgreSQL, however little it does."""

from collections import Counter

import pytest

from optral.kube.changes import Frame, ObjectChange
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support import statements
from tests.support.clock import FakeClock
from tests.support.objects import gone

FLEET = 40


def fleet(*, rv: str, start: int = 0, count: int = FLEET) -> list[ObjectChange]:
    return [pod(f"web-1-{number:03}", rv=rv) for number in range(start, start + count)]


CASES: dict[str, tuple[list[ObjectChange], int]] = {
    "one pod changes": (fleet(rv="2", count=1), 8),
    "many pods change": (fleet(rv="2"), 8),
    "nothing is new": (fleet(rv="1"), 4),
    # One for the numbers of objects by kind and namespace, one for the sets that they belong to (docs/decisions/search.md).
    "many pods are new": (fleet(rv="1", start=FLEET), 10),
    "new pods, changed pods and deleted pods": ([*fleet(rv="2", count=20), *map(gone, fleet(rv="1", start=20, count=20))], 11),  # two
}


@pytest.mark.parametrize("case", CASES)
async def test_a_job_of_ingest_sends_no_more_statements_than_it_did(case: str, store: Store, org: OrgId, clock: FakeClock) -> None:
    """Beside COMMIT. The number does not grow with the changes of the job. Fewer is better: then lower it here."""
    world = await World.begun(store, org, clock)
    await world.snapshot(deployment(), replica_set(), *fleet(rv="1"))
    await world.send(batch(pod("warm-up")))
    changes, most = CASES[case]
    frames: list[Frame] = [batch(*changes[at : at + 16]) for at in range(0, len(changes), 16)]
    with statements.of(store) as sent:
        await world.send(*frames)
    counted = Counter(statement[:90] for statement in sent)
    assert len(sent) <= most, "\n".join(f"{count} {text}" for text, count in counted.items())


async def test_many_issues_that_open_at_once_cost_no_more_statements_than_one(store: Store, org: OrgId, clock: FakeClock) -> None:
    world = await World.begun(store, org, clock)
    apps = [f"app{number}" for number in range(13)]
    pods = {app: pod(f"{app}-1-x", owner=f"{app}-1") for app in apps}
    workloads = [made for app in apps for made in (deployment(app), replica_set(f"{app}-1", app), pods[app])]
    await world.snapshot(deployment(), replica_set(), *workloads)
    await world.send(batch(pod("warm-up")))
    killed = [pod(f"{app}-1-x", rv="2", killed_at=clock.now(), owner=f"{app}-1") for app in apps]
    with statements.of(store) as of_one:
        await world.send(batch(killed[0]))
    with statements.of(store) as of_many:
        await world.send(batch(*killed[1:]))
    assert len(await world.issues()) == len(apps)
    counted = Counter(statement[:90] for statement in of_many)
    assert len(of_many) <= len(of_one) + 2, "\n".join(f"{count} {text}" for text, count in counted.items())
