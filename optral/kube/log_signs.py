"""Log signs: what a line of a container's log means, as far as a pattern shows it. One table for grouping and for explanations.

Lines are written by applications, so by anybody: a sign only chooses among kinds of failure. The hosts that a line names (`hosts`) count
only where the cluster has a Service, or the workload an address, of that name.

Numbers are replaced before the patterns are tried (see `shape`), so that a line is matched once however often it comes: no pattern may ask
for a number other than 401.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from optral.kube import addresses
from optral.kube.addresses import Address

MAX_LINE = 2000  # characters of a line that are read


class Sign(NamedTuple):
    """A kind of line: its name, what such a line means, and the patterns (case-insensitive) that it matches."""

    name: str
    meaning: str
    patterns: tuple[str, ...]


DEPENDENCY = "dependency"
_UNRESOLVED = (
    r"no such host|name or service not known|temporary failure in name resolution|\bname resolution\b|nodename nor servname",
    r"\b(?:ENOTFOUND|EAI_AGAIN|NXDOMAIN)\b|UnknownHost|getaddrinfo|failed to lookup address|server misbehaving",
    r"could not resolve (?!placeholder)|could not translate host name|bad address '|host not found in upstream",
    r"unknown \w{1,20} server host",
    r"\blookup \S{1,253} on \S{1,253}:",
)
_UNREACHED = (
    r"connection (?:refused|timed out|reset)|ConnectionRefused|\b(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b",
    r"could not connect|(?:cannot|can't|unable to|failed to|not possible to) (?:re)?connect|connection to \S{1,253} refused",
    r"failed to (?:open TCP|establish a new) connection",
    r"connection attempts? failed|\bconnect(?:ion)?(?:\(\))? (?:failed|error)\b|(?:error|timeout) (?:trying to )?connect(?:ing)?\b",
    r"i/o timeout|dial tcp|no route to host|TLS handshake timeout|Client\.Timeout exceeded|socket hang up",
    r"\b(?:network|host|server|broker|service|destination|database|backend|upstream|peer) (?:is )?(?:currently )?unreachable\b",
    r"\bconnect: (?:connection|no route|network|host|operation timed|cannot assign)",
    r"(?:status|code|statuscode|runtimeexception)\W{1,3}(?:unavailable|deadline_?exceeded)\b|StatusCode\.(?:UNAVAILABLE|DEADLINE_EXCEEDED)",
    r"unavailable: io exception",
    r"communications link failure|connect(?:ion)? timed out|SocketTimeoutException|Connect(?:ion)?Timeout\w{0,12}|\bread timed out",
    r"(?:socket|connect)timeout(?:exception|error)|Net::(?:Open|Read)Timeout",
    r"(?:cURL error|curl:) \(?\d+\)?:? (?:operation|connection) timed",
    r"unable to (?:obtain|acquire) .{0,20}connection|connection is not available, request timed out",
    r"pool ?timed ?out|timed out while waiting for an open connection",
    r"\bConnectException\b|\bRedisConnectionException\b|no available server|exception opening socket|MongoSocket\w{0,20}Exception",
    r"MongoTimeoutException|ServerSelection(?:Timeout)?Error|MongoNetworkError|upstream timed out|no living connections",
    r"broker may not be available|no ?brokers ?available|no servers available|bootstrap broker .{0,80}disconnected",
    r"(?:client|server)s? (?:is )?not connected|server has gone away|lost connection to \w{1,20} server|max retries exceeded with url",
    r"error occurred while establishing a connection|socket closed abruptly during opening handshake",
)
_ANSWERED = frozenset({"full", "frozen", "schema", "certificate", "credentials"})
"""Signs by which the other side has answered: a line with one of them does not mean that a dependency is down."""

SIGNS: tuple[Sign, ...] = (
    Sign("architecture", "The node cannot execute the program.", (r"exec format error",)),
    Sign(
        "library",
        "A library or module that the program loads is missing.",
        (
            r"error while loading shared libraries|cannot open shared object file|error loading shared library",
            r"version `GLIBC\S{0,20}' not found",
            r"cannot find (?:module|package) '|ERR_MODULE_NOT_FOUND",
            r"ModuleNotFoundError|No module named",
            r"ClassNotFoundException|NoClassDefFoundError",
            r"cannot load such file -- |Could not find gem ",
        ),
    ),
    Sign(
        "command",
        "A program or script that should run is missing.",
        (
            r"executable file not found",
            r": command not found",
            r"can't open file '[^']+'",
            r"could not find or load main class|unable to access jarfile",
            r"no such file or directory.{0,40}exec",
        ),
    ),
    Sign(
        "port",
        "The port that the program wants to listen on is in use.",
        (r"address (?:already )?in use", r"\bEADDRINUSE\b", r"bind: .{0,40}in use", r"port \d{1,5} (?:is|was) already in use"),
    ),
    Sign(
        "heap",
        "The program has used up its own memory.",
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
    Sign(
        "killed",
        "A child process was killed.",
        (r"SIGKILL\W{1,3}perhaps out of memory", r"\bsignal\W{1,3}(?:SIGKILL|9)\b|killed (?:with|by) (?:signal )?SIGKILL"),
    ),
    Sign(
        "full",
        "A server takes no more connections.",
        (
            r"too many connections|too many clients",
            r"remaining connection slots|connection limit exceeded",
            r"max(?:imum)? number of (?:clients|connections) reached",
        ),
    ),
    Sign(
        "frozen",
        "A server accepts no writes.",
        (
            r"--(?:super-)?read-only option|read-only transaction",
            r"READONLY You can't write against",
            r"database is in read-only mode|not (?:primary|master)\b.{0,40}(?:write|recovering)",
        ),
    ),
    Sign(
        "schema",
        "A database, table or column does not exist.",
        (
            r"unknown database '|database \S{1,80} does not exist",
            r"table '[^']{1,120}' doesn't exist|no such table:|relation \S{1,80} does not exist",
            r"unknown column '",
        ),
    ),
    Sign(
        "rights",
        "The ServiceAccount lacks a permission.",
        (r"is forbidden: User \"?system:serviceaccount:", r"User \"?system:serviceaccount:\S{1,200} cannot "),
    ),
    Sign("disk", "No space is left on a disk.", (r"no space left on device", r"\bENOSPC\b", r"disk quota exceeded")),
    Sign(
        "certificate",
        "A TLS certificate or handshake is refused.",
        (
            r"x509:",
            r"certificate (?:has expired|verify failed|is not (?:yet )?valid|signed by unknown)",
            r"tls: (?:failed|bad|unknown)",
            r"PKIX path building failed|SSLHandshakeException|CERTIFICATE_VERIFY_FAILED",
            r"self[- ]signed certificate|unable to verify the first certificate|invalid peer certificate",
            r"remote certificate is invalid|SSL certificate problem",
        ),
    ),
    Sign(
        "credentials",
        "A server refuses the credentials.",
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
    Sign(
        "setting",
        "A setting that the program needs is missing.",
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
    Sign(
        "config",
        "The configuration cannot be read.",
        (
            r"(?:invalid|malformed|bad) .{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:failed|unable) to (?:parse|load|read).{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:cannot|error) (?:pars|load|read)(?:e|ing)?.{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:yaml|json|toml): (?:line|unmarshal|invalid)",
            r"unknown (?:field|flag|option|directive)",
            r"failed to bind properties under|InvalidConfigurationPropertyValue",
        ),
    ),
    Sign(DEPENDENCY, "The program cannot reach something that it calls.", (*_UNRESOLVED, *_UNREACHED)),
    Sign(
        "write",
        "The program may not read or write a file.",
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


@lru_cache
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these patterns, compiled on first use: all of them take 40 ms, and most processes read no log."""
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


NAMES = tuple(sign.name for sign in SIGNS)
_TIMEOUT = re.compile(r"timed? ?out|timeout|deadline exceeded|ETIMEDOUT", re.IGNORECASE)
_DNS_SILENT = re.compile(r"\blookup\b.{0,120}(?:timeout|timed out)|EAI_AGAIN|temporary failure in name resolution", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<!\d)(?!401\b)\d+")
_HIDDEN = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_HOST = r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_NAMING = (
    r"\b(?:lookup|resolve(?: host)?|enotfound|eai_again|UnknownHostException)[ :=\"']{1,3}HOST",
    r"\bhost(?:name)?(?: name)?[=: ]{0,2}[\"']HOST[\"'](?:,? \(?port[= ]?(\d{1,5}))?",
    r"\bhost[=:]\s{0,1}HOST(?:,? port[= ](\d{1,5}))?",
    r"\bserver (?:at|on|host) [\"']HOST[\"'](?: \([^)]{1,60}\),? port (\d{1,5}))?",
    r"\bfor [\"']HOST[\"'] port (\d{1,5})",
    r"\bconnect to HOST port (\d{1,5})",
    r"\bconnect(?:ing|ion)? to HOST:(\d{1,5})",
    r"\b(?:bad address|in upstream|getaddrinfo for) [\"']?HOST",
    r"\((?:Connection refused )?\(?HOST:(\d{1,5})\)",
    r"Connection refused \(HOST:(\d{1,5})\)",
    r"\bhost HOST:(\d{1,5})",
)
_NO_HOSTS = frozenset({"address", "host", "hostname", "name", "names", "placeholder", "the", "for", "of", "on", "failed", "localhost"})
MAX_HOSTS = 20  # that one phrase names in a text


def of_line(line: str) -> tuple[str, ...]:
    """The names of the signs that a line shows, in the order of the table."""
    return of_shape(shape(line))


@lru_cache
def _naming() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern.replace("HOST", _HOST), re.IGNORECASE) for pattern in _NAMING)


@lru_cache(maxsize=2048)
def of_shape(shape: str) -> tuple[str, ...]:
    """As `of_line`, for a line without its numbers."""
    found = tuple(sign.name for sign in SIGNS if _one_of(sign.patterns).search(shape))
    if DEPENDENCY in found and not _ANSWERED.isdisjoint(found):
        return tuple(name for name in found if name != DEPENDENCY)
    return found


@lru_cache(maxsize=2048)
def shape(line: str) -> str:
    """The line without what differs from one to the next: numbers (but for 401), colours, invisible characters."""
    text = line[:MAX_LINE]
    return _NUMBERS.sub("0", text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text))


def is_dependency_failure(line: str) -> bool:
    """Whether a line reports that the program cannot reach something that it calls."""
    return DEPENDENCY in of_line(line)


def is_name_failure(text: str) -> bool:
    """Whether a text reports that a name does not resolve."""
    return _one_of(_UNRESOLVED).search(text) is not None


def is_timeout(line: str) -> bool:
    """Whether a line reports that something took too long: a packet that is dropped, not a connection that is refused."""
    return _TIMEOUT.search(line) is not None


def is_dns_silent(line: str) -> bool:
    """Whether a line reports that DNS does not answer at all, rather than that it does not know the name."""
    return _DNS_SILENT.search(line) is not None


def hosts(text: str) -> tuple[Address, ...]:
    """The hosts that a text names, each with the port that it names with it, if any; each once.

    Addresses (`host:port`, URLs, names that end in `.svc…`), and the phrases in which drivers name the host alone. No IP addresses.
    """
    found: dict[str, int | None] = {}
    for address in addresses.found_in(text):
        found.setdefault(address.host, address.port)
    for pattern in _naming():
        for match in list(pattern.finditer(text))[:MAX_HOSTS]:
            host, port = match.group(1).rstrip(".").lower(), match.group(2) if pattern.groups > 1 else None
            if not host[:1].isalpha() or host in _NO_HOSTS:
                continue
            if found.get(host) is None:
                found[host] = int(port) if port and 1 <= int(port) <= 65535 else None
    return tuple(Address(host, port) for host, port in found.items())
