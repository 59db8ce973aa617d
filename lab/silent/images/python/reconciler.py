"""A small controller: lists what TASK names through the Kubernetes API and acts on it."""

import os
import time
from logging import getLogger

from kubernetes import client, config, watch
from settings import EVERY
from urllib3.exceptions import HTTPError

log = getLogger("reconciler")
namespace = os.environ["NAMESPACE"]


def configmaps() -> None:
    log.info("%d configmaps in sync", len(client.CoreV1Api().list_namespaced_config_map(namespace).items))


def custom() -> None:
    found = client.CustomObjectsApi().list_namespaced_custom_object("delivery.shop.test", "v1", namespace, "routes")
    log.info("%d routes in sync", len(found["items"]))


def changes() -> None:
    """Follow pods; a watch that is too old starts again from a list, as clients have to."""
    api, version = client.CoreV1Api(), "1"
    while True:
        try:
            for change in watch.Watch().stream(api.list_namespaced_pod, namespace, resource_version=version, timeout_seconds=15):
                log.info("pod %s %s", change["object"].metadata.name, change["type"])
            log.info("watch closed by the server after 15 s, continuing")
        except client.ApiException as error:
            if error.status != 410:
                raise
            log.warning("watch of pods ended: %s; listing again", error.reason)
        version = api.list_namespaced_pod(namespace).metadata.resource_version


def access() -> None:
    """Ask whether optional features are permitted; do without those that are not."""
    attributes = client.V1ResourceAttributes(namespace=namespace, verb="list", resource="secrets")
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    allowed = client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed
    log.info("optional feature 'secret inventory': %s", "enabled" if allowed else "not permitted, disabled")


def conflicts() -> None:
    """Two writers of one object: the one that comes late reads it again."""
    api = client.CoreV1Api()
    old = api.read_namespaced_config_map("counters", namespace)
    api.patch_namespaced_config_map("counters", namespace, {"data": {"seen": str(time.time())}})
    try:
        api.replace_namespaced_config_map("counters", namespace, old)
    except client.ApiException as error:
        log.info("update of counters failed with %s %s, reading it again", error.status, error.reason)


def evict() -> None:
    """Empty the pods that DRAIN selects, as `kubectl drain` does: ask again while a budget refuses."""
    api = client.CoreV1Api()
    for pod in api.list_namespaced_pod(namespace, label_selector=os.environ["DRAIN"]).items[:1]:
        name = pod.metadata.name
        log.info("evicting pod %s/%s", namespace, name)
        try:
            api.create_namespaced_pod_eviction(name, namespace, client.V1Eviction(metadata=client.V1ObjectMeta(name=name)))
        except client.ApiException as error:
            if error.status != 429:
                raise
            log.error("error when evicting pod %s (will retry after 5s): %s", name, error.body)


def main() -> None:
    while True:
        try:
            config.load_incluster_config()
            globals()[os.environ["TASK"]]()
        except (client.ApiException, config.ConfigException, HTTPError):
            log.exception("reconciliation failed")
        time.sleep(EVERY)


main()
