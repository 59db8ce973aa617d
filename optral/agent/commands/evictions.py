"""Evictions through the API (policy/v1), which respect PodDisruptionBudgets. Source: Kubernetes documentation, API-initiated eviction."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from optral.kubeapi.client import ApiError, KubeClient

_BUDGET = re.compile(r"disruption budget (\S+) (.*)", re.IGNORECASE | re.DOTALL)
_CAUSE = "DisruptionBudget"


async def evict(client: KubeClient, path: str, *, preconditions: Mapping[str, str], dry_run: bool = False) -> bytes:
    """Evict the pod at this path, if it is still the one meant. Raises as `KubeClient.post`."""
    *_, namespace, _, name = path.split("/")
    options = {"preconditions": dict(preconditions)} | ({"dryRun": ["All"]} if dry_run else {})
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"namespace": namespace, "name": name},
        "deleteOptions": options,
    }
    return await client.post(f"{path}/eviction", msgspec.json.encode(body), params={"dryRun": "All"} if dry_run else None)


class Budget(NamedTuple):
    """A PodDisruptionBudget that holds a pod of its namespace, and what it needs, as the API server says it."""

    name: str
    needs: str

    def __str__(self) -> str:
        return f"PodDisruptionBudget {self.name} allows no eviction now ({self.needs})"


def budget_of(error: ApiError) -> Budget | None:
    """The budget that holds the pod; None for any other error."""
    if error.status != 429 or not (said := [cause.message for cause in error.causes if cause.reason == _CAUSE]):
        return None
    found = _BUDGET.search(said[0])
    return Budget(found[1], found[2].strip()) if found else Budget("of this pod", said[0])


def pod_summary(pod: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan says of a pod that goes."""
    owners = [reference for reference in pod["metadata"].get("ownerReferences") or () if isinstance(reference, dict)]
    return {"owners": [f"{owner.get('kind')}/{owner.get('name')}" for owner in owners]}
