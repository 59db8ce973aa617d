"""The objects of a cluster, their Events and the logs of containers."""

import random
from typing import Any

from lab.unseen.manifests import AGE, API, CLUSTER_WIDE, Json, ago


class Objects:
    """Objects by (kind, namespace, name), and the logs of containers by `namespace/pod/container`. The same seed gives the same names."""

    def __init__(self, namespace: str, *, seed: str) -> None:
        self.namespace = namespace
        self.rng = random.Random(seed)
        self.objects: dict[tuple[str, str, str], Json] = {}
        self.logs: dict[str, str] = {}

    def add(
        self, kind: str, name: str, *, namespace: str | None = None, owner: Json | None = None, minutes: float = AGE, **body: Any
    ) -> Json:
        """Add an object; `minutes` is its age."""
        metadata: Json = {
            "name": name,
            "uid": self.uid(),
            "creationTimestamp": ago(minutes),
            "resourceVersion": str(self.rng.randrange(10**5, 10**6)),
        }
        metadata |= body.pop("metadata", {})
        place = "" if kind in CLUSTER_WIDE else namespace or self.namespace
        if place:
            metadata["namespace"] = place
        if owner is not None:
            reference = {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
            }
            metadata["ownerReferences"] = [reference | {"controller": True, "blockOwnerDeletion": True}]
        made = {"apiVersion": API.get(kind, "v1"), "kind": kind, "metadata": metadata, **body}
        self.objects[(kind, place, name)] = made
        return made

    def uid(self) -> str:
        digits = f"{self.rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def get(self, kind: str, name: str, namespace: str | None = None) -> Json:
        return self.objects[(kind, "" if kind in CLUSTER_WIDE else namespace or self.namespace, name)]

    def remove(self, obj: Json) -> None:
        metadata = obj["metadata"]
        del self.objects[(obj["kind"], metadata.get("namespace", ""), metadata["name"])]

    def all(self, kind: str) -> list[Json]:
        return [obj for key, obj in self.objects.items() if key[0] == kind]

    def owned(self, owner: Json, kind: str) -> list[Json]:
        return [
            obj
            for obj in self.all(kind)
            if any(ref["uid"] == owner["metadata"]["uid"] for ref in obj["metadata"].get("ownerReferences", ()))
        ]

    def address(self, name: str) -> str:
        return str(self.get("Service", name)["spec"]["clusterIP"])

    def suffix(self, length: int = 5) -> str:
        return "".join(self.rng.choices("bcdfghjklmnpqrstvwxz2456789", k=length))

    def add_node(self, name: str) -> None:
        conditions = [
            {"type": kind, "status": "False", "reason": reason, "message": text}
            for kind, reason, text in (
                ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            )
        ]
        conditions.append({"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"})
        for condition in conditions:
            condition |= {"lastHeartbeatTime": ago(1), "lastTransitionTime": ago(AGE)}
        zone = f"eu-west-1{'abc'[len(self.all('Node')) % 3]}"
        labels = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": zone,
        }
        room = {"cpu": "4", "memory": "16Gi", "pods": "110", "ephemeral-storage": "80Gi"}
        info = {
            "kubeletVersion": "v1.34.2",
            "osImage": "Ubuntu 24.04.1 LTS",
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://2.1.4",
        }
        addresses = [{"type": "InternalIP", "address": name.removeprefix("ip-").replace("-", ".")}]
        self.add(
            "Node",
            name,
            metadata={"labels": labels},
            spec={},
            status={"capacity": room, "allocatable": room, "conditions": conditions, "nodeInfo": info, "addresses": addresses},
        )
        self.add(
            "Lease", name, namespace="kube-node-lease", spec={"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": ago(0.1)}
        )

    def event(
        self,
        about: Json,
        reason: str,
        message: str,
        *,
        container: str | None = None,
        kind: str = "Warning",
        count: int = 6,
        first: float = 15,
        last: float = 1,
        source: str = "kubelet",
    ) -> None:
        metadata = about["metadata"]
        involved = {"apiVersion": about["apiVersion"], "kind": about["kind"], "name": metadata["name"], "uid": metadata["uid"]}
        if "namespace" in metadata:
            involved["namespace"] = metadata["namespace"]
        if container is not None:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        self.add(
            "Event",
            f"{metadata['name']}.{self.rng.getrandbits(64):016x}",
            namespace=metadata.get("namespace", "default"),
            minutes=first,
            involvedObject=involved,
            reason=reason,
            message=message,
            type=kind,
            count=count,
            firstTimestamp=ago(first),
            lastTimestamp=ago(last),
            source={"component": source},
            reportingComponent=source,
            reportingInstance="",
        )
