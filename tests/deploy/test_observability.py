"""The alert rules and the dashboard: every metric exists, Prometheus takes the rules, and the chart installs both when it is asked to."""

import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.server import metrics
from tests.deploy import charts
from tests.deploy.charts import of_kind, render
from tests.setup import machine

FILES = charts.ROOT / "charts/optral/files"
RULES = FILES / "alerts.yaml"
DASHBOARD: dict[str, Any] = json.loads((FILES / "dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
UNIT_TESTS: dict[str, Any] = {
    "evaluation_interval": "1m",
    "tests": [
        {
            "interval": "1m",
            "input_series": [
                {"series": 'optral_agents{state="offline"}', "values": "0x5 2x30"},
                {"series": 'optral_agents{state="online"}', "values": "3x35"},
                {"series": "optral_tunnels_open", "values": "3x20 0x15"},
                {"series": "optral_loop_lag_seconds", "values": "0.01x20 _x15"},
                {"series": 'optral_work_failures_total{loop="dispatch"}', "values": "0+1x35"},
                {"series": "optral_ca_expiry_timestamp_seconds", "values": "86400x120"},
            ],
            "alert_rule_test": [
                {"eval_time": "10m", "alertname": "OptralClusterOffline", "exp_alerts": []},
                {
                    "eval_time": "17m",
                    "alertname": "OptralClusterOffline",
                    "exp_alerts": [
                        {
                            "exp_labels": {"severity": "warning"},
                            "exp_annotations": {
                                "summary": "2 clusters do not report to Optral",
                                "description": "Their inventory is old, and no new issue of them is found. "
                                "`optral clusters list` names them.",
                            },
                        }
                    ],
                },
                {"eval_time": "20m", "alertname": "OptralNoAgentConnected", "exp_alerts": []},
            ],
            "promql_expr_test": [
                {"expr": f'count(ALERTS{{alertname="Optral{name}",alertstate="firing"}})', "eval_time": at, "exp_samples": [{"value": 1}]}
                for name, at in (
                    ("NoAgentConnected", "30m"), ("Down", "35m"), ("WorkFails", "35m"), ("CertificateAuthorityExpires", "90m")
                )
            ],
        }
    ],
}  # fmt: skip


def expressions() -> list[str]:
    rules = yaml.safe_load(RULES.read_text())
    queries = [variable["query"] for variable in DASHBOARD["templating"]["list"]]
    return [
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in PANELS for target in panel.get("targets", [])),
        *queries,
    ]


def test_every_metric_is_one_that_the_server_exposes() -> None:
    documented = set(re.findall(r"`(optral_\w+)`", metrics.document()))
    assert {name for expr in expressions() for name in re.findall(r"\boptral_\w+", expr)} - documented == set()


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for one, other in itertools.combinations([panel["gridPos"] for panel in PANELS], 2):
        is_beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        is_below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert is_beside or is_below, (one, other)
        assert one["x"] + one["w"] <= 24


def test_the_data_source_is_a_variable() -> None:
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    sources = [part["datasource"]["uid"] for panel in PANELS for part in (panel, *panel.get("targets", [])) if "datasource" in part]
    assert set(sources) == {"${datasource}"}


def promtool(*words: str) -> str:
    if (program := machine.program("promtool")) is None:
        pytest.skip("promtool is not installed: install Prometheus")
    done = subprocess.run([str(program), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_rules() -> None:
    assert "11 rules found" in promtool("check", "rules", str(RULES))


def test_rules_fire_when_they_should(tmp_path: Path) -> None:
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": [str(RULES)]} | UNIT_TESTS))
    promtool("test", "rules", str(tmp_path / "tests.yaml"))


@pytest.mark.slow
def test_the_chart_installs_both_only_when_asked() -> None:
    asked = {"enabled": True, "prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}
    plain, both = render("optral", {"insecureHttp": True}), render("optral", {"insecureHttp": True, "metrics": asked})
    assert of_kind(plain, "PrometheusRule") == []
    [rule] = of_kind(both, "PrometheusRule")
    assert rule["spec"] == yaml.safe_load(RULES.read_text())
    [board] = [one for one in of_kind(both, "ConfigMap") if "grafana_dashboard" in one["metadata"]["labels"]]
    assert json.loads(board["data"]["optral.json"]) == DASHBOARD
