"""Which team owns an object: the sources in their order, and the rules, of which the last that matches decides."""

from typing import Any

import pytest

from optral.kube import teams
from optral.kube.objects import KubeObject
from optral.kube.teams import Source, TeamRule, TeamSettings
from optral.terms.refs import ObjectRef
from tests.detectors.build import make, view_of
from tests.support.objects import reference

POD = ObjectRef("Pod", "shop", "web-1")
RULES = (TeamRule("platform"), TeamRule("payments", namespace="pay-*"), TeamRule("retail", namespace="shop", kind="Deployment"))


def labelled(kind: str, name: str, *, namespace: str = "shop", **metadata: Any) -> KubeObject:
    return make(kind, name=name, namespace=namespace or None, meta={"uid": f"uid-{name}", **metadata}, spec={})


@pytest.mark.parametrize(
    ("ref", "decided"),
    [
        (ObjectRef("Deployment.apps", "shop", "web"), ("retail", "rule 3")),
        (ObjectRef("StatefulSet.apps", "shop", "web"), ("platform", "rule 1")),
        (ObjectRef("Deployment.apps", "pay-eu", "web"), ("payments", "rule 2")),
        (ObjectRef("Node", None, "n1"), ("platform", "rule 1")),
    ],
)
def test_the_last_rule_that_matches_decides(ref: ObjectRef, decided: tuple[str, str]) -> None:
    assert TeamSettings(rules=RULES).by_rules(ref, ("cls_1", "prod")) == decided


@pytest.mark.parametrize(("pattern", "matches"), [("prod", True), ("cls_*", True), ("p*d", True), ("test", False)])
def test_a_cluster_is_matched_by_name_or_id(pattern: str, matches: bool) -> None:
    assert TeamRule("a", cluster=pattern).matches(POD, ("cls_1", "prod")) is matches


@pytest.mark.parametrize(
    ("text", "team"),
    [(" Payments\u202e Team ", "Payments Team"), ("none", ""), ("", ""), ("a,b", "a b"), ("x" * 200, "x" * 100)],
)
def test_a_name_is_cleaned_and_bounded(text: str, team: str) -> None:
    assert teams.team_of_text(text) == team


def test_a_pod_belongs_to_the_team_of_its_workload_and_its_own_label_comes_first() -> None:
    deployment = labelled("Deployment.apps", "web", labels={"team": "retail"})
    between = labelled("ReplicaSet.apps", "web-1", ownerReferences=[reference("Deployment.apps", "web", "uid-web")])
    own = {"ownerReferences": [reference("ReplicaSet.apps", "web-1", "uid-web-1")]}
    view = view_of(deployment, between, labelled("Pod", "a", **own), labelled("Pod", "b", labels={"team": "search"}, **own))
    found = [TeamSettings().of(view, ObjectRef("Pod", "shop", name), ()) for name in ("a", "b")]
    assert found == [("retail", "label team of Deployment web"), ("search", "label team of Pod b")]


def test_the_first_source_of_the_order_decides() -> None:
    home = labelled("Namespace", "shop", namespace="", labels={"team": "platform"})
    view = view_of(home, labelled("Deployment.apps", "web", labels={"team": "retail"}, annotations={"optral.ai/team": "none"}))
    web = ObjectRef("Deployment.apps", "shop", "web")
    rules = (TeamRule("ops"),)
    expected = {(): None, (Source.RULES, Source.LABEL): "ops", (Source.NAMESPACE_LABEL, Source.LABEL): "platform", tuple(Source): "retail"}
    for order, team in expected.items():
        found = TeamSettings(order=order, rules=rules).of(view, web, ())
        assert (found and found.team) == team, order


def test_a_deleted_object_still_has_the_team_of_its_namespace() -> None:
    view = view_of(labelled("Namespace", "shop", namespace="", labels={"owner": "platform"}))
    assert TeamSettings().of(view, POD, ()) == ("platform", "label owner of Namespace shop")
