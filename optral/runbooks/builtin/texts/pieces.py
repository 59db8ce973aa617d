"""What several definitions share: parameters, the object of a step, and bounds."""

from collections.abc import Mapping

from optral.terms import bounds

Texts = Mapping[str, tuple[int, str]]
"""By slug: version, and YAML without the slug and the risk."""


def bounds_of(*paths: str, more: str = "") -> str:
    """The bounds of a step that may set these values to so many times the present ones."""
    return "    bounds:\n" + "".join(f"      - {{path: {path}, maxFactor: {bounds.MAX_FACTOR}{more}}}\n" for path in paths)


WORKLOAD = """
  - name: kind
    type: enum
    enum: [Deployment, StatefulSet, DaemonSet]
    required: true
    default: ${target.kind}
    description: Kind of the workload
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Its namespace}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
"""
CONTAINER = (
    WORKLOAD
    + """\
  - {name: container, type: string, required: true, default: "${target.container}", description: The container in its pod template}
"""
)
OBJECT = '{kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}'
CONTAINER_FIELD = (
    OBJECT.removesuffix("}") + ', container: "${parameters.container}", field: "${parameters.field}", value: "${parameters.value}"}'
)
