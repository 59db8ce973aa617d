"""The `for:` of one alerting rule is changed, and nothing else of the file."""

import difflib

import pytest

from optral.gitops import rules
from optral.gitops.model import CannotEdit

PLAIN = """\
# Alerts of the shop.
groups:
  - name: shop
    rules:
      - record: job:errors
        expr: sum(errors)
      - alert: WebSlow  # paged at night
        expr: 'latency > 1'   # seconds
        for: "5m"  # was 1m
        labels: {severity: page}
      - alert: WebDown
        expr: up == 0
        labels:
          severity: page
      - alert: Long
        expr: |
          sum(rate(errors[5m]))
            > 1

        annotations: {summary: "x"}
      - alert: Last
        expr: up == 2"""
CUSTOM = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: shop}\nspec:\n" + "".join(
    f"  {line}\n" for line in PLAIN.splitlines()
)


def changed(text: str, alert: str, by_s: int = 600) -> list[str]:
    """The lines that differ."""
    edit = rules.wait_longer({"rules/shop.yaml": text, "other.yaml": "a: 1\n"}, alert, by_s=by_s).edit
    lines = difflib.ndiff(edit.before.splitlines(), edit.after.splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("text", [PLAIN, CUSTOM], ids=["rule file", "PrometheusRule"])
@pytest.mark.parametrize(
    ("alert", "lines"),
    [
        ("WebSlow", ['-for: "5m"  # was 1m', '+for: "15m"  # was 1m']),
        ("WebDown", ["+for: 10m"]),
        ("Long", ["+for: 10m"]),
        ("Last", ["+for: 10m"]),
    ],
)
def test_only_the_wait_of_the_rule_changes(text: str, alert: str, lines: list[str]) -> None:
    assert sorted(line[0] + line[1:].strip() for line in changed(text, alert)) == sorted(lines)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        pytest.param({}, "No YAML file", id="no rule"),
        pytest.param({"a.yaml": PLAIN, "b.yaml": CUSTOM}, "2 rules have", id="two rules"),
        pytest.param({"a.yaml": PLAIN.replace('"5m"', "{{ wait }}")}, "No YAML file", id="a template"),
        pytest.param({"a.yaml": PLAIN.replace('"5m"', "soon")}, "not a duration", id="no duration"),
        pytest.param({"a.yaml": "groups: [{rules: [{alert: WebSlow, expr: up}]}]\n"}, "by hand", id="one line"),
        pytest.param({"a.yaml": "x: &x 5m\n" + PLAIN.replace('"5m"', "*x")}, "alias", id="an alias"),
    ],
)
def test_what_cannot_be_changed_alone_is_left(files: dict[str, str], why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        rules.wait_longer(files, "WebSlow", by_s=60)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "1m30s"), (5400, "1h30m"), (90_000, "1d1h")])
def test_a_duration_is_written_as_prometheus_does(seconds: int, text: str) -> None:
    assert rules.duration(seconds) == text
