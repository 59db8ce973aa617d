"""Where the program of a container listens, as far as its settings say so: `PORT=9090`, `--listen=:9090`, `BIND_ADDRESS=127.0.0.1`.

Only names that are about the whole program count: `METRICS_PORT` and `ADMIN_LISTEN` say nothing about its other ports.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.kube import calls, settings
from optral.kube.objects import TemplateContainer
from optral.kube.settings import Setting

_OF_PROGRAM = r"(?:(?:APP|BIND|CONTAINER|GRPC|HTTPS?|LISTEN|SERVER|SERVICE|WEB)_)?"
_PORT = re.compile(rf"{_OF_PROGRAM}PORT")
_ADDRESS = re.compile(rf"{_OF_PROGRAM}(?:BIND|LISTEN)(?:_?(?:ADDR|ADDRESS|HOST|IP|ON))?|SERVER_ADDRESS")
_HOSTS = frozenset({"HOST", "HOSTNAME", "SERVER_HOST"})
"""How a program is called, rather than where it listens."""
_NUMBER = re.compile(r"(?:\S*:)?([1-9][0-9]{1,4})", re.ASCII)


class Listener(NamedTuple):
    """A port that a setting gives the program; None where it only gives the address."""

    setting: Setting
    port: int | None


def of_container(container: TemplateContainer) -> Iterator[Listener]:
    """The ports on which the program listens, by its settings."""
    for setting in settings.of_container(container).every:
        name, number = calls.canonical(setting.name), _NUMBER.fullmatch(setting.text)
        if number is not None and (_PORT.fullmatch(name) or _ADDRESS.fullmatch(name)) and int(number.group(1)) < 65536:
            yield Listener(setting, int(number.group(1)))


def only_local(container: TemplateContainer, port: int) -> Setting | None:
    """The setting by which the program listens to this port on localhost only; None if another setting gives the port, too."""
    local = [setting for setting in calls.local_listens(container) if _name(setting) not in _HOSTS]
    addresses = (one for one in of_container(container) if one.setting not in local and _ADDRESS.fullmatch(_name(one.setting)))
    if any(one.port == port for one in addresses):
        return None
    for setting in local:
        number = re.search(r"[^:]:(\d{1,5})$", setting.text)
        if int(number.group(1)) == port if number is not None else _ADDRESS.fullmatch(_name(setting)):
            return setting
    return None


def _name(setting: Setting) -> str:
    return calls.canonical(setting.name)
