"""A small web shop for gunicorn: what a request needs is read when it arrives."""

import hmac
import json
import os
import time
from logging import getLogger
from pathlib import Path

import psycopg
import requests
import settings  # noqa: F401

log = getLogger("web")


def flags() -> dict:
    path = os.environ.get("FLAGS_FILE")
    return json.loads(Path(path).read_text()) if path else {}


def price(amount: int) -> float:
    if flags().get("new-tax-engine"):
        rates = {"standard": 0.19}
        return amount * (1 + rates[os.environ.get("TAX_CLASS", "reduced")])
    return amount * 1.19


def checkout() -> dict:
    gateway = os.environ["PAYMENT_GATEWAY_URL"]
    return {"total": price(100), "gateway": gateway}


def login(environ: dict) -> tuple[str, dict]:
    given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given, os.environ.get("API_TOKEN", "")):
        log.warning("rejected request from %s: token does not match", environ["REMOTE_ADDR"])
        return "401 Unauthorized", {"error": "invalid token"}
    return "200 OK", {"user": "shop"}


def route(environ: dict) -> tuple[str, dict]:
    path = environ["PATH_INFO"]
    if path == "/healthz":
        return "200 OK", {"status": "ok"}
    if path == "/checkout":
        return "200 OK", checkout()
    if path == "/account":
        return login(environ)
    if path == "/price":
        return "200 OK", {"price": price(100)}
    if path == "/upstream":
        return "200 OK", {"length": len(requests.get(os.environ["UPSTREAM_URL"], timeout=60).content)}
    if path == "/orders":
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
            return "200 OK", {"orders": connection.execute("SELECT count(*) FROM orders").fetchone()[0]}
    if path == "/slow":
        time.sleep(float(os.environ.get("DELAY", "3")))
        return "200 OK", {"slow": True}
    if path == "/":
        return "200 OK", {"shop": "open"}
    return "404 Not Found", {"error": f"no such page: {path}"}


def app(environ: dict, start_response: object) -> list[bytes]:
    try:
        status, body = route(environ)
    except Exception:
        log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
        status, body = "500 Internal Server Error", {"error": "internal"}
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
