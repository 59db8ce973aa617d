"""Definitions: what is read, what is refused and on which line; the built-in ones."""

from typing import Any

import pytest

from optral.detectors import DETECTORS
from optral.runbooks.builtin import builtin
from optral.runbooks.language import definition, definition_reader, document
from optral.terms.errors import Invalid

GOOD = """slug: bounce
name: Bounce it
risk: low
parameters:
  - {name: name, type: string, required: true, pattern: "[a-z]+"}
  - {name: replicas, type: integer, minimum: 1, maximum: 5, default: 2}
steps:
  - name: Restart
    action: restart
    with:
      kind: Deployment
      namespace: shop
      name: ${parameters.name}
"""


def read(text: str) -> definition.Definition:
    return definition_reader.read(document.read(text))


def mistakes(text: str) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == "invalid_runbook"
    return [f"{one['field']}: {one['message']}" for one in refused.value.errors]


def test_reads_what_it_writes() -> None:
    made = read(GOOD)
    assert (made.slug, made.approval, made.stable_s, made.needs_approval) == ("bounce", "byRisk", 60, False)
    assert definition_reader.read(document.of(definition.as_json(made))) == made
    assert definition.of_json(definition.as_json(made)) == made


@pytest.mark.parametrize("one", builtin.all_of_them().values(), ids=lambda one: one.definition.slug)
def test_builtin_runbooks_fit_and_name_issue_types_there_are(one: builtin.Builtin) -> None:
    made = one.definition
    assert definition_reader.read(document.of(definition.as_json(made))) == made
    assert definition.of_json(definition.as_json(made)) == made
    assert set(made.issue_types) <= {detector.type for detector in DETECTORS}
    assert made.description


def test_the_names_other_rooms_rely_on() -> None:
    named = {one.definition.slug: [p.name for p in one.definition.parameters] for one in builtin.all_of_them().values()}
    assert named == {
        "raise-memory-limit": ["kind", "namespace", "name", "container", "limit"],
        "rollback-workload": ["kind", "namespace", "name", "toRevision"],
        "restart-workload": ["kind", "namespace", "name"],
        "scale-workload": ["kind", "namespace", "name", "replicas"],
        "delete-pod": ["namespace", "pod"],
        "cordon-node": ["node"],
        "uncordon-node": ["node"],
        "raise-cpu-limit": ["kind", "namespace", "name", "container", "limit"],
        "fix-image-tag": ["kind", "namespace", "name", "container", "tag", "digest"],
        "set-probe": ["kind", "namespace", "name", "container", "field", "value"],
        "set-probe-path": ["kind", "namespace", "name", "container", "field", "value"],
        "set-service-selector": ["namespace", "name", "key", "value"],
        "set-target-port": ["namespace", "name", "port", "targetPort"],
        "set-port-protocol": ["namespace", "name", "port", "protocol"],
        "set-request": ["kind", "namespace", "name", "container", "field", "value"],
        "set-pull-secret": ["kind", "namespace", "name", "secret"],
        "raise-quota": ["namespace", "name", "resource", "value"],
        "expand-volume": ["namespace", "name", "size"],
        "set-hpa-bounds": ["namespace", "name", "bound", "replicas"],
        "rerun-job": ["namespace", "name", "ofCronJob"],
        "suspend-cronjob": ["namespace", "name"],
        "resume-cronjob": ["namespace", "name"],
        "evict-pod": ["namespace", "pod"],
        "drain-node": ["node", "deleteEmptyDirData", "evictBarePods"],
        "restart-job": ["namespace", "name"],
        "renew-certificate": ["namespace", "name"],
        "report-finalizers": ["kind", "namespace", "name"],
        "report-released-volume": ["name"],
        "collect-diagnostics": ["kind", "namespace", "name"],
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(("risk: low", "risk: none"), "risk: line 3: must be one of", id="risk"),
        pytest.param(("risk: low", "risk: readOnly"), "risk: line 3: must be at least low", id="readOnly that writes"),
        pytest.param(("risk: low\n", "risk: high\napproval: {required: never}\n"), "approval.required: line 4", id="high without approval"),
        pytest.param(("slug: bounce", "slug: Bounce It"), "slug: line 1", id="slug"),
        pytest.param(("slug: bounce\n", ""), "slug: line 1: is missing", id="no slug"),
        pytest.param(("action: restart", "action: apply"), "steps[0].action: line 9: must be one of", id="no such verb"),
        pytest.param(("kind: Deployment", "image: evil"), "steps[0].with.image: line 11: restart takes no such value", id="no such value"),
        pytest.param(
            ("kind: Deployment", "kind: Deploymnt"),
            "steps[0].with.kind: line 11: Invalid enum value 'Deploymnt'",
            id="a literal beside a reference",
        ),
        pytest.param(("      namespace: shop\n", ""), "steps[0].with.namespace: line 11: is missing", id="a value is missing"),
        pytest.param(
            ("${parameters.name}", "${parameters.other}"), "steps[0].with.name: line 13: there is no parameter", id="no parameter"
        ),
        pytest.param(("${parameters.name}", "web-${parameters.name}"), "line 13: a reference is the whole value", id="text around it"),
        pytest.param(("${parameters.name}", "${env.HOME}"), "line 13: a reference is the whole value", id="another space"),
        pytest.param(("${parameters.name}", "${target.secret}"), "line 13: unknown target field", id="no target field"),
        pytest.param(("type: integer", "type: float"), "parameters[1].type: line 6", id="no such type"),
        pytest.param(("default: 2", "default: 9"), "parameters[1].default: line 6: must be at most 5", id="a default out of bounds"),
        pytest.param(("default: 2", 'default: "${parameters.name}"'), "line 6: a default may refer to", id="a default that refers"),
        pytest.param(('"[a-z]+"', '"(?=x)"'), "parameters[0].pattern: line 5: is no regular expression", id="look-ahead"),
        pytest.param(("name: replicas", "name: name"), "parameters[1].name: line 6: is given twice", id="a parameter twice"),
        pytest.param(("steps:", "verify: {stableSeconds: 900}\nsteps:"), "verify.timeoutSeconds: line 7", id="never stable"),
        pytest.param(("steps:", "hooks: []\nsteps:"), "hooks: line 7: is not known here", id="an unknown member"),
    ],
)
def test_names_each_mistake_with_its_line(change: tuple[str, str], says: str) -> None:
    assert change[0] in GOOD
    found = mistakes(GOOD.replace(*change, 1))
    assert any(says in one for one in found), found


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param("{kind: Secret, namespace: shop, name: db, field: data, value: x}", "Invalid enum value 'Secret'", id="Secret"),
        pytest.param(
            '{kind: Deployment, namespace: shop, name: "${parameters.name}", field: env, value: x}', "does not change env", id="env"
        ),
        pytest.param("{kind: Service, namespace: shop, name: web, field: targetPort, key: http, value: 1}", "key must be a port", id="key"),
        pytest.param(
            "{kind: Service, namespace: shop, name: web, field: targetPort, key: '80', value: 0}", "value must be a port", id="value"
        ),
    ],
)
def test_a_patch_that_is_not_in_the_table_is_refused_on_save(values: str, says: str) -> None:
    before, _, _ = GOOD.partition("    action: restart")
    found = mistakes(f"{before}    action: patch\n    with: {values}\n")
    assert any("steps[0].with" in one and says in one for one in found), found


def test_all_mistakes_come_at_once() -> None:
    """Those of single members, and those that concern two."""
    text = GOOD.replace("risk: low", "risk: none").replace("default: 2", "default: 9").replace("${parameters.name}", "${parameters.other}")
    assert [one.partition(":")[0] for one in mistakes(text)] == ["risk", "parameters[1].default", "steps[0].with.name"]


def test_what_is_no_mapping_is_one_mistake() -> None:
    assert mistakes(GOOD.replace("  - name: Restart\n", "  - Restart\n  - name: Restart\n")) == ["steps[0]: line 8: must be a mapping"]


def test_a_pattern_runs_in_linear_time() -> None:
    made = read(GOOD.replace("[a-z]+", "(a*)*b"))
    assert definition.misfit(made.parameters[0], "a" * 253) is not None


@pytest.mark.parametrize(
    ("kind", "more", "value", "fits"),
    [
        pytest.param("quantity", {"maximum": "64Gi"}, "64Gi", True, id="at the bound"),
        pytest.param("quantity", {"maximum": "64Gi"}, "65536Mi", True, id="the same in another unit"),
        pytest.param("quantity", {"maximum": "64Gi"}, "65Gi", False, id="beyond"),
        pytest.param("quantity", {}, "lots", False, id="no quantity"),
        pytest.param("integer", {"minimum": 1}, True, False, id="a boolean is no number"),
        pytest.param("integer", {"minimum": 1}, "3", False, id="text is no number"),
        pytest.param("boolean", {}, "true", False, id="text is no boolean"),
        pytest.param("string", {}, "a\nb", False, id="control characters"),
        pytest.param("string", {}, "${target.name}", False, id="a reference from outside"),
        pytest.param("resource", {}, "Deployment/shop/web", True, id="a resource"),
        pytest.param("resource", {}, "Node/n1", True, id="a resource without namespace"),
        pytest.param("resource", {}, "web", False, id="no resource"),
    ],
)
def test_values_fit_their_type(kind: str, more: dict[str, Any], value: Any, fits: bool) -> None:
    assert (definition.misfit(definition.Parameter(name="x", type=kind, **more), value) is None) is fits


MANY = """slug: many
name: Many steps
risk: low
parameters:
  - {name: replicas, type: integer, default: 2}
steps:
  - {name: Scale, action: scale, with: {kind: Deployment, namespace: shop, name: web, replicas: 2}}
  - name: Next
    action: ACTION
    with: WITH
"""
RESTART = "{kind: Deployment, namespace: shop, name: web}"


def with_step(action: str, values: str, *more: str) -> str:
    return MANY.replace("ACTION", action).replace("WITH", values) + "".join(f"    {line}\n" for line in more)


@pytest.mark.parametrize(
    "text",
    [
        with_step("wait", "{seconds: 60}"),
        with_step("wait", "{until: {field: object.status.availableReplicas, is: atLeast, value: 2}}", "timeoutSeconds: 3600"),
        with_step("condition", "{when: {field: parameters.replicas, is: lessThan, value: 3}, otherwise: skip}"),
        with_step("approval", "{}", "timeoutSeconds: 86400", "onError: rollback"),
        with_step("notify", "{message: Scaled}"),
        with_step("restart", RESTART, "if: {field: issue.severity, is: equals, value: high}", "timeoutSeconds: 60"),
        with_step("restart", RESTART, "retry: {times: 5, backoffSeconds: 600}", "onError: continue"),
    ],
)
def test_reads_controls_and_the_keys_of_every_step(text: str) -> None:
    made = read(text)
    assert definition_reader.read(document.of(definition.as_json(made))) == made
    assert definition.of_json(definition.as_json(made)) == made


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (with_step("wait", "{}"), "steps[1].with: line 10: the parameters of wait are invalid: seconds or until is required"),
        (with_step("wait", "{seconds: 1, until: {field: object, is: exists}}"), "seconds or until is required, and not both"),
        (with_step("wait", "{seconds: 3601}"), "steps[1].with.seconds: line 10: "),
        (with_step("wait", '{seconds: "60"}'), "steps[1].with.seconds: line 10: "),
        (with_step("wait", "{seconds: 60, kind: Pod}"), "kind and name belong together"),
        (with_step("wait", "{seconds: 60}", "retry: {times: 1}"), "steps[1].retry: line 11: wait is never retried"),
        (with_step("wait", "{seconds: 60}", "timeoutSeconds: 7200"), "steps[1].timeoutSeconds: line 11: must be from 1 to 3600"),
        (with_step("condition", "{}"), "steps[1].with.when: line 10: is missing"),
        (with_step("condition", "{when: 7}"), "steps[1].with.when: line 10: "),
        (with_step("condition", "{when: {field: object.x, is: exists}, otherwise: jump}"), "steps[1].with.otherwise: line 10: "),
        (
            with_step("condition", "{when: {field: object.x, is: exists}}", "onError: continue"),
            "onError: line 11: must be one of stop, rollback",
        ),
        (with_step("approval", "{}", "timeoutSeconds: 5"), "steps[1].timeoutSeconds: line 11: must be from 60 to 86400"),
        (with_step("notify", "{}"), "steps[1].with.message: line 10: is missing"),
        (with_step("notify", '{message: "to ${parameters.replicas}"}'), "steps[1].with.message: line 10: a reference is the whole value"),
        (with_step("notify", "{message: Scaled}", "timeoutSeconds: 5"), "steps[1].timeoutSeconds: line 11: notify takes no timeout"),
        (with_step("restart", RESTART, "timeoutSeconds: 900"), "steps[1].timeoutSeconds: line 11: must be from 5 to 60"),
        (with_step("restart", RESTART, "retry: {times: 6}"), "steps[1].retry.times: line 11: must be a whole number from 1 to 5"),
        (with_step("restart", RESTART, "retry: {forever: true}"), "steps[1].retry.forever: line 11: is not known here"),
        (with_step("restart", RESTART, "retry: 3"), "steps[1].retry: line 11: must be a mapping"),
        (with_step("restart", RESTART, "onError: ignore"), "steps[1].onError: line 11: must be one of stop, continue, rollback"),
        (with_step("restart", RESTART, "if: object.spec.replicas > 3"), "steps[1].if: line 11: must be a condition"),
        (with_step("restart", RESTART, 'if: {field: "object.${parameters.x}", is: exists}'), "steps[1].if.field: line 11: "),
        (with_step("restart", RESTART, "if: {field: object.x, is: equals, value: &a [*a]}"), "line 11: anchors and aliases"),
        (with_step("restart", RESTART, "if: &a {not: *a}"), "line 11: anchors and aliases"),
        (with_step("restart", RESTART, "if: " + "{not: " * 40 + "{field: object, is: exists}" + "}" * 40), "line 11: it is nested deeper"),
        (GOOD.replace("    action: restart\n", "    action: restart\n    onError: rollback\n"), "rollback needs an earlier step"),
        (
            "slug: a\nname: A\nrisk: low\nsteps:\n  - {name: Tell, action: notify, with: {message: x}}\n",
            "steps: line 5: needs a step that an agent does",
        ),
        (GOOD.replace("default: 2", 'default: "${replicas}"'), "line 6: a default may refer to"),
        (GOOD.replace("default: 2", 'default: "${analysis.result}"'), "line 6: a default may refer to"),
        (GOOD.replace("default: 2", 'default: "${analysis.recommended.}"'), "line 6: a default may refer to"),
        (GOOD.replace("default: 2", 'default: "x${issue.type}"'), "line 6: a default may refer to"),
    ],
)
def test_what_no_execution_could_do_is_refused_on_its_line(text: str, says: str) -> None:
    found = mistakes(text)
    assert any(says in one for one in found), found
