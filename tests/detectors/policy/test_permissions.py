import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, event, make, only, when

TYPE = "RBACForbidden"
REFUSED = (
    'claims is forbidden: User "system:serviceaccount:disks:provisioner" cannot list resource "nodes" in API group "" at the cluster scope'
)


def claim(**meta: object) -> KubeObject:
    return make("PersistentVolumeClaim", name="data", meta=meta, status={"phase": "Bound"})


def test_repeated_denials_are_one_issue_per_account_verb_and_resource() -> None:
    shown = claim()
    [finding] = only(TYPE, shown, event(shown, "ProvisioningFailed", REFUSED, ago=60, first=500, times=4))
    assert (str(finding.subject), finding.part) == ("ServiceAccount/disks/provisioner", "list nodes")
    assert (finding.since, finding.expires_at, finding.severity) == (when(500), when(60 - 1800), Severity.MEDIUM)


def test_three_events_count_as_much_as_one_that_came_three_times() -> None:
    shown = claim()
    assert len(only(TYPE, shown, *(event(shown, "ProvisioningFailed", REFUSED, ago=ago) for ago in (10, 60, 200)))) == 1


@pytest.mark.parametrize(
    ("message", "times", "ago"),
    [
        pytest.param(REFUSED, 2, 60, id="twice: a role may be on its way"),
        pytest.param(REFUSED, 9, 3000, id="long ago"),
        pytest.param('pods "x" is forbidden: exceeded quota: q', 9, 60, id="a quota, not a role"),
        pytest.param('User "jane" cannot list resource "nodes"', 9, 60, id="a person"),
    ],
)
def test_what_is_no_issue(message: str, times: int, ago: float) -> None:
    shown = claim()
    assert only(TYPE, shown, event(shown, "ProvisioningFailed", message, ago=ago, times=times)) == []


def test_a_deleted_object_is_ignored() -> None:
    shown = claim(deletionTimestamp=at(10))
    assert only(TYPE, shown, event(shown, "ProvisioningFailed", REFUSED, times=9)) == []
