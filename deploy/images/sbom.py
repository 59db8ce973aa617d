"""The list of everything in an image, as CycloneDX 1.6 JSON."""

import json
import uuid
from collections.abc import Iterable
from email.parser import Parser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.images import recipe
from deploy.images.debian import Package
from deploy.images.oci import Built

_NAMESPACE = uuid.UUID("6a4f9a0c-0f6e-5d0b-9a52-0d6f3f0a7c11")


def write(built: Built, image: recipe.Image, debian: Iterable[Package], sites: Iterable[Path], *, version: str, created: str) -> Path:
    """Write the list beside the archive. Its serial number follows from the image's digest, so that it can be reproduced too."""
    components = [_debian(package) for package in debian]
    for site in sites:
        components += [_python(path) for path in sorted(site.glob("*.dist-info/METADATA"))]
    subject = {
        "type": "container",
        "bom-ref": built.reference,
        "name": image.name,
        "version": version,
        "hashes": [{"alg": "SHA-256", "content": built.digest.partition(":")[2]}],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, built.digest)}",
        "version": 1,
        "metadata": {"timestamp": created, "component": subject},
        "components": components,
        "dependencies": [{"ref": built.reference, "dependsOn": [part["bom-ref"] for part in components]}],
    }
    path = built.archive.with_suffix(".cdx.json")
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    return path


def _debian(package: Package) -> dict[str, Any]:
    architecture = recipe.machine().debian
    purl = f"pkg:deb/debian/{quote(package.name)}@{quote(package.version)}?arch={architecture}&distro=debian-12"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": package.sha256}],
    }


def _python(metadata: Path) -> dict[str, Any]:
    fields = Parser().parsestr(metadata.read_text(encoding="utf-8"), headersonly=True)
    name, version = str(fields["Name"]).lower().replace("_", "-"), str(fields["Version"])
    purl = f"pkg:pypi/{quote(name)}@{quote(version)}"
    component: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if expression := fields["License-Expression"]:
        component["licenses"] = [{"expression": str(expression)}]
    elif (text := str(fields["License"] or "")) and len(text) < 80 and "\n" not in text:
        component["licenses"] = [{"license": {"name": text}}]
    elif names := [line.rpartition(" :: ")[2] for line in fields.get_all("Classifier", []) if line.startswith("License ::")]:
        component["licenses"] = [{"license": {"name": one}} for one in names]
    return component
