"""A small name server for the cluster: it knows Services and the pods of headless Services, and denies every other name.

Usage: names.py ADDRESS KUBECONFIG-DIRECTORY API-URL (listens on UDP port 53 of ADDRESS)
"""

import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request
from typing import Any

names: dict[str, list[str]] = {}


def refresh(directory: str, api: str) -> None:
    context = ssl.create_default_context(cafile=f"{directory}/pki/ca.crt")
    context.load_cert_chain(f"{directory}/pki/admin.crt", f"{directory}/pki/admin.key")

    def items(path: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(api + path, context=context, timeout=5) as answer:
            return list(json.load(answer)["items"])

    while True:
        try:
            found: dict[str, list[str]] = {}
            for service in items("/api/v1/services?resourceVersion=0"):
                meta, address = service["metadata"], service["spec"].get("clusterIP")
                if address and address != "None":
                    found[f"{meta['name']}.{meta['namespace']}.svc.cluster.local"] = [address]
            for piece in items("/apis/discovery.k8s.io/v1/endpointslices?resourceVersion=0"):
                meta = piece["metadata"]
                host = f"{meta.get('labels', {}).get('kubernetes.io/service-name')}.{meta['namespace']}.svc.cluster.local"
                for endpoint in piece.get("endpoints") or []:
                    if endpoint.get("conditions", {}).get("ready"):
                        if "service.kubernetes.io/headless" in meta.get("labels", {}):
                            found.setdefault(host, []).extend(endpoint["addresses"])
                        if endpoint.get("hostname"):
                            found[f"{endpoint['hostname']}.{host}"] = endpoint["addresses"]
            names.clear()
            names.update(found)
        except OSError as problem:
            print("refresh failed:", problem, file=sys.stderr, flush=True)
        time.sleep(2)


def answer(query: bytes) -> bytes:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += query[at] + 1
    question = query[12 : at + 5]
    kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
    addresses = names.get(".".join(labels).lower())
    records = addresses if addresses and kind == 1 else []
    code = 0 if addresses else 3  # 3: no such name
    header = query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records), 0, 0)
    return header + question + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + socket.inet_aton(a) for a in records)


def main(address: str, directory: str, api: str) -> None:
    threading.Thread(target=refresh, args=(directory, api), daemon=True).start()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    while True:
        query, client = server.recvfrom(4096)
        try:
            server.sendto(answer(query), client)
        except (IndexError, struct.error):
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
