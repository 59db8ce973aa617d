"""How titles name objects. Titles are for people; no code parses them."""

from collections.abc import Sequence

from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.template import Amount

MAX_TITLE = 500  # characters; names inside a spec may be of any length
MAX_MESSAGE = 1000  # characters of a message kept as a fact; the runtime sometimes prints whole stacks
MAX_DETAIL = 160  # characters of a message in a title
_SHORT = {
    "PersistentVolumeClaim": "PVC",
    "PersistentVolume": "PV",
    "HorizontalPodAutoscaler": "HPA",
    "PodDisruptionBudget": "PDB",
    "CustomResourceDefinition": "CRD",
}


def label(subject: ObjectRef) -> str:
    """`Deployment shop/api`; `Node worker-1`; `PVC shop/data`."""
    kind = _SHORT.get(subject.short_kind, subject.short_kind)
    return f"{kind} {subject.name}" if subject.namespace is None else f"{kind} {subject.namespace}/{subject.name}"


def pods_of(subject: ObjectRef, *, on: bool = False) -> Amount:
    """The pods of a workload, or `on` a node; the pod itself if the subject is one."""
    is_one, name = subject.kind == "Pod", label(subject)
    return Amount(name if is_one else titles.PODS_ON(object=name) if on else titles.PODS_OF(object=name), is_one=is_one)


def detail(message: str) -> str:
    """The message of a controller at the end of a title; nothing without one."""
    return titles.DETAIL(message=clip(message, MAX_DETAIL)) if message else ""


def finalizers(names: Sequence[str]) -> Amount:
    """`finalizer a`; `finalizers a, b`. At most three are listed."""
    listed = titles.FINALIZERS(count=len(names), names=", ".join(names[:3]))
    return Amount(listed, is_one=len(names) == 1)


def clip(message: str, limit: int = MAX_MESSAGE) -> str:
    """The message, at most `limit` characters long."""
    return message if len(message) <= limit else f"{message[: limit - 1]}…"


def offered_ports(ports: Sequence[int]) -> str:
    """`only port 80`; `only ports 80, 443`. At most five are listed."""
    listed = ", ".join(map(str, ports[:5])) + (", …" if len(ports) > 5 else "")
    return titles.OFFERED_PORTS(count=len(ports), ports=listed)
