"""Variables and arguments of containers: which values are plain addresses, which options hold secrets."""

import ipaddress
import re
from functools import lru_cache

from optral.kube import addresses
from optral.kube.redact_values import is_opaque, looks_secret

MEMO = 4096  # values that are remembered
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
_ADDRESS_NAME = re.compile(r"HOST|ADDR|URL|URI|ENDPOINT|SERVER|BROKER|SERVICE|UPSTREAM|CONNECT|BOOTSTRAP|BACKEND", re.IGNORECASE)
_MACHINE_NAME = re.compile(addresses.HOST_NAME, re.IGNORECASE)
_MACHINE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,8}", re.ASCII)
_PROSE = re.compile(r"[^\s,;]\s+[^\s,;]")
_AROUND, _BETWEEN = "[]\"' \t\n", re.compile(r"[\"']?\s*[,;\s]\s*[\"']?")  # `["http://a:80", "http://b:80"]`, `a:80 b:80`
_PORT_NAME = re.compile(addresses.PORT_NAME, re.IGNORECASE)
_PORT = re.compile(r"[1-9]\d{1,4}", re.ASCII)
_STORE = re.compile(
    r"((?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb(?:\+srv)?|rediss?|amqps?|nats|clickhouse|cassandra|couchdb)://)"
    r"(?:[^@/?#\s]*@)?((?:[a-z0-9.,:-]|\$\([A-Za-z_][A-Za-z0-9_.-]{0,60}\)){1,200})(?:[/?;][^@\s]*)?",
    re.ASCII,
)
_TCP = re.compile(r"(?:[^@\s]*@)?tcp\(([a-z0-9.-]{1,253}:[1-9]\d{0,4})\)(?:/\S*)?", re.ASCII)
_VARIABLE_IN_TEXT = re.compile(r"(:?)\$\([A-Za-z_][A-Za-z0-9_.-]{0,60}\)", re.ASCII)
MASKED_STORE = re.compile(r"(\S.{0,300}?) \[redacted:(?:env|arg):[0-9a-f]{8}\]", re.ASCII)
_NEVER_STORE = re.compile(r"pass|secret|token|api.?key|credential|private|cookie|webhook", re.IGNORECASE)
_NEVER_ADDRESS = re.compile(rf"{_NEVER_STORE.pattern}|dsn|conn(?:ection)?.?str", re.IGNORECASE)


@lru_cache(MEMO)
def is_plain_address(name: str, value: str) -> bool:
    """Tell whether an environment value is only an address: URL, host:port, IP or service name, with nothing that could open a door.

    A single word is a host where the variable's name ends in `_HOST` or is one like `PGHOST`, a bare number a port likewise. `$(NAME)`
    may stand for a part of a name, or for a port.
    """
    if len(value) > 300 or _NEVER_ADDRESS.search(name):
        return False
    plain = _without_variables(value).strip(_AROUND)
    parts = _BETWEEN.split(plain)
    if _PROSE.search(plain) and not all(":" in part for part in parts):
        return False  # words with blanks between them may be a passphrase
    return all(_one_address(name, part) for part in parts) and not looks_secret(value)


def _without_variables(text: str) -> str:
    return _VARIABLE_IN_TEXT.sub(lambda found: ":80" if found.group(1) else "x", text) if "$(" in text else text


def _one_address(name: str, text: str) -> bool:
    if url := _URL.fullmatch(text):
        return not any(is_opaque(part) for part in url.group(3).split("/")) and not is_opaque(url.group(1).partition(".")[0])
    if _HOST_PORT.fullmatch(text) or _SERVICE.fullmatch(text):
        return not any(is_opaque(part) for part in text.split("."))
    if _SHORT_HOST_PORT.fullmatch(text):
        return _ADDRESS_NAME.search(name) is not None and not is_opaque(text.partition(":")[0])
    if _PORT.fullmatch(text):
        return _PORT_NAME.search(name) is not None
    if _MACHINE_NAME.search(name) and _MACHINE.fullmatch(text):
        return not any(is_opaque(part) for part in text.split("."))
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "." in text or ":" in text  # a bare number is a valid IPv4 address to Python, and a PIN to its owner


@lru_cache(MEMO)
def store_of(name: str, value: str) -> str | None:
    """Of the URL of a database or broker, such as `postgres://user:password@db:5432/shop`, what tells where it is: `postgres://db:5432`.

    None where it is none, or where what stands in the place of the host may be something else.
    """
    if len(value) > 1000 or _NEVER_STORE.search(name):
        return None
    if (found := _STORE.fullmatch(value)) is not None:
        scheme, hosts = found.groups()
        is_plain = all(_is_machine(*host.partition(":")) for host in _without_variables(hosts).split(","))
        return scheme + hosts if is_plain and not looks_secret(hosts) else None
    if (found := _TCP.fullmatch(value)) is not None:
        return f"tcp({found.group(1)})" if _is_machine(*found.group(1).partition(":")) and not looks_secret(found.group(1)) else None
    return _of_fields(addresses.connection(value))


def _of_fields(found: tuple[addresses.Address, ...]) -> str | None:
    """The hosts and the port of a connection string that is not a URL."""
    if not found or any(map(is_opaque, (part for one in found for part in one.host.split(".")))):
        return None
    host = "host=" + ",".join(one.host for one in found)
    return host if found[0].port is None else f"{host} port={found[0].port}"


def _is_machine(host: str, colon: str, port: str) -> bool:
    return _MACHINE.fullmatch(host) is not None and not any(map(is_opaque, host.split("."))) and (not colon or bool(_PORT.fullmatch(port)))


# --- arguments ---------------------------------------------------------------------------------------------------------------------
_FLAG_WORDS = r"(?:pass|pwd|secret|token|key|credential|auth|cookie|dsn|conn(?:ection)?.?str)"
FLAG = re.compile(r"^--?[A-Za-z0-9_.-]*" + _FLAG_WORDS + r"[A-Za-z0-9_.-]*$", re.IGNORECASE)
FLAG_VALUE = re.compile(
    r"^(-{0,2}[A-Za-z0-9_.-]*" + _FLAG_WORDS + r"[A-Za-z0-9_.-]*=)(.*)$",
    re.IGNORECASE | re.DOTALL,
)
FILE_FLAG = re.compile(r"(file|path|dir|name|namespace|enabled|mode|type)=?$", re.IGNORECASE)
FILE = re.compile(r"(/[A-Za-z0-9_.@-]+){2,}(\.[a-z]{2,5})?|/[A-Za-z0-9_-]+\.[a-z]{2,5}")
VARIABLE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?")
HARMLESS = frozenset({"", "true", "false", "True", "False", "none", "null", "-", "disabled", "enabled", "0", "1", "yes", "no", "on", "off"})
