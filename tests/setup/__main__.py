"""The command line of the set-up: names of parts in, one line per thing that had to be fetched or built out."""

import os
import sys
from collections.abc import Callable

from tests.setup import (
    alertmanager,
    browser,
    cert_manager,
    flux,
    gitea,
    golang,
    helm,
    identity,
    inspector,
    jaeger,
    keycloak,
    kube,
    machine,
    node,
    postgres,
)

PARTS: dict[str, Callable[[], object]] = {
    "postgres": postgres.find,
    "go": golang.find,
    "node": node.find,
    "browser": browser.find,
    "kubeapi": kube.api_server,
    "cluster": kube.cluster,
    "kwok": kube.kwok,
    "helm": helm.find,
    "gitea": gitea.find,
    "flux": flux.find,
    "cert-manager": cert_manager.find,
    "alertmanager": alertmanager.find,
    "inspector": inspector.find,
    "identity": identity.find,
    "jaeger": jaeger.find,
    "keycloak": keycloak.find,
}


def main(names: list[str]) -> int:
    if not names or set(names) - set(PARTS):
        print(f"usage: python -m tests.setup {'|'.join(PARTS)}...", file=sys.stderr)
        return 2
    os.umask(0o022)
    for name in names:
        try:
            PARTS[name]()
        except machine.Missing as missing:
            machine.say(f"{name}: {missing}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
