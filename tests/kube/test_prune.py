"""Large and free-form kinds leave without what nobody judges by."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.kube.kinds import BY_ID
from optral.kube.prune import prune
from optral.kube.redact import CA_NOT_AFTER, Redactor

CRD = "CustomResourceDefinition.apiextensions.k8s.io"
APPLICATION = "Application.argoproj.io"
RELEASE = "HelmRelease.helm.toolkit.fluxcd.io"
KUSTOMIZATION = "Kustomization.kustomize.toolkit.fluxcd.io"


@pytest.mark.parametrize(
    ("kind", "given", "left"),
    [
        pytest.param(
            CRD,
            {"spec": {"group": "a.b", "versions": [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": {}}}]}},
            {"spec": {"group": "a.b", "versions": [{"name": "v1", "served": True}]}},
            id="a definition without its schemas",
        ),
        pytest.param(
            RELEASE,
            {"spec": {"suspend": True, "values": {"x": 1}}, "status": {"conditions": [], "history": [{}]}},
            {"spec": {"suspend": True}, "status": {"conditions": []}},
            id="a release without its values",
        ),
        pytest.param(
            KUSTOMIZATION,
            {"spec": {"path": "./a", "postBuild": {}}, "status": {"inventory": {}, "observedGeneration": 3}},
            {"spec": {"path": "./a"}, "status": {"observedGeneration": 3}},
            id="a kustomization without what it made",
        ),
        pytest.param(
            APPLICATION,
            {
                "operation": {"sync": {}},
                "spec": {
                    "project": "p",
                    "source": {"repoURL": "r", "helm": {"values": "x: 1", "parameters": [], "valueFiles": ["a.yaml"]}},
                },
                "status": {
                    "health": {"status": "Degraded"},
                    "resources": [{}],
                    "sourceType": "Helm",
                    "sync": {"status": "Synced", "comparedTo": {}},
                    "operationState": {"phase": "Succeeded", "syncResult": {"revision": "1f0c", "resources": [{}]}, "operation": {}},
                },
            },
            {
                "spec": {"project": "p", "sources": [{"repoURL": "r", "helm": {"valueFiles": ["a.yaml"], "omitted": ["values"]}}]},
                "status": {
                    "health": {"status": "Degraded"},
                    "sourceType": "Helm",
                    "sync": {"status": "Synced"},
                    "operationState": {"phase": "Succeeded", "syncResult": {"revision": "1f0c"}},
                },
            },
            id="an application without its values and resources",
        ),
        pytest.param(
            APPLICATION,
            {
                "status": {
                    "resources": [
                        {"kind": "Deployment", "name": "a", "health": {"status": "Degraded"}, "syncWave": 1},
                        {"kind": "Deployment", "name": "b", "health": {"status": "Healthy"}},
                    ],
                    "operationState": {
                        "syncResult": {
                            "resources": [{"kind": "Job", "name": "j", "hookPhase": "Failed"}, {"kind": "Job", "status": "Synced"}]
                        }
                    },
                }
            },
            {
                "spec": {"sources": [{}]},
                "status": {
                    "resources": [{"kind": "Deployment", "name": "a", "health": {"status": "Degraded"}}],
                    "sync": {},
                    "operationState": {"syncResult": {"resources": [{"kind": "Job", "name": "j", "hookPhase": "Failed"}]}},
                },
            },
            id="the objects of an application that are not well",
        ),
        pytest.param("ConfigMap", {"data": {"a": "b"}}, {"data": {"a": "b"}}, id="anything else whole"),
    ],
)
def test_keeps_what_is_judged(kind: str, given: dict[str, Any], left: dict[str, Any]) -> None:
    assert prune(kind, given) == left


@pytest.mark.parametrize("kind", [CRD, APPLICATION, RELEASE, KUSTOMIZATION])
@pytest.mark.parametrize("odd", [None, [], 3, "x", {"versions": 1, "sources": 2, "source": [], "sync": "x", "operationState": 1}])
def test_strange_shapes_pass(kind: str, odd: Any) -> None:
    assert isinstance(prune(kind, {"spec": odd, "status": odd}), dict)


def test_a_ca_bundle_becomes_its_mark_and_its_end() -> None:
    until = datetime(2027, 5, 1, 12, tzinfo=UTC)
    bundle = base64.b64encode(_certificate(until) + _certificate(until - timedelta(days=90))).decode()
    webhook = {"name": "a.b.c", "clientConfig": {"caBundle": bundle, "service": {"name": "x", "namespace": "y"}}}
    kind = BY_ID["ValidatingWebhookConfiguration.admissionregistration.k8s.io"]
    redactor = Redactor(b"0123456789abcdef")
    once = redactor.redact(kind, json.dumps({"metadata": {"name": "a"}, "webhooks": [webhook]}).encode())
    config = json.loads(once)["webhooks"][0]["clientConfig"]
    assert config["caBundle"].startswith("[redacted:ca:")
    assert config[CA_NOT_AFTER] == "2027-05-01T12:00:00Z"
    assert config["service"] == {"name": "x", "namespace": "y"}
    assert redactor.redact(kind, once) == once


def _certificate(until: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(until - timedelta(days=365)).not_valid_after(until)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
