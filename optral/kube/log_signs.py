"""Log signs: what a line of a container's log means, as far as a pattern shows it, and what it names. For grouping and for explanations.

The table is in `log_table.py`, what a line names in `log_slots.py`, how lines become records in `log_records.py`. Lines are written by
applications, so by anybody: a sign only chooses among kinds of failure. The hosts that a line names (`hosts`) count only where the cluster
has a Service, or the workload an address, of that name.

Numbers are replaced before the patterns are tried (see `shape`), so that a line is matched once however often it comes.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from optral.kube import access_logs, addresses, log_records, log_slots, log_table, log_words
from optral.kube.addresses import Address
from optral.kube.log_connections import UNRESOLVED
from optral.kube.log_records import Record
from optral.kube.log_table import NOISE, SIGNS

DEPENDENCY = log_table.DEPENDENCY
NAMES = tuple(sign.name for sign in SIGNS)
_HIDES = {sign.name: frozenset(sign.hides) for sign in SIGNS}
_SLOTS = {sign.name: sign.slots for sign in SIGNS}
MAX_LINE = log_records.MAX_LINE


class Reading(NamedTuple):
    """What a record means: the names of its signs, the message that shows them, what it names, and how severe it says that it is."""

    signs: tuple[str, ...]
    message: str
    record: Record


_PATTERNS = tuple((sign.name, log_words.Patterns(sign.patterns)) for sign in SIGNS)
_NOISE = log_words.Patterns(NOISE)
_UNRESOLVED = log_words.Patterns(UNRESOLVED)
_TIMEOUT = re.compile(r"timed? ?out|timeout|deadline exceeded|ETIMEDOUT", re.IGNORECASE)
_DISK_OF_SERVER = re.compile(log_table.DISK_OF_SERVER, re.IGNORECASE)
_CLOSED = re.compile(
    r"reset by peer|connection reset|ECONNRESET|\bEOF\b|socket hang up|closed (?:abruptly|connection)|disconnect", re.IGNORECASE
)
_REFUSED = re.compile(
    r"connection (?:was )?refused|ECONNREFUSED|ConnectionRefused|actively refused|connection to \S{1,253} refused", re.IGNORECASE
)
_DNS_SILENT = re.compile(r"\blookup\b.{0,120}(?:timeout|timed out)|EAI_AGAIN|temporary failure in name resolution", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<!\d)(?<!signal )(?!401\b)\d+", re.IGNORECASE)
_HOST = r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_NAMING = (
    r"\b(?:lookup|resolve(?: host)?|enotfound|eai_again|UnknownHostException)[ :=\"']{1,3}HOST",
    r"\bhost(?:name)?(?: name)?[=: ]{0,2}[\"']HOST[\"'](?:,? \(?port[= ]?(\d{1,5}))?",
    r"\bhost[=:]\s{0,1}HOST(?:,? port[= ](\d{1,5}))?",
    r"\bserver (?:at|on|host) [\"']HOST[\"'](?: \([^)]{1,60}\),? port (\d{1,5}))?",
    r"\bfor [\"']HOST[\"'] port (\d{1,5})",
    r"\bconnect to HOST port (\d{1,5})",
    r"\bconnect(?:ing|ion)? to HOST:(\d{1,5})",
    r"\bavailable for (?:the )?service:? HOST",
    r"\b(?:bad address|in upstream|getaddrinfo for) [\"']?HOST",
    r"\((?:Connection refused )?\(?(?!node:)HOST:(\d{1,5})\)",
    r"Connection refused \(HOST:(\d{1,5})\)",
    r"\bhost HOST:(\d{1,5})",
    r"`HOST`:`(\d{1,5})`",
    r":host=>\\{0,2}\"HOST\\{0,2}\", :port=>(\d{1,5})",
    r"resolve 'HOST:(\d{1,5})'",
    r"\[thrd:(?:[a-z_]{1,20}://)?HOST:(\d{1,5})/",
    r"\bConnection to node -?\d{1,9} \(HOST/[\d.]{7,15}:(\d{1,5})\)",
    r"\bfailed to connect to HOST/[\d.]{7,15}:(\d{1,5})",
    r"\b(?:Certificate for <|DNS name matching |altnames: Host: |valid, not |not valid for '|svc, not )HOST",
    r"//HOST/\",",
)
_LANGUAGES = "go|java|pyc?|[cm]?[jt]sx?|rb|rs|cs|cc?|cpp|h|kt|jar|scala|erl"
_OF_CODE = re.compile(rf"\.(?:{_LANGUAGES}|php|conf|cfg|ya?ml|json|xml|toml|ini|sql)$", re.IGNORECASE)
_SOURCE = re.compile(rf"\.(?:{_LANGUAGES})$", re.IGNORECASE)
_VIRTUAL_HOST = re.compile(r', host: "[^"\s]{1,253}"')
"""The host that the request to nginx named, not the one that nginx calls."""
_UPSTREAM = re.compile(r"\boutbound\|(\d{1,5})\|[^|\s]{0,100}\|([a-z0-9][a-z0-9.-]{0,252})")
_IP_ADDRESS = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0|169\.254\.)(\d{1,3}(?:\.\d{1,3}){3}):(?!53\b)(\d{1,5})(?!\d|\s?->)", re.ASCII)
_NO_HOSTS = frozenset({"address", "host", "hostname", "name", "names", "placeholder", "the", "for", "of", "on", "failed", "localhost"})
MAX_HOSTS = 20  # that one phrase names in a text


def of_line(line: str) -> tuple[str, ...]:
    """The names of the signs that a line shows, in the order of the table: those of its deepest cause that has any."""
    return read(log_records.records([line])[0]).signs if line.strip() else ()


def read(record: Record) -> Reading:
    """What a record means: the signs of its deepest message that shows any."""
    if is_noise(record.text):
        return Reading((), "", record)
    for message in record.messages:
        found = access_logs.signs(message)
        if found is None:
            found = of_shape(shape(message))
        if found:
            return Reading(found, _message_with_host(found, message, record), record)
    return Reading((), "", record)


def _message_with_host(signs: tuple[str, ...], message: str, record: Record) -> str:
    """Of failed connections the message that names the host: the deepest of Python's chained exceptions is often a bare system error."""
    if DEPENDENCY not in signs or len(record.messages) == 1 or hosts(message):
        return message
    outer = (one for one in record.messages if DEPENDENCY in of_shape(shape(one)) and hosts(one))
    return next(outer, message)


def read_all(lines: list[str]) -> list[Reading]:
    """What each record of a log means, oldest first; records without a sign included."""
    return [read(record) for record in log_records.records(lines)]


def slots(sign: str, reading: Reading) -> dict[str, str]:
    """What a reading names, by slot, as far as this sign has the slot: in its message, else anywhere in its record."""
    found: dict[str, str] = {}
    texts = tuple(dict.fromkeys((reading.message, reading.record.text[: log_slots.MAX_TEXT])))
    wanted = _SLOTS.get(sign, ())
    if "host" in wanted:
        found.update(_address(texts))
    for slot in wanted:
        if slot != "host" and slot not in found and (value := _value(slot, texts)) is not None:
            found[slot] = value
    if sign in ("config", "setting") and is_source(found.get("file", "")):
        found = {slot: value for slot, value in found.items() if slot not in ("file", "line")}  # where the program noticed it
    if found.get("port") == "53" and is_name_failure(reading.message):
        del found["port"]  # of the name server
    return found


def _value(slot: str, texts: tuple[str, ...]) -> str | None:
    return next((value for text in texts if (value := log_slots.value(slot, text)) is not None), None)


def _address(texts: tuple[str, ...]) -> dict[str, str]:
    """The first host that is no file of code, with its port, else the first IP address; a host with a port before one without."""
    for text in texts:
        if (upstream := _UPSTREAM.search(text)) is not None:
            return {"host": upstream.group(2), "port": upstream.group(1)}
        named = [host for host in hosts(_VIRTUAL_HOST.sub("", text)) if not is_file(host.host)]
        one = next((one for one in named if one.port), named[0] if named else None)
        if one is not None:
            return {"host": one.host, **({"port": str(one.port)} if one.port else {})}
    called = next((one for text in texts for one in ip_addresses(text)), None)
    return {} if called is None else {"host": called.host, "port": str(called.port)}


def is_noise(text: str) -> bool:
    """Whether a program or sidecar writes this in ordinary operation, although it looks like a failure."""
    return _NOISE.match(text, text.lower())


@lru_cache
def _naming() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern.replace("HOST", _HOST), re.IGNORECASE) for pattern in _NAMING)


@lru_cache(maxsize=2048)
def of_shape(shape: str) -> tuple[str, ...]:
    """The signs of a message without its numbers, without those that another one hides."""
    lowered = shape.lower()
    found = tuple(name for name, patterns in _PATTERNS if patterns.match(shape, lowered))
    hidden = frozenset().union(*(_HIDES[name] for name in found)) if len(found) > 1 else frozenset()
    return tuple(name for name in found if name not in hidden)


@lru_cache(maxsize=2048)
def shape(line: str) -> str:
    """The line without what differs from one to the next: numbers (but for 401), colors, invisible characters."""
    return _NUMBERS.sub("0", log_records.clean(line[:MAX_LINE]))


def is_dependency_failure(line: str) -> bool:
    """Whether a line reports that the program cannot reach something that it calls."""
    return DEPENDENCY in of_line(line)


def is_name_failure(text: str) -> bool:
    """Whether a text reports that a name does not resolve."""
    return _UNRESOLVED.match(text, text.lower())


def is_disk_of_server(line: str) -> bool:
    """Whether a server reports that its own disk is full, rather than a container that one of its volumes is."""
    return _DISK_OF_SERVER.search(line) is not None


def is_closed(text: str) -> bool:
    """Whether a failed connection was opened and then closed by the other end."""
    return _CLOSED.search(text) is not None


def is_refused(text: str) -> bool:
    """Whether a connection was refused: the packets arrive, and nothing listens."""
    return _REFUSED.search(text) is not None


def is_timeout(line: str) -> bool:
    """Whether a line reports that something took too long: a packet that is dropped, not a connection that is refused."""
    return _TIMEOUT.search(line) is not None


def is_dns_silent(line: str) -> bool:
    """Whether a line reports that DNS does not answer at all, rather than that it does not know the name."""
    return _DNS_SILENT.search(line) is not None


def is_source(path: str) -> bool:
    """Whether a file is one of the program's own, as its traceback names it, and no configuration."""
    return _SOURCE.search(path) is not None


def is_file(host: str) -> bool:
    """Whether what looks like a host is a file of code or configuration, as traces name them before a line number."""
    return _OF_CODE.search(host) is not None


def ip_addresses(text: str) -> tuple[Address, ...]:
    """The IP addresses and ports that a text names: not this pod, the caller's own end of a connection, or a name server."""
    return tuple(dict.fromkeys(Address(host, int(port)) for host, port in _IP_ADDRESS.findall(text)))


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
