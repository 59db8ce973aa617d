"""The agent's chart: its profiles grant what the list of verbs says and no more, and it says the same as the install manifest."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import optral
from optral.agent.commands import policy
from optral.install import agent_install, agent_rbac
from optral.kube.kinds import EVENT, KINDS
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.terms.verbs import VERBS, WRITES
from tests.deploy import charts
from tests.deploy.charts import PIN, Manifest, of_kind, one, pod_of, render
from tests.support.kubeapi import RealApi, real_api

__all__ = ["real_api"]

CHART = "optral-agent"
FOLDER = charts.ROOT / "charts" / CHART
CONNECTED: Manifest = {"server": {"url": "https://optral.example.com", "caPin": PIN}, "enrollment": {"token": "mhe_abc"}}
READ = CONNECTED | {"profile": "read"}
OPERATE = CONNECTED | {"profile": "operate", "operate": {"namespaces": ["shop", "payments"], "nodes": True}}
NAMESPACED = CONNECTED | {"profile": "namespaced", "namespaced": {"namespace": "shop"}}
CREATES = frozenset({("batch", "jobs"), ("", "pods/eviction")})
"""The only things that an agent may create: whoever may patch a workload can already start any pod in its namespace."""
DRAIN = OPERATE | {"operate": OPERATE["operate"] | {"drain": True}}
PROFILES = {"drain": DRAIN, "read": READ, "operate": OPERATE, "namespaced": NAMESPACED}
Permission = tuple[str, str, str]


def permissions(rules: list[dict[str, Any]]) -> set[Permission]:
    """(verb, group, resource) of each rule without names of objects."""
    return {
        (verb, group, resource)
        for rule in rules
        if "resourceNames" not in rule
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def needed(names: set[str]) -> set[Permission]:
    found = {need for name in names for needs in VERBS[name].permissions.values() for need in needs}
    return {(need.verb, need.group, f"{need.resource}/{need.subresource}".rstrip("/")) for need in found}


def roles(objects: list[Manifest]) -> list[Manifest]:
    return [*of_kind(objects, "Role"), *of_kind(objects, "ClusterRole")]


def permissions_of(objects: list[Manifest]) -> set[Permission]:
    return {permission for role in roles(objects) for permission in permissions(role["rules"])}


def manifest() -> list[Manifest]:
    text = agent_install.manifest(server="https://optral.example.com", ca_pin=PIN, token="mhe_abc", image="example.com/optral-agent:1")
    return list(yaml.safe_load_all(text))


def test_the_permissions_of_the_chart_are_generated() -> None:
    assert (charts.ROOT / agent_rbac.PATH).read_text() == agent_rbac.document(), "run: make contracts"


@pytest.mark.parametrize("name", ["version", "appVersion"])
def test_the_chart_has_the_version_of_optral(name: str) -> None:
    assert yaml.safe_load((FOLDER / "Chart.yaml").read_text())[name] == optral.__version__


def test_every_value_is_documented() -> None:
    page = (charts.ROOT / "docs/install/agent.md").read_text()
    values = yaml.safe_load((FOLDER / "values.yaml").read_text())
    assert [name for name in charts.leaves(values) if f"`{name}`" not in page] == []


def test_the_chart_offers_the_verbs_that_exist() -> None:
    schema = msgspec.json.decode((FOLDER / "values.schema.json").read_bytes())
    offered = schema["properties"]["operate"]["properties"]["verbs"]["items"]["enum"]
    assert sorted(offered) == sorted(name for name in WRITES if VERBS[name].is_namespaced)
    never = schema["properties"]["operate"]["properties"]["namespaces"]["items"]["not"]["enum"]
    assert set(never) == policy.PROTECTED


@pytest.mark.slow
class TestRendered:
    """What Helm makes of the values."""

    def test_helm_finds_nothing_to_complain_about(self, tmp_path: Path) -> None:
        for name, values in PROFILES.items():
            file = tmp_path / f"{name}.yaml"
            file.write_text(yaml.safe_dump(values))
            done = charts.run("lint", "--strict", str(FOLDER), "--values", str(file))
            assert done.returncode == 0, done.stdout + done.stderr

    def test_it_reads_what_the_manifest_and_the_list_of_kinds_say(self) -> None:
        chart, applied = one(render(CHART, READ), "ClusterRole")["rules"], one(manifest(), "ClusterRole")["rules"]
        assert chart == applied == agent_rbac.read_rules()
        kinds = {(verb, kind.group, kind.plural) for kind in (*KINDS, EVENT) for verb in ("get", "list", "watch")}
        assert permissions(chart) == kinds | {("get", "", "pods/log"), ("get", "", "nodes/metrics"), ("get", "", "nodes/stats")}

    @pytest.mark.parametrize("profile", [READ, OPERATE], ids=["read", "operate"])
    def test_without_metrics_an_agent_has_no_rights_on_kubelets(self, profile: dict[str, Any]) -> None:
        rendered = yaml.safe_dump(render(CHART, profile | {"metrics": {"enabled": False}}))
        assert "nodes/" not in rendered and "OPTRAL_AGENT_METRICS" in rendered

    def test_prometheus_is_set_with_its_token_and_ca_from_a_secret(self) -> None:
        values = {"url": "https://prometheus.monitoring.svc:9090", "existingSecret": "access", "tenant": "shop"}
        files = {"tokenFile": "/etc/optral-prometheus/token", "caFile": "/etc/optral-prometheus/ca.crt"}
        pod = pod_of(render(CHART, READ | {"prometheus": values | files}))
        container = pod["containers"][0]
        assert {entry["name"]: entry.get("value") for entry in container["env"] if "PROMETHEUS" in entry["name"]} == {
            "OPTRAL_AGENT_PROMETHEUS_URL": "https://prometheus.monitoring.svc:9090",
            "OPTRAL_AGENT_PROMETHEUS_TENANT": "shop",
            "OPTRAL_AGENT_PROMETHEUS_TOKEN_FILE": "/etc/optral-prometheus/token",
            "OPTRAL_AGENT_PROMETHEUS_CA_FILE": "/etc/optral-prometheus/ca.crt",
        }
        mount = next(mount for mount in container["volumeMounts"] if mount["name"] == "prometheus")
        assert mount == {"name": "prometheus", "mountPath": "/etc/optral-prometheus", "readOnly": True}
        assert next(volume for volume in pod["volumes"] if volume["name"] == "prometheus")["secret"] == {"secretName": "access"}
        assert "prometheus" not in yaml.safe_dump(render(CHART, READ)).lower()

    def test_no_profile_may_use_the_proxy_of_nodes(self) -> None:
        assert all("nodes/proxy" not in yaml.safe_dump(render(CHART, values)) for values in (READ, OPERATE, NAMESPACED))

    def test_reading_agents_change_nothing(self) -> None:
        for values in (READ, NAMESPACED):
            objects = render(CHART, values)
            assert {verb for role in roles(objects) for verb, _, _ in permissions(role["rules"])} == {"get", "list", "watch"}
            assert of_kind(objects, "ConfigMap") == []
            assert "OPTRAL_AGENT_POLICY" not in yaml.safe_dump(pod_of(objects))

    @pytest.mark.parametrize("profile", [READ, OPERATE, NAMESPACED], ids=["read", "operate", "namespaced"])
    @pytest.mark.parametrize(
        ("values", "reads"),
        [({}, set()), ({"enabled": True}, {"probe"}), ({"enabled": True, "external": True}, {"probe", "probe.external"})],
    )
    def test_probes_are_off_until_a_value_allows_them(self, profile: dict[str, Any], values: dict[str, bool], reads: set[str]) -> None:
        objects = render(CHART, profile | {"probes": values})
        texts = [one["data"]["policy.yaml"] for one in of_kind(objects, "ConfigMap")]
        read = policy.parse(texts[0].encode(), where="the chart") if texts else policy.READ_ONLY
        assert read.allowed_reads == policy.DEFAULT_READS | reads
        assert read.allow_writes is (profile is OPERATE)

    def test_the_manifest_and_the_chart_tell_the_agent_its_node(self) -> None:
        for objects in (manifest(), render(CHART, READ)):
            node = [one for one in pod_of(objects)["containers"][0]["env"] if one["name"] == "OPTRAL_AGENT_NODE"]
            assert [one["valueFrom"] for one in node] == [{"fieldRef": {"fieldPath": "spec.nodeName"}}]
        assert of_kind(manifest(), "ConfigMap") == []  # no policy, so no probes

    @pytest.mark.parametrize("verbs", [[], ["restart"], ["deletePod", "scale"]], ids=["all", "one", "two"])
    def test_an_operating_agent_may_do_what_its_policy_allows_and_no_more(self, verbs: list[str]) -> None:
        values = CONNECTED | {"profile": "operate", "operate": {"namespaces": ["shop", "payments"], "verbs": verbs, "maxReplicas": 7}}
        objects = render(CHART, values)
        read = policy.parse(one(objects, "ConfigMap")["data"]["policy.yaml"].encode(), where="the chart")
        allowed = set(read.writes())
        assert allowed == (set(verbs) or {name for name in WRITES if VERBS[name].is_namespaced})
        assert (read.namespaces, read.max_replicas) == (("shop", "payments"), 7)
        granted = {role["metadata"]["namespace"]: permissions(role["rules"]) for role in of_kind(objects, "Role")}
        granted.pop("optral")
        assert granted == {"shop": needed(allowed), "payments": needed(allowed)}
        assert permissions(one(objects, "ClusterRole")["rules"]) == permissions(agent_rbac.read_rules())

    def test_nodes_are_a_switch_of_their_own(self) -> None:
        objects = render(CHART, OPERATE)
        writing = [role for role in of_kind(objects, "ClusterRole") if role["metadata"]["name"].endswith("-nodes")]
        assert [permissions(role["rules"]) for role in writing] == [needed({"cordon", "uncordon"})]
        read = policy.parse(one(objects, "ConfigMap")["data"]["policy.yaml"].encode(), where="the chart")
        assert {"cordon", "uncordon"} <= read.writes() and "drain" not in read.writes()

    def test_a_drain_evicts_pods_of_every_namespace_and_is_a_switch_of_its_own(self) -> None:
        objects = render(CHART, DRAIN)
        writing = [role for role in of_kind(objects, "ClusterRole") if role["metadata"]["name"].endswith("-nodes")]
        assert [permissions(role["rules"]) for role in writing] == [needed({"cordon", "uncordon", "drain"})]
        read = policy.parse(one(objects, "ConfigMap")["data"]["policy.yaml"].encode(), where="the chart")
        assert "drain" in read.writes()
        without_nodes = render(CHART, DRAIN | {"operate": DRAIN["operate"] | {"nodes": False}})
        assert "drain" not in str(of_kind(without_nodes, "ConfigMap")) + str(roles(without_nodes)[2:])

    def test_an_agent_of_one_namespace_has_no_cluster_role(self) -> None:
        objects = render(CHART, NAMESPACED)
        assert of_kind(objects, "ClusterRole") + of_kind(objects, "ClusterRoleBinding") == []
        (role,) = [role for role in of_kind(objects, "Role") if role["metadata"]["namespace"] == "shop"]
        assert role["rules"] == [*agent_rbac.namespace_read_rules(), agent_rbac.namespace_rule("shop")]
        (container,) = pod_of(objects)["containers"]
        assert {"name": "OPTRAL_AGENT_WATCH_NAMESPACE", "value": "shop"} in container["env"]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_extra_rules_add_groups_to_read_and_nothing_else(self, profile: str) -> None:
        extra = {"extraRules": [{"apiGroups": ["shop.example", "velero.io"], "resources": ["*"]}]}
        before, after = (permissions_of(render(CHART, PROFILES[profile] | more)) for more in ({}, extra))
        assert after - before == {(verb, group, "*") for verb in ("get", "list", "watch") for group in ("shop.example", "velero.io")}
        assert before <= after

    @pytest.mark.parametrize(
        "rule",
        [
            pytest.param({"apiGroups": [""], "resources": ["secrets"]}, id="the core group"),
            pytest.param({"apiGroups": ["*"], "resources": ["*"]}, id="every group"),
            pytest.param({"apiGroups": ["apps"], "resources": ["deployments"]}, id="a group of Kubernetes"),
            pytest.param({"apiGroups": ["shop.example"], "resources": ["widgets/status"]}, id="a subresource"),
            pytest.param({"apiGroups": ["shop.example"], "resources": ["*"], "verbs": ["delete"]}, id="verbs"),
            pytest.param({"apiGroups": ["shop.example"]}, id="no resources"),
        ],
    )
    def test_extra_rules_that_would_grant_more_are_refused(self, rule: Manifest) -> None:
        assert "extraRules" in charts.refusal(CHART, READ | {"extraRules": [rule]})

    @pytest.mark.parametrize("profile", PROFILES)
    def test_no_profile_grants_what_leads_further(self, profile: str) -> None:
        may_create = CREATES if profile in ("operate", "drain") else frozenset()
        for role in roles(render(CHART, PROFILES[profile])):
            for rule in role["rules"]:
                if "create" in rule["verbs"]:
                    assert {(group, resource) for group in rule["apiGroups"] for resource in rule["resources"]} <= may_create
                words = {*rule["verbs"], *rule["apiGroups"], *rule["resources"]}
                dangerous = {
                    "*",
                    "escalate",
                    "bind",
                    "impersonate",
                    "pods/exec",
                    "pods/attach",
                    "pods/portforward",
                    "nodes/proxy",
                }
                assert words & dangerous == set()
                if "secrets" in rule["resources"]:
                    assert rule["resourceNames"] == ["optral-agent-identity"]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_each_role_is_bound_to_the_agents_account_alone(self, profile: str) -> None:
        objects = render(CHART, PROFILES[profile])
        bindings = [*of_kind(objects, "RoleBinding"), *of_kind(objects, "ClusterRoleBinding")]
        bound = {(binding["metadata"].get("namespace"), binding["roleRef"]["name"]) for binding in bindings}
        assert bound == {(role["metadata"].get("namespace"), role["metadata"]["name"]) for role in roles(objects)}
        account = one(objects, "ServiceAccount")["metadata"]["name"]
        subjects = [subject for binding in bindings for subject in binding["subjects"]]
        assert all(subject == {"kind": "ServiceAccount", "name": account, "namespace": "optral"} for subject in subjects)

    def test_the_pod_is_that_of_the_manifest(self) -> None:
        chart, applied = pod_of(render(CHART, READ)), pod_of(manifest())
        (container,), (other,) = chart["containers"], applied["containers"]
        for name in ("args", "ports", "livenessProbe", "readinessProbe", "resources", "securityContext", "volumeMounts"):
            assert container[name] == other[name], name
        for name in ("securityContext", "volumes"):
            assert chart[name] == applied[name], name

    @pytest.mark.parametrize(
        ("image", "reference"),
        [
            ({}, f"optral-agent:{optral.__version__}"),
            ({"registry": "example.com:5000/tools"}, f"example.com:5000/tools/optral-agent:{optral.__version__}"),
            ({"registry": "example.com", "digest": PIN}, f"example.com/optral-agent:{optral.__version__}@{PIN}"),
            ({"repository": "mirror/agent", "tag": "2"}, "mirror/agent:2"),
        ],
    )
    def test_the_image_carries_its_version(self, image: dict[str, str], reference: str) -> None:
        (container,) = pod_of(render(CHART, READ | {"image": image}))["containers"]
        assert container["image"] == reference

    def test_a_proxy_is_never_used_for_the_api_server(self) -> None:
        pod = pod_of(render(CHART, READ | {"proxy": {"https": "http://proxy.example.com:3128", "noProxy": "10.0.0.0/8"}}))
        env = {entry["name"]: entry.get("value") for entry in pod["containers"][0]["env"]}
        assert env["HTTPS_PROXY"] == "http://proxy.example.com:3128"
        assert env["NO_PROXY"] == "$(KUBERNETES_SERVICE_HOST),.svc,.cluster.local,10.0.0.0/8"

    def test_nothing_may_connect_to_the_agent(self) -> None:
        spec = one(render(CHART, READ), "NetworkPolicy")["spec"]
        assert (spec["policyTypes"], spec["ingress"]) == (["Ingress"], [])
        spec = one(render(CHART, READ | {"networkPolicy": {"restrictEgress": True, "egressPorts": [443]}}), "NetworkPolicy")["spec"]
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert [port["port"] for port in spec["egress"][0]["ports"]] == [53, 53, 443]

    def test_the_agent_gets_every_server_url_in_order(self) -> None:
        values = READ | {"server": CONNECTED["server"] | {"fallbackUrls": ["https://b.example.com", "https://c.example.com"]}}
        arguments = one(render(CHART, values), "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
        urls = arguments[arguments.index("--server") + 1]
        assert urls == f"{CONNECTED['server']['url']},https://b.example.com,https://c.example.com"

    def test_the_identity_outlives_an_uninstall_and_an_upgrade(self) -> None:
        (identity,) = [secret for secret in of_kind(render(CHART, READ), "Secret") if secret["metadata"]["name"].endswith("-identity")]
        assert "data" not in identity and "stringData" not in identity
        assert identity["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({}, "set server.url to the address of the Optral server"),
            ({"server": {"url": "https://optral.example.com"}}, "set server.caPin to the sha256:… that optral clusters create prints"),
            ({"server": {"url": "http://127.0.0.1:8080", "caPin": PIN}}, "a pod cannot reach http://127.0.0.1:8080"),
            ({"server": {"url": "https://localhost", "caPin": PIN}}, "a pod cannot reach https://localhost"),
            ({"server": {"url": "https://[::1]:443", "caPin": PIN}}, "a pod cannot reach https://[::1]:443"),
            (CONNECTED | {"profile": "operate"}, "profile operate needs operate.namespaces"),
            (CONNECTED | {"profile": "operate", "operate": {"namespaces": ["optral"]}}, "the agent never changes its own namespace"),
            (CONNECTED | {"profile": "operate", "operate": {"namespaces": ["kube-system"]}}, "/operate/namespaces/0"),
            (CONNECTED | {"profile": "admin"}, "/profile"),
            (CONNECTED | {"image": {"tag": "latest"}}, "/image/tag"),
            (CONNECTED | {"profil": "read"}, "additional properties 'profil' not allowed"),
            (CONNECTED | {"enrollment": {"token": "mhe_a", "existingSecret": "b"}}, "not both"),
        ],
    )
    def test_what_cannot_work_is_refused_with_a_sentence(self, values: Manifest, sentence: str) -> None:
        assert sentence in charts.refusal(CHART, values)

    @pytest.mark.kubeapi
    @pytest.mark.parametrize("profile", [*PROFILES, "manifest"])
    async def test_a_real_api_server_takes_every_object_in_restricted_namespaces(self, real_api: RealApi, profile: str) -> None:
        objects = manifest() if profile == "manifest" else render(CHART, PROFILES[profile], namespace=f"agent-{profile}")
        async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
            await charts.apply_dry(client, objects)
