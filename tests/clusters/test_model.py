"""Presence as a table, and the names clusters may have."""

import pytest

from optral.clusters import model
from optral.clusters.model import ClusterStatus, Reason, Sighting, Verdict
from optral.terms.errors import Invalid

ONLINE, DEGRADED, OFFLINE, PENDING = ClusterStatus.ONLINE, ClusterStatus.DEGRADED, ClusterStatus.OFFLINE, ClusterStatus.PENDING


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        pytest.param(Sighting(PENDING, None), (PENDING, Reason.NEVER_CONNECTED), id="never seen"),
        pytest.param(Sighting(PENDING, 0), (ONLINE, None), id="first heartbeat"),
        pytest.param(Sighting(ONLINE, 29.9), (ONLINE, None), id="one late heartbeat"),
        pytest.param(Sighting(ONLINE, 30), (DEGRADED, Reason.HEARTBEAT_LATE), id="two missed"),
        pytest.param(Sighting(DEGRADED, 44.9), (DEGRADED, Reason.HEARTBEAT_LATE), id="almost three missed"),
        pytest.param(Sighting(DEGRADED, 45), (OFFLINE, Reason.HEARTBEATS_MISSED), id="three missed"),
        pytest.param(Sighting(DEGRADED, 1), (ONLINE, None), id="late, then seen"),
        pytest.param(Sighting(OFFLINE, 1), (ONLINE, None), id="back"),
        pytest.param(Sighting(OFFLINE, 35), (OFFLINE, Reason.HEARTBEAT_LATE), id="silence never looks better"),
        pytest.param(Sighting(ONLINE, 9, closed_s=9.9), (ONLINE, None), id="goodbye, maybe a restart"),
        pytest.param(Sighting(ONLINE, 10, closed_s=10), (OFFLINE, Reason.AGENT_STOPPED), id="goodbye and gone"),
        pytest.param(Sighting(ONLINE, 10, 10, Reason.CREDENTIALS_REVOKED), (OFFLINE, Reason.CREDENTIALS_REVOKED), id="revoked"),
        pytest.param(Sighting(OFFLINE, 5, closed_s=5), (OFFLINE, Reason.AGENT_STOPPED), id="offline stays so after a goodbye"),
        pytest.param(Sighting(ONLINE, 300, in_grace=True), (DEGRADED, Reason.HEARTBEAT_LATE), id="server just started"),
        pytest.param(Sighting(ONLINE, 12, closed_s=12, in_grace=True), (ONLINE, None), id="goodbye during the start"),
        pytest.param(Sighting(OFFLINE, 300, in_grace=True), (OFFLINE, Reason.HEARTBEATS_MISSED), id="offline before the start"),
    ],
)
def test_judges_presence_by_silence_and_goodbye(seen: Sighting, verdict: tuple[ClusterStatus, str | None]) -> None:
    assert model.judge(seen) == Verdict(*verdict)


@pytest.mark.parametrize("name", ["a", "production-us-east", "gke_x.y-1", "0" * 63])
def test_takes_names_like_these(name: str) -> None:
    assert model.check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a,b", "a\n", "cls_01", "a" * 64, "ü", "a/b"])
def test_refuses_names_like_these(name: str) -> None:
    with pytest.raises(Invalid):
        model.check_name(name)


@pytest.mark.parametrize("labels", [{"": "x"}, {"a b": "x"}, {"a": "x y"}, {"a": "x" * 64}, {f"k{n}": "" for n in range(33)}])
def test_refuses_labels_like_these(labels: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        model.check_labels(labels)


def test_takes_kubernetes_labels() -> None:
    assert model.check_labels({"example.com/team": "shop", "env": ""}) == {"example.com/team": "shop", "env": ""}


@pytest.mark.parametrize("text", ["mhe_" + "a" * 42, "mhe_" + "a" * 42 + "'", "mht_" + "a" * 43, "mhe_" + "a" * 43 + "\n", ""])
def test_only_the_token_alphabet_is_a_token(text: str) -> None:
    assert not model.is_token(text)
    assert model.is_token("mhe_" + "aZ0" * 14 + "b")
