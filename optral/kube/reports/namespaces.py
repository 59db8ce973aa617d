"""What the namespace controller reports about a namespace that is being deleted.

Source: pkg/controller/namespace/deletion/status_condition_utils.go. Content remains while a finalizer or an error holds it, so the
condition that states only that comes last.
"""

from enum import StrEnum


class Blocker(StrEnum):
    """The conditions that are true while a namespace cannot be removed, the most specific first."""

    DISCOVERY = "NamespaceDeletionDiscoveryFailure"
    GROUP_VERSION = "NamespaceDeletionGroupVersionParsingFailure"
    FINALIZERS = "NamespaceFinalizersRemaining"
    DELETION = "NamespaceDeletionContentFailure"
    CONTENT = "NamespaceContentRemaining"
