"""Which alerts a silence matches: those that it is made for and, as far as labels permit, no others; whatever pattern Alertmanager has."""

import json
from typing import Any

import pytest

from optral.alerts import silences
from optral.alerts.silences import Matcher
from tests.support.clock import NOON

WEB = {"alertname": "Down", "severity": "critical", "namespace": "shop", "deployment": "web"}


@pytest.mark.parametrize(
    ("alerts", "names"),
    [
        pytest.param([WEB], ["alertname", "deployment", "namespace", "severity"], id="one: all of its labels"),
        pytest.param([WEB, WEB | {"alertname": "Slow"}], ["alertname", "deployment", "namespace", "severity"], id="two of one object"),
        pytest.param([WEB, {"alertname": "Full", "severity": "critical", "node": "n1"}], [], id="they share the severity alone"),
        pytest.param([{"alertname": "Down", "pod": "a"}, {"alertname": "Down", "node": "b"}], [], id="they share the name alone"),
        pytest.param(
            [WEB | {"cluster": "eu"}, {"alertname": "Full", "cluster": "eu", "node": "n1"}], [], id="they share the cluster alone"
        ),
        pytest.param([{"severity": "critical", "namespace": "shop"}], [], id="without a name"),
        pytest.param([{"alertname": "Watchdog", "severity": "none"}], ["alertname", "severity"], id="there is nothing more to match"),
        pytest.param(
            [WEB | {"deployment": f"d{n}"} for n in range(60)], ["alertname", "namespace", "severity"], id="too many values of one"
        ),
        pytest.param([{"alertname": "Down", "pod": f"p{n}"} for n in range(60)], [], id="too many values of the only one"),
        pytest.param([], [], id="none"),
    ],
)
def test_a_silence_of_alerts_names_what_they_are_about(alerts: list[dict[str, str]], names: list[str]) -> None:
    made = silences.of_alerts(alerts)
    assert [one.name for one in made] == names
    assert all(one.matches(labels) for one in made for labels in alerts)


SLOW = "(a|b)*a(a|b){200}"


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [
        pytest.param("web|api", "api", True, id="ordinary"),
        pytest.param("(a+)+b", "a" * 1000, False, id="exponential for a backtracking engine"),
        pytest.param("(" * 200 + "a" + ")" * 200, "a", True, id="nested"),
        pytest.param("a|" * 5000 + "a", "a", False, id="too long"),
        pytest.param("(((a{1,30}){1,30})b?){1,30}", "a", False, id="too large when compiled"),
        pytest.param("a(?=b)", "a", False, id="unknown syntax"),
    ],
)
@pytest.mark.parametrize("is_equal", [True, False])
def test_a_pattern_that_cannot_be_evaluated_silences_nothing(text: str, value: str, matches: bool, is_equal: bool) -> None:
    is_evaluated = silences.cost([Matcher("name", text, is_regex=True)]) is not None
    expected = matches if is_equal else is_evaluated and not matches
    assert Matcher("name", text, True, is_equal).matches({"name": value}) is expected


def given(*patterns: str) -> dict[str, Any]:
    matchers = [{"name": "namespace", "value": one, "isRegex": True, "isEqual": True} for one in patterns]
    times = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2027-01-01T00:00:00Z"}
    return {"id": patterns[0][:20], "matchers": matchers, "createdBy": "x", "comment": "", "status": {"state": "active"}, **times}


def test_an_alertmanager_cannot_make_the_server_compare_without_end() -> None:
    body = json.dumps([given("shop"), given("a(?=b)"), *(given(*[f"{SLOW}{n}x{m}" for m in range(60)]) for n in range(400))]).encode()
    found = silences.read(body, "whk_1", now=NOON)
    assert found[0].id == "shop" and "a(?=b)" not in [one.id for one in found], "what cannot be evaluated is not kept"
    assert sum(silences.cost(one.matchers) or 0 for one in found) <= silences.MOST_COST


def test_what_optral_proposes_can_be_evaluated() -> None:
    names = [f"{n:02}" + "x." * 60 for n in range(silences.MAX_VALUES)]
    made = silences.of_alerts([WEB | {"deployment": name} for name in names])
    assert silences.cost(made) is not None and all(one.matches(WEB | {"deployment": names[-1]}) for one in made)
