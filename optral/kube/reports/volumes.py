"""Phases of claims and volumes, and what provisioners, the resizer and the kubelet report about a claim.

Sources: pkg/controller/volume, kubernetes-csi/external-resizer (pkg/util, pkg/modifycontroller). The Event
`ExternalExpanding` is not a failure: the controller manager leaves the claim to the resizer of its driver.
"""

from enum import StrEnum

LOST, RELEASED = "Lost", "Released"
NOT_PROVISIONED = "ProvisioningFailed"
BINDING_FAILURES = frozenset({NOT_PROVISIONED, "FailedBinding", "VolumeMismatch"})
"""Events about a claim that is not bound."""


class Change(StrEnum):
    """What a claim requests."""

    SIZE = "size"
    ATTRIBUTES = "attributes"


ERRORS = {"ControllerResizeError": Change.SIZE, "NodeResizeError": Change.SIZE, "ModifyVolumeError": Change.ATTRIBUTES}
"""Conditions of a claim that report a failure."""
WAITS_FOR_POD = "FileSystemResizePending"
"""The condition of a claim whose file system grows when a pod mounts it."""
EVENTS = {"VolumeResizeFailed": Change.SIZE, "FileSystemResizeFailed": Change.SIZE, "VolumeModifyFailed": Change.ATTRIBUTES}
STATUSES = {"status.allocatedResourceStatuses": Change.SIZE, "status.modifyVolumeStatus": Change.ATTRIBUTES}
"""Fields of a claim with the progress of a change, for each resource or as a whole."""
_GIVEN_UP = "Infeasible"


def is_infeasible(status: str) -> bool:
    """Whether a status of a resource, or of a change of attributes, says that the resizer has given up."""
    return status.endswith(_GIVEN_UP)
