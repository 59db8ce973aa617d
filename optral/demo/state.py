"""The state of the demo cluster: its workloads, and its objects behind the registry. Time is that of the scenario, not of the machine."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from optral.demo import objects
from optral.demo.objects import stamp
from optral.demo.registry import Manifest, Registry
from optral.demo.shop import Spec
from optral.kube.kinds import BY_ID

EVENT_LIFE = timedelta(hours=1)


@dataclass
class App:
    """A workload in its current state. `replica_sets` is oldest first; the last one has the current template."""

    spec: Spec
    object: Manifest
    template: Manifest
    created: datetime
    replica_sets: list[Manifest] = field(default_factory=list)
    pods: list[Manifest] = field(default_factory=list)
    rollout_since: datetime | None = None
    desired: int = 0
    settled: tuple[int | str, ...] = ()

    @property
    def container(self) -> str:
        return self.spec.name

    @property
    def key(self) -> tuple[str, str]:
        return self.spec.namespace, self.spec.name


class State:
    """Objects and Events. Everything random comes from one seeded generator."""

    def __init__(self, registry: Registry, *, seed: int, start: datetime) -> None:
        self.registry, self.rng, self.now = registry, random.Random(seed), start  # noqa: S311 - a simulation, not a secret
        self.apps: dict[tuple[str, str], App] = {}
        self.nodes: dict[str, Manifest] = {}
        self.services: dict[tuple[str, str], Manifest] = {}
        self.budgets: list[tuple[App, Manifest]] = []
        self._events: dict[tuple[str, str, str], Manifest] = {}

    def save(self, *manifests: Manifest) -> None:
        for manifest in manifests:
            group = manifest["apiVersion"].rpartition("/")[0]
            self.registry.put(BY_ID[f"{manifest['kind']}.{group}" if group else manifest["kind"]], manifest)

    def remove(self, manifest: Manifest) -> None:
        group = manifest["apiVersion"].rpartition("/")[0]
        kind = BY_ID[f"{manifest['kind']}.{group}" if group else manifest["kind"]]
        self.registry.delete(kind, manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])

    def make(self, kind_id: str, name: str, *, namespace: str | None = None, created: datetime | None = None, **more: Any) -> Manifest:
        """Build and save an object; `labels`, `annotations`, `owner` and `manager` go to its metadata, the rest is its body."""
        about = {key: more.pop(key) for key in ("labels", "annotations", "owner", "manager") if key in more}
        meta = objects.metadata(self.rng, name, namespace=namespace, created=created or self.now, **about)
        manifest = objects.manifest(kind_id, meta, **more)
        self.save(manifest)
        return manifest

    def emit(
        self, about: Manifest, reason: str, message: str, *, type_: str = "Warning", component: str = "kubelet", field: str = ""
    ) -> None:
        """Write an Event about an object; a repeated one increases its count."""
        key = (about["metadata"]["uid"], reason, message)
        known = self._events.get(key)
        if known is not None:
            known["count"] += 1
            known["lastTimestamp"] = stamp(self.now)
            self.save(known)
            return
        host = about.get("spec", {}).get("nodeName", "") if component == "kubelet" else ""
        path = f"spec.containers{{{field}}}" if field else ""
        event = objects.event(
            self.rng, about, reason=reason, message=message, at=self.now, type_=type_, component=component, host=host, field_path=path
        )
        self._events[key] = event
        self.save(event)

    def delete_old_events(self) -> None:
        """Delete Events that were not repeated for an hour, as the TTL of the API server does."""
        oldest = stamp(self.now - EVENT_LIFE)
        for key in [key for key, event in self._events.items() if event["lastTimestamp"] < oldest]:
            self.remove(self._events.pop(key))
