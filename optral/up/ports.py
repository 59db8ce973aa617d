"""Addresses on loopback: the usual ports, or free ones when somebody else has them."""

import socket


def usual_or_free(port: int) -> str:
    """`127.0.0.1:port` when nobody listens there, else with a free port. Another process may still take it before we do."""
    for candidate in (port, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return f"127.0.0.1:{sock.getsockname()[1]}"
    raise OSError("no free port on 127.0.0.1")
