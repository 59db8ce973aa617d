"""The certificates of the demo cluster, as cert-manager keeps them, and what it does when a renewal is requested."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.world import World
from optral.kube.reports.certificates import ISSUING, READY

KIND = "Certificate.cert-manager.io"
LIFETIME, RENEWED_BEFORE_END = timedelta(days=90), timedelta(days=30)
ISSUES_S = 4


def make(world: World, namespace: str, name: str, *, host: str, ends_in: timedelta) -> Manifest:
    """A certificate that ends in this time, whose renewal is overdue if that is less than 30 days."""
    issued = world.now + ends_in - LIFETIME
    issuer = {"name": "internal-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    spec = {"secretName": name, "dnsNames": [host], "issuerRef": issuer}
    return world.make(KIND, name, namespace=namespace, created=issued, spec=spec, status=_status(issued, revision=1))


def is_requested(certificate: Manifest) -> bool:
    """Whether somebody requested that it is issued again."""
    return any(condition["type"] == ISSUING and condition["status"] == "True" for condition in certificate["status"].get("conditions", []))


def issue(world: World, certificate: Manifest) -> Iterator[float]:
    """What cert-manager does then."""
    world.emit(certificate, "Issuing", "Renewing certificate as renewal was requested", type_="Normal", component="cert-manager")
    yield ISSUES_S
    done = {"reason": "Issued", "message": "The certificate has been successfully issued", "lastTransitionTime": stamp(world.now)}
    status = _status(world.now, revision=certificate["status"]["revision"] + 1)
    status["conditions"].append({"type": ISSUING, "status": "False", **done})
    certificate["status"] = status
    world.save(certificate)
    world.emit(certificate, "Issuing", done["message"], type_="Normal", component="cert-manager")


def _status(issued: datetime, *, revision: int) -> dict[str, Any]:
    ready = {"type": READY, "status": "True", "reason": READY, "message": "Certificate is up to date and has not expired"}
    end = issued + LIFETIME
    return {
        "conditions": [{**ready, "lastTransitionTime": stamp(issued), "observedGeneration": 1}],
        "notBefore": stamp(issued),
        "notAfter": stamp(end),
        "renewalTime": stamp(end - RENEWED_BEFORE_END),
        "revision": revision,
    }
