"""What the kubelet reports about the ConfigMaps, Secrets and volumes that a pod refers to.

Sources: pkg/kubelet/kubelet_pods.go, pkg/volume.
"""

import re

_ABSENT = re.compile(r'\b(secret|configmap)s? "([^"]{1,253})" not found', re.IGNORECASE)
_NO_KEY = re.compile(r"couldn't find key (\S{1,253}) in (Secret|ConfigMap) ([^/\s]{1,253})/(\S{1,253})", re.IGNORECASE)
_KINDS = {"secret": "Secret", "configmap": "ConfigMap", "config": "ConfigMap"}
_NO_ITEM = re.compile(r"references non-existent (secret|config) key: ([\w.-]{1,253})", re.IGNORECASE)
_ELSEWHERE = ("Multi-Attach error", "attached to another", "already exclusively attached", "in use by")
_VOLUME = re.compile(r'for volume "([^"]{1,253})"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[([^\]]{1,1000})\]")


def missing_reference(message: str) -> dict[str, str]:
    """The kind, name and key of the missing object; empty if the message reports another problem."""
    if (key := _NO_KEY.search(message)) is not None:
        return {"missingKind": _KINDS[key.group(2).lower()], "missingName": key.group(4).rstrip(".,:;"), "missingKey": key.group(1)}
    if (absent := _ABSENT.search(message)) is not None:
        return {"missingKind": _KINDS[absent.group(1).lower()], "missingName": absent.group(2)}
    return {}


def missing_item(message: str) -> tuple[str, str] | None:
    """(kind, key) of an item that a volume takes from a ConfigMap or Secret that does not have it. The volume names the object."""
    item = _NO_ITEM.search(message)
    return None if item is None else (_KINDS[item.group(1).lower()], item.group(2))


def is_attached_elsewhere(message: str) -> bool:
    """Whether a volume cannot be attached because another node still has it: by the attach controller, or by the driver of a cloud."""
    return any(phrase in message for phrase in _ELSEWHERE)


def is_summary(message: str) -> bool:
    """Whether the message only lists the volumes that are not mounted yet, after a timeout."""
    return "unmounted volumes=[" in message


def volumes_named_in(message: str) -> tuple[str, ...]:
    """The names of volumes in an Event's message, without repeats."""
    if (match := _VOLUME.search(message)) is not None:
        return (match.group(1),)
    if (unmounted := _UNMOUNTED.search(message)) is not None:
        return tuple(dict.fromkeys(re.split(r"[,\s]+", unmounted.group(1).strip())))
    return ()
