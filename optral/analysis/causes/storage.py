"""What is wrong with volumes and claims."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- storage
    Cause(
        "file_permission_denied",
        "The application may not write where it has to",
        "storage",
        "The user of the container has no right to a path, or the file system is read-only.",
        "Log lines of refused writes, with a volume or a security context that explains them.",
        "Set fsGroup or the owner of the volume, or mount a writable volume there.",
    ),
    Cause(
        "disk_full",
        "There is no space left",
        "storage",
        "A volume or the node's disk is full.",
        "`no space left on device` in log lines or in the kubelet's messages.",
        "Expand or clear the volume; look at the node's disk pressure.",
    ),
    Cause(
        "pvc_unbound",
        "The pod's claim is not bound",
        "storage",
        "The pod waits for a PersistentVolumeClaim that has no volume yet, or that does not exist.",
        "The claim's phase, or its absence.",
        "Mend the claim; see the cause given for it.",
    ),
    Cause(
        "storage_class_missing",
        "The claim's storage class does not exist",
        "storage",
        "Nothing provisions the claim, since its class is not there.",
        "The class is looked for among the cluster's; the nearest name is proposed.",
        "Make the claim anew with a class that exists, or create the class.",
    ),
    Cause(
        "no_default_storage_class",
        "The claim names no storage class, and there is no default",
        "storage",
        "Without a class and without a default nothing provisions the claim.",
        "No StorageClass of the cluster is marked as the default.",
        "Name a class in the claim, or mark one as the default.",
    ),
    Cause(
        "no_matching_volume",
        "No volume offers what the claim asks for",
        "storage",
        "Volumes exist, and each differs in size, access mode, labels or volume mode.",
        "Every free PersistentVolume is compared with the claim.",
        "Make the claim anew with what a volume offers, or create a volume that fits.",
    ),
    Cause(
        "volume_taken",
        "The volume the claim wants belongs to another claim",
        "storage",
        "The only volume that fits is bound to, or reserved for, another claim.",
        "The volume's claimRef names another claim.",
        "Free the volume, or create another one.",
    ),
    Cause(
        "provisioner_failing",
        "The provisioner cannot make the volume",
        "storage",
        "The storage behind the class refuses or does not answer.",
        "ProvisioningFailed, or nothing at all from an external provisioner.",
        "Look at the provisioner's pods and at the storage behind it.",
    ),
    Cause(
        "volume_attach_failed",
        "The volume cannot be attached to the node",
        "storage",
        "It is still attached elsewhere, or the storage driver refuses.",
        "FailedAttachVolume, often Multi-Attach.",
        "Make sure the old pod is gone; check the node it ran on.",
    ),
    Cause(
        "volume_mount_failed",
        "The volume cannot be mounted",
        "storage",
        "The node or its driver cannot mount the volume in time.",
        "FailedMount without a missing object.",
        "Check the driver's pods on that node, and the storage server.",
    ),
)
