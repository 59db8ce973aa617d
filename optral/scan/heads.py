"""Decodes the identity and the timestamps of objects, and pods at once, in a single pass over their JSON.

A dump is evaluated as of the newest of these timestamps, unless it says when it was taken.
"""

import re
from datetime import datetime

import msgspec

from optral.analysis.reading.snapshot import moment
from optral.kube import objects
from optral.kube.objects import Metadata, Pod, PodSpec, PodStatus, Time

_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_POD_BEGINS = re.compile(rb'\{\s*"apiVersion"\s*:\s*"v1"\s*,\s*"kind"\s*:\s*"Pod"')


# --- any object


class _Managed(msgspec.Struct, gc=False, frozen=True):
    time: str = ""


class Identity(msgspec.Struct, gc=False, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""


class _Metadata(Identity, frozen=True):
    creationTimestamp: str | None = None
    managedFields: list[_Managed] | None = None


class _Condition(msgspec.Struct, gc=False, frozen=True):
    lastHeartbeatTime: str | None = None
    lastTransitionTime: str | None = None


class _Moment(msgspec.Struct, gc=False, frozen=True):
    startedAt: str | None = None
    finishedAt: str | None = None


class _State(msgspec.Struct, gc=False, frozen=True):
    running: _Moment | None = None
    terminated: _Moment | None = None


class _Container(msgspec.Struct, gc=False, frozen=True):
    state: _State = _State()


class _Status(msgspec.Struct, gc=False, frozen=True):
    conditions: list[_Condition] | None = None
    containerStatuses: list[_Container] | None = None


class _Spec(msgspec.Struct, gc=False, frozen=True):
    renewTime: str | None = None


class Head(msgspec.Struct, gc=False, frozen=True):
    """The identity of an object, and its timestamps."""

    apiVersion: str = ""
    kind: str = ""
    metadata: _Metadata = _Metadata()
    lastTimestamp: str | None = None
    eventTime: str | None = None
    spec: _Spec | None = None
    status: _Status | None = None

    def newest(self, after: str, before: str) -> str:
        """The newest timestamp of the object between these two, as text; `after` if there is none."""
        for text in self._times():
            if text is not None and after < text < before and moment(text) is not None:
                after = text
        return after

    def _times(self) -> list[str | None]:
        texts = [self.metadata.creationTimestamp, self.lastTimestamp, self.eventTime]
        texts += [entry.time for entry in self.metadata.managedFields or ()]
        if self.spec is not None:
            texts.append(self.spec.renewTime)
        if self.status is not None:
            for condition in self.status.conditions or ():
                texts += (condition.lastHeartbeatTime, condition.lastTransitionTime)
            for container in self.status.containerStatuses or ():
                for state in (container.state.running, container.state.terminated):
                    if state is not None:
                        texts += (state.startedAt, state.finishedAt)
        return texts


class _PlainHead(msgspec.Struct, gc=False, frozen=True):
    apiVersion: str = ""
    kind: str = ""
    metadata: Identity = Identity()


_HEAD = msgspec.json.Decoder(Head)
_PLAIN_HEAD = msgspec.json.Decoder(_PlainHead)


def head_of(raw: bytes) -> Head | None:
    """None if this is not a readable object."""
    try:
        return _HEAD.decode(raw)
    except _ERRORS:
        pass
    try:  # an invalid timestamp must not drop the object
        plain = _PLAIN_HEAD.decode(raw)
    except _ERRORS:
        return None
    metadata = plain.metadata
    return Head(plain.apiVersion, plain.kind, _Metadata(metadata.name, metadata.namespace, metadata.uid))


def identity_of(raw: bytes) -> Identity | None:
    """The names of an object whose kind is known; None if it is not readable."""
    try:
        return _PLAIN_HEAD.decode(raw).metadata
    except _ERRORS:
        return None


# --- pods


class _Dated(msgspec.Struct, gc=False, frozen=True):
    time: Time | None = None


class _PodMetadata(Metadata, frozen=True):
    managed_fields: tuple[_Dated, ...] = ()


class PodTimes(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A pod as it is decoded, with the timestamps of its managed fields."""

    api_version: str = ""
    kind: str = ""
    metadata: _PodMetadata = _PodMetadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


_POD = msgspec.json.Decoder(PodTimes)
_METADATA_FIELDS = len(Metadata.__struct_fields__)


def is_pod(raw: bytes) -> bool:
    """Whether the JSON begins as that of a pod."""
    return _POD_BEGINS.match(raw) is not None


def pod_of(raw: bytes) -> tuple[Pod, PodTimes] | None:
    """The pod and its timestamps; None if this is not a pod of which every field has its type."""
    if objects.has_nul(raw):
        return None
    try:
        found = _POD.decode(raw)
    except _ERRORS:
        return None
    if found.kind not in ("Pod", "") or found.api_version not in ("v1", ""):
        return None
    metadata = Metadata(*msgspec.structs.astuple(found.metadata)[:_METADATA_FIELDS])
    if not metadata.uid:
        metadata = msgspec.structs.replace(metadata, uid=f"Pod/{metadata.namespace}/{metadata.name}")
    return Pod(metadata, found.spec, found.status), found


def newest_of_pod(pod: PodTimes, *, after: datetime, before: datetime) -> datetime:
    """The newest timestamp of the pod between these two; `after` if there is none."""
    times = [pod.metadata.creation_timestamp]
    times += [entry.time for entry in pod.metadata.managed_fields]
    times += [condition.last_transition_time for condition in pod.status.conditions]
    for status in pod.status.container_statuses:
        if (running := status.state.running) is not None:
            times.append(running.started_at)
        if (terminated := status.state.terminated) is not None:
            times += (terminated.started_at, terminated.finished_at)
    for time in times:
        if time is not None and after < time < before:
            after = time
    return after
