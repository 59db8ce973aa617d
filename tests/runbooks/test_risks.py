"""The least risk of each verb, field and effect: a definition declares that or more, and the values as they are sent can raise it."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from optral.api.runbooks import execution_shapes, safeguards as safeguards_api
from optral.runbooks.builtin import builtin
from optral.runbooks.language import actions, definition, definition_reader, document
from optral.runbooks.language.definition import Definition
from optral.safeguards.model import APPROVAL_RISKS
from optral.terms import fields, verbs
from optral.terms.errors import Invalid
from optral.terms.risks import BUILTIN, RISKS, highest

ROOT = Path(__file__).parents[2]
VERBS = {
    "readOnly": {"get", "events", "logs", "metrics", "probe", "wait", "condition", "approval", "notify", "report"},
    "low": {"restart", "scale", "patch", "cordon", "uncordon"},
    "high": {"setResources", "setImage", "rollback", "rerunJob", "renewCertificate", "deletePod", "evict"},
    "destructive": {"drain"},
}
FIELDS_OF_LOW_RISK = {
    ("Deployment", "replicas"),
    ("StatefulSet", "replicas"),
    ("HorizontalPodAutoscaler", "minReplicas"),
    ("HorizontalPodAutoscaler", "maxReplicas"),
    ("CronJob", "suspend"),
}
WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
OBJECTS: dict[str, dict[str, Any]] = {
    "restart": WEB,
    "scale": WEB | {"replicas": 2},
    "setResources": WEB | {"container": "api", "limits": {"memory": "1Gi"}},
    "setImage": WEB | {"container": "api", "tag": "2"},
    "patch": WEB | {"field": "replicas", "value": 2},
    "rollback": WEB,
    "rerunJob": {"namespace": "shop", "name": "report"},
    "renewCertificate": {"namespace": "shop", "name": "tls"},
    "deletePod": {"namespace": "shop", "name": "web-1"},
    "evict": {"namespace": "shop", "name": "web-1"},
    "cordon": {"node": "n1"},
    "uncordon": {"node": "n1"},
    "drain": {"node": "n1"},
}


def text(verb: str, values: dict[str, Any], risk: str, approval: str = "byRisk") -> dict[str, Any]:
    return {
        "slug": "own",
        "name": "Own",
        "risk": risk,
        "approval": {"required": approval},
        "parameters": [{"name": "n", "type": "integer"}, {"name": "f", "type": "string"}],
        "steps": [{"name": "Do it", "action": verb, "with": values}],
    }


def read(*given: Any) -> Definition:
    return definition_reader.read(document.of(text(*given)))


def test_every_verb_has_a_least_risk_that_was_decided() -> None:
    decided = {verb: risk for risk, names in VERBS.items() for verb in names}
    assert {name: verb.risk for name, verb in actions.BY_NAME.items()} == decided
    assert OBJECTS.keys() == verbs.WRITES


def test_every_field_has_a_least_risk_that_was_decided() -> None:
    assert {(row.kind, row.name) for row in fields.TABLE if row.risk == "low"} == FIELDS_OF_LOW_RISK
    assert {row.risk for row in fields.TABLE} == {"low", "high"}


def test_the_api_and_the_approval_rules_have_the_same_risks() -> None:
    assert get_args(execution_shapes.Risk) == RISKS
    assert get_args(safeguards_api.ApprovalRisk) == APPROVAL_RISKS == RISKS[1:]


EFFECTS = [
    pytest.param("scale", WEB | {"replicas": 0}, "high", id="scale to zero"),
    pytest.param("patch", WEB | {"field": "replicas", "value": 0}, "high", id="patch replicas to zero"),
    *(
        pytest.param("patch", {"kind": row.kind, "field": row.name, "value": 1}, row.risk, id=f"{row.kind} {row.name}")
        for row in fields.TABLE
    ),
    *(pytest.param(verb, values, actions.BY_NAME[verb].risk, id=verb) for verb, values in OBJECTS.items()),
    pytest.param("patch", WEB | {"field": "${parameters.f}"}, "low", id="a field that is not known yet"),
    pytest.param("patch", {"kind": "Service", "field": "${parameters.f}"}, "high", id="a kind without a field of low risk"),
    pytest.param("scale", WEB | {"replicas": "${parameters.n}"}, "low", id="replicas that are not known yet"),
]


@pytest.mark.parametrize(("verb", "values", "least"), EFFECTS)
def test_the_least_risk_of_a_step(verb: str, values: dict[str, Any], least: str) -> None:
    assert actions.least_risk(verb, values) == least


@pytest.mark.parametrize("verb", sorted(OBJECTS))
@pytest.mark.parametrize("risk", RISKS)
def test_a_definition_declares_at_least_the_risk_of_its_steps(verb: str, risk: str) -> None:
    least = actions.BY_NAME[verb].risk
    if highest(risk, least) == risk:
        assert read(verb, OBJECTS[verb], risk).risk == risk
        return
    with pytest.raises(Invalid) as refused:
        read(verb, OBJECTS[verb], risk)
    (mistake,) = refused.value.errors
    assert mistake["field"] == "risk"
    assert mistake["message"].endswith(f"must be at least {least}, because of step 'Do it' ({verb})")


def test_zero_replicas_are_no_low_risk() -> None:
    with pytest.raises(Invalid, match=r"must be at least high, because of step 'Do it' \(scale\)"):
        read("scale", WEB | {"replicas": 0}, "low")


@pytest.mark.parametrize("approval", definition.APPROVALS)
def test_a_kept_definition_that_declares_less_has_the_risk_of_its_steps(approval: str) -> None:
    """Versions that were stored when nothing was asked of them, whatever they say about approvals."""
    kept = definition.as_json(read("deletePod", OBJECTS["deletePod"], "high")) | {"risk": "low"}
    kept["approval"] |= {"required": approval}
    made = definition.of_json(kept)
    assert (made.risk, made.needs_approval) == ("high", True)


@pytest.mark.parametrize(("replicas", "risk"), [(1, "low"), (0, "high"), (0.0, "high")])
def test_the_values_as_they_are_sent_raise_the_risk(replicas: float, risk: str) -> None:
    made = read("scale", WEB | {"replicas": "${parameters.n}"}, "low", "never")
    assert made.risk == "low"
    assert made.risk_with([("scale", WEB | {"replicas": replicas})]) == risk
    assert made.needs_approval_at(risk) is (risk == "high")


@pytest.mark.parametrize("one", builtin.all_of_them().values(), ids=lambda one: one.definition.slug)
def test_builtin_runbooks_declare_what_the_table_says(one: builtin.Builtin) -> None:
    assert one.definition.risk == BUILTIN[one.definition.slug]


def test_each_file_is_a_builtin_runbook_of_its_slug() -> None:
    files = {path.stem for path in (ROOT / "optral/runbooks/builtin").glob("*.yaml")}
    assert files == {one.definition.slug for one in builtin.all_of_them().values()} == builtin.SLUGS


def test_the_probe_runbooks_offer_every_field_of_a_probe() -> None:
    named = {one.definition.slug: one.definition.parameters for one in builtin.all_of_them().values()}
    offered = [name for slug in ("set-probe", "set-probe-path") for one in named[slug] if one.name == "field" for name in one.enum]
    assert sorted(offered) == sorted(row.name for row in fields.TABLE if row.kind == "Deployment" and "Probe." in row.name)


def test_the_page_has_each_action_in_the_row_of_its_risk() -> None:
    rows = re.findall(r"^\| `(low|high|destructive)` \| (.+) \|$", (ROOT / "docs/runbooks.md").read_text(), re.M)
    assert [risk for risk, _ in rows] == list(RISKS[1:])
    for verb in verbs.ALL:
        assert all(f"`{verb.name}`" in text for risk, text in rows if risk == verb.risk), verb.name
