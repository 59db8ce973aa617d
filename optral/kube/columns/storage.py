"""Columns of volumes and of what provides them."""

from collections.abc import Mapping

from optral.kube.columns.fields import Cell, Column, Read, Tree, listed, part, text, texts


def _claim(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "size": text(part(status, "capacity"), "storage") or text(part(spec, "resources", "requests"), "storage"),
        "class": text(spec, "storageClassName"),
        "accessModes": listed(texts(spec, "accessModes")),
        "volume": text(spec, "volumeName"),
    }


def _volume(tree: Tree) -> Mapping[str, Cell]:
    spec = part(tree, "spec")
    claim = part(spec, "claimRef")
    return {
        "size": text(part(spec, "capacity"), "storage"),
        "class": text(spec, "storageClassName"),
        "claim": f"{text(claim, 'namespace')}/{text(claim, 'name')}" if claim else "",
        "reclaimPolicy": text(spec, "persistentVolumeReclaimPolicy"),
        "accessModes": listed(texts(spec, "accessModes")),
    }


def _class(tree: Tree) -> Mapping[str, Cell]:
    return {
        "provisioner": text(tree, "provisioner"),
        "reclaimPolicy": text(tree, "reclaimPolicy"),
        "bindingMode": text(tree, "volumeBindingMode"),
        "expansion": "yes" if tree.get("allowVolumeExpansion") is True else "no",
    }


_SIZE = Column("size", "Size", "The capacity, or what is requested where no volume is bound")
_CLASS = Column("class", "Class", "The StorageClass")
_MODES = Column("accessModes", "Access modes", "How it can be mounted", wide=True)
_RECLAIM = Column("reclaimPolicy", "Reclaim policy", "What happens to the volume without its claim")
KINDS: dict[str, tuple[tuple[Column, ...], Read]] = {
    "PersistentVolumeClaim": ((_SIZE, _CLASS, Column("volume", "Volume", "The bound PersistentVolume"), _MODES), _claim),
    "PersistentVolume": ((_SIZE, _CLASS, Column("claim", "Claim", "The bound PersistentVolumeClaim"), _RECLAIM, _MODES), _volume),
    "StorageClass.storage.k8s.io": (
        (
            Column("provisioner", "Provisioner", "What creates the volumes"),
            _RECLAIM,
            Column("bindingMode", "Binding mode", "When volumes are bound"),
            Column("expansion", "Expansion", "Whether volumes can grow"),
        ),
        _class,
    ),
}
