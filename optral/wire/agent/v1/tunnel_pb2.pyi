from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnrollRequest(_message.Message):
    __slots__ = ("token", "csr_der", "kube_system_uid", "info", "nonce")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CSR_DER_FIELD_NUMBER: _ClassVar[int]
    KUBE_SYSTEM_UID_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    token: str
    csr_der: bytes
    kube_system_uid: str
    info: AgentInfo
    nonce: str
    def __init__(self, token: _Optional[str] = ..., csr_der: _Optional[bytes] = ..., kube_system_uid: _Optional[str] = ..., info: _Optional[_Union[AgentInfo, _Mapping]] = ..., nonce: _Optional[str] = ...) -> None: ...

class RenewRequest(_message.Message):
    __slots__ = ("csr_der",)
    CSR_DER_FIELD_NUMBER: _ClassVar[int]
    csr_der: bytes
    def __init__(self, csr_der: _Optional[bytes] = ...) -> None: ...

class Certificate(_message.Message):
    __slots__ = ("chain_pem", "trust_bundle_pem", "cluster_id", "renew_at_ms", "server_time_ms", "tunnel_address", "endorsements")
    CHAIN_PEM_FIELD_NUMBER: _ClassVar[int]
    TRUST_BUNDLE_PEM_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_ID_FIELD_NUMBER: _ClassVar[int]
    RENEW_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    TUNNEL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ENDORSEMENTS_FIELD_NUMBER: _ClassVar[int]
    chain_pem: bytes
    trust_bundle_pem: bytes
    cluster_id: str
    renew_at_ms: int
    server_time_ms: int
    tunnel_address: str
    endorsements: _containers.RepeatedCompositeFieldContainer[Endorsement]
    def __init__(self, chain_pem: _Optional[bytes] = ..., trust_bundle_pem: _Optional[bytes] = ..., cluster_id: _Optional[str] = ..., renew_at_ms: _Optional[int] = ..., server_time_ms: _Optional[int] = ..., tunnel_address: _Optional[str] = ..., endorsements: _Optional[_Iterable[_Union[Endorsement, _Mapping]]] = ...) -> None: ...

class Endorsement(_message.Message):
    __slots__ = ("root", "by", "signature")
    ROOT_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    root: str
    by: str
    signature: bytes
    def __init__(self, root: _Optional[str] = ..., by: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...

class AgentInfo(_message.Message):
    __slots__ = ("agent_version", "protocol_min", "protocol_max", "kubernetes_version", "capabilities", "kube_system_uid", "instance")
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_MIN_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_MAX_FIELD_NUMBER: _ClassVar[int]
    KUBERNETES_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    KUBE_SYSTEM_UID_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    agent_version: str
    protocol_min: int
    protocol_max: int
    kubernetes_version: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    kube_system_uid: str
    instance: str
    def __init__(self, agent_version: _Optional[str] = ..., protocol_min: _Optional[int] = ..., protocol_max: _Optional[int] = ..., kubernetes_version: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., kube_system_uid: _Optional[str] = ..., instance: _Optional[str] = ...) -> None: ...

class Up(_message.Message):
    __slots__ = ("seq", "traceparent", "hello", "batch", "kind_state", "digest", "command_state", "heartbeat", "goodbye", "trust_report")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    KIND_STATE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    COMMAND_STATE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOODBYE_FIELD_NUMBER: _ClassVar[int]
    TRUST_REPORT_FIELD_NUMBER: _ClassVar[int]
    seq: int
    traceparent: str
    hello: Hello
    batch: Batch
    kind_state: KindState
    digest: Digest
    command_state: CommandState
    heartbeat: Heartbeat
    goodbye: Goodbye
    trust_report: TrustReport
    def __init__(self, seq: _Optional[int] = ..., traceparent: _Optional[str] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., batch: _Optional[_Union[Batch, _Mapping]] = ..., kind_state: _Optional[_Union[KindState, _Mapping]] = ..., digest: _Optional[_Union[Digest, _Mapping]] = ..., command_state: _Optional[_Union[CommandState, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., goodbye: _Optional[_Union[Goodbye, _Mapping]] = ..., trust_report: _Optional[_Union[TrustReport, _Mapping]] = ...) -> None: ...

class Down(_message.Message):
    __slots__ = ("ack", "welcome", "command", "cancel", "resync", "heartbeat_ack", "drain", "reject", "trust_update")
    ACK_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    RESYNC_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_ACK_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    REJECT_FIELD_NUMBER: _ClassVar[int]
    TRUST_UPDATE_FIELD_NUMBER: _ClassVar[int]
    ack: int
    welcome: Welcome
    command: Command
    cancel: Cancel
    resync: ResyncKind
    heartbeat_ack: HeartbeatAck
    drain: Drain
    reject: Reject
    trust_update: TrustUpdate
    def __init__(self, ack: _Optional[int] = ..., welcome: _Optional[_Union[Welcome, _Mapping]] = ..., command: _Optional[_Union[Command, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., resync: _Optional[_Union[ResyncKind, _Mapping]] = ..., heartbeat_ack: _Optional[_Union[HeartbeatAck, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ..., reject: _Optional[_Union[Reject, _Mapping]] = ..., trust_update: _Optional[_Union[TrustUpdate, _Mapping]] = ...) -> None: ...

class TrustUpdate(_message.Message):
    __slots__ = ("roots_pem", "endorsements", "renew_within_s")
    ROOTS_PEM_FIELD_NUMBER: _ClassVar[int]
    ENDORSEMENTS_FIELD_NUMBER: _ClassVar[int]
    RENEW_WITHIN_S_FIELD_NUMBER: _ClassVar[int]
    roots_pem: bytes
    endorsements: _containers.RepeatedCompositeFieldContainer[Endorsement]
    renew_within_s: int
    def __init__(self, roots_pem: _Optional[bytes] = ..., endorsements: _Optional[_Iterable[_Union[Endorsement, _Mapping]]] = ..., renew_within_s: _Optional[int] = ...) -> None: ...

class TrustReport(_message.Message):
    __slots__ = ("pins",)
    PINS_FIELD_NUMBER: _ClassVar[int]
    pins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pins: _Optional[_Iterable[str]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("info", "cursors", "running_command_ids")
    INFO_FIELD_NUMBER: _ClassVar[int]
    CURSORS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_COMMAND_IDS_FIELD_NUMBER: _ClassVar[int]
    info: AgentInfo
    cursors: _containers.RepeatedCompositeFieldContainer[KindCursor]
    running_command_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, info: _Optional[_Union[AgentInfo, _Mapping]] = ..., cursors: _Optional[_Iterable[_Union[KindCursor, _Mapping]]] = ..., running_command_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class KindCursor(_message.Message):
    __slots__ = ("kind", "generation", "count", "digest")
    KIND_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    kind: str
    generation: str
    count: int
    digest: bytes
    def __init__(self, kind: _Optional[str] = ..., generation: _Optional[str] = ..., count: _Optional[int] = ..., digest: _Optional[bytes] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("fence", "protocol", "heartbeat_s", "max_batch_bytes", "window_frames", "server_time_ms", "kinds")
    FENCE_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_S_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_BYTES_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    fence: int
    protocol: int
    heartbeat_s: int
    max_batch_bytes: int
    window_frames: int
    server_time_ms: int
    kinds: _containers.RepeatedCompositeFieldContainer[KindDirective]
    def __init__(self, fence: _Optional[int] = ..., protocol: _Optional[int] = ..., heartbeat_s: _Optional[int] = ..., max_batch_bytes: _Optional[int] = ..., window_frames: _Optional[int] = ..., server_time_ms: _Optional[int] = ..., kinds: _Optional[_Iterable[_Union[KindDirective, _Mapping]]] = ...) -> None: ...

class KindDirective(_message.Message):
    __slots__ = ("kind", "mode")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[KindDirective.Mode]
        RESUME: _ClassVar[KindDirective.Mode]
        SNAPSHOT: _ClassVar[KindDirective.Mode]
    UNSPECIFIED: KindDirective.Mode
    RESUME: KindDirective.Mode
    SNAPSHOT: KindDirective.Mode
    KIND_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    mode: KindDirective.Mode
    def __init__(self, kind: _Optional[str] = ..., mode: _Optional[_Union[KindDirective.Mode, str]] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("op", "kind", "uid", "namespace", "name", "resource_version", "json", "partial")
    class Op(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Item.Op]
        UPSERT: _ClassVar[Item.Op]
        DELETE: _ClassVar[Item.Op]
    UNSPECIFIED: Item.Op
    UPSERT: Item.Op
    DELETE: Item.Op
    OP_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_VERSION_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    op: Item.Op
    kind: str
    uid: str
    namespace: str
    name: str
    resource_version: str
    json: bytes
    partial: bool
    def __init__(self, op: _Optional[_Union[Item.Op, str]] = ..., kind: _Optional[str] = ..., uid: _Optional[str] = ..., namespace: _Optional[str] = ..., name: _Optional[str] = ..., resource_version: _Optional[str] = ..., json: _Optional[bytes] = ..., partial: _Optional[bool] = ...) -> None: ...

class Items(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("payload_zstd", "raw_bytes", "count")
    PAYLOAD_ZSTD_FIELD_NUMBER: _ClassVar[int]
    RAW_BYTES_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    payload_zstd: bytes
    raw_bytes: int
    count: int
    def __init__(self, payload_zstd: _Optional[bytes] = ..., raw_bytes: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class KindState(_message.Message):
    __slots__ = ("kind", "phase", "generation", "resource_version", "count")
    class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[KindState.Phase]
        SNAPSHOT_BEGIN: _ClassVar[KindState.Phase]
        SNAPSHOT_END: _ClassVar[KindState.Phase]
        LIVE: _ClassVar[KindState.Phase]
        FORBIDDEN: _ClassVar[KindState.Phase]
        GONE: _ClassVar[KindState.Phase]
    UNSPECIFIED: KindState.Phase
    SNAPSHOT_BEGIN: KindState.Phase
    SNAPSHOT_END: KindState.Phase
    LIVE: KindState.Phase
    FORBIDDEN: KindState.Phase
    GONE: KindState.Phase
    KIND_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    phase: KindState.Phase
    generation: str
    resource_version: str
    count: int
    def __init__(self, kind: _Optional[str] = ..., phase: _Optional[_Union[KindState.Phase, str]] = ..., generation: _Optional[str] = ..., resource_version: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Digest(_message.Message):
    __slots__ = ("kind", "count", "sum")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SUM_FIELD_NUMBER: _ClassVar[int]
    kind: str
    count: int
    sum: bytes
    def __init__(self, kind: _Optional[str] = ..., count: _Optional[int] = ..., sum: _Optional[bytes] = ...) -> None: ...

class ResyncKind(_message.Message):
    __slots__ = ("kind", "reason")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    kind: str
    reason: str
    def __init__(self, kind: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("now_ms", "cluster_offset_ms", "offset_known", "queued", "dropped_events")
    NOW_MS_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_KNOWN_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    now_ms: int
    cluster_offset_ms: int
    offset_known: bool
    queued: int
    dropped_events: int
    def __init__(self, now_ms: _Optional[int] = ..., cluster_offset_ms: _Optional[int] = ..., offset_known: _Optional[bool] = ..., queued: _Optional[int] = ..., dropped_events: _Optional[int] = ...) -> None: ...

class HeartbeatAck(_message.Message):
    __slots__ = ("echo_ms", "server_time_ms")
    ECHO_MS_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    echo_ms: int
    server_time_ms: int
    def __init__(self, echo_ms: _Optional[int] = ..., server_time_ms: _Optional[int] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("command_id", "attempt", "fence", "verb", "params_json", "expires_in_ms", "timeout_s", "dry_run", "uid", "resource_version", "age_ms", "requested_by", "previous_fence")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_MS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_VERSION_FIELD_NUMBER: _ClassVar[int]
    AGE_MS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FENCE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    attempt: int
    fence: int
    verb: str
    params_json: bytes
    expires_in_ms: int
    timeout_s: int
    dry_run: bool
    uid: str
    resource_version: str
    age_ms: int
    requested_by: str
    previous_fence: int
    def __init__(self, command_id: _Optional[str] = ..., attempt: _Optional[int] = ..., fence: _Optional[int] = ..., verb: _Optional[str] = ..., params_json: _Optional[bytes] = ..., expires_in_ms: _Optional[int] = ..., timeout_s: _Optional[int] = ..., dry_run: _Optional[bool] = ..., uid: _Optional[str] = ..., resource_version: _Optional[str] = ..., age_ms: _Optional[int] = ..., requested_by: _Optional[str] = ..., previous_fence: _Optional[int] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("command_id", "reason")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    reason: str
    def __init__(self, command_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CommandState(_message.Message):
    __slots__ = ("command_id", "attempt", "state", "code", "message", "result_json", "output_bytes", "replayed")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CommandState.State]
        RECEIVED: _ClassVar[CommandState.State]
        REJECTED: _ClassVar[CommandState.State]
        RUNNING: _ClassVar[CommandState.State]
        SUCCEEDED: _ClassVar[CommandState.State]
        FAILED: _ClassVar[CommandState.State]
        CANCELED: _ClassVar[CommandState.State]
        TIMED_OUT: _ClassVar[CommandState.State]
        UNKNOWN_OUTCOME: _ClassVar[CommandState.State]
    UNSPECIFIED: CommandState.State
    RECEIVED: CommandState.State
    REJECTED: CommandState.State
    RUNNING: CommandState.State
    SUCCEEDED: CommandState.State
    FAILED: CommandState.State
    CANCELED: CommandState.State
    TIMED_OUT: CommandState.State
    UNKNOWN_OUTCOME: CommandState.State
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_JSON_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    attempt: int
    state: CommandState.State
    code: str
    message: str
    result_json: bytes
    output_bytes: int
    replayed: bool
    def __init__(self, command_id: _Optional[str] = ..., attempt: _Optional[int] = ..., state: _Optional[_Union[CommandState.State, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., result_json: _Optional[bytes] = ..., output_bytes: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class OutputChunk(_message.Message):
    __slots__ = ("command_id", "offset", "data_zstd", "eof")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_ZSTD_FIELD_NUMBER: _ClassVar[int]
    EOF_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    offset: int
    data_zstd: bytes
    eof: bool
    def __init__(self, command_id: _Optional[str] = ..., offset: _Optional[int] = ..., data_zstd: _Optional[bytes] = ..., eof: _Optional[bool] = ...) -> None: ...

class OutputAck(_message.Message):
    __slots__ = ("received_through", "stop")
    RECEIVED_THROUGH_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    received_through: int
    stop: bool
    def __init__(self, received_through: _Optional[int] = ..., stop: _Optional[bool] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ("within_s",)
    WITHIN_S_FIELD_NUMBER: _ClassVar[int]
    within_s: int
    def __init__(self, within_s: _Optional[int] = ...) -> None: ...

class Goodbye(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Reject(_message.Message):
    __slots__ = ("code", "message", "retry_after_s", "server_time_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_S_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    retry_after_s: int
    server_time_ms: int
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., retry_after_s: _Optional[int] = ..., server_time_ms: _Optional[int] = ...) -> None: ...
