"""Ten clients of one PostgreSQL on a real cluster, each with its address in a Secret of its own: is a server that refuses them one issue?

    make cluster-up ARGS="--nodes 2"
    python -m lab.shared_server --kubeconfig /run/optral-cluster/admin.kubeconfig

Programs and images are those of `lab/silent`. Per fault it prints the root issues that the clients belong to and what explains the first,
and exits with 1 unless there is one, about the server.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from lab.silent import objects
from lab.silent.cluster import Cluster
from lab.silent.objects import Json
from lab.silent.product import Product

NAMESPACE = "ferry"
CLIENTS = ("berths", "cargo", "crew", "fares", "fuel", "manifests", "piers", "tides", "tolls", "weather")
SERVER = "harbor-postgres"
ROOM = 30  # connections that the server takes
OPEN = """import os, time, psycopg
held = []
while True:
    try:
        held.append(psycopg.connect(os.environ["DATABASE_URL"]))
    except psycopg.Error:
        time.sleep(0.2)
"""
FAULTS = {
    "full": "dependency_connections_exhausted",
    "read-only": "dependency_read_only",
}
WITHIN_S, POLL_S, QUIET_S, QUIET_WITHIN_S = 300, 10, 45, 900


def client(number: int, name: str) -> list[Json]:
    """A program with its Secret; half of them are written in Python, half in Java."""
    own = f"{name}-postgres"
    url = f"{SERVER}:5432/shop"
    given = {
        "url": f"postgresql://shop:{objects.PASSWORD}@{url}?sslmode=disable",
        "jdbc": f"jdbc:postgresql://{url}",
        "password": objects.PASSWORD,
    }
    secret = objects.secret(own, **given)
    insert = f"INSERT INTO products (name) VALUES ('{name}')"
    if number % 2:
        env = {"JDBC_URL": ("secret", own, "jdbc"), "JDBC_USER": "shop", "JDBC_PASSWORD": ("secret", own, "password"), "STATEMENT": insert}
        return [secret, objects.billing(name, "jdbc", env)]
    env = {"DATABASE_URL": ("secret", own, "url"), "STATEMENT": insert}
    return [secret, objects.shop(name, "orders", env)]


def manifests() -> list[Json]:
    """The server, its clients, and a report that holds connections as soon as it has a replica."""
    server = objects.postgres("-c", f"max_connections={ROOM}", name=SERVER)
    held = {"DATABASE_URL": ("secret", "berths-postgres", "url")}
    report = objects.deployment("nightly-report", "shop", ["python3", "-c", OPEN], held, replicas=0)
    clients = [one for number, name in enumerate(CLIENTS) for one in client(number, name)]
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, *_placed([*server, *clients, report])]


def _placed(found: Sequence[Json]) -> list[Json]:
    return [{**one, "metadata": {**one["metadata"], "namespace": NAMESPACE}} for one in found]


def inject(cluster: Cluster, fault: str, *, on: bool) -> None:
    """Begin or end a fault of the server."""
    if fault == "full":
        cluster.kubectl("-n", NAMESPACE, "scale", "deployment/nightly-report", f"--replicas={int(on)}")
        return
    setting = f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}"
    query = ["psql", "-U", "postgres", "-c", setting, "-c", "SELECT pg_reload_conf()"]
    cluster.kubectl("-n", NAMESPACE, "exec", f"deployment/{SERVER}", "--", *query)


def roots(product: Product) -> list[Json]:
    """The open issues of the namespace's clients that are no symptoms of another."""
    found = [one for one in product.issues() if one["status"] != "resolved" and one.get("namespace") == NAMESPACE]
    return [one for one in found if not one.get("parentIssueId")]


def watch(product: Product, cause: str) -> bool:
    """Whether within five minutes all clients belong to one issue, which the server explains; prints what it saw."""
    began, last = time.monotonic(), ""
    while time.monotonic() - began < WITHIN_S:
        time.sleep(POLL_S)
        found = roots(product)
        answers = [_answer(product, one) for one in found]
        symptoms = sum(1 for one in product.issues() if one.get("parentIssueId") and one["status"] != "resolved")
        shown = json.dumps([answers, symptoms])
        if shown != last:
            print(f"{time.monotonic() - began:5.0f} s: {len(found)} roots, {symptoms} symptoms: {answers}", flush=True)
            last = shown
        if len(found) == 1 and symptoms >= len(CLIENTS) - 1 and answers[0][1:3] == (cause, SERVER):
            print(product.get(f"/v1/issues/{found[0]['id']}")["analysis"]["rootCause"]["explanation"])
            return True
    return False


def _answer(product: Product, issue: Json) -> tuple[Any, ...]:
    cause = (product.get(f"/v1/issues/{issue['id']}").get("analysis") or {}).get("rootCause") or {}
    return f"{issue['type']} {issue['resource']}", cause.get("id"), (cause.get("subject") or {}).get("name")


def _until_quiet(product: Product) -> None:
    """Wait until the issues of a fault that ended are resolved, so that they are not taken for those of the next one."""
    end = time.monotonic() + QUIET_WITHIN_S
    while roots(product) and time.monotonic() < end:
        time.sleep(POLL_S)


def main() -> None:
    parser = argparse.ArgumentParser(description="One server that refuses ten clients, on a real cluster.")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8471)
    parser.add_argument("--only", choices=FAULTS, help="one of the faults")
    given = parser.parse_args()
    cluster = Cluster(given.kubeconfig)
    cluster.load(("postgres", "shop", "billing"))
    cluster.kubectl("apply", "-f", "-", given=yaml.safe_dump_all(manifests()))
    try:
        right = run(cluster, given)
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    raise SystemExit(0 if all(right) else 1)


def run(cluster: Cluster, given: argparse.Namespace) -> list[bool]:
    """Whether each fault is one issue about the server."""
    if not cluster.wait_ready(NAMESPACE):
        raise SystemExit("the clients are not ready")
    product = Product(given.kubeconfig, given.port)
    try:
        time.sleep(QUIET_S)
        print(f"healthy: {[_answer(product, one) for one in roots(product)]}", flush=True)
        right = []
        for fault, cause in ((name, cause) for name, cause in FAULTS.items() if given.only in (None, name)):
            inject(cluster, fault, on=True)
            print(f"--- {fault}", flush=True)
            right.append(watch(product, cause))
            inject(cluster, fault, on=False)
            if fault != list(FAULTS)[-1] and given.only is None:
                _until_quiet(product)
        return right
    finally:
        product.stop()


if __name__ == "__main__":
    main()
