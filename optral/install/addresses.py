"""Where agents reach this server, and whether an agent can: the same addresses mean different machines in different places."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from optral.kit.networks import Address, unmapped

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_IN_CLUSTER = (".svc", ".cluster.local")
_INTERNAL = (".local", ".internal", ".lan", ".home.arpa")


class AddressWarning(NamedTuple):
    """Addresses that only some agents reach: a code, and the sentences that say what to set."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where agents reach us. Without `public_url` and `agent_address` nothing can be installed."""

    public_url: str | None
    agent_address: str | None
    ca_pin: str
    agent_image: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    fallback_urls: tuple[str, ...] = ()
    """Further URLs that an agent tries, in this order, when `public_url` does not answer."""

    @property
    def urls(self) -> tuple[str, ...]:
        """What an agent is given, in the order in which it tries them."""
        return tuple(dict.fromkeys((str(self.public_url), *self.fallback_urls)))

    @property
    def settings(self) -> str:
        """The settings that these addresses come from, for a sentence."""
        return _named(setting for setting, _, _ in self._hosts())

    def unreachable_from_pods(self) -> str | None:
        """The first of the addresses that means the pod or node itself to a pod; None when there is none."""
        return next((shown for _, shown, host in self._hosts() if is_loopback(host)), None)

    def warnings(self, *, is_local: bool) -> tuple[AddressWarning, ...]:
        """What to know before running the command elsewhere, each code once. `is_local`: the agent runs beside a kubeconfig, in no pod."""
        found: dict[str, dict[str, str]] = {}
        for setting, shown, host in self._hosts():
            if (code := _reach(host)) is not None and (is_local or code != "address_loopback"):
                found.setdefault(code, {}).setdefault(shown, setting)
        return tuple(
            AddressWarning(code, _SAY[code].format(addresses=_and(named), settings=_named(named.values()))) for code, named in found.items()
        )

    @property
    def best_method(self) -> str:
        """The first method of installation that can work with these addresses."""
        if not self.public_url or not self.agent_address:
            return "kubectl"
        if self.unreachable_from_pods() is not None or not self.agent_image:
            return "local"
        return "kubectl" if self.chart_warnings() else "helm"

    def chart_warnings(self) -> tuple[AddressWarning, ...]:
        """What to know before running Helm: it fetches the chart from `public_url`, and it does not run in a pod."""
        if _reach(urlsplit(str(self.public_url)).hostname or "") != "address_in_cluster":
            return ()
        return (AddressWarning("chart_in_cluster", _CHART_IN_CLUSTER.format(url=self.public_url)),)

    def _hosts(self) -> list[tuple[str, str, str]]:
        """Setting, value and host of every address."""
        agents = str(self.agent_address)
        urls = [
            ("OPTRAL_FALLBACK_URLS" if number else "OPTRAL_PUBLIC_URL", url, urlsplit(url).hostname or "")
            for number, url in enumerate(self.urls)
        ]
        return [*urls, ("OPTRAL_AGENT_ADDRESS", agents, host_of(agents))]


_CHART_VALUES = {"OPTRAL_PUBLIC_URL": "publicUrl", "OPTRAL_FALLBACK_URLS": "fallbackUrls", "OPTRAL_AGENT_ADDRESS": "agentAddress"}
_CHART_IN_CLUSTER = (
    "Helm fetches the chart from {url}, a Service name that only pods resolve: use the method kubectl, or replace the chart's URL by the"
    " folder charts/optral-agent of the sources."
)
_SAY = {
    "address_loopback": "The command works only on the server's own machine: it names {addresses}. For other machines, set {settings}.",
    "address_private": "The command works only where the network routes to {addresses}. For other clusters, set {settings}.",
    "address_in_cluster": "The command works only in the cluster where the server runs: it names {addresses}."
    " For other clusters, set {settings}.",
    "address_internal": "The command works only where the name service knows {addresses}. For other clusters, set {settings}.",
}


def _named(settings: Iterable[str]) -> str:
    """Settings as the chart and as the environment call them."""
    found = list(dict.fromkeys(settings))
    return f"{_and(_CHART_VALUES[one] for one in found)} in the values of the server's chart, or {_and(found)}"


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)


def host_of(agent_address: str) -> str:
    """The host of `HOST`, `HOST:PORT,PORT` or `[V6]:PORT,PORT`."""
    if agent_address.startswith("["):
        return agent_address[1:].partition("]")[0]
    return agent_address if agent_address.count(":") > 1 else agent_address.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Loopback, unspecified and link-local addresses: to a pod, the pod or its node."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified or address.is_link_local)


def _reach(host: str) -> str | None:
    """The code of the warning for a host; None for one that can be reached from anywhere as far as its form tells."""
    name = host.strip("[]").lower().rstrip(".")
    if is_loopback(name):
        return "address_loopback"
    if (address := _address(name)) is not None:
        is_shared = address.version == 4 and address in _SHARED
        return "address_private" if address.is_private or is_shared else None
    if name.endswith(_IN_CLUSTER):
        return "address_in_cluster"
    return "address_internal" if "." not in name or name.endswith(_INTERNAL) else None


def _address(name: str) -> Address | None:
    try:
        return unmapped(ipaddress.ip_address(name))
    except ValueError:
        return None
