"""Enforces network policies with iptables, as the network plugin of a cluster does: the test cluster has one that does not.

It knows pod selectors and ports, which is what the cases use, for the traffic that is forwarded between pods.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
CHAINS = {"ingress": "POLICY-IN", "egress": "POLICY-OUT"}
PEERS = {"ingress": "from", "egress": "to"}


def _matches(pod: Json, namespace: str, selector: Json) -> bool:
    labels: Mapping[str, str] = pod["metadata"].get("labels", {})
    return pod["metadata"]["namespace"] == namespace and selector.get("matchLabels", {}).items() <= labels.items()


def _addresses(pods: Sequence[Json], namespace: str, selector: Json) -> list[str]:
    return [
        pod["status"]["podIP"]
        for pod in pods
        if _matches(pod, namespace, selector) and pod["status"].get("podIP") and not pod["spec"].get("hostNetwork")
    ]


def rules(policies: Sequence[Json], pods: Sequence[Json]) -> Iterator[str]:
    """The lines of both chains; what a policy does not allow for its pods is dropped."""
    for chain in CHAINS.values():
        yield f"-A {chain} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"
    for policy in policies:
        namespace, spec = policy["metadata"]["namespace"], policy["spec"]
        for way in (word.lower() for word in spec.get("policyTypes", [])):
            here, there = ("-d", "-s") if way == "ingress" else ("-s", "-d")
            for address in _addresses(pods, namespace, spec["podSelector"]):
                for allowed in spec.get(way) or []:
                    peers = [_addresses(pods, namespace, peer["podSelector"]) for peer in allowed.get(PEERS[way], [])]
                    sources = [f"{there} {peer}" for found in peers for peer in found] if PEERS[way] in allowed else [""]
                    ports = [f"-p {port.get('protocol', 'TCP').lower()} --dport {port['port']}" for port in allowed.get("ports", [])] or [
                        ""
                    ]
                    for source in sources:
                        for port in ports:
                            yield f"-A {CHAINS[way]} {here} {address} {source} {port} -j RETURN"
                yield f"-A {CHAINS[way]} {here} {address} -j DROP"


def _iptables(netns: str, *words: str) -> int:
    return subprocess.run(["ip", "netns", "exec", netns, "iptables", "-w", *words], capture_output=True, check=False).returncode


def enforce(netns: str, policies: Sequence[Json], pods: Sequence[Json]) -> None:
    """Replace both chains at once, and let forwarded packets pass through them first."""
    lines = ["*filter", *(f":{chain} - [0:0]" for chain in CHAINS.values()), *rules(policies, pods), "COMMIT", ""]
    subprocess.run(["ip", "netns", "exec", netns, "iptables-restore", "-w", "--noflush"], input="\n".join(lines), text=True, check=True)
    for chain in CHAINS.values():
        if _iptables(netns, "-C", "FORWARD", "-j", chain):
            _iptables(netns, "-I", "FORWARD", "1", "-j", chain)


def remove(netns: str) -> None:
    for chain in CHAINS.values():
        _iptables(netns, "-D", "FORWARD", "-j", chain)
        _iptables(netns, "-F", chain)
        _iptables(netns, "-X", chain)
