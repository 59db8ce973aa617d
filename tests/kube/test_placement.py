from typing import Any

import pytest

from optral.kube import objects, placement
from optral.kube.objects import Node, Taint

Json = dict[str, Any]
DEDICATED = Taint(key="team", value="a", effect="NoSchedule")


def node(name: str = "n1", **spec: Any) -> Node:
    labels = spec.pop("labels", {"zone": "a", "cores": "16"})
    typed = objects.convert("Node", {"metadata": {"name": name, "labels": labels}, "spec": spec})
    assert isinstance(typed, Node)
    return typed


def required(*terms: Json) -> Json:
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}}


def term(key: str, operator: str, *values: str) -> Json:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        pytest.param({}, True, id="it says nothing"),
        pytest.param({"nodeSelector": {"zone": "a"}}, True, id="selector"),
        pytest.param({"nodeSelector": {"zone": "a", "disk": "ssd"}}, False, id="selector with a label that the node lacks"),
        pytest.param({"nodeSelector": {"kubernetes.io/hostname": "n1"}}, True, id="the host name, without its label"),
        pytest.param(required(term("zone", "In", "a", "b")), True, id="In"),
        pytest.param(required(term("zone", "NotIn", "a")), False, id="NotIn"),
        pytest.param(required(term("disk", "NotIn", "ssd")), True, id="NotIn without the label"),
        pytest.param(required(term("disk", "Exists")), False, id="Exists"),
        pytest.param(required(term("disk", "DoesNotExist")), True, id="DoesNotExist"),
        pytest.param(required(term("cores", "Gt", "8")), True, id="Gt"),
        pytest.param(required(term("cores", "Lt", "8")), False, id="Lt"),
        pytest.param(required(term("zone", "Gt", "8")), False, id="Gt of a word"),
        pytest.param(required(term("zone", "In", "b"), term("zone", "In", "a")), True, id="one of several terms"),
        pytest.param(required({}), False, id="an empty term fits no node"),
        pytest.param(required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}), True, id="this node"),
        pytest.param(required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}), False, id="another node"),
        pytest.param({"nodeSelector": {"zone": "b"}} | required(term("zone", "In", "a")), False, id="selector and affinity"),
    ],
)
def test_which_nodes_selector_and_affinity_fit(spec: Json, fits: bool) -> None:
    typed = objects.convert("Pod", {"spec": spec})
    assert isinstance(typed, objects.Pod)
    assert placement.fits_node(placement.scheduling(spec), node()) is fits
    assert placement.fits_node(typed.spec, node()) is fits, "detectors and analysis disagree"


@pytest.mark.parametrize(
    ("toleration", "tolerates"),
    [
        ({"key": "team", "operator": "Equal", "value": "a", "effect": "NoSchedule"}, True),
        ({"key": "team", "value": "a"}, True),
        ({"key": "team", "value": "b"}, False),
        ({"key": "team", "operator": "Exists"}, True),
        ({"key": "team", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "zone", "operator": "Exists"}, False),
        ({"operator": "Exists"}, True),
        ({"operator": "Exists", "effect": "NoExecute"}, False),
        ({}, False),
    ],
)
def test_which_tolerations_match_a_taint(toleration: Json, tolerates: bool) -> None:
    spec = placement.scheduling({"tolerations": [toleration]})
    assert placement.tolerates(spec.tolerations, DEDICATED) is tolerates


def test_the_taint_that_keeps_a_pod_off() -> None:
    taints = [
        {"key": "soft", "effect": "PreferNoSchedule"},
        {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
        {"key": "team", "value": "a", "effect": "NoSchedule"},
    ]
    tainted = node(taints=taints)
    assert placement.untolerated(placement.scheduling({}), tainted) == (2, DEDICATED)
    assert placement.untolerated(placement.scheduling({"tolerations": [{"key": "team", "operator": "Exists"}]}), tainted) is None


def test_pods_that_tolerate_a_cordon_pass_it() -> None:
    cordoned = node(unschedulable=True)
    tolerant = {"tolerations": [{"key": placement.CORDON.key, "operator": "Exists"}]}
    assert placement.is_cordoned_for(placement.scheduling({}), cordoned)
    assert not placement.is_cordoned_for(placement.scheduling(tolerant), cordoned)
    assert not placement.is_cordoned_for(placement.scheduling({}), node())


def test_host_ports_and_strange_manifests() -> None:
    spec = {"containers": [{"ports": [{"hostPort": 80}, {"containerPort": 90}]}, "junk"], "tolerations": None, "nodeSelector": 3}
    assert placement.host_ports(placement.scheduling(spec)) == {80}
    assert placement.fits_node(placement.scheduling(spec), node())
