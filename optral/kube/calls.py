"""What containers call: the addresses in their variables and arguments. The one reader of detectors, grouping and analysis.

An address is certain if its text can be nothing else (`store:5432`, `http://store`, `store.shop.svc`), or if it is the value of a setting
such as `STORE_HOST` or `--db-host`; its port may be in `STORE_PORT` or `--db-port`. A word in another setting that may name a server
(`--cache-addr=redis`), and a word before a number in a command (`nc -z redis 6379`), count only where the cluster has such a Service.

In files, which hold far more than a program calls, only URLs and entries that are called like an address count. What a host means is in
`addresses.py`, which settings a container has in `settings.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from optral.kube import addresses, lenient, settings
from optral.kube.objects import ConfigMap, TemplateContainer, TemplateSpec, TemplateVolume
from optral.kube.settings import Configs, Setting, none_known

MEMO = 8192  # names that are remembered
MAX_COMMAND = 4000  # characters that are searched for a word before a number
_HOST_OF_SERVER, _PORT_OF_SERVER = re.compile(addresses.HOST_NAME), re.compile(addresses.PORT_NAME)
_MAY_NAME_SERVER = re.compile(r"(?:^|_)(?:HOST|ADDR|ADDRESS|URL|URI|ENDPOINT|SERVER|BROKERS?|UPSTREAM)(?:$|_)")
_NAME = r"([a-z](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_AWAITED = re.compile(
    rf"\b(?:nc|ncat|telnet)\s+(?:-\w+\s+(?:\d+\s+)?)*{_NAME}\s+([1-9][0-9]{{1,4}})\b|\b(?:nslookup|getent\s+hosts)\s+{_NAME}", re.ASCII
)
_CLIENT = re.compile(rf"(?:^|\s)-h[\s=]*{_NAME}(?:\s+\S+){{0,6}}?\s+-[pP][\s=]*([1-9][0-9]{{1,4}})(?=\s|$)", re.ASCII)
_LISTENS = re.compile(r"^(?:HOST|HOSTNAME|SERVER_ADDRESS|SERVER_HOST|ADDR|ADDRESS)$|(?:^|_)(?:BIND|LISTEN)(?:$|_)|LISTENERS?$")
_LOCALHOST = re.compile(r"(?:[a-z]{1,8}://)?(?:127\.0\.0\.1|localhost|\[?::1\]?)(?::\d{1,5})?", re.IGNORECASE)
_BEFORE_PORT = re.compile(r"_(?:ADDR|ADDRESS|SERVER|UR[IL]|ENDPOINT)$")
# Where the program itself listens, what it tells others of itself, and what looks like `host:port` and is an image.
_OWN = re.compile(r"^(?:HOST|HOSTNAME|SERVER_ADDRESS)$|(?:^|_)(?:BIND|LISTEN|ADVERTISED?)(?:$|_)|LISTENERS?$|(?:^|_)IMAGE$")
_NOT_CALLED = re.compile(
    r"(?:^|_)(?:NO_?PROXY|CORS|ALLOW(?:ED)?|DENY|DENIED|ORIGINS?|COOKIES?|DOMAINS?|SANS?|ALT_?NAMES?|DNS_?NAMES?|SERVER_?NAMES?|WHITELIST"
    r"|BLACKLIST|TRUSTED|IGNORED?|EXCLUDED?|EXAMPLES?|SAMPLES?|VIRTUAL_?HOSTS?|EXTERNAL|PUBLIC|REDIRECT|CALLBACK|RESOLVERS?|NAMESERVERS?"
    r"|XMLNS|SCHEMA|DOCS?|DOCUMENTATION|DESCRIPTION|HOMEPAGE|COMMENT|LICENSE)(?:$|_)"
)
"""What a program compares, publishes or explains, and does not call."""
_SWITCHED_OFF = {"EN": ("false", "0", "no", "off", "none", "disabled"), "DIS": ("true", "1", "yes", "on")}
MAX_SWITCH = 8  # characters of its value
_SWITCH = re.compile(r"(?:(EN|DIS)ABLED?_)?([A-Z0-9_]+?)(?:_(EN|DIS)ABLED?)?", re.ASCII)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_WORD_BEFORE_NUMBER = re.compile(
    r"(?:^|[\s'\"@/=(])([a-z](?:[a-z0-9.-]{1,251}[a-z0-9])?)(?::|\s+(?:-p\s+)?)([1-9][0-9]{1,4})(?![\w.])", re.ASCII
)


class Call(NamedTuple):
    """An address, the setting it is in, and the setting of its port if that is another one. See the module for `is_certain`."""

    setting: Setting
    host: str
    port: int | None
    port_setting: Setting | None = None
    is_certain: bool = True
    container: str = ""


def decode_container(tree: Mapping[str, Any]) -> TemplateContainer:
    """A container of a manifest; never raises. Fields of a wrong shape keep their defaults."""
    try:
        return msgspec.convert(tree, TemplateContainer)
    except (msgspec.MsgspecError, RecursionError):
        return lenient.from_tree(TemplateContainer, tree)


def decode_volumes(trees: Sequence[Mapping[str, Any]]) -> tuple[TemplateVolume, ...]:
    """The volumes of a pod; as `decode_container`."""
    return lenient.from_tree(TemplateSpec, {"volumes": list(trees)}).volumes


def decode_config(tree: Mapping[str, Any]) -> ConfigMap:
    """A redacted ConfigMap; as `decode_container`."""
    return lenient.from_tree(ConfigMap, tree)


def of_container(container: TemplateContainer, volumes: Iterable[TemplateVolume] = (), configs: Configs = none_known) -> Iterator[Call]:
    """The calls of one container in the order of its settings; the same address may come twice."""
    found = settings.of_container(container, volumes, configs)
    words = (call for field, line in found.commands for call in _in_command(field, line))
    return (call._replace(container=container.name) for call in chain(of_settings(found.every), words))


def of_template(template: TemplateSpec, configs: Configs = none_known) -> Iterator[Call]:
    """As `of_container`, of all main containers of a template."""
    return chain.from_iterable(of_container(container, template.volumes, configs) for container in template.containers)


def hosts(template: TemplateSpec, configs: Configs = none_known) -> Iterator[str]:
    """The hosts that a template may call, certain or not."""
    return (call.host for call in of_template(template, configs))


def hosts_in(config: ConfigMap) -> Iterator[str]:
    """The hosts in the values of a ConfigMap, whatever a container makes of them."""
    for address in config.addresses:
        yield from (found.host for found in addresses.in_setting(address.text))
        if addresses.is_host(address.text):
            yield address.text


def of_settings(found: Iterable[Setting]) -> Iterator[Call]:
    """The calls in the settings of one container."""
    known = [(setting, canonical(setting.name)) for setting in found if not _is_masked(setting.text)]
    ports: dict[str, dict[str, Setting]] = {}
    for setting, name in known:
        if _PORT_OF_SERVER.search(name) and _port(setting.text) is not None:
            ports.setdefault(setting.file, {})[name] = setting
    off = switched_off((name, setting.text) for setting, name in known)
    for setting, name in known:
        if not is_uncalled(name) and not name.startswith(off):
            yield from _in_setting(setting, name, ports.get(setting.file, {}))


def _is_masked(text: str) -> bool:
    """Whether the redactor masked all of it: most values of variables, in which no address need be looked for."""
    return text.startswith("[redacted:") and text.find("]") == len(text) - 1


def switched_off(found: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """How the settings of features that are off begin, from names in the form of variables and values: `X_` for `X_ENABLED=false`."""
    switches = ((_SWITCH.fullmatch(name), value.lower()) for name, value in found if len(value) <= MAX_SWITCH and "ABLE" in name)
    return tuple(
        f"{switch.group(2)}_"
        for switch, value in switches
        if switch is not None and value in _SWITCHED_OFF.get(switch.group(1) or switch.group(3), ())
    )


@lru_cache(MEMO)
def is_uncalled(name: str) -> bool:
    """Whether a setting of this name, in the form of a variable, holds hosts that its program does not call."""
    return _OWN.search(name) is not None or _NOT_CALLED.search(name) is not None


def local_listens(container: TemplateContainer) -> Iterator[Setting]:
    """The settings by which a container listens on localhost only: `BIND=127.0.0.1`, `--listen-address=localhost:8080`."""
    for setting in settings.of_container(container).every:
        if _LISTENS.search(canonical(setting.name)) and _LOCALHOST.fullmatch(setting.text):
            yield setting


def awaited(container: TemplateContainer) -> Iterator[addresses.Address]:
    """The hosts that a command asks for in so many words, as init containers do that wait: `nc -z redis 6379`, `nslookup redis`."""
    text = " ".join((*container.command, *container.args))[:MAX_COMMAND]
    for match in _AWAITED.finditer(text):
        host, port = match.group(1) or match.group(3), match.group(2)
        if addresses.is_host(host):
            yield addresses.Address(host, _port(port) if port else None)


def is_port_of_host(name: str, names: Iterable[str]) -> bool:
    """Whether a variable holds the port of a host that another of these variables names: `STORE_PORT` beside `STORE_HOST`."""
    port = canonical(name)
    return bool(port) and any(_beside(canonical(other), (port,)) == port for other in names)


def _in_setting(setting: Setting, name: str, ports: Mapping[str, Setting]) -> Iterator[Call]:
    found = addresses.in_setting(setting.text)
    port = ports.get(_beside(name, ports)) if len(found) < 2 else None
    for address in found:
        yield _call(setting, address.host, address.port, port)
    if not found and addresses.is_host(setting.text):
        is_certain = _HOST_OF_SERVER.search(name) is not None
        if is_certain or _MAY_NAME_SERVER.search(name):
            yield _call(setting, setting.text, None, port, is_certain=is_certain)


def _call(setting: Setting, host: str, written: int | None, beside: Setting | None, *, is_certain: bool = True) -> Call:
    if written is not None or beside is None:
        return Call(setting, host, written, is_certain=is_certain)
    return Call(setting, host, _port(beside.text), beside, is_certain=is_certain)


def _beside(name: str, ports: Iterable[str]) -> str:
    """The name of the port that belongs to a host of this name; "" where `ports` has none."""
    ending = _HOST_OF_SERVER.search(name)
    if ending is not None:
        port = name[: ending.start(1)] + "PORT"
    elif (ending := _BEFORE_PORT.search(name)) is not None:
        port = name[: ending.start()] + "_PORT"
    else:
        return ""
    return port if port in ports else ""


def _in_command(field: str, words: Iterable[str]) -> Iterator[Call]:
    text = " ".join(words)[:MAX_COMMAND]
    if (client := _CLIENT.search(text)) is not None and addresses.is_host(client.group(1)):
        yield Call(Setting(field, field, client.group().strip()), client.group(1), _port(client.group(2)))
    for match in _WORD_BEFORE_NUMBER.finditer(text):
        host, port = match.group(1), _port(match.group(2))
        if port is not None and addresses.is_host(host):
            yield Call(Setting(field, field, text[match.start(1) : match.end(2)]), host, port, is_certain=False)


def _port(text: str) -> int | None:
    return int(text) if _PORT.fullmatch(text) and int(text) <= 65535 else None


@lru_cache(MEMO)
def canonical(name: str) -> str:
    """The name of a variable or option in the form of a variable: `db-host`, `db.host` and `dbHost` as `DB_HOST`."""
    return _CAMEL.sub("_", name).upper().replace("-", "_").replace(".", "_")
