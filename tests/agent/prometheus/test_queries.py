"""The text of every query, and what never becomes a part of one."""

import pytest

from optral.agent.prometheus import queries
from optral.agent.prometheus.queries import BY_NAME, InvalidParameter, Scope

CLUSTERS = "cluster, cluster_id, cluster_name, k8s_cluster, k8s_cluster_name"
OF_SHOP = Scope((("cluster", 'eu"1\\'),), "shop", ("web-1.a", "web-2"))
IN_SHOP = 'cluster="eu\\"1\\\\",namespace="shop",pod=~"web-1\\\\.a|web-2"'


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            queries.durations(BY_NAME["istio"], Scope()),
            f"sum by (namespace, pod, pod_uid, uid, {CLUSTERS}, le) "
            '(rate(istio_request_duration_milliseconds_bucket{reporter="destination"}[300s])) > 0',
        ),
        (
            queries.errors(BY_NAME["linkerd"], OF_SHOP),
            f"sum by (namespace, pod, pod_uid, uid, {CLUSTERS}) "
            f'(rate(response_total{{direction="inbound",classification="failure",{IN_SHOP}}}[300s])) > 0',
        ),
        (
            queries.durations(BY_NAME["opentelemetry"], Scope(namespace="shop")),
            f"sum by (k8s_namespace_name, namespace, k8s_pod_name, pod, k8s_pod_uid, pod_uid, uid, {CLUSTERS}, le) "
            '(rate(http_server_request_duration_seconds_bucket{k8s_namespace_name="shop"}[300s]) '
            'or rate(http_server_request_duration_seconds_bucket{namespace="shop"}[300s])) > 0',
        ),
        (
            queries.shared_names(Scope((("cluster", "eu"),))),
            'count by (namespace, pod) (count by (namespace, pod, uid) (kube_pod_info{cluster="eu"})) > 1',
        ),
        (
            queries.cluster_of(["0b5e-1", "0b5e-2"]),
            f'count by ({CLUSTERS}) (kube_pod_info{{uid=~"0b5e-1|0b5e-2"}})',
        ),
        (
            queries.retransmits(Scope()),
            f"sum by (namespace, pod, {CLUSTERS}) (rate(node_netstat_Tcp_RetransSegs{{}}[300s])) / "
            f"sum by (namespace, pod, {CLUSTERS}) (rate(node_netstat_Tcp_OutSegs{{}}[300s]))",
        ),
        (
            queries.packets(Scope(namespace="shop"), before=True),
            f'sum by (namespace, pod, {CLUSTERS}) (rate(container_network_transmit_packets_total{{namespace="shop"}}[300s] offset 3600s))',
        ),
    ],
)
def test_each_query_has_one_text(query: str, text: str) -> None:
    assert query == text


@pytest.mark.parametrize("name", ['shop"} or up{', "shop|.*", "Shop", "", "shop\n", "a" * 300, ".*"])
def test_only_names_of_kubernetes_become_part_of_a_query(name: str) -> None:
    with pytest.raises(InvalidParameter):
        queries.durations(BY_NAME["istio"], Scope(namespace="shop", pods=(name,)))


@pytest.mark.parametrize("uid", ['x"}', "a|b", ""])
def test_only_uids_become_part_of_a_query(uid: str) -> None:
    with pytest.raises(InvalidParameter):
        queries.cluster_of([uid])


def test_a_label_of_the_cluster_that_cannot_be_quoted_is_refused() -> None:
    with pytest.raises(InvalidParameter):
        queries.durations(BY_NAME["istio"], Scope((("cluster", "eu\n1"),)))
