"""What changed on a workload: words by its revisions and by the inventory's history, each change once."""

import pytest

from optral.analysis.model import Question
from optral.analysis.reading.case import Case
from tests.analysis.cluster import (
    NAMESPACE,
    World,
    container,
    deployment,
    ended,
    obj,
    pod,
    recorded,
    reference,
    replica_set,
    state,
    template,
)

SMALL, LARGE = (container(resources={"limits": {"memory": size}}) for size in ("64Mi", "256Mi"))
PLACE = "spec.template.spec.containers[api].resources.limits.memory"


def lowered() -> World:
    """A Deployment whose memory limit was lowered, and whose pod is killed since."""
    web = deployment(of=template(SMALL))
    old, new = replica_set(web, 1, of=template(LARGE), replicas=0), replica_set(web, 2, of=template(SMALL), minutes_ago=5)
    killed = pod(new, "api-1", status={"containerStatuses": [state(restarts=3, last=ended(137, "OOMKilled"))]})
    return World([web, old, new, killed])


def test_a_change_that_the_revisions_and_the_history_show_is_listed_once() -> None:
    world = lowered()
    world.history = [recorded(world.objects[0], PLACE, "256Mi", "64Mi")]
    found = world.ask("OOMKilled", world.objects[3], owner=world.objects[0], container="api")
    assert [(one["from"], one["to"]) for one in found.body["changes"]] == [("256Mi", "64Mi")]
    words = [one["text"] for one in found.body["timeline"] if "256Mi" in one["text"]]
    assert len(words) <= 1, words


def test_of_two_recorded_changes_of_one_place_the_newest_is_listed() -> None:
    unit = obj("apps/v1", "StatefulSet", "api", spec={"replicas": 1, "template": template(SMALL)})
    world = World([unit])
    world.history = [
        recorded(unit, PLACE, "256Mi", "64Mi", minutes_ago=5),
        recorded(unit, PLACE, "512Mi", "256Mi", minutes_ago=90),
        recorded(unit, "metadata.annotations[team.example/page]", None, "yes", minutes_ago=90),
    ]
    question = Question(type="OOMKilled", cluster_id="cls_x", resource=reference(unit), owner=reference(unit))
    case = Case(question, world.snapshot())
    workload = case.snap.find("StatefulSet.apps", NAMESPACE, "api")
    assert workload is not None
    assert [(one.before, one.after) for one in case.changes(workload)] == [("256Mi", "64Mi"), (None, "yes")]


@pytest.mark.parametrize(("restarts", "words"), [(3, "had restarted `3` times."), (1, "had restarted `1` time."), (0, "was its first")])
def test_the_number_of_restarts_is_stated_as_of_an_exit(restarts: int, words: str) -> None:
    web = deployment(of=template(SMALL))
    new = replica_set(web, of=template(SMALL))
    killed = pod(new, "api-1", status={"containerStatuses": [state(restarts=restarts, last=ended(137, "OOMKilled"))]})
    found = World([web, new, killed]).ask("OOMKilled", killed, owner=web, container="api")
    assert found.root_cause is not None
    at = killed["status"]["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"]
    assert any(words in claim["text"] and at in claim["text"] for claim in found.root_cause["claims"])
