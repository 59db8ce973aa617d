"""From a custom resource that fails to the object behind it: what the sentences name, and when the walk must not leave the resource."""

from typing import Any

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases import CASES
from tests.analysis.cases.custom_resources import REFUSED, ask_about, delivered, resource, state_of, waits_for_a_challenge
from tests.analysis.cluster import World


def subject(found: Explanation) -> tuple[str, str]:
    assert found.root_cause is not None
    return found.root_cause["subject"]["kind"], found.root_cause["subject"]["name"]


def text(found: Explanation) -> str:
    assert found.root_cause is not None
    return str(found.root_cause["explanation"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "cannot be applied without its source",
            ("Kustomization `web` is not ready", "GitRepository `apps` by sourceRef", "GitOperationFailed", "authentication required"),
            id="a source",
        ),
        pytest.param("reads from a store that nobody made", ("`vault-main` does not exist", "`vault-maim` exists"), id="a slip"),
        pytest.param(
            "its provider has no credentials",
            ("XStorage `uploads-x`", "Bucket `uploads-x-1`", "`cloud-login` is reported as not found"),
            id="a claim",
        ),
        pytest.param("a machine without its infrastructure", ("by infrastructureRef", "CreateError", "quota of instances"), id="a machine"),
        pytest.param("a part of an operator's resource crashes", ("Its StatefulSet `ledger`", "checksum of segment 17"), id="a workload"),
        pytest.param("the condition that says why", ("`ListenersValid` reports `InvalidConfiguration`", "31000"), id="a condition"),
    ],
)
def test_the_sentences_lead_to_the_last_object(name: str, words: tuple[str, ...]) -> None:
    _, found = CASES[name][2]()
    assert [word for word in words if word not in text(found)] == []


def test_a_certificate_is_explained_by_the_challenge_that_it_waits_for() -> None:
    world, waits = waits_for_a_challenge()
    assert subject(waits) == ("Challenge", "shop-tls-1-771-0")
    assert "CertificateRequest `shop-tls-1` is not ready" in text(waits)
    assert "Its Order `shop-tls-1-771` is failing" in text(waits)
    found = world.ask("CertificateExpiring", world.objects[0])
    assert (found.cause_id, subject(found)) == ("certificate_not_issued", ("Challenge", "shop-tls-1-771-0"))
    assert "Certificate `shop-tls` is not ready: `DoesNotExist`" in text(found)
    assert "wrong status code '404'" in text(found)


def test_a_missing_secret_is_in_the_namespace_that_refers_to_it() -> None:
    _, found = CASES["its provider has no credentials"][2]()
    assert found.root_cause is not None
    assert found.root_cause["subject"]["namespace"] == "cloud"


def test_a_source_that_failed_later_is_not_the_cause() -> None:
    later = state_of(("Ready", "False", "GitOperationFailed", REFUSED), minutes_ago=1)
    _, found = ask_about(*delivered("the build waits for its dependencies", source=later))
    assert subject(found) == ("Kustomization", "web")


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param({}, id="nothing is reported of it"),
        pytest.param(state_of(("Ready", "True", "", "")), id="it is ready"),
        pytest.param(state_of(("Ready", "False", "Failed", "x")) | {"observedGeneration": 0}, id="it has not been looked at"),
    ],
)
def test_a_source_that_does_not_fail_is_not_the_cause(behind: dict[str, Any]) -> None:
    world, applied = delivered()
    world.objects[1] = resource(
        "GitRepository", "apps", group="source.toolkit.fluxcd.io", status=behind or {"artifact": {}}, metadata={"generation": 1}
    )
    assert subject(ask_about(world, applied)[1]) == ("Kustomization", "web")


FORBIDDEN = state_of(("Ready", "False", "RegistrationFailed", "the account could not be registered: 403 forbidden"))


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"acme": {"privateKeySecretRef": {"name": "account-key"}}}, id="a Secret that it creates"),
        pytest.param({"writeConnectionSecretToRef": {"name": "out"}}, id="a Secret that it writes"),
        pytest.param({"classRef": {"name": "gone", "kind": "StoreClass"}}, id="an object of a kind nobody lists"),
    ],
)
def test_an_absent_object_is_named_only_if_the_message_names_it(spec: dict[str, Any]) -> None:
    _, found = ask_about(World([one := resource("Account", "main", spec=spec, status=FORBIDDEN)]), one)
    assert (found.cause_id, subject(found)) == ("reported_by_controller", ("Account", "main"))


def test_an_object_of_a_kind_that_nobody_lists_is_only_reported_as_missing() -> None:
    one = resource("Account", "main", status=state_of(("Ready", "False", "Failed", 'secrets "login" not found')))
    found = ask_about(World([one]), one)[1]
    assert "`login` is reported as not found" in text(found)
    assert "does not exist" not in text(found)


def test_an_object_that_exists_again_is_not_missing() -> None:
    status = state_of(("Ready", "False", "Failed", 'configmaps "rules" not found'))
    one = resource("Alerting", "main", spec={"rulesRef": {"kind": "ConfigMap", "name": "rules"}}, status=status)
    rules = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "rules", "namespace": "orders", "uid": "r"}, "data": {}}
    assert ask_about(World([one]), one)[1].cause_id == "missing_config_map"
    assert ask_about(World([one, rules]), one)[1].cause_id == "reported_by_controller"


def test_what_refers_back_does_not_lead_in_a_circle() -> None:
    left = resource(
        "Peer",
        "left",
        spec={"peerRef": {"kind": "Peer", "name": "right"}},
        status=state_of(("Ready", "False", "Failed", "right is down")),
    )
    right = resource(
        "Peer",
        "right",
        spec={"peerRef": {"kind": "Peer", "name": "left"}},
        status=state_of(("Ready", "False", "Failed", "left is down")),
    )
    assert subject(ask_about(World([left, right]), left)[1]) == ("Peer", "right")


def test_a_part_does_not_lead_to_its_owner() -> None:
    whole = resource("Fleet", "all", status=state_of(("Ready", "False", "MemberFailed", "a member failed"), minutes_ago=50))
    spec = {"fleetRef": {"kind": "Fleet", "name": "all"}}
    member = resource("Member", "one", owner=whole, spec=spec, status=state_of(("Ready", "False", "NotReady", "not ready: disk failed")))
    assert subject(ask_about(World([whole, member]), member)[1]) == ("Member", "one")
    assert subject(ask_about(World([whole, member]), whole)[1]) == ("Member", "one")
