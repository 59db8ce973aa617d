"""A refused probe: how sure an answer may be, what it proposes, and what it says is missing."""

import pytest

from tests.analysis.cases import probe_targets
from tests.analysis.cases.probe_targets import QUICK, http, kept_out, refused, restarted, tcp


def test_is_not_sure_when_nothing_tells_another_port() -> None:
    _, found = probe_targets.is_refused_for_as_long_as_it_lives()
    ids = [one["id"] for one in found.body["hypotheses"]]
    assert ids[:2] == ["liveness_probe_wrong_port", "liveness_probe_too_tight"]
    assert 0.35 <= found.confidence <= 0.65
    assert any("the port on which container api listens" in one for one in found.body["missingEvidence"])


def test_is_sure_of_a_short_patience_only_at_a_port_that_is_known() -> None:
    ports = [{"containerPort": 8080, "protocol": "TCP"}]
    _, known = restarted(refused(8080), livenessProbe=tcp(8080, **QUICK), ports=ports, ran_s=9)
    _, unknown = restarted(refused(8080), livenessProbe=tcp(8080, **QUICK), ran_s=9)
    assert known.cause_id == "liveness_probe_too_tight"
    assert known.confidence > 0.9
    assert unknown.confidence < 0.65


def test_never_calls_it_a_short_patience_once_it_has_come_up() -> None:
    _, found = probe_targets.says_that_it_is_up()
    assert all(one["id"] != "liveness_probe_too_tight" for one in found.body["hypotheses"])


@pytest.mark.parametrize(
    "ask", [probe_targets.says_that_it_listens_elsewhere, probe_targets.is_served_at_another_port, probe_targets.is_ready_at_another_port]
)
def test_proposes_the_port_that_is_known(ask: object) -> None:
    _, found = ask()  # type: ignore[operator]
    assert "Change the probe's port to 8080" in [one["title"] for one in found.body["recommendedActions"]]


def test_proposes_to_listen_on_all_addresses() -> None:
    _, found = probe_targets.listens_for_itself_alone()
    assert "Make the application listen on all addresses" in [one["title"] for one in found.body["recommendedActions"]]
    assert found.confidence > 0.85


def test_does_not_take_the_words_of_a_command_for_those_of_the_runtime() -> None:
    """What a command prints is the application's own word, wherever it says something like a runtime."""
    checked = {"exec": {"command": ["/check"]}, "periodSeconds": 10, "failureThreshold": 3}
    _, found = kept_out("backend says: OCI runtime exec failed: no such file or directory", readinessProbe=checked)
    assert found.cause_id == "readiness_probe_unhealthy"


@pytest.mark.parametrize(("status", "title"), [("401", "no authentication"), ("403", "no authentication"), ("400", "Host header")])
def test_says_what_to_do_about_an_answer_that_shuts_the_probe_out(status: str, title: str) -> None:
    _, found = kept_out(f"HTTP probe failed with statuscode: {status}", readinessProbe=http(8080))
    assert any(title in one["title"] for one in found.body["recommendedActions"])


@pytest.mark.parametrize(
    ("image", "port"),
    [
        ("nginx", 80),
        ("nginx:1.27", 80),
        ("library/nginx:1.27", 80),
        ("docker.io/nginx@sha256:0a1b", 80),
        ("docker.io/library/nginx:1.27@sha256:0a1b", 80),
        ("index.docker.io/library/redis", 6379),
        ("grafana/grafana:11", 3000),
        ("docker.io/prom/prometheus:v3", 9090),
        ("docker.io/bitnami/nginx:1.27", None),
        ("registry.test/team/nginx:7", None),
        ("registry.test:5000/nginx:7", None),
        ("registry.test/library/nginx:7", None),
        ("nginx.test/team/api:7", None),
        ("registry.test/yard/grafana:1", None),
    ],
)
def test_knows_the_port_of_a_public_image_and_not_of_its_namesakes(image: str, port: int | None) -> None:
    """Whoever builds an image of their own may let it listen anywhere: often so that it needs no root."""
    _, found = restarted(refused(8080), livenessProbe=tcp(8080, **QUICK), image=image)
    titles = [one["title"] for one in found.body["recommendedActions"]]
    ports = [one for one in titles if one.startswith("Change the probe's port to")]
    assert ports == ([f"Change the probe's port to {port}"] if port else [])
    assert (found.confidence > 0.8) == (port is not None)
