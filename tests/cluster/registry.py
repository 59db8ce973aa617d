"""An image registry that holds nothing, so that pulls fail in the ways they fail in real life.

    <any repository>          404  manifest unknown   -> "not found"
    <private/...>             401  insufficient scope -> "pull access denied"
    <busy/...>                429  too many requests

Usage: registry.py PORT (listens on 127.0.0.1 only)
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 0


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        realm = f'Bearer realm="http://127.0.0.1:{PORT}/token",service="registry"'
        if self.path.startswith("/token"):
            self.reply(200, {"token": "anonymous"})
        elif self.path == "/v2/":
            self.reply(200, {})
        elif self.path.startswith("/v2/private/"):
            self.reply(401, error("UNAUTHORIZED", "authentication required"), {"WWW-Authenticate": realm + ',error="insufficient_scope"'})
        elif self.path.startswith("/v2/busy/"):
            self.reply(429, error("TOOMANYREQUESTS", "You have reached your pull rate limit."), {"Retry-After": "60"})
        else:
            self.reply(404, error("MANIFEST_UNKNOWN", "manifest unknown"))

    do_HEAD = do_GET

    def reply(self, status: int, body: dict[str, object], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def error(code: str, message: str) -> dict[str, object]:
    return {"errors": [{"code": code, "message": message}]}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Registry).serve_forever()
