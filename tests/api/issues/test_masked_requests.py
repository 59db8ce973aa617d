"""With masked names, no byte that a provider receives names the cluster, a namespace, object, node or host; what people read does."""

import re
from collections import Counter

import pytest
from pydantic_ai import models

from optral.analysis import spending
from optral.analysis.ai import providers
from optral.analysis.ai.answerer import ModelAnswerer
from optral.analysis.ai.options import Options, Provider
from optral.analysis.ai.reasoner import ModelReasoner
from optral.analysis.model import Cost
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.questions import Questions
from tests.analysis.ai.stub import Turn, serving
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.flows.executions.shop import Shop

DEPLOYMENT, CLUSTER, NAMESPACE, NODE = "narwhal", "zanzibar", "quokka", "capybara-7"
POD = f"{DEPLOYMENT}-7d4f8b9c6-xk2lm"
HOST, ADDRESS = "db.walrus.corp.example", "10.9.8.7"
NAMES = (DEPLOYMENT, CLUSTER, NAMESPACE, NODE, "walrus", ADDRESS)
RUNBOOK = """\
slug: restart-it
name: Restart it
risk: low
steps:
- name: Restart
  action: restart
  with: {{kind: Deployment, namespace: {}, name: {}}}
"""


async def issue_of(api: Api) -> str:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open(CLUSTER)
    await observe(api, shop.cluster_id, finding(DEPLOYMENT, namespace=NAMESPACE, api=api))
    await objects(api, shop.cluster_id, NODE, kind="Node", namespace="")
    await objects(api, shop.cluster_id, DEPLOYMENT, kind="Deployment.apps", namespace=NAMESPACE, spec={"replicas": 1})
    message = f"cannot reach {HOST} at {ADDRESS} from {NODE}"
    condition = {"type": "Ready", "status": "False", "reason": "Unreachable", "message": message}
    status = {"phase": "Running", "hostIP": ADDRESS, "conditions": [condition]}
    await objects(api, shop.cluster_id, POD, namespace=NAMESPACE, spec={"nodeName": NODE, "containers": [{"name": "app"}]}, status=status)
    found = (await api.get("/v1/issues", params={"namespace": NAMESPACE})).json()["issues"]
    return str(found[0]["id"])


def tokens(body: bytes) -> dict[str, str]:
    """The first token of each kind in a request."""
    found: dict[str, str] = {}
    for token in re.findall(rb"\b[a-z]+-[0-9a-f]{6}-\d+\b", body):
        found.setdefault(token.decode().partition("-")[0], token.decode())
    return found


def looks(body: bytes) -> Turn:
    return Turn("get_object", {"kind": "Pod", "name": tokens(body)["pod"], "detailed": False})


def looks_closely(body: bytes) -> Turn:
    return Turn("get_object", {"kind": "Pod", "name": tokens(body)["pod"], "detailed": True})


def cites(body: bytes, **more: str) -> Turn:
    """Quotes the line about the host, with the tokens that it has."""
    line = re.search(rb"(ev_[0-9a-f]{16}): [^\\]*(cannot reach (?:\w+-[0-9a-f]{6}-\d+) at)", body)
    assert line is not None
    claim = {"text": f"It says `{line[2].decode()}`.", "evidence": [line[1].decode()]}
    return Turn("final_result", {"sentences": [claim], **more})


def drafts(body: bytes) -> Turn:
    known = tokens(body)
    return cites(body, source=RUNBOOK.format(known["namespace"], known["deployment"]))


def ranks(body: bytes) -> Turn:
    claim = {"text": "It is this.", "evidence": ["ev_0000000000000000"]}
    cause = {"cause": "disk_full", "kind": "Pod", "name": tokens(body)["pod"], "claims": [claim]}
    return Turn("final_result", {"ranking": [cause]})


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_no_name_leaves_the_server_and_people_read_names(api: Api, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)  # to the stub on loopback; other modules of tests forbid all
    issue = await issue_of(api)
    async with serving(looks, looks_closely, cites, looks, looks_closely, drafts, looks, ranks) as stub:
        address = stub.url if provider == "anthropic" else f"{stub.url}/v1"
        options = Options(provider=provider, model="stub", base_url=address, api_key="example", masks_names=True)
        await api.store.write(api.owner, lambda tx: spending.set_on(tx, options.destination))
        budget = Cost(tokens=10**9)
        asks = ModelAnswerer(options, providers.build(options))
        api.services.questions = Questions(api.store, asks, daily=budget, asked=Counter(), spent=Counter())

        question = f"Can {POD} on {NODE} of {CLUSTER} reach {HOST} ({ADDRESS})?"
        answer = (await api("POST", f"/v1/issues/{issue}/questions", json={"question": question})).json()
        assert [one["text"] for one in answer["sentences"]] == [f"It says `cannot reach {HOST} at`."], answer
        assert len(stub.bodies) == 3

        draft = await api("POST", f"/v1/issues/{issue}/runbook-drafts")
        assert draft.status_code == 201, draft.text
        assert draft.json()["runbook"]["scope"] == {"clusters": [CLUSTER], "namespaces": [NAMESPACE]}
        assert draft.json()["runbook"]["steps"][0]["with"]["name"] == DEPLOYMENT and HOST in draft.json()["runbook"]["description"]
        assert len(stub.bodies) == 6

        assert (await api("POST", f"/v1/issues/{issue}/analyze", json={})).status_code == 202
        worker = AnalysisWorker(api.store, api.clock, reasoner=ModelReasoner(options, providers.build(options)), daily=budget)
        api.clock.advance(20)
        await worker.step()
        await worker.idle()
        assert worker.asked.total() == 1 and len(stub.bodies) >= 8
    whole = b"\n".join(stub.bodies).lower()
    assert [name for name in NAMES if name.encode() in whole] == []
    assert b"pod-" in whole and b"host-" in whole and b"node-" in whole and b"final_result" in whole
