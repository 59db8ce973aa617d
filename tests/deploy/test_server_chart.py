"""The server's chart: what it refuses, what the server reads from it, and that a real API server takes it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import optral
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.server import settings
from tests.deploy import charts
from tests.deploy.charts import PIN, Manifest, of_kind, one, pod_of, render
from tests.support.kubeapi import RealApi, real_api

__all__ = ["real_api"]

CHART = "optral"
FOLDER = charts.ROOT / "charts" / CHART
PLAIN: Manifest = {"insecureHttp": True}
POSTGRES: Manifest = PLAIN | {"database": {"existingSecret": "optral-db"}, "keys": {"existingSecret": "optral-keys"}}
SHARED: Manifest = POSTGRES | {
    "replicas": 3,
    "tls": {"existingSecret": "optral-tls"},
    "setup": {"organization": "Shop", "email": "a@example.com"},
}
INGRESS: Manifest = {
    "publicUrl": "https://optral.example.com",
    "agentAddress": "agents.example.com:443,8444",
    "trustedProxies": ["10.0.0.0/8", "fd00::/8"],
    "ingress": {"enabled": True, "className": "nginx", "host": "optral.example.com", "tlsSecret": "optral-tls"},
    "agentService": {"enabled": True, "loadBalancerSourceRanges": ["192.0.2.0/24"]},
    "metrics": {"enabled": True},
    "networkPolicy": {"metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    "persistence": {"size": "20Gi", "storageClass": "fast"},
    "settings": {"OPTRAL_RATE_LIMIT_TEAM": 900, "OPTRAL_LOG_LEVEL": "debug"},
    "image": {"registry": "registry.example.com/tools"},
    "agentImage": {"digest": PIN, "pullSecrets": ["mirror"]},
}
WAYS = {"plain": PLAIN, "postgres": POSTGRES, "shared": SHARED, "ingress": INGRESS}


def environment(objects: list[Manifest]) -> dict[str, Any]:
    (server,) = pod_of(objects, "StatefulSet")["containers"]
    return {entry["name"]: entry.get("value") for entry in server["env"]}


@pytest.mark.parametrize("name", ["version", "appVersion"])
def test_the_chart_has_the_version_of_optral(name: str) -> None:
    assert yaml.safe_load((FOLDER / "Chart.yaml").read_text())[name] == optral.__version__


def test_every_value_is_documented() -> None:
    page = (charts.ROOT / "docs/install/server.md").read_text()
    values = yaml.safe_load((FOLDER / "values.yaml").read_text())
    assert [name for name in charts.leaves(values) if f"`{name}`" not in page] == []


@pytest.mark.slow
class TestRendered:
    """What Helm makes of the values."""

    @pytest.mark.parametrize("way", WAYS)
    def test_helm_finds_nothing_to_complain_about(self, way: str, tmp_path: Path) -> None:
        file = tmp_path / "values.yaml"
        file.write_text(yaml.safe_dump(WAYS[way]))
        done = charts.run("lint", "--strict", str(FOLDER), "--values", str(file))
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("way", WAYS)
    def test_the_server_starts_with_what_the_chart_sets(self, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        env = environment(render(CHART, WAYS[way]))
        for name, value in env.items():
            monkeypatch.setenv(name, "postgresql://db/optral" if value is None else value)
        loaded = settings.load()
        assert loaded.dialled is not None and loaded.public_url is not None
        assert loaded.log_format == "json"
        assert set(env) <= {f"OPTRAL_{name.upper()}" for name in settings.Settings.model_fields}

    def test_settings_reach_the_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in environment(render(CHART, INGRESS)).items():
            monkeypatch.setenv(name, value)
        loaded = settings.load()
        assert (loaded.public_url, loaded.agent_address) == ("https://optral.example.com", "agents.example.com:443,8444")
        assert loaded.trusted_proxies == ("10.0.0.0/8", "fd00::/8")
        assert (loaded.rate_limit_team, loaded.log_level) == (900, "debug")
        assert loaded.agent_image_reference == f"registry.example.com/tools/optral-agent:{optral.__version__}@{PIN}"
        assert loaded.image_pull_secrets == ("mirror",)

    @pytest.mark.parametrize(
        ("values", "image"),
        [
            ({}, f"optral-agent:{optral.__version__}"),
            ({"image": {"tag": "0.1.0-rc.1"}}, "optral-agent:0.1.0-rc.1"),
            ({"image": {"registry": "registry.example.com"}}, None),
            ({"agentImage": {"registry": "registry.example.com"}}, None),
            ({"image": {"repository": "registry.example.com/optral-server"}}, None),
        ],
    )
    def test_without_a_registry_the_agents_image_is_the_one_that_nodes_import(self, values: Manifest, image: str | None) -> None:
        assert environment(render(CHART, PLAIN | values)).get("OPTRAL_AGENT_IMAGE") == image

    def test_the_data_can_be_in_a_folder_of_the_volume(self) -> None:
        objects = render(
            CHART, PLAIN | {"setup": {"organization": "Shop", "email": "a@example.com"}, "persistence": {"subPath": "restored"}}
        )
        pod = pod_of(objects, "StatefulSet")
        for container in (*pod["initContainers"], *pod["containers"]):
            (data,) = [mount for mount in container["volumeMounts"] if mount["name"] == "data"]
            assert data["subPath"] == "restored"

    def test_further_urls_reach_the_server(self) -> None:
        urls = ["https://b.example.com", "https://c.example.com"]
        env = environment(render(CHART, PLAIN | {"publicUrl": "https://a.example.com", "fallbackUrls": urls}))
        assert env["OPTRAL_FALLBACK_URLS"] == ",".join(urls)
        assert "OPTRAL_FALLBACK_URLS" not in environment(render(CHART, PLAIN))

    def test_without_addresses_agents_of_this_cluster_find_the_service(self) -> None:
        objects = render(CHART, PLAIN)
        env = environment(objects)
        service = one(objects, "Service")["metadata"]
        host = f"{service['name']}.{service['namespace']}.svc"
        assert env["OPTRAL_PUBLIC_URL"] == f"http://{host}:8080"
        assert env["OPTRAL_AGENT_ADDRESS"] == f"{host}:8443,8444"

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({}, "the API has no TLS: set tls.existingSecret, or trustedProxies"),
            (PLAIN | {"publicUrl": "http://localhost:8080"}, "agents in pods cannot reach http://localhost:8080: set publicUrl"),
            (PLAIN | {"agentAddress": "127.0.0.1:8443,8444"}, "agents in pods cannot reach 127.0.0.1:8443,8444: set agentAddress"),
            (
                PLAIN | {"publicUrl": "https://a.test", "fallbackUrls": ["http://localhost"]},
                "cannot reach http://localhost: list addresses",
            ),
            (PLAIN | {"fallbackUrls": ["https://b.test"]}, "fallbackUrls needs publicUrl"),
            (PLAIN | {"replicas": 2}, "more than one replica needs PostgreSQL: set database.existingSecret"),
            (PLAIN | {"database": {"existingSecret": "db"}}, "PostgreSQL needs keys.existingSecret"),
            (PLAIN | {"setup": {"organization": "Shop"}}, "set setup.organization and setup.email, or neither"),
            (PLAIN | {"ingress": {"enabled": True}}, "set ingress.host"),
            (PLAIN | {"metrics": {"serviceMonitor": {"enabled": True}}}, "metrics.serviceMonitor.enabled needs metrics.enabled"),
            (PLAIN | {"metrics": {"prometheusRule": {"enabled": True}}}, "metrics.prometheusRule.enabled needs metrics.enabled"),
            (PLAIN | {"settings": {"OPTRAL_LISTEN": "0.0.0.0:1"}}, "settings.OPTRAL_LISTEN is set by another value"),
            (PLAIN | {"settings": {"LOG_LEVEL": "debug"}}, "LOG_LEVEL"),
            (PLAIN | {"image": {"tag": "latest"}}, "/image/tag"),
            (PLAIN | {"replica": 2}, "additional properties 'replica' not allowed"),
            (PLAIN | {"agentAddress": "optral.example.com:8443"}, "/agentAddress"),
        ],
    )
    def test_what_cannot_work_is_refused_with_a_sentence(self, values: Manifest, sentence: str) -> None:
        assert sentence in charts.refusal(CHART, values)

    def test_sqlite_lies_on_a_volume_and_postgresql_needs_none(self) -> None:
        def data(values: Manifest) -> tuple[bool, bool]:
            objects = render(CHART, values)
            claims = one(objects, "StatefulSet")["spec"].get("volumeClaimTemplates", [])
            return bool(claims), any(volume["name"] == "data" for volume in pod_of(objects, "StatefulSet")["volumes"])

        assert data(PLAIN) == (True, False)
        assert data(POSTGRES) == (False, True)
        assert data(PLAIN | {"persistence": {"enabled": False}}) == (False, True)
        assert data(PLAIN | {"persistence": {"existingClaim": "mine"}}) == (False, True)

    def test_several_replicas_share_keys_and_leave_one_at_a_time(self) -> None:
        objects = render(CHART, SHARED)
        assert one(objects, "StatefulSet")["spec"]["replicas"] == 3
        assert one(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
        assert environment(objects)["OPTRAL_PEPPER_FILE"] == "/etc/optral/keys/pepper"
        pod = pod_of(objects, "StatefulSet")
        assert {container["readinessProbe"]["httpGet"]["scheme"] for container in pod["containers"]} == {"HTTPS"}
        (setup,) = pod["initContainers"]
        assert setup["args"][:2] == ["setup", "--if-empty"]
        assert of_kind(render(CHART, POSTGRES), "PodDisruptionBudget") == []

    def test_a_password_is_in_no_object_of_the_chart(self) -> None:
        assert of_kind(render(CHART, SHARED), "Secret") == []

    def test_the_server_has_no_account_at_the_api_server(self) -> None:
        objects = render(CHART, SHARED)
        assert pod_of(objects, "StatefulSet")["automountServiceAccountToken"] is False
        assert {one["kind"] for one in objects} & {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"} == set()

    def test_metrics_are_for_those_who_are_named(self) -> None:
        rules = one(render(CHART, INGRESS), "NetworkPolicy")["spec"]["ingress"]
        assert [[port["port"] for port in rule["ports"]] for rule in rules] == [["http", "enroll", "tunnel"], ["metrics"]]
        assert rules[1]["from"]

    def test_routes_lead_to_the_services_ports(self) -> None:
        agents = {"enabled": True, "hostname": "agents.example.com", "enrollParentRefs": [{"name": "gw", "sectionName": "enroll"}]}
        gateway = {"enabled": True, "parentRefs": [{"name": "gw"}], "hostnames": ["optral.example.com"], "agents": agents}
        objects = render(CHART, PLAIN | {"gateway": gateway})
        (route,) = of_kind(objects, "HTTPRoute")
        backends = [route["spec"]["rules"][0]["backendRefs"][0]]
        backends += [tls["spec"]["rules"][0]["backendRefs"][0] for tls in of_kind(objects, "TLSRoute")]
        offered = {port["port"] for port in one(objects, "Service")["spec"]["ports"]}
        assert {backend["port"] for backend in backends} == offered == {8080, 8443, 8444}

    @pytest.mark.kubeapi
    @pytest.mark.parametrize("way", WAYS)
    async def test_a_real_api_server_takes_every_object_in_a_restricted_namespace(self, real_api: RealApi, way: str) -> None:
        async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
            await charts.apply_dry(client, render(CHART, WAYS[way], namespace=f"server-{way}"))
