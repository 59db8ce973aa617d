"""What containers call: the addresses in their variables and arguments. The one reader of detectors, grouping and analysis.

An address is certain if its text can be nothing else (`store:5432`, `http://store`, `store.shop.svc`), or if it is the value of a setting
such as `STORE_HOST` or `--db-host`; its port may be in `STORE_PORT` or `--db-port`. A word in another setting that may name a server
(`--cache-addr=redis`), and a word before a number in a command (`nc -z redis 6379`), count only where the cluster has such a Service.

What a host means is in `addresses.py`. ConfigMap values are not read: the agent redacts all of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from optral.kube import addresses, lenient
from optral.kube.objects import TemplateContainer, TemplateSpec

ENV, COMMAND, ARGUMENTS = "env", "command", "args"
MAX_COMMAND = 4000  # characters that are searched for a word before a number
_OPTION = re.compile(r"--?([A-Za-z][A-Za-z0-9_.-]*)=(\S+)", re.ASCII)
_FLAG = re.compile(r"--?[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_HOST_OF_SERVER, _PORT_OF_SERVER = re.compile(addresses.HOST_NAME), re.compile(addresses.PORT_NAME)
_MAY_NAME_SERVER = re.compile(r"(?:^|_)(?:HOST|ADDR|ADDRESS|URL|URI|ENDPOINT|SERVER|BROKERS?|UPSTREAM)(?:$|_)")
_NAME = r"([a-z](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_AWAITED = re.compile(
    rf"\b(?:nc|ncat|telnet)\s+(?:-\w+\s+(?:\d+\s+)?)*{_NAME}\s+([1-9][0-9]{{1,4}})\b|\b(?:nslookup|getent\s+hosts)\s+{_NAME}", re.ASCII
)
_LISTENS = re.compile(r"^(?:HOST|HOSTNAME|SERVER_ADDRESS|SERVER_HOST|ADDR|ADDRESS)$|(?:^|_)(?:BIND|LISTEN)(?:$|_)|LISTENERS?$")
_LOCALHOST = re.compile(r"(?:[a-z]{1,8}://)?(?:127\.0\.0\.1|localhost|\[?::1\]?)(?::\d{1,5})?", re.IGNORECASE)
_BEFORE_PORT = re.compile(r"_(?:ADDR|ADDRESS|SERVER)$")
# Where the program itself listens, what it tells others of itself, and what looks like `host:port` and is an image.
_OWN = re.compile(r"^(?:HOST|HOSTNAME|SERVER_ADDRESS)$|(?:^|_)(?:BIND|LISTEN|ADVERTISED?)(?:$|_)|LISTENERS?$|(?:^|_)IMAGE$")
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_WORD_BEFORE_NUMBER = re.compile(
    r"(?:^|[\s'\"@/=(])([a-z](?:[a-z0-9.-]{1,251}[a-z0-9])?)(?::|\s+(?:-p\s+)?)([1-9][0-9]{1,4})(?![\w.])", re.ASCII
)


class Setting(NamedTuple):
    """One variable or argument of a container. `name` is that of the variable or option, else the field: `command` or `args`."""

    field: str
    name: str
    text: str


class Call(NamedTuple):
    """An address, the setting it is in, and the setting of its port if that is another one. See the module for `is_certain`."""

    setting: Setting
    host: str
    port: int | None
    port_setting: Setting | None = None
    is_certain: bool = True


def decode_container(tree: Mapping[str, Any]) -> TemplateContainer:
    """A container of a manifest; never raises. Fields of a wrong shape keep their defaults."""
    try:
        return msgspec.convert(tree, TemplateContainer)
    except (msgspec.MsgspecError, RecursionError):
        return lenient.from_tree(TemplateContainer, tree)


def of_container(container: TemplateContainer) -> Iterator[Call]:
    """The calls of one container in the order of its variables, command and arguments; the same address may come twice."""
    yield from of_settings(list(_settings(container)))
    for field, words in ((COMMAND, container.command), (ARGUMENTS, container.args)):
        yield from _in_command(field, words)


def of_template(template: TemplateSpec) -> Iterator[Call]:
    """As `of_container`, of all main containers of a template."""
    return chain.from_iterable(map(of_container, template.containers))


def hosts(template: TemplateSpec) -> Iterator[str]:
    """The hosts that a template may call, certain or not."""
    return (call.host for call in of_template(template))


def of_settings(settings: Iterable[Setting]) -> Iterator[Call]:
    """The calls in the settings of one container."""
    known = [(setting, _canonical(setting.name)) for setting in settings if not _is_masked(setting.text)]
    ports = {name: setting for setting, name in known if _PORT_OF_SERVER.search(name) and _port(setting.text) is not None}
    for setting, name in known:
        if not _OWN.search(name):
            yield from _in_setting(setting, name, ports)


def _is_masked(text: str) -> bool:
    """Whether the redactor masked all of it: most values of variables, in which no address need be looked for."""
    return text.startswith("[redacted:") and text.find("]") == len(text) - 1


def local_listens(container: TemplateContainer) -> Iterator[Setting]:
    """The settings by which a container listens on localhost only: `BIND=127.0.0.1`, `--listen-address=localhost:8080`."""
    for setting in _settings(container):
        if _LISTENS.search(_canonical(setting.name)) and _LOCALHOST.fullmatch(setting.text):
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
    port = _canonical(name)
    return bool(port) and any(_beside(_canonical(other), (port,)) == port for other in names)


def _settings(container: TemplateContainer) -> Iterator[Setting]:
    for variable in container.env:
        if variable.value:
            yield Setting(ENV, variable.name, variable.value)
    yield from _arguments(COMMAND, container.command)
    yield from _arguments(ARGUMENTS, container.args)


def _arguments(field: str, words: Iterable[str]) -> Iterator[Setting]:
    """`--db-host=store` and `--db-host store` as a setting of that name; any other argument under the name of the field."""
    flag = ""
    for word in words:
        if (option := _OPTION.fullmatch(word)) is not None:
            yield Setting(field, option.group(1), option.group(2))
        elif flag and not word.startswith("-"):
            yield Setting(field, flag if len(flag) > 1 else field, word)  # `-c SCRIPT` says nothing; the name of the field does
        else:
            yield Setting(field, field, word)
        flag = word.lstrip("-") if _FLAG.fullmatch(word) else ""


def _in_setting(setting: Setting, name: str, ports: Mapping[str, Setting]) -> Iterator[Call]:
    found = addresses.found_in(setting.text)
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
    for match in _WORD_BEFORE_NUMBER.finditer(text):
        host, port = match.group(1), _port(match.group(2))
        if port is not None and addresses.is_host(host):
            yield Call(Setting(field, field, text[match.start(1) : match.end(2)]), host, port, is_certain=False)


def _port(text: str) -> int | None:
    return int(text) if _PORT.fullmatch(text) and int(text) <= 65535 else None


def _canonical(name: str) -> str:
    """The name of a variable or option in the form of a variable: `db-host` and `db.host` as `DB_HOST`."""
    return name.upper().replace("-", "_").replace(".", "_")
