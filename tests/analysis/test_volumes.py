"""A claim that asks for one volume by its name."""

import pytest

from tests.analysis.cases import CASES
from tests.analysis.cases.storage import claim, storage_class, volume


@pytest.mark.parametrize(
    ("spec", "cause", "words"),
    [
        pytest.param({"claimRef": {"namespace": "orders", "name": "other"}}, "volume_taken", "is bound to claim `other`", id="of another"),
        pytest.param(
            {"claimRef": {"namespace": "orders", "name": "data", "uid": "of-the-one-before"}},
            "volume_taken",
            "is bound to a previous claim with the same name",
            id="of a previous claim with the same name",
        ),
        pytest.param({"capacity": {"storage": "5Gi"}}, "no_matching_volume", "volume `pv-1` has `5Gi`", id="too small"),
        pytest.param({"accessModes": ["ReadOnlyMany"]}, "no_matching_volume", "allows `ReadOnlyMany`", id="another access"),
    ],
)
def test_tells_why_the_volume_is_not_its_own(spec: dict[str, object], cause: str, words: str) -> None:
    _, found = claim("data", volume(**spec), storageClassName="manual", volumeName="pv-1")
    assert found.root_cause is not None
    assert (found.root_cause["id"], found.root_cause["subject"]["name"]) == (cause, "data")
    assert words in found.root_cause["explanation"]


def test_a_volume_that_is_reserved_for_the_claim_is_no_failure() -> None:
    _, found = claim("data", volume(claimRef={"namespace": "orders", "name": "data"}), storageClassName="manual", volumeName="pv-1")
    assert found.root_cause is None or found.root_cause["id"] not in ("volume_taken", "no_matching_volume")


def test_volumes_that_a_provisioner_made_for_others_are_nothing_to_the_claim() -> None:
    made = volume("pv-of-other", storageClassName="fast", claimRef={"namespace": "orders", "name": "other"})
    _, found = claim("data", storage_class("fast"), made, storageClassName="fast")
    assert "volume_taken" not in [one["id"] for one in found.body["hypotheses"]]


@pytest.mark.parametrize("name", ["waits_for_a_disk_that_another_machine_uses", "waits_for_a_volume_that_another_node_holds"])
def test_a_volume_that_another_machine_has_is_attached_there(name: str) -> None:
    cause = CASES[name][2]()[1].root_cause
    assert cause is not None
    assert "It is still attached to another node." in cause["explanation"]
