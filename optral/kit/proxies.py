"""Which outbound proxy to use for a host: HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, networks in NO_PROXY too."""

import ipaddress
import urllib.request


def proxy_for(host: str, *, scheme: str = "https") -> str | None:
    """The URL of the proxy that the environment names for this host, or None."""
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(scheme) or proxies.get("all")
    bypassed = urllib.request.proxy_bypass_environment(host, proxies)  # type: ignore[attr-defined]
    if not proxy or bypassed or _in_networks(host, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _in_networks(host: str, no_proxy: str) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    for entry in no_proxy.split(","):
        try:
            if address in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
