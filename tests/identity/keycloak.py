"""Keycloak on loopback with a realm, whose people and clients are new in each test.

Clients and settings are those of docs/how-to/keycloak.md. Passwords are random.
"""

import asyncio
import html
import json
import os
import re
import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import yaml

from tests.setup import keycloak as setup, machine
from tests.support.kubeapi import free_port

START_S = 120
CLIENTS = ("optral", "another")
CHEAP = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
ADDRESS = "https://YOUR-OPTRAL"
RETURNED = ("state", "code", "error", "iss")  # what the dashboard passes on (dashboard/src/api/visit.ts)
_PAGE = (machine.ROOT / "docs/how-to/keycloak.md").read_text()


class SignInRefused(Exception):
    """What Keycloak's page says in place of sending the browser back."""


@dataclass
class Keycloak:
    """A running server and its administrator."""

    url: str
    password: str = field(repr=False)
    token: str = field(default="none", repr=False)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Call the admin API; the answer's JSON, or the id of what was created."""
        with httpx2.Client(timeout=30, trust_env=False, base_url=self.url) as client:
            for _ in range(2):  # a token is valid for a minute
                headers = {"Authorization": f"Bearer {self.token}"}
                answer = client.request(method, f"/admin/realms{path}", json=body, headers=headers)
                if answer.status_code != 401:
                    break
                form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": self.password}
                self.token = client.post("/realms/master/protocol/openid-connect/token", data=form).json()["access_token"]
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else answer.headers.get("location", "").rpartition("/")[2]


@dataclass
class Realm:
    """A realm with two people: `dev` is in the group /shop, `guest` in /guests/shop."""

    keycloak: Keycloak
    name: str = field(default_factory=lambda: f"realm-{secrets.token_hex(4)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    client_secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def issuer(self) -> str:
        return f"{self.keycloak.url}/realms/{self.name}"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the page, for this realm."""
        (given,) = _printed("yaml")
        return yaml.safe_load(given) | {"issuer": self.issuer, "clientSecret": self.client_secret}

    def create(self) -> None:
        groups = [{"name": "shop"}, {"name": "guests", "subGroups": [{"name": "shop"}]}]
        self.keycloak.admin("POST", "", {"realm": self.name, "enabled": True, "passwordPolicy": CHEAP, "groups": groups})

    def renew(self) -> None:
        """Forget the people and clients of the last test."""
        for one in self("GET", "/users"):
            self("DELETE", f"/users/{one['id']}")
        for one in self("GET", "/clients"):
            if one["clientId"] in CLIENTS:
                self("DELETE", f"/clients/{one['id']}")
        for name, group in (("dev", "/shop"), ("guest", "/guests/shop")):
            self("POST", "/users", self._person(name, group))

    def create_client(self, provider_id: str, *, hooks: str, **more: Any) -> str:
        """The client of the page; `hooks` is where Keycloak finds Optral."""
        (given,) = _printed("json")
        text = given.replace(f"{ADDRESS}/v1/hooks", f"{hooks}/v1/hooks").replace("PROVIDER-ID", provider_id)
        client = json.loads(text.replace(ADDRESS, "http://optral.example.org")) | {"secret": self.client_secret} | more
        return str(self("POST", "/clients", client))

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        return self.keycloak.admin(method, f"/{self.name}{path}", body)

    def id_of(self, person: str) -> str:
        return str(self("GET", f"/users?exact=true&username={person}")[0]["id"])

    def _person(self, name: str, group: str) -> dict[str, Any]:
        return {
            "username": name,
            "email": f"{name}@example.com",
            "emailVerified": True,
            "enabled": True,
            "firstName": name,
            "lastName": "Example",
            "groups": [group],
            "credentials": [{"type": "password", "value": self.password, "temporary": False}],
        }


@dataclass
class Person:
    """A browser at Keycloak, with its cookies: Keycloak knows who signed in until the session there ends."""

    realm: Realm
    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def visit(self, url: str, *, until: str = "http://optral.example.org/") -> dict[str, str]:
        """Follow this address, and sign in where a form asks for it; what the browser is sent back with. Raises `SignInRefused`."""
        form: dict[str, str] | None = None
        for _ in range(10):
            answer, is_first = await self._ask(url, form), form is None
            if answer.is_redirect:
                url, form = urljoin(url, answer.headers["location"]), None
                if url.startswith(until):
                    returned = parse_qs(urlsplit(url).query)
                    return {name: returned[name][0] for name in RETURNED if name in returned}
                continue
            action = re.search(r'<form id="kc-form-login"[^>]* action="([^"]+)"', answer.text)
            if action is None or not is_first:
                said = re.search(r'(?:id="input-error[^"]*"|class="[^"]*kc-feedback-text")[^>]*>\s*([^<\s][^<]*?)\s*<', answer.text)
                raise SignInRefused(said[1] if said else answer.text)
            url, form = html.unescape(action[1]), {"username": self.name, "password": self.realm.password}
        raise AssertionError("Keycloak did not send the browser back")

    async def sign_out(self, url: str | None = None) -> str | None:
        """End the session in Keycloak, after its question, as the account console does; the state with which the browser is sent back."""
        url = url or f"{self.realm.issuer}/protocol/openid-connect/logout"
        page = (await self._ask(url, None)).text
        action, code = re.search(r'<form [^>]*action="([^"]+)"', page), re.search(r'name="session_code" value="([^"]*)"', page)
        assert action is not None and code is not None, page
        answer = await self._ask(urljoin(url, html.unescape(action[1])), {"session_code": code[1], "confirmLogout": "Logout"})
        assert answer.is_success or answer.is_redirect, answer.text
        return (parse_qs(urlsplit(answer.headers.get("location", "")).query).get("state") or [None])[0]

    async def _ask(self, url: str, form: dict[str, str] | None) -> httpx2.Response:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
            answer = await client.request("GET" if form is None else "POST", url, headers=headers, data=form)
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


@contextmanager
def running() -> Iterator[Keycloak]:
    """Start it with an empty database in memory; stop it at the end."""
    program, port, password = setup.find(), free_port(), secrets.token_urlsafe(16)
    words = ["bash", str(program), "start", "--optimized", "--cache=local", "--http-enabled=true", "--http-host=127.0.0.1"]
    words += [f"--http-port={port}", "--hostname-strict=false", "--log-level=warn,io.quarkus:info"]
    own = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": password}
    own["JAVA_OPTS_APPEND"] = "-XX:TieredStopAtLevel=1"  # it runs for seconds: compiling less makes it faster
    process = subprocess.Popen(words, env=os.environ | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    deadline = threading.Timer(START_S, process.kill)
    deadline.start()
    try:
        lines: list[str] = []
        while not lines or "Listening on:" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], f"Keycloak did not start: {''.join(lines)}"
        deadline.cancel()
        yield Keycloak(f"http://127.0.0.1:{port}", password)
    finally:
        deadline.cancel()
        process.terminate()
        process.communicate(timeout=30)


def _printed(language: str) -> list[str]:
    """The blocks of this language on the page."""
    return [re.sub(r"(?m)^    ", "", block) for block in re.findall(rf"(?s)```{language}\n(.*?)\n *```", _PAGE)]


async def admin(realm: Realm, method: str, path: str, body: Any = None) -> Any:
    """As an administrator, while Optral answers what Keycloak asks."""
    return await asyncio.to_thread(realm, method, path, body)
