"""What log lines say, as far as a pattern can tell.

Lines are written by applications, so by anybody: they only choose among kinds of trouble. No name, number or remedy is ever taken out of
one; a host in a line counts when the cluster has a Service or the workload a variable of that name. A line that speaks to its reader (names
a root cause, plays a tool call or a command, pretends to be somebody) reports nothing, and neither does the line it runs on into.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from optral.kube.logs import is_refusal

MAX_BYTES = 64 * 1024
MAX_LINE = 2000
MAX_LINES = 400  # the last ones; every pattern is tried on each kind of line


class Sign(NamedTuple):
    """A line that tells something. `kind` is one of `KINDS`."""

    kind: str
    line: str


_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("architecture", (r"exec format error",)),
    (
        "library",
        (
            r"error while loading shared libraries|cannot open shared object file|error loading shared library",
            r"version `GLIBC\S{0,20}' not found",
            r"cannot find (?:module|package) '|ERR_MODULE_NOT_FOUND",
            r"ModuleNotFoundError|No module named",
            r"ClassNotFoundException|NoClassDefFoundError",
            r"cannot load such file -- |Could not find gem ",
        ),
    ),
    (
        "command",
        (
            r"executable file not found",
            r": command not found",
            r"can't open file '[^']+'",
            r"could not find or load main class|unable to access jarfile",
            r"no such file or directory.{0,40}exec",
        ),
    ),
    ("port", (r"address (?:already )?in use", r"\bEADDRINUSE\b", r"bind: .{0,40}in use", r"port \d{1,5} (?:is|was) already in use")),
    (
        "heap",
        (
            r"OutOfMemory(?:Error|Exception)",
            r"allowed memory size of \d{1,20} bytes exhausted|memory allocation of \d{1,20} bytes failed",
            r"heap out of memory",
            r"MemoryError",
            r"fatal error: runtime: out of memory",
            r"cannot allocate memory",
            r"insufficient memory for the Java Runtime|native memory allocation .{0,20}failed",
        ),
    ),
    ("killed", (r"SIGKILL\W{1,3}perhaps out of memory", r"\bsignal\W{1,3}(?:SIGKILL|9)\b|killed (?:with|by) (?:signal )?SIGKILL")),
    (
        "full",
        (
            r"too many connections|too many clients",
            r"remaining connection slots|connection limit exceeded",
            r"max(?:imum)? number of (?:clients|connections) reached",
        ),
    ),
    (
        "frozen",
        (
            r"--(?:super-)?read-only option|read-only transaction",
            r"READONLY You can't write against",
            r"database is in read-only mode|not (?:primary|master)\b.{0,40}(?:write|recovering)",
        ),
    ),
    (
        "schema",
        (
            r"unknown database '|database \S{1,80} does not exist",
            r"table '[^']{1,120}' doesn't exist|no such table:|relation \S{1,80} does not exist",
            r"unknown column '",
        ),
    ),
    ("rights", (r"is forbidden: User \"?system:serviceaccount:", r"User \"?system:serviceaccount:\S{1,200} cannot ")),
    ("disk", (r"no space left on device", r"\bENOSPC\b", r"disk quota exceeded")),
    (
        "certificate",
        (
            r"x509:",
            r"certificate (?:has expired|verify failed|is not (?:yet )?valid|signed by unknown)",
            r"tls: (?:failed|bad|unknown)",
            r"PKIX path building failed|SSLHandshakeException|CERTIFICATE_VERIFY_FAILED",
        ),
    ),
    (
        "credentials",
        (
            r"access denied for user",
            r"authentication failed",
            r"password authentication",
            r"invalid (?:credentials|username or password|api key|token)",
            r"WRONGPASS",
            r"NOAUTH",
            r"\b401\b.{0,20}unauthorized",
            r"permission denied for (?:database|relation|schema)",
            r"login (?:failed|was refused)|\bACCESS_REFUSED\b",
        ),
    ),
    (
        "setting",
        (
            r"env(?:ironment)?(?:[ _]var(?:iable)?s?)?\b.{0,80}?not (?:set|found|defined|provided)",
            r"env(?:ironment)?(?:[ _]var(?:iable)?s?)?\b.{0,80}?(?:missing|required|undefined|empty|unset)",
            r"(?:missing|required|unset|undefined)\b.{0,40}?(?:env(?:ironment)?\b|variable|setting|configuration|config key)",
            r"KeyError: ['\"][A-Z][A-Z0-9_]+['\"]",
            r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b\"?'? (?:is |was )?not (?:set|defined|provided)",
            r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b\"?'? (?:is |was )?(?:missing|required|undefined|must be set|unset|empty)",
            r"(?:must|please) (?:set|provide|specify) [A-Z][A-Z0-9_]{2,}",
            r"could not resolve placeholder '",
            r"failed to configure a DataSource|jdbcUrl is required",
            r"\bset the [A-Z][A-Z0-9_]{2,60} environment variable|not found\. Declare it as envvar|field required \[type=missing",
            r"key not found: [\"':]?[A-Z][A-Z0-9_]{2,}|\bErr\b.{0,20}\bNotPresent\b",
            r"(?:password|credentials?) (?:option )?(?:is|are) not specified",
            r"need to (?:specify|set|provide) one of the following.{0,30}variable",
        ),
    ),
    (
        "config",
        (
            r"(?:invalid|malformed|bad) .{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:failed|unable) to (?:parse|load|read).{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:cannot|error) (?:pars|load|read)(?:e|ing)?.{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:yaml|json|toml): (?:line|unmarshal|invalid)",
            r"unknown (?:field|flag|option|directive)",
            r"failed to bind properties under|InvalidConfigurationPropertyValue",
        ),
    ),
    (
        "dependency",
        (
            r"connection (?:refused|timed out|reset)",
            r"\b(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)\b",
            r"bad address '|could not translate host name|host not found in upstream",
            r"no such host|name or service not known|temporary failure in name resolution|UnknownHost|getaddrinfo|server misbehaving",
            r"could not (?:connect|resolve)|(?:cannot|can't|unable to|failed to) connect",
            r"i/o timeout|no route to host|dial tcp|connect: ",
            r"(?:status|code|statuscode)\W{1,3}unavailable\b|StatusCode\.UNAVAILABLE",
            r"communications link failure|connect(?:ion)? timed out|SocketTimeoutException|ConnectTimeoutException",
            r"unable to (?:obtain|acquire) .{0,20}connection|connection is not available, request timed out",
            r"\bConnectException\b|no available server|exception opening socket|MongoSocket\w{0,20}Exception",
            r"MongoTimeoutException|broker may not be available|no servers available|bootstrap broker .{0,80}disconnected",
        ),
    ),
    (
        "write",
        (
            r"permission denied",
            r"\b(?:EACCES|EPERM|EROFS)\b",
            r"read-only (?:file system|directory)",
            r"operation not permitted",
            r"java\.nio\.file\.AccessDeniedException",
            r"does not have the access rights to|\b(?:is|are) not writable",
        ),
    ),
)
_PATTERNS = tuple((kind, re.compile("|".join(f"(?:{one})" for one in words), re.IGNORECASE)) for kind, words in _WORDS)
KINDS = tuple(kind for kind, _ in _PATTERNS)
_ERROR = re.compile(r"\b(?:error|fatal|panic|exception|traceback|failed|failure|critical|abort(?:ed|ing)?|cannot|unable)\b", re.IGNORECASE)
_LISTENING = re.compile(
    r"(?:listen(?:ing|s|er)?|started|serving|running|bound|accepting|(?:ready|waiting) for connections)\b.{0,120}?"
    r"(?:port(?:\(s\)|s)?\W{0,3}|:)(\d{2,5})\b",
    re.IGNORECASE,
)
_STARTED = re.compile(
    r"ready (?:to accept|to serve|for connections|for start up)|accepting connections|start(?:ed)? worker process"
    r"|\b(?:server|application|service|app)\b.{0,40}\b(?:has )?(?:started|is (?:up|running|ready)|ready)\b"
    r"|\bstarted \S{1,80} in \d|start(?:ed|up) (?:complete|completed|finished|in \d)|boot(?:ed)? complete",
    re.IGNORECASE,
)


_SPEAKS = re.compile(
    r"(?<!with )root[ _-]?cause|probable cause|rootCause|\bhypothes|\bdiagnos[ei]|\bverdict\b|\bconfidence\W{1,4}\d|\btrust this\b"
    r"|(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|instructions?|rules|evidence|logs?)\b"
    r"|new instructions?|system prompt|you are (?:now|an?)\b|as an ai\b"
    r"|dear (?:operator|assistant|model|engineer)|attention[ ,:]+(?:operator|model|assistant|ai)"
    r"|^\W*(?:system|assistant|user|developer|human|tool)\W*[:>\]]|<\|?/?(?:system|assistant|user|im_start|im_end|tool|function)|\[/?INST\]|</?s>"
    r"|tool_?(?:call|use|result)|function_?call|submit_analysis|check_hypothesis|\"(?:tool|tool_calls|recommendedActions|runbook)\""
    r"|\b(?:kubectl|helm|crictl|systemctl) [a-z]|\bcurl https?:|\brm -rf\b|\bsudo \b|\brunbook\b"
    r"|\b(?:please|must|should|need to|recommend(?:ed)?(?: to)?|suggested?)\b.{0,40}"
    r"\b(?:delete|restart|scale|cordon|drain|roll ?back|approve)\b"
    r"|\b(?:memory_limit|node_pressure|quota_exceeded|webhook_denied|bad_rollout|disk_full|bad_credentials|dependency_unavailable|port_in_use)\w*\b",
    re.IGNORECASE,
)
_RUNS_ON = re.compile(r"(?:[:,=\\-]|\b(?:is|was|the|a|an|of|to|that|because|say|says))\s*$", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<!\d)(?!401\b)\d+")
_HIDDEN = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@lru_cache(maxsize=2048)
def _speaks(shape: str) -> bool:
    return _SPEAKS.search(unicodedata.normalize("NFKC", shape)) is not None


@lru_cache(maxsize=2048)
def _kinds(shape: str) -> tuple[str, ...]:
    return tuple(kind for kind, pattern in _PATTERNS if pattern.search(shape))


def _shape(line: str) -> str:
    """The line without what differs from one to the next: no pattern asks for a number but 401."""
    return _NUMBERS.sub("0", _HIDDEN.sub("", line))


def forget() -> None:
    """Forget what was read: for measuring, as if every log were new."""
    for cache in (_speaks, _kinds, _reporting, _signs):
        cache.cache_clear()


def reporting(text: str) -> list[str]:
    """The lines that report something: without those that speak to their reader, and without what these run on into."""
    return list(_reporting(text))


@lru_cache(maxsize=32)
def _reporting(text: str) -> tuple[str, ...]:
    found: list[str] = []
    is_spoken = False
    for line in lines(text):
        shape = _shape(line)
        runs_on = is_spoken
        is_spoken = _speaks(shape)
        if is_spoken or runs_on:
            is_spoken = _RUNS_ON.search(shape) is not None
        else:
            found.append(line)
    return tuple(found)


def signs(text: str) -> list[Sign]:
    """Lines that a pattern knows, last line first, one per kind. The end of a log is what counts: its last 400 lines, at most 64 KiB."""
    return list(_signs(text))


@lru_cache(maxsize=32)
def _signs(text: str) -> tuple[Sign, ...]:
    found: dict[str, Sign] = {}
    for line in reversed(_reporting(text)):
        kind = next((kind for kind in _kinds(_shape(line)) if kind not in found), None)
        if kind is not None:
            found[kind] = Sign(kind, line)
    return tuple(found.values())


def lines(text: str) -> list[str]:
    """The last lines that a container wrote; the errors of whoever read them for us are none of its words."""
    found = [line[:MAX_LINE] for line in text[-MAX_BYTES:].splitlines() if line.strip() and not is_refusal(line)]
    return found[-MAX_LINES:]


def last_error(text: str) -> str | None:
    """The last line that speaks of an error; the last line of all when none does."""
    found = reporting(text)
    return next((line for line in reversed(found) if _ERROR.search(line)), found[-1] if found else None)


def listening(text: str) -> list[tuple[int, str]]:
    """(port, line) of lines that say where the application listens."""
    return [
        (int(match.group(1)), line) for line in reporting(text) if (match := _LISTENING.search(line)) and 0 < int(match.group(1)) < 65536
    ]


def started(text: str) -> str | None:
    """The last line that says that the application has come up."""
    return next((line for line in reversed(reporting(text)) if _STARTED.search(line)), None)


def names(line: str, word: str) -> bool:
    """Whether the line names this host or address: as a whole word, not as a part of another name."""
    return re.search(rf"(?<![A-Za-z0-9_.-]){re.escape(word)}(?![A-Za-z0-9_-])", line) is not None
