"""What was not loaded may exist: an answer says that something is missing only where every such object was read."""

import ast
from pathlib import Path

import pytest

from optral.analysis.engine import engine
from optral.analysis.reading import scope, snapshot
from optral.analysis.reading.snapshot import Snapshot
from tests.analysis.cases import CASES
from tests.analysis.cluster import NOON, VISIBLE, World, obj, pod, reference, service
from tests.analysis.partial import false_claims

NAMES = sorted(CASES)
ANALYSIS = Path(snapshot.__file__).parents[1]


def of_the_book(name: str) -> list[str]:
    world, before = CASES[name][2]()
    assert world.asked is not None
    return false_claims(world.asked, world.snapshot(), before)


@pytest.mark.parametrize("name", NAMES[::12])
def test_claims_nothing_about_what_was_not_loaded(name: str) -> None:
    assert of_the_book(name) == []


@pytest.mark.slow
def test_claims_nothing_about_what_was_not_loaded_in_any_case() -> None:
    assert {name: claims for name in NAMES if (claims := of_the_book(name))} == {}


def webhook() -> World:
    """The pod behind the Service of a webhook runs, in a namespace of its own."""
    where = {"service": {"name": "gate", "namespace": "gates"}}
    entry = {"name": "gate.test", "clientConfig": where, "failurePolicy": "Fail"}
    hook = obj("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "gate", namespace=None, webhooks=[entry])
    served = service("gate", selector={"app": "gate"})
    served["metadata"]["namespace"] = "gates"
    behind = pod(None, "gate-1", ready=True, namespace="gates", metadata={"labels": {"app": "gate"}})
    return World([hook, served, behind], visible=VISIBLE | {"ValidatingWebhookConfiguration.admissionregistration.k8s.io"})


@pytest.mark.parametrize("loaded", ["pods", "no pods", "no Service"])
def test_does_not_accuse_a_service_whose_namespace_was_not_loaded(loaded: str) -> None:
    """`no Service`: not even the Services of other namespaces were."""
    world = webhook()
    world.ask("WebhookUnavailable", world.objects[0])
    assert world.asked is not None
    snap = world.snapshot()
    if loaded != "pods":
        kept = world.objects[: 2 if loaded == "no pods" else 1]
        anywhere = scope.ANYWHERE if loaded == "no pods" else frozenset[str]()
        snap = Snapshot(now=NOON, visible=world.visible, namespaces=frozenset({"kube-system"}), anywhere=anywhere)
        snap.load((reference(one).kind, one) for one in kept)
    found = engine.explain(engine.investigate(world.asked, snap))
    assert not [fact for fact in found.body["evidence"] if fact["kind"] == "absence"]
    assert "selects no pod" not in found.summary
    assert "does not exist" not in found.summary


def test_says_how_many_objects_were_checked() -> None:
    world, found = CASES["calls_a_service_nobody_made"][2]()
    gone = next(fact for fact in found.body["evidence"] if fact["kind"] == "absence")
    assert gone["excerpt"].endswith("Service objects in namespace orders checked"), gone
    assert world.asked is not None


def test_only_a_snapshot_states_that_an_object_is_missing() -> None:
    """Nothing else creates what `Notebook.absence` requires, and nothing else writes such a fact."""
    for path in ANALYSIS.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        created = {node.func.id for node in calls if isinstance(node.func, ast.Name)} & {"Missing", "Listing"}
        assert not created or path.name == "snapshot.py", path
