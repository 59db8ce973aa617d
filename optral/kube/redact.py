"""Redaction: what leaves the cluster goes through `Redactor.redact`, the one function between decoder and buffer.

The buffer accepts only `Redacted`, so no path leads around it. Three rules decide: what a place means (Secret data, ConfigMap
values, `env`, `args`, annotations), what a key is called (`…password…`), and what a value looks like (a detector: tokens, keys, URLs with
credentials). A masked value becomes `[redacted:<kind>:<8 hex>]`, an HMAC under a salt that stays in the cluster: equal values can be
seen to be equal, and nothing more. What cannot be understood leaves as metadata only.

Pods are the bulk of the traffic and have a fast path: msgspec cuts the object into raw pieces, only pieces that may hold secrets are
opened, and what the pods of one workload share (`env`, probes, annotations) is remembered by its bytes. The typed rest of a pod has no
free-form keys, so one scan by value (`scan`, re2: one big alternation in `re` costs ten times more) covers it; a hit takes the slow path.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import math
import re
import secrets
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NewType

import msgspec
import re2

from optral.kit.times import rfc3339
from optral.kube import addresses
from optral.kube.certificates import bundle_not_after
from optral.kube.kinds import Kind
from optral.kube.prune import prune

Redacted = NewType("Redacted", bytes)

VERSION = 1  # raise it when a rule becomes stricter
CA_NOT_AFTER = "optralCaNotAfter"  # beside a masked `caBundle`: when nothing verifies against it any more
MAX_ANNOTATION_CHARS = 1024
MAX_DEPTH = 64
MAX_MEMO_BYTES = 16 * 1024  # a larger piece is worked out each time: the memo stays below about 100 MB at its very worst, 5 in practice
MEMO_PIECES = 4096
MEMO_CLEAN = 32_768  # digests of pieces in which there was nothing to hide, about 100 bytes each


class Unredactable(Exception):
    """Not even the metadata of this object can be read; it must not leave."""


# --- what a value looks like -------------------------------------------------------------------------------------------------------
# (kind, pattern): group 1 stays, group 2 is masked. No value class begins with `[` or `$`: a marker or a `$(VARIABLE)` is no secret.
# Written in the common part of `re` and re2; `scan` runs all of them over JSON as it travels, so none may cross a `"`.
_WORDS = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_.-]?key|access[_.-]?key|account[_.-]?key|credentials?|private[_.-]?key|auth[_.-]?key)"
)
# Where an option begins: `payments-credentials not found` holds none, but two dashes do anywhere. Before one dash stands what no name ends
# with; in JSON a line's end is written `\n`, and a terminal's colour `\u001b[1m`.
_OPTION = r"((?:--|(?:^|[^A-Za-z0-9_.-]|\\[nrt]|\\u[0-9a-fA-F]{4}|(?:\x1b|\\u001[bB])\[[0-9;?]*[A-Za-z])-)"
_DETECTORS: tuple[tuple[str, str], ...] = (
    ("pem", r"()(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^\"\[]*)"),
    ("jwt", r"()(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),
    ("bearer", r"([Bb](?:earer|EARER) +)([A-Za-z0-9._~+/=-]{20,}|[A-Za-z._~+/=-]*[0-9][A-Za-z0-9._~+/=-]{3,})"),
    ("basic", r"([Bb](?:asic|ASIC) +)([A-Za-z0-9+/]{6,}[0-9+/=][A-Za-z0-9+/=]*)"),
    ("userinfo", r"(://)([^\s/@:\"\\\[]*:[^\s@\"\\\[]{1,200})@"),
    ("userinfo", r"(://)([^\s/@:\"\\\[]{8,200})@"),
    ("signature", r"([?&;]sig=)([^\s\"'&\[$]{8,})"),
    ("assigned", r"((?i:" + _WORDS + r")[A-Za-z0-9_.-]{0,40}[\"']?=[\"']?)([^\s\"'\\&;,\[\]$][^\s\"'\\&;,\[\]]{2,})"),
    ("flag", _OPTION + r"[A-Za-z0-9_.-]{0,60}(?i:" + _WORDS + r") +)([^\s\"'\\&;,\[\]$-][^\s\"'\\&;,\[\]]{2,})"),
    ("aws", r"()\b((?:AKIA|ASIA)[A-Z0-9]{16})"),
    ("google", r"()(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,})"),
    ("cloud", r"()(do[opr]_v1_[a-f0-9]{32,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{40,})"),
    ("git", r"()(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|gl(?:pat|rt|dt|cbt|ptt)-[A-Za-z0-9_-]{16,})"),
    ("chat", r"()(xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})"),
    ("webhook", r"((?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks)/)([A-Za-z0-9/_-]{20,})"),
    ("payment", r"()\b([rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{20,})"),
    ("model", r"()\b(sk-[A-Za-z0-9_-]{32,})"),
    ("package", r"()(npm_[A-Za-z0-9]{30,}|pypi-AgE[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})"),
    ("optral", r"()\b(mh[te]_[A-Za-z0-9]{40,})"),
)
_SUBSTITUTIONS = tuple((kind, re.compile(pattern)) for kind, pattern in _DETECTORS)


def _alternation(patterns: list[str]) -> Any:
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = 64 * 1024 * 1024  # the automaton of all detectors must not be thrown away in the middle of a scan
    return re2.compile("|".join(patterns).encode(), options)


_SCAN = _alternation([pattern for _, pattern in _DETECTORS])
_MENTION = _alternation([r"(?i:" + _WORDS + r"|authorization|cookie)"])
# Free text says "token: abc123" and "failed to fetch token: pod not found" alike: masked is what has a digit, or follows a password word.
# What the kernel says of a file that is called so (`/run/secrets/db-password: permission denied`) is no password.
_OF_FILE = r"(?!(?:permission denied|operation not permitted|no such file|file exists|(?:not|is) a directory|read-only file system)\b)"
_SAID_PASSWORD = re.compile(
    r"(?i)(?<!\[redacted:)((?:pass(?:word|wd|phrase)|pwd)[A-Za-z0-9_.-]{0,40}[\"']?\s*(?::|\bis\b)\s*[\"']?)"
    + _OF_FILE
    + r"([^\s\"',;\[\]$]{3,})"
)
_SAID_OTHER = re.compile(
    r"(?i)(?<!\[redacted:)("
    + _WORDS
    + r"[A-Za-z0-9_.-]{0,40}[\"']?\s*:\s*[\"']?)([^\s\"',;\[\]$]*\d[^\s\"',;\[\]]{3,}|[^\s\"',;\[\]$]{24,})"
)
_SAID_HEADER = re.compile(r"(?i)((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?|(?:set-)?cookie:\s*)([^\s\"'\[][^\"'\[\]\n]{5,})")
_SAID = (("password", _SAID_PASSWORD), ("assigned", _SAID_OTHER), ("header", _SAID_HEADER))
_LONG_TOKEN = re.compile(r"(?<![A-Za-z0-9+_=/-])[A-Za-z0-9+_=-]{32,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_MARKER = re.compile(r"\[redacted:[a-z0-9.-]{1,40}:[0-9a-f]{8}\]")


def scan(raw: bytes) -> bool:
    """Tell whether anything in these bytes looks like a secret by value; about 15–20 µs per 8 KB. Names of keys are not judged."""
    return _SCAN.search(raw) is not None


def scrub(raw: bytes) -> bytes:
    """The second pass, for bytes in which `scan` found something: mask by every rule, or leave metadata only. Never raises.

    Markers made here use a salt of this process: the receiver has no share in the cluster's own.
    """
    redactor = process_redactor()
    try:
        tree = msgspec.json.decode(raw)
        answer = msgspec.json.encode(redactor.walk(tree)) if isinstance(tree, dict) else b"{}"
        return answer if not scan(answer) else metadata_only(raw)
    except (msgspec.DecodeError, _TooDeep, Unredactable, RecursionError, UnicodeError, ValueError):
        return b"{}"


# --- what a key is called ----------------------------------------------------------------------------------------------------------
_SECRETIVE = re.compile(r"pass|secret|token|api.?key|credential|private|auth|cookie|dsn|conn(?:ection)?.?str|access.?key", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(name|namespace|refs?|kind|path|paths|file|dir|type|mode|policy|class|enabled|seconds|version|method|provider|group|selector)$",
    re.IGNORECASE,
)
_STRICTLY_SECRET = re.compile(r"(pass(word|wd|phrase)?|secret|token|api.?key|credential|pin)s?$", re.IGNORECASE)
_ENV_KEY = re.compile(r"^(extra)?env(s|vars?|ironment(Variables)?)?$|EnvVars?$", re.IGNORECASE)
# A list or a map under `env` holds variables; a single word is a label that says which stage this is.
_STAGE = re.compile(r"[a-z]{2,14}\d{0,2}(-([a-z]{1,14}\d{0,2}|\d{1,2})){0,3}", re.IGNORECASE | re.ASCII)
_ARGS_KEYS = frozenset({"args", "command", "extraArgs", "cmd", "entrypoint", "arguments"})
_REFERENCE_LEAVES = frozenset(
    {
        "name", "namespace", "kind", "apiVersion", "apiGroup", "group", "path", "mode", "type", "fieldPath", "resource", "audience",
        "driver", "operator", "secretName", "uid", "verb", "scope", "medium",
    }
)  # fmt: skip
_DROPPED_ANNOTATION = re.compile(r"last-applied|original-configuration|kapp\.k14s\.io/original|objectset\.rio\.cattle\.io/applied")
_MASKED_MAPS = frozenset({"stringData", "binaryData"})
_PLAIN, _SECRET, _ENV, _ARGS, _ANNOTATIONS, _CA = range(6)


@lru_cache(16384)
def _class_of(key: str) -> int:
    if key == "annotations":
        return _ANNOTATIONS
    if key == "caBundle":
        return _CA
    if key in _ARGS_KEYS:
        return _ARGS
    if _ENV_KEY.search(key):
        return _ENV
    if _SECRETIVE.search(key) and not _REFERENCE.search(key):
        return _SECRET
    return _PLAIN


# --- environment -------------------------------------------------------------------------------------------------------------------
LISTED_ENV = frozenset(
    {
        "PORT", "TZ", "LANG", "LC_ALL", "LOG_LEVEL", "LOGLEVEL", "LOG_FORMAT", "ENV", "ENVIRONMENT", "APP_ENV", "NODE_ENV", "RAILS_ENV",
        "GIN_MODE", "DEBUG", "HOME", "PATH", "HOSTNAME", "HOST", "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG", "JAVA_OPTS",
        "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "PYTHONUNBUFFERED", "WORKERS", "WEB_CONCURRENCY", "REPLICAS",
        "HTTP_PORT", "HTTPS_PORT", "GRPC_PORT", "METRICS_PORT", "LISTEN_PORT", "SERVER_PORT", "APP_PORT",
    }
)  # fmt: skip
_URL = re.compile(r"[a-z][a-z0-9+.-]{0,20}://([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?((?:/[A-Za-z0-9._~-]{0,40}){0,8})", re.ASCII)
_HOST_PORT = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\.?:\d{1,5}|localhost:\d{1,5}|:\d{1,5}", re.ASCII)
_SHORT_HOST_PORT = re.compile(r"[A-Za-z0-9-]+:\d{2,5}", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.svc(\.[a-z0-9.-]+)?", re.ASCII)
_ADDRESS_NAME = re.compile(r"HOST|ADDR|URL|URI|ENDPOINT|SERVER|BROKER|SERVICE|UPSTREAM", re.IGNORECASE)
_MACHINE_NAME = re.compile(addresses.HOST_NAME, re.IGNORECASE)
_MACHINE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,8}", re.ASCII)
_PORT_NAME = re.compile(addresses.PORT_NAME, re.IGNORECASE)
_PORT = re.compile(r"[1-9]\d{1,4}", re.ASCII)
_STORE = re.compile(
    r"((?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb(?:\+srv)?|rediss?|amqps?|nats|clickhouse|cassandra|couchdb)://)"
    r"(?:[^@/?#\s]*@)?([a-z0-9.,:-]{1,200})(?:[/?;][^@\s]*)?",
    re.ASCII,
)
_MASKED_STORE = re.compile(r"(\S+) \[redacted:env:[0-9a-f]{8}\]", re.ASCII)
_NEVER_ADDRESS = re.compile(r"pass|secret|token|api.?key|credential|private|cookie|dsn|conn(?:ection)?.?str|webhook", re.IGNORECASE)


@lru_cache(MEMO_PIECES)
def is_plain_address(name: str, value: str) -> bool:
    """Tell whether an environment value is only an address: URL, host:port, IP or service name, with nothing that could open a door.

    A single word is a host where the variable's name ends in `_HOST` or is one like `PGHOST`, a bare number a port likewise.
    """
    if len(value) > 300 or _NEVER_ADDRESS.search(name):
        return False
    return all(_one_address(name, part.strip()) for part in value.split(",")) and not _looks_secret(value)


def _one_address(name: str, text: str) -> bool:
    if url := _URL.fullmatch(text):
        return not any(_is_opaque(part) for part in url.group(3).split("/")) and not _is_opaque(url.group(1).partition(".")[0])
    if _HOST_PORT.fullmatch(text) or _SERVICE.fullmatch(text):
        return not any(_is_opaque(part) for part in text.split("."))
    if _SHORT_HOST_PORT.fullmatch(text):
        return _ADDRESS_NAME.search(name) is not None and not _is_opaque(text.partition(":")[0])
    if _PORT.fullmatch(text):
        return _PORT_NAME.search(name) is not None
    if _MACHINE_NAME.search(name) and _MACHINE.fullmatch(text):
        return not any(_is_opaque(part) for part in text.split("."))
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "." in text or ":" in text  # a bare number is a valid IPv4 address to Python, and a PIN to its owner


@lru_cache(MEMO_PIECES)
def store_of(name: str, value: str) -> str | None:
    """Of the URL of a database or broker, such as `postgres://user:password@db:5432/shop`, what tells where it is: `postgres://db:5432`.

    None where it is none, or where what stands in the place of the host may be something else.
    """
    found = _STORE.fullmatch(value) if len(value) <= 1000 and not _NEVER_ADDRESS.search(name) else None
    if found is None:
        return None
    scheme, hosts = found.groups()
    is_plain = all(_is_machine(*host.partition(":")) for host in hosts.split(","))
    return scheme + hosts if is_plain and not _looks_secret(hosts) else None


def _is_machine(host: str, colon: str, port: str) -> bool:
    return _MACHINE.fullmatch(host) is not None and not any(map(_is_opaque, host.split("."))) and (not colon or bool(_PORT.fullmatch(port)))


def _is_opaque(part: str) -> bool:
    """A path or host part that names nothing: long, with digits among letters (a token in a URL)."""
    return len(part) >= 16 and any(c.isdigit() for c in part) and any(c.isalpha() for c in part)


@lru_cache(16384)
def _is_secret_key(key: str) -> bool:
    return len(key) >= 8 and _looks_secret(key)


def _looks_secret(text: str) -> bool:
    return _SCAN.search(text.encode("utf-8", "surrogatepass")) is not None


# --- arguments ---------------------------------------------------------------------------------------------------------------------
_FLAG_WORDS = r"(?:pass|pwd|secret|token|key|credential|auth|cookie|dsn|conn(?:ection)?.?str)"
_FLAG = re.compile(r"^--?[A-Za-z0-9_.-]*" + _FLAG_WORDS + r"[A-Za-z0-9_.-]*$", re.IGNORECASE)
_FLAG_VALUE = re.compile(
    r"^(-{0,2}[A-Za-z0-9_.-]*" + _FLAG_WORDS + r"[A-Za-z0-9_.-]*=)(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_FILE_FLAG = re.compile(r"(file|path|dir|name|namespace|enabled|mode|type)=?$", re.IGNORECASE)
_FILE = re.compile(r"(/[A-Za-z0-9_.@-]+){2,}(\.[a-z]{2,5})?|/[A-Za-z0-9_-]+\.[a-z]{2,5}")
_VARIABLE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?")
_HARMLESS = frozenset({"", "true", "false", "True", "False", "none", "null", "-", "disabled", "enabled"})


class _TooDeep(Exception):
    pass


class _Unknown(Exception):
    """A pod with fields that this code does not know: the slow path redacts it by names."""


class _Managed(msgspec.Struct, omit_defaults=True):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""


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


_PIECES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PIECE_LIST = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_MANAGED = msgspec.json.Decoder(list[_Managed])
_HEAD = msgspec.json.Decoder(_HeadOnly)
_encode = msgspec.json.encode

_POD_FIELDS = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_META_FIELDS = frozenset(
    {
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    }
)  # fmt: skip
_SPEC_FIELDS = frozenset(
    {
        "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds",
        "activeDeadlineSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName", "serviceAccount", "automountServiceAccountToken",
        "nodeName", "hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "securityContext", "imagePullSecrets", "hostname",
        "subdomain", "affinity", "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority", "dnsConfig",
        "readinessGates", "runtimeClassName", "enableServiceLinks", "preemptionPolicy", "overhead", "topologySpreadConstraints",
        "setHostnameAsFQDN", "os", "hostUsers", "schedulingGates", "resourceClaims", "resources", "hostnameOverride", "workloadRef",
    }
)  # fmt: skip
_CONTAINER_FIELDS = frozenset(
    {
        "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy", "restartPolicy",
        "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
        "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
        "targetContainerName",
    }
)  # fmt: skip
_OWN_PIECES = frozenset({"annotations", "args", "command"})
_WALKED_OF_CONTAINER = ("env", "args", "command", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
_FREE_VOLUMES = (b'"csi"', b'"flexVolume"', b'"ephemeral"', b'"rbd"', b'"scaleIO"', b'"cephfs"', b'"iscsi"')


class Redactor:
    """Redacts objects of one cluster under one salt. Not thread-safe beyond what the GIL gives; use one per process."""

    def __init__(self, salt: bytes) -> None:
        if len(salt) < 16:
            raise ValueError("the salt needs at least 16 bytes")
        self._salt = salt
        self._text: Callable[[str], str] = lru_cache(MEMO_PIECES)(self._read_text)
        self._remembered: Callable[[str, bytes], msgspec.Raw] = lru_cache(MEMO_PIECES)(self._walked)
        self._clean: set[bytes] = set()
        self._clean_before: set[bytes] = set()

    def redact(self, kind: Kind, raw: bytes) -> Redacted:
        """Redact one object of this kind, given as the JSON of the API server. Always carries `apiVersion` and `kind`.

        What is not understood leaves as metadata only. Raises `Unredactable` when even that cannot be read.
        """
        try:
            if kind.id == "Pod":
                try:
                    answer = self._pod(kind, raw)
                    if not scan(answer):
                        return Redacted(answer)
                except _Unknown:
                    pass
            answer = self._object(kind, raw)
        except (msgspec.MsgspecError, _TooDeep, RecursionError, UnicodeError, ValueError, TypeError, AttributeError):
            return Redacted(metadata_only(raw, kind))
        # A detector may still fire across what the walk sees as separate strings; then only the metadata is safe.
        return Redacted(answer if not scan(answer) else metadata_only(raw, kind))

    def mask(self, kind: str, text: str) -> str:
        """The marker for this text; equal texts have equal markers within one cluster."""
        digest = hmac.digest(self._salt, text.encode("utf-8", "surrogatepass"), "sha256")
        return f"[redacted:{kind}:{digest[:4].hex()}]"

    # --- pods: pieces ----------------------------------------------------------------------------------------------------------

    def _pod(self, kind: Kind, raw: bytes) -> bytes:
        pieces = _PIECES.decode(raw)
        if not pieces.keys() <= _POD_FIELDS:
            raise _Unknown
        pod: dict[str, Any] = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": self._metadata(pieces["metadata"])}
        if (spec := pieces.get("spec")) is not None:
            pod["spec"] = self._pod_spec(spec)
        if (status := pieces.get("status")) is not None:
            pod["status"] = self._pod_status(status)
        return _encode(pod)

    def _metadata(self, raw: msgspec.Raw) -> dict[str, Any]:
        meta: dict[str, Any] = _PIECES.decode(raw)
        if not meta.keys() <= _META_FIELDS:
            raise _Unknown
        if (managed := meta.get("managedFields")) is not None:
            meta["managedFields"] = _MANAGED.decode(managed)
        if (annotations := meta.get("annotations")) is not None:
            meta["annotations"] = self._piece("annotations", annotations)
        if (labels := meta.get("labels")) is not None:
            meta["labels"] = self._piece("labels", labels)
        return meta

    def _pod_spec(self, raw: msgspec.Raw) -> dict[str, Any]:
        spec: dict[str, Any] = _PIECES.decode(raw)
        if not spec.keys() <= _SPEC_FIELDS:
            raise _Unknown
        for field in ("containers", "initContainers", "ephemeralContainers"):
            if (containers := spec.get(field)) is not None:
                spec[field] = [self._container(container) for container in _PIECE_LIST.decode(containers)]
        if (selector := spec.get("nodeSelector")) is not None:
            spec["nodeSelector"] = self._piece("nodeSelector", selector)
        if (volumes := spec.get("volumes")) is not None:
            text = bytes(volumes)
            if any(name in text for name in _FREE_VOLUMES):
                spec["volumes"] = self._piece("volumes", volumes)
        return spec

    def _container(self, container: dict[str, Any]) -> dict[str, Any]:
        if not container.keys() <= _CONTAINER_FIELDS:
            raise _Unknown
        for field in _WALKED_OF_CONTAINER:
            if (piece := container.get(field)) is not None:
                container[field] = self._piece(field, piece)
        return container

    def _pod_status(self, raw: msgspec.Raw) -> Any:
        # Messages are free text (the last log lines of a dead container, too): a mention of a secret has them read.
        text = bytes(raw)
        if b'"message"' in text and _MENTION.search(text) is not None:
            return self._walked("status", text)
        return raw

    def _piece(self, key: str, raw: msgspec.Raw) -> msgspec.Raw:
        """A piece after redaction. What each pod has of its own (annotations, arguments) and hides nothing is known by its digest."""
        text = bytes(raw)
        if key not in _OWN_PIECES:
            return self._remembered(key, text) if len(text) <= MAX_MEMO_BYTES else self._walked(key, text)
        digest = hashlib.blake2b(text, digest_size=16, key=self._salt[:64], person=key[:16].encode()).digest()
        if digest in self._clean:
            return raw
        if digest not in self._clean_before:
            walked = self._walked(key, text)
            if bytes(walked) != text:
                return walked
        self._note_clean(digest)
        return raw

    def _note_clean(self, digest: bytes) -> None:
        """Two generations: when one is full the one before it is forgotten."""
        if len(self._clean) >= MEMO_CLEAN // 2:
            self._clean_before, self._clean = self._clean, set()
        self._clean.add(digest)

    def _walked(self, key: str, raw: bytes) -> msgspec.Raw:
        return msgspec.Raw(_encode(self._value(key, msgspec.json.decode(raw), tainted=False, depth=4)))

    # --- everything else: the whole tree ---------------------------------------------------------------------------------------

    def _object(self, kind: Kind, raw: bytes) -> bytes:
        tree = msgspec.json.decode(raw)
        if not isinstance(tree, dict):
            raise ValueError("not an object")
        return _encode(self.walk(prune(kind.id, {"apiVersion": kind.api_version, "kind": kind.name, **tree})))

    def walk(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Redact a decoded object of any kind by every rule."""
        return self._dict(tree, tainted=False, depth=0)

    def _value(self, key: str, value: Any, *, tainted: bool, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _TooDeep
        kind = _class_of(key)
        if isinstance(value, str):
            return self._leaf(key, value, tainted=tainted, kind=kind)
        if isinstance(value, dict):
            return self._by_place(key, value, kind=kind, tainted=tainted, depth=depth)
        if isinstance(value, list):
            return self._list(key, value, kind=kind, tainted=tainted, depth=depth)
        if isinstance(value, int | float) and not isinstance(value, bool) and _STRICTLY_SECRET.search(key):
            return self.mask("number", repr(value))
        return value

    def _list(self, key: str, items: list[Any], *, kind: int, tainted: bool, depth: int) -> list[Any]:
        if kind == _ENV:
            return [self._env(item, depth=depth + 1) for item in items]
        if kind == _ARGS:
            return self._args(items, tainted=tainted, depth=depth + 1)
        if key == "managedFields":
            condensed: list[Any] = msgspec.to_builtins(msgspec.convert(items, list[_Managed]))
            return condensed
        inner = tainted or kind == _SECRET
        return [self._value(key if isinstance(item, str) else "", item, tainted=inner, depth=depth + 1) for item in items]

    def _by_place(self, key: str, value: dict[str, Any], *, kind: int, tainted: bool, depth: int) -> Any:
        if kind == _ANNOTATIONS:
            return self._annotations(value, depth=depth + 1)
        if kind == _ENV:
            return {name: self._env_value(name, item, depth=depth + 1) for name, item in value.items()}
        if key in _MASKED_MAPS:
            return self._masked_map("data", value)
        return self._dict(value, tainted=tainted or kind == _SECRET, depth=depth + 1)

    def _dict(self, node: dict[str, Any], *, tainted: bool, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise _TooDeep
        kind = node.get("kind")
        if kind in ("Secret", "ConfigMap") and isinstance(node.get("data"), dict):
            node = {**node, "data": self._masked_map("configmap" if kind == "ConfigMap" else "secret", node["data"])}
        elif kind == "Secret" and "data" in node:
            node = {**node, "data": self._whole("secret", node["data"])}
        elif kind == "CertificateSigningRequest" and isinstance(spec := node.get("spec"), dict) and "request" in spec:
            node = {**node, "spec": {**spec, "request": self._whole("csr", spec["request"])}}
        if isinstance(name := node.get("name"), str) and isinstance(value := node.get("value"), str) and _class_of(name) == _SECRET:
            node = {**node, "value": self._forced("named", value)}
        answer = {}
        for key, value in node.items():
            key = self._key(key)
            # `key` beside `name` is a reference (secretKeyRef); alone under a secretive word it is the secret.
            harmless = tainted and (key in _REFERENCE_LEAVES or (key == "key" and "name" in node))
            answer[key] = self._value(key, value, tainted=tainted and not harmless, depth=depth + 1)
        if isinstance(bundle := node.get("caBundle"), str) and (until := bundle_not_after(bundle)) is not None:
            answer[CA_NOT_AFTER] = rfc3339(until)
        return answer

    def _key(self, key: str) -> str:
        return key if not _is_secret_key(key) else self.mask("key", key)

    def _leaf(self, key: str, value: str, *, tainted: bool, kind: int) -> str:
        if kind == _CA:
            return self.mask("ca", value) if not _MARKER.fullmatch(value) else value
        if kind == _ENV and not tainted and _STAGE.fullmatch(value):
            return self.text(value)
        if tainted or kind in (_SECRET, _ENV):
            return self._forced("named", value)
        return self.text(value)

    def _forced(self, kind: str, value: str) -> str:
        return value if value in _HARMLESS or _MARKER.fullmatch(value) or _VARIABLE.fullmatch(value) else self.mask(kind, value)

    def _whole(self, kind: str, value: Any) -> str:
        return value if isinstance(value, str) and _MARKER.fullmatch(value) else self.mask(kind, repr(value))

    def _masked_map(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """Keys stay, values become markers that tell the size: `[redacted:configmap-1234:…]`."""
        return {key: self._sized(kind, value) for key, value in values.items()}

    def _sized(self, kind: str, value: Any) -> str:
        text = value if isinstance(value, str) else repr(value)
        return text if _MARKER.fullmatch(text) else self.mask(f"{kind}-{len(text.encode('utf-8', 'surrogatepass'))}", text)

    def _annotations(self, annotations: dict[str, Any], *, depth: int) -> dict[str, Any]:
        answer = {}
        for key, value in annotations.items():
            if _DROPPED_ANNOTATION.search(key):
                continue
            if isinstance(value, str) and len(value) > MAX_ANNOTATION_CHARS:
                answer[key] = self.mask("long", value)
            else:
                answer[key] = self._value(key, value, tainted=False, depth=depth)
        return answer

    # --- environment and arguments ---------------------------------------------------------------------------------------------

    def _env(self, item: Any, *, depth: int) -> Any:
        if not isinstance(item, dict):
            return self._forced("env", item) if isinstance(item, str) else self._value("", item, tainted=True, depth=depth)
        answer = {}
        name = item.get("name")
        for key, value in item.items():
            if key == "value":
                answer[key] = self._env_value(name if isinstance(name, str) else "", value, depth=depth)
            else:
                answer[key] = self._value("", value, tainted=False, depth=depth)
        return answer

    def _env_value(self, name: str, value: Any, *, depth: int) -> Any:
        if isinstance(value, dict):  # valueFrom in a map form
            return self._dict(value, tainted=True, depth=depth + 1)
        if not isinstance(value, str):
            return value if isinstance(value, bool) or value is None else self.mask("env", repr(value))
        if name.upper() in LISTED_ENV:
            return self.text(value)
        if is_plain_address(name, value):
            return value
        if (masked := _MASKED_STORE.fullmatch(value)) is not None and store_of(name, masked.group(1)) == masked.group(1):
            return value
        store = store_of(name, value)
        return f"{store} {self.mask('env', value)}" if store is not None else self._forced("env", value)

    def _args(self, args: list[Any], *, tainted: bool, depth: int) -> list[Any]:
        answer: list[Any] = []
        flag = ""
        for item in args:
            if not isinstance(item, str):
                answer.append(self._value("", item, tainted=tainted, depth=depth))
                flag = ""
                continue
            if tainted or (flag and not item.startswith("--")):
                answer.append(self._argument(flag, item))
            elif (pair := _FLAG_VALUE.match(item)) is not None:
                answer.append(pair.group(1) + self._argument(pair.group(1), pair.group(2)))
            else:
                answer.append(self.text(item))
            flag = item if _FLAG.match(item) else ""
        return answer

    def _argument(self, flag: str, value: str) -> str:
        if _FILE.fullmatch(value) and not _is_opaque(value.rpartition("/")[2]):
            return value
        if _FILE_FLAG.search(flag):
            return self.text(value)
        return self._forced("arg", value)

    # --- free text -------------------------------------------------------------------------------------------------------------

    def text(self, value: str) -> str:
        """Mask what looks like a secret inside a text; the rest stays readable."""
        if len(value) < 8:
            return value
        return self._text(value) if len(value) <= MAX_ANNOTATION_CHARS else self._read_text(value)

    def _read_text(self, value: str) -> str:
        if _MARKER.fullmatch(value):
            return value
        if value[0] in "{[" and value[-1] in "}]" and (inner := self._json(value)) is not None:
            return inner
        raw = value.encode("utf-8", "surrogatepass")
        mentions = _MENTION.search(raw) is not None
        if mentions or _SCAN.search(raw) is not None:
            value = self._substituted(value, mentions=mentions)
        elif _BASE64.fullmatch(value) and self._hides(value):
            return self.mask("base64", value)
        return value

    def _json(self, value: str) -> str | None:
        """JSON inside a string (many controllers keep objects in annotations) is walked like any other."""
        try:
            inner = msgspec.json.decode(value)
        except (msgspec.MsgspecError, UnicodeError):
            return None
        if not isinstance(inner, dict | list):
            return None
        walked = self._value("", inner, tainted=False, depth=MAX_DEPTH // 2)
        return value if walked == inner else _encode(walked).decode()

    def _substituted(self, value: str, *, mentions: bool) -> str:
        for kind, pattern in _SUBSTITUTIONS:
            value = pattern.sub(lambda found, kind=kind: self._replacement(kind, found), value)  # type: ignore[misc]
        if not mentions:
            return value
        for kind, pattern in _SAID:
            value = pattern.sub(lambda found, kind=kind: self._replacement(kind, found), value)  # type: ignore[misc]
        return _LONG_TOKEN.sub(lambda found: self.mask("entropy", found.group()) if _entropy(found.group()) >= 4 else found.group(), value)

    def _replacement(self, kind: str, found: re.Match[str]) -> str:
        tail = found.string[found.end(2) : found.end()]
        return found.group(1) + self.mask(kind, found.group(2)) + tail

    def _hides(self, value: str) -> bool:
        try:
            plain = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
        except (binascii.Error, ValueError):
            return False
        return _SCAN.search(plain) is not None or (plain.isascii() and _MENTION.search(plain) is not None)


def metadata_only(raw: bytes, kind: Kind | None = None) -> bytes:
    """The object's names and times and nothing else. Raises `Unredactable` when they cannot be read."""
    try:
        head = _HEAD.decode(raw)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unredactable(str(error)) from error
    meta = {field: value for field in head.metadata.__struct_fields__ if (value := getattr(head.metadata, field))}
    answer = _encode(
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


def _entropy(text: str) -> float:
    """Bits per character, by the text's own frequencies."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


@lru_cache(1)
def process_redactor() -> Redactor:
    return Redactor(secrets.token_bytes(32))
