"""Cases made harder stay the same cases."""

import json
from typing import Any

from lab.tools import perturb


def bundle() -> dict[str, Any]:
    env = [{"name": "ADDR", "value": "ledgr:80"}]
    items = [
        {"kind": "Namespace", "metadata": {"name": "shop"}},
        {"kind": "Service", "metadata": {"name": "ledger", "namespace": "shop"}, "spec": {"selector": {"app": "ledger"}}},
        {
            "kind": "Deployment",
            "metadata": {"name": "payer", "namespace": "shop"},
            "spec": {"template": {"spec": {"containers": [{"env": env}]}}},
        },
        {"kind": "Pod", "metadata": {"name": "payer-1-x", "namespace": "shop"}, "spec": {"containers": []}},
        {"kind": "Node", "metadata": {"name": "master", "labels": {"kubernetes.io/role": "master"}}},
    ]
    logs = {"shop/payer-1-x/main": "dial ledgr: no such host\nat payer"}
    return {"meta": {"namespace": "shop", "now": "2026-03-01T12:00:00Z"}, "objects": {"items": items}, "logs": logs}


def test_renames_everything_and_keeps_what_hangs_together() -> None:
    after, answer = perturb.renamed(bundle(), {"faultObject": "app/payer"}, seed=3)
    items = {one["kind"]: one for one in after["objects"]["items"]}
    name = items["Deployment"]["metadata"]["name"]
    assert name not in ("payer", "")
    assert answer["faultObject"] == f"app/{name}"
    assert items["Pod"]["metadata"]["name"] == f"{name}-1-x"
    assert list(after["logs"]) == [f"{after['meta']['namespace']}/{name}-1-x/main"]
    assert items["Service"]["spec"]["selector"]["app"] == items["Service"]["metadata"]["name"]
    assert items["Node"]["metadata"]["labels"]["kubernetes.io/role"] == "master"
    assert not any(word in json.dumps(after) for word in ("payer", "ledger", "shop/"))


def test_a_slip_of_a_name_stays_a_slip() -> None:
    after, _ = perturb.renamed(bundle(), {"faultObject": "app/payer"}, seed=3)
    items = {one["kind"]: one for one in after["objects"]["items"]}
    host = items["Deployment"]["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"].partition(":")[0]
    assert perturb.edits(host, items["Service"]["metadata"]["name"], limit=2) == 1
    assert host in next(iter(after["logs"].values()))


def test_noise_stands_beside_the_case() -> None:
    before = bundle()
    after = perturb.with_noise(before)
    added = after["objects"]["items"][len(before["objects"]["items"]) :]
    assert {one["metadata"]["namespace"] for one in added} == {"shop"}
    assert sum(one["kind"] == "Deployment" for one in added) == 2
    assert after["objects"]["items"][: len(before["objects"]["items"])] == before["objects"]["items"]
