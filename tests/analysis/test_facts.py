"""Each cause lists the facts that an explanation has to name, and each case of the book names them."""

import pytest

from optral.analysis import causes
from optral.analysis.causes.facts import FACTS, SUBJECT, lacking
from tests.analysis.cases import CASES

UNKNOWN = {
    "ends_with_127": "program",
    "ends_with_126": "program",
}
"""Cases in which a fact cannot be known, with the fact: the container has no command of its own and no log, only an exit code."""


@pytest.mark.parametrize("cause", causes.CAUSES, ids=lambda cause: cause.id)
def test_a_cause_lists_known_facts(cause: causes.Cause) -> None:
    assert cause.facts, "an explanation of this cause would name nothing"
    assert {name for choice in cause.facts for name in choice.split("|")} <= FACTS.keys()


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_explanation_names_the_facts_of_its_cause(name: str) -> None:
    _, found = CASES[name][2]()
    assert found.root_cause is not None
    missing = found.root_cause["missingFacts"]
    assert missing == ([UNKNOWN[name]] if name in UNKNOWN else []), found.root_cause["explanation"]
    assert {FACTS[fact] for fact in missing} <= set(found.body["missingEvidence"])


@pytest.mark.parametrize("name", sorted(CASES))
def test_each_fact_stands_in_the_explanation(name: str) -> None:
    _, found = CASES[name][2]()
    assert found.root_cause is not None
    for fact in found.root_cause["facts"]:
        assert fact["name"] in FACTS
        assert f"`{fact['value']}`" in found.root_cause["explanation"]


def test_every_name_of_a_fact_is_in_use() -> None:
    explanations = [case[2]()[1] for case in CASES.values()]
    stated = {fact["name"] for found in explanations if found.root_cause is not None for fact in found.root_cause["facts"]}
    required = {name for cause in causes.CAUSES for choice in cause.facts for name in choice.split("|")}
    assert FACTS.keys() - {SUBJECT} <= stated | required


def test_one_of_several_facts_is_enough() -> None:
    assert lacking(("port|log_line", "node"), {"log_line"}) == ["node"]
    assert lacking(("port|log_line", SUBJECT), {}) == ["port"]


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        pytest.param("lacks_three_settings_of_the_restricted_level", "`baseline:v1.34`", id="the level of Pod Security"),
        pytest.param("lacks_a_gem", "in 'require': cannot load such file -- bigdecimal (LoadError)", id="a log line with a backtick"),
        pytest.param("the quota itself", "it requests `1` of `pods`, and `4` of `4` is already in use", id="what a quota refuses"),
        pytest.param("wants_a_port_of_the_node_that_a_pod_out_of_sight_has", "host port `8443`", id="the port of a node"),
    ],
)
def test_an_explanation_quotes_what_the_cluster_reports(name: str, stated: str) -> None:
    _, found = CASES[name][2]()
    assert found.root_cause is not None
    assert stated in found.root_cause["explanation"]


def test_the_remedy_lists_the_settings_that_pod_security_asks_for() -> None:
    _, found = CASES["lacks_three_settings_of_the_restricted_level"][2]()
    titles = [action["title"] for action in found.body["recommendedActions"]]
    assert "Set securityContext.allowPrivilegeEscalation=false and securityContext.runAsNonRoot=true" in titles
