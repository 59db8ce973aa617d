"""The benchmark's pods are worth measuring with."""

import json
import statistics

import zstandard

from tests.support import broken, pods

FLEET = pods.fleet(workloads=100, each=10)


def test_pods_weigh_about_eight_kilobytes() -> None:
    assert 7_500 <= statistics.mean(len(pod.at(5)) for pod in FLEET) <= 9_500


def test_a_batch_compresses_like_a_real_one() -> None:
    batch = b"".join(pod.at(5) for pod in FLEET[:32])
    assert 5 <= len(batch) / len(zstandard.compress(batch, 1)) <= 8


def test_each_version_is_another_object_of_the_same_pod() -> None:
    first, second = (json.loads(FLEET[0].at(version)) for version in (1, 2))
    assert first["metadata"]["uid"] == second["metadata"]["uid"]
    assert first["metadata"]["resourceVersion"] != second["metadata"]["resourceVersion"]
    assert first["status"] != second["status"]


def test_one_pod_in_a_hundred_fails() -> None:
    assert sum(pod.failing for pod in FLEET) == len(FLEET) // 100
    failing = json.loads(next(pod for pod in FLEET if pod.failing).at(1))
    assert failing["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_the_broken_cluster_is_as_it_is_described() -> None:
    manifests = list(broken.objects(workloads=12, each=10))
    assert sum(one["kind"] == "Pod" for one in manifests) == 120
    killed = [one for one in manifests if one["kind"] == "Pod" and "OOMKilled" in json.dumps(one["status"])]
    assert len(killed) == broken.BROKEN
    assert all(one["status"]["containerStatuses"][0]["ready"] for one in killed)
