"""What an object of any kind names: its references, the parts that it reports as failed, and the objects in its messages."""

from typing import Any

import pytest

from optral.kube import references
from optral.kube.references import PART, Reference

KIND = "Release.shop.example"


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        pytest.param(
            {"spec": {"chart": {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "charts", "namespace": "flux"}}}}},
            [Reference("sourceRef", "HelmRepository", "flux", "charts")],
            id="nested",
        ),
        pytest.param({"spec": {"dependsOn": [{"name": "base"}]}}, [Reference("dependsOn", KIND, "", "base")], id="another one of its kind"),
        pytest.param(
            {"spec": {"valuesFrom": [{"kind": "ConfigMap", "name": "values", "valuesKey": "x"}]}},
            [Reference("valuesFrom", "ConfigMap", "", "values")],
            id="kind and name",
        ),
        pytest.param(
            {"spec": {"resourceRefs": [{"apiVersion": "s3.cloud.example/v1", "kind": "Bucket", "name": "a"}]}},
            [Reference("resourceRefs", "Bucket.s3.cloud.example", "", "a")],
            id="a list with groups",
        ),
        pytest.param({"spec": {"auth": {"passwordSecretRef": {"name": "p"}}}}, [Reference("passwordSecretRef", "", "", "p")], id="a role"),
        pytest.param(
            {
                "status": {
                    "resources": [{"kind": "Job", "name": "up", "status": "Synced"}, {"kind": "Job", "name": "down", "status": "Failed"}]
                }
            },
            [Reference(PART, "Job", "", "down")],
            id="a part that failed",
        ),
        pytest.param({"spec": {"claimRef": {"kind": "Release", "name": "x"}}}, [], id="what it belongs to"),
        pytest.param({"spec": {"template": {"spec": {"volumes": [{"secretRef": {"name": "x"}}]}}}}, [], id="a template"),
        pytest.param({"spec": {"sourceRef": {"name": "Not A Name"}, "nodeRef": "x", "fooRef": {"name": 3}}}, [], id="no names"),
        pytest.param({"spec": [], "status": "x"}, [], id="strange shapes"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_finds_what_an_object_refers_to(tree: dict[str, Any], found: list[Reference]) -> None:
    assert references.of(KIND, tree) == found


def test_a_tree_without_end_is_read_to_a_bound() -> None:
    wide = {"spec": {"items": [{"configRef": {"name": f"c-{at}"}} for at in range(5000)]}}
    assert len(references.of(KIND, wide)) == references.MAX_REFERENCES


@pytest.mark.parametrize(("role", "is_output"), [("target", True), ("writeConnectionSecretToRef", True), ("secretRef", False)])
def test_what_the_controller_makes_is_an_output(role: str, is_output: bool) -> None:
    [found] = references.of(KIND, {"spec": {role: {"name": "login"}}})
    assert found.is_output is is_output


def test_the_kind_of_a_role() -> None:
    assert Reference("adminPasswordSecretKeyRef", "", "", "x").short_kinds == ("AdminPasswordSecret", "PasswordSecret", "Secret")
    assert Reference("writeConnectionSecretToRef", "", "", "x").short_kinds[-1] == "Secret"
    assert Reference("a", "Bucket.s3.example", "", "x").is_of("Bucket.s3.example")
    assert not Reference("a", "Bucket.s3.example", "", "x").is_of("Bucket.gcs.example")


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        pytest.param('cannot get secret: secrets "login" not found', [("secrets", "", "login")], id="a resource"),
        pytest.param('SecretStore.external-secrets.io "main" not found', [("SecretStore.external-secrets.io", "", "main")], id="a kind"),
        pytest.param("Secret 'shop/login' does not exist", [("Secret", "shop", "login")], id="with its namespace"),
        pytest.param("Source artifact not found, retrying", [], id="no name"),
        pytest.param('key "password" not found in the response', [("key", "", "password")], id="no kind, for the caller to reject"),
    ],
)
def test_finds_what_a_message_misses(message: str, missing: list[tuple[str, str, str]]) -> None:
    assert [one[1:] for one in references.missing_in(message)] == missing


def test_finds_the_objects_that_a_message_names() -> None:
    found = references.named_in("HelmChart 'flux/web' is not ready; stalled: [Deployment/web/cart status: 'Failed']")
    assert {one[1:] for one in found} >= {("HelmChart", "flux", "web"), ("Deployment", "web", "cart")}


@pytest.mark.parametrize(
    ("said", "is_about"),
    [
        pytest.param("", True, id="says nothing"),
        pytest.param("the source has no artifact", True, id="its role"),
        pytest.param("gitrepository cannot be fetched", True, id="its kind"),
        pytest.param("apps: checkout failed", True, id="its name"),
        pytest.param("clone refused", True, id="its message"),
        pytest.param("resources overlap in myapps-2", False, id="other words that contain them"),
    ],
)
def test_a_message_is_about_a_reference(said: str, is_about: bool) -> None:
    assert references.may_explain(Reference("sourceRef", "GitRepository", "", "apps"), said, "clone refused") is is_about
