"""Which cluster the reader's kubeconfig points at: only its names and address; credentials are the agent's business."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from optral.terms.errors import Misconfigured


class Target(NamedTuple):
    """A context of a kubeconfig. `path` is None when several files of KUBECONFIG make it up."""

    context: str
    server: str
    path: Path | None
    cluster: str = ""
    """What the kubeconfig calls the cluster of the context."""


def find(path: Path | None, context: str | None) -> Target:
    """The wanted context, or the current one. Raises `Misconfigured` that says what to set."""
    files = [path] if path else [Path(name) for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    files = files or [Path.home() / ".kube" / "config"]
    documents = [_read(file) for file in files if path or file.exists()]
    if not documents:
        raise Misconfigured("kubeconfig_missing", say=f"no kubeconfig at {files[0]}; set KUBECONFIG or --kubeconfig, or try `optral demo`")
    wanted = context or next((str(document["current-context"]) for document in documents if document.get("current-context")), None)
    if not wanted:
        raise Misconfigured("context_unset", say="the kubeconfig has no current context; choose one with --context")
    cluster = _cluster(documents, wanted)
    server = _named(documents, "clusters", cluster).get("cluster", {}).get("server", "")
    return Target(wanted, str(server), path or (files[0] if len(files) == 1 else None), cluster)


def _cluster(documents: list[dict[str, Any]], context: str) -> str:
    if cluster := _named(documents, "contexts", context).get("context", {}).get("cluster"):
        return str(cluster)
    known = ", ".join(sorted(str(entry.get("name")) for document in documents for entry in _entries(document, "contexts"))) or "none"
    raise Misconfigured("context_unknown", say=f"the kubeconfig has no context {context!r}; it has: {known}")


def _read(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text())
    except OSError as error:
        raise Misconfigured("kubeconfig_unreadable", say=f"cannot read kubeconfig {file}: {error.strerror}") from None
    except (UnicodeError, yaml.YAMLError) as error:
        say = f"{file} is not a kubeconfig: {str(error).splitlines()[0]}"
        raise Misconfigured("kubeconfig_unreadable", say=say) from None
    if not isinstance(document, dict):
        raise Misconfigured("kubeconfig_unreadable", say=f"{file} is not a kubeconfig")
    return document


def _named(documents: list[dict[str, Any]], section: str, name: str) -> dict[str, Any]:
    return next((entry for document in documents for entry in _entries(document, section) if entry.get("name") == name), {})


def _entries(document: dict[str, Any], section: str) -> list[dict[str, Any]]:
    found = document.get(section)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
