"""The metadata of an object that cannot be redacted in any other way: its names and times."""

import msgspec

from optral.kube.kinds import Kind
from optral.kube.redact_values import scan


class Unredactable(Exception):
    """Not even the metadata of this object can be read; it must not leave."""


class _HeadMeta(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""
    creationTimestamp: str | None = None
    deletionTimestamp: str | None = None


class _HeadOnly(msgspec.Struct):
    metadata: _HeadMeta
    apiVersion: str = ""
    kind: str = ""


_HEAD = msgspec.json.Decoder(_HeadOnly)


def metadata_only(raw: bytes, kind: Kind | None = None) -> bytes:
    """The object's names and times and nothing else. Raises `Unredactable` when they cannot be read."""
    try:
        head = _HEAD.decode(raw)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unredactable(str(error)) from error
    meta = {field: value for field in head.metadata.__struct_fields__ if (value := getattr(head.metadata, field))}
    answer = msgspec.json.encode(
        {
            "apiVersion": kind.api_version if kind else head.apiVersion,
            "kind": kind.name if kind else head.kind,
            "metadata": meta,
            "optralPartial": True,
        }
    )
    if scan(answer):
        raise Unredactable("the object's name itself looks like a secret")
    return answer
