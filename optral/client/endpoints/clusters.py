"""The endpoints of clusters, and of what is in them."""

from typing import Any

from optral.client import models
from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer, Params
from optral.kit.mappings import without_none


class Clusters(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Clusters]:
        """Filters: status, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/clusters", models.Clusters, params=camel(filters))

    def get(self, cluster_id: str) -> Answer[models.Cluster]:
        return self._http.get(f"/v1/clusters/{quote(cluster_id)}", models.Cluster)

    def create(self, name: str, *, labels: dict[str, str] | None = None) -> Answer[models.CreatedCluster]:
        """Create a cluster; the response contains the agent's enrollment token."""
        body: dict[str, Any] = {"name": name} | ({"labels": labels} if labels else {})
        return self._http.call("POST", "/v1/clusters", models.CreatedCluster, body=body)

    def kinds(self, cluster_id: str) -> Answer[dict[str, Any]]:
        """The kinds that the agent reports, with the reason for each that it cannot read: {kinds, total}."""
        return self._http.get(f"/v1/clusters/{quote(cluster_id)}/kinds", dict[str, Any])

    def map(self, cluster_id: str) -> Answer[dict[str, Any]]:
        """The nodes with their capacity, requests, usage and pods: {nodes, unscheduled, nodesLeftOut, podsLeftOut}."""
        return self._http.get(f"/v1/clusters/{quote(cluster_id)}/map", dict[str, Any])

    def update(
        self, cluster_id: str, *, name: str | None = None, labels: dict[str, str] | None = None, if_match: str | None = None
    ) -> Answer[models.Cluster]:
        """`labels` are all that the cluster has afterwards."""
        body = without_none({"name": name, "labels": labels})
        return self._http.call("PATCH", f"/v1/clusters/{quote(cluster_id)}", models.Cluster, body=body, if_match=if_match)

    def install(self, cluster_id: str, *, method: str = "kubectl", replace: bool = False) -> Answer[models.Install]:
        """`replace`: another Kubernetes cluster may take the place of the one that was connected."""
        params: Params = {"method": method, "replace": "true" if replace else None}
        return self._http.get(f"/v1/clusters/{quote(cluster_id)}/install", models.Install, params=params)

    def fleet_tokens(self, **filters: int) -> Answer[dict[str, Any]]:
        """Fleet tokens, newest first. Filters: page, page_size, cursor."""
        return self._http.get("/v1/fleet-tokens", dict[str, Any], params=camel(dict(filters)))

    def create_fleet_token(self, wish: dict[str, Any]) -> Answer[dict[str, Any]]:
        """The response contains the token, which is shown only once."""
        return self._http.call("POST", "/v1/fleet-tokens", dict[str, Any], body=wish)

    def fleet_token(self, token_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/fleet-tokens/{quote(token_id)}", dict[str, Any])

    def revoke_fleet_token(self, token_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/fleet-tokens/{quote(token_id)}", dict[str, Any])

    def waiting(self) -> Answer[dict[str, Any]]:
        """Agents waiting for approval."""
        return self._http.get("/v1/fleet-tokens/waiting", dict[str, Any])

    def decide(self, cluster_id: str, *, is_approved: bool, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """Approve the agent that waits under the cluster, or reject it and delete the cluster."""
        verb = "approve" if is_approved else "reject"
        return self._http.call("POST", f"/v1/clusters/{quote(cluster_id)}/{verb}", dict[str, Any], body={}, if_match=if_match)

    def connection(self, cluster_id: str) -> Answer[models.Connection]:
        """How far the connection of the cluster has come, and what holds it back."""
        return self._http.get(f"/v1/clusters/{quote(cluster_id)}/connection", models.Connection)

    def enrollment_token(self, cluster_id: str) -> Answer[models.Enrollment]:
        """Create a new enrollment token for an existing cluster."""
        return self._http.call("POST", f"/v1/clusters/{quote(cluster_id)}/enrollment-tokens", models.Enrollment, body={})

    def revoke_credentials(self, cluster_id: str) -> Answer[models.RevokedCredentials]:
        """End the agent session and revoke its certificates; a new enrollment token connects the cluster again."""
        return self._http.call("POST", f"/v1/clusters/{quote(cluster_id)}/revoke-credentials", models.RevokedCredentials, body={})

    def delete(self, cluster_id: str) -> Answer[models.DeletedCluster]:
        return self._http.call("DELETE", f"/v1/clusters/{quote(cluster_id)}", models.DeletedCluster)


class Resources(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Resources]:
        """Filters: cluster, kind, group, namespace, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/resources", models.Resources, params=camel(filters))

    def get(self, resource_id: str) -> Answer[models.ResourceWithManifest]:
        """One resource with its manifest as YAML."""
        return self._http.get(f"/v1/resources/{quote(resource_id)}", models.ResourceWithManifest)

    def logs(
        self,
        resource_id: str,
        *,
        container: str | None = None,
        previous: bool = False,
        tail_lines: int | None = None,
        since_seconds: int | None = None,
    ) -> Answer[dict[str, Any]]:
        """The end of a container's log, fetched from the cluster: {container, previous, text, lines, truncated}."""
        params: Params = {
            "container": container,
            "previous": "true" if previous else None,
            "tailLines": tail_lines,
            "sinceSeconds": since_seconds,
        }
        return self._http.get(f"/v1/resources/{quote(resource_id)}/logs", dict[str, Any], params=params)

    def compare(self, left: str, *, with_status: bool = False, **other: str | int | None) -> Answer[dict[str, Any]]:
        """{left, right, differences, ignored, truncated, incomplete}. `other`: right, cluster, leftRevision, rightRevision."""
        params: Params = {"left": left, "withStatus": "true" if with_status else None, **other}
        return self._http.get("/v1/resources/compare", dict[str, Any], params=params)

    def events(self, resource_id: str) -> Answer[dict[str, Any]]:
        """The Kubernetes Events about one resource."""
        return self._http.get(f"/v1/resources/{quote(resource_id)}/events", dict[str, Any])

    def history(self, resource_id: str) -> Answer[dict[str, Any]]:
        """The recorded changes of one resource, newest first."""
        return self._http.get(f"/v1/resources/{quote(resource_id)}/history", dict[str, Any])

    def tree(self, resource_id: str) -> Answer[dict[str, Any]]:
        """One resource with its owners, nearest first, and its dependents at all depths: {root, owners, children, truncated}."""
        return self._http.get(f"/v1/resources/{quote(resource_id)}/tree", dict[str, Any])

    def usage(self, resource_id: str) -> Answer[dict[str, Any]]:
        """CPU, memory and volumes of a pod or node, from the last report of its agent."""
        return self._http.get(f"/v1/resources/{quote(resource_id)}/usage", dict[str, Any])

    def rollout(self, resource_id: str, **wanted: str | int | None) -> Answer[dict[str, Any]]:
        """Whether the rollout of a workload succeeded: {state, message, issues, …}.

        `wanted`: newer_than, generation, min_severity, until, wait.
        """
        return self._http.get(f"/v1/resources/{quote(resource_id)}/rollout", dict[str, Any], params=camel(wanted))

    def probe(self, resource_id: str, *, check: str, port: int | None = None, host: str | None = None) -> Answer[dict[str, Any]]:
        """Whether a Service or pod can be reached from the agent's pod, checked now; `check` is dns, tcp, tls or http."""
        given = without_none({"check": check, "port": port, "host": host})
        return self._http.call("POST", f"/v1/resources/{quote(resource_id)}/probe", dict[str, Any], body=given)

    def counts(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/resources/counts", dict[str, Any], params=camel(filters))


class Logs(Endpoints):
    def read(self, *, all_containers: bool = False, previous: bool = False, **wanted: str | int | None) -> Answer[dict[str, Any]]:
        """Lines of many containers, merged by time: {lines, sources, leftOut, cursor, readAt}.

        `wanted`: resource (ids), or cluster, namespace and label; container, tailLines, sinceSeconds, cursor, wait.
        """
        flags: Params = {"allContainers": "true" if all_containers else None, "previous": "true" if previous else None}
        return self._http.get("/v1/logs", dict[str, Any], params={**wanted, **flags})


class Detectors(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """All detectors; filters: cluster and namespace (the settings in effect there), tier, category, q."""
        return self._http.get("/v1/detectors", dict[str, Any], params=camel(filters))

    def get(self, issue_type: str, **place: str | int | None) -> Answer[dict[str, Any]]:
        """One detector, with its settings in effect in a cluster, a namespace or both."""
        return self._http.get(f"/v1/detectors/{quote(issue_type)}", dict[str, Any], params=camel(place))

    def update(self, issue_type: str, change: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`change`: cluster and namespace (the scope), enabled, openAfterSeconds, resolveAfterSeconds, severity; None resets a setting."""
        return self._http.call("PATCH", f"/v1/detectors/{quote(issue_type)}", dict[str, Any], body=change)

    def switch_risks(self, on: bool) -> Answer[dict[str, Any]]:
        """Enable or disable risk checks."""
        return self._http.call("PATCH", "/v1/detectors", dict[str, Any], body={"riskChecks": on})

    def shift_severity(self, steps: int | None, **place: str | None) -> Answer[dict[str, Any]]:
        """Count the issues of a cluster, a namespace or both one step more (1) or less (-1) severe; None resets it."""
        return self._http.call("PATCH", "/v1/detectors", dict[str, Any], body=without_none(place) | {"severityShift": steps})

    def test(
        self, objects: Any, *, at: str | None = None, cluster: str | None = None, include_risk: bool = False
    ) -> Answer[dict[str, Any]]:
        """Run the detectors on objects (JSON or YAML text, an object, or a list). Nothing is stored."""
        given = {"at": at, "cluster": cluster, "includeRisk": include_risk}
        body = {"objects": objects} | without_none(given)
        return self._http.call("POST", "/v1/detectors/test", dict[str, Any], body=body)
