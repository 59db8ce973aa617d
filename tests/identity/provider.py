"""An identity provider at the port through which requests leave: discovery, keys and tokens, with one defect if a test says so."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jws

from optral.identity import model
from optral.kit.outbound import CallFailed, Reply, Request
from tests.support.clock import FakeClock

ISSUER = "https://login.example.test/realms/main"
CLIENT = "optral"
SECRET = "s3cret/with:signs"
Key = Any
Claims = dict[str, Any]


def new_key(kid: str, kind: str = "EC") -> Key:
    of_kind: Any = {"EC": "P-256", "RSA": 2048}[kind]
    return jwk.generate_key(kind, of_kind, {"kid": kid, "use": "sig"}, private=True)  # type: ignore[call-overload]


@dataclass
class Twist:
    """What a test changes of the next token: claims (None removes one), header, the key that signs, or the finished text."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    key: Key = None
    sign: "Callable[[Claims, Provider], str] | None" = None


@dataclass
class Provider:
    """Knows one person, `person`, and gives a code for each visit of an authorization URL."""

    clock: FakeClock
    person: Claims = field(default_factory=lambda: {"sub": "u-1", "email": "dev@example.com", "email_verified": True, "groups": ["shop"]})
    metadata: dict[str, Any] = field(default_factory=dict)
    twist: Twist = field(default_factory=Twist)
    keys: list[Key] = field(default_factory=lambda: [new_key("k1")])
    requests: list[str] = field(default_factory=list)
    fails: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    auth_time: int | None = None
    userinfo: Claims = field(default_factory=dict)

    def visit(self, url: str) -> dict[str, str]:
        """What the browser comes back with from this authorization URL."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"state": asked["state"], "code": code, "iss": ISSUER}

    async def call(self, request: Request) -> Reply:
        path = urlsplit(request.url).path.removeprefix("/realms/main")
        self.requests.append(path)
        if self.fails:
            raise CallFailed(self.fails)
        if path == "/.well-known/openid-configuration":
            return _json(200, self._metadata())
        if path == "/keys":
            return _json(200, {"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/userinfo":
            assert request.headers["authorization"] == "Bearer at-1"
            return _json(200, self.userinfo)
        assert path == "/token" and request.body is not None
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        asked = self.codes.pop(form["code"], None)
        wanted = (model.challenge(form["code_verifier"]), form["redirect_uri"])
        if asked is None or wanted != (asked["code_challenge"], asked["redirect_uri"]):
            return _json(400, {"error": "invalid_grant"})
        return _json(200, {"id_token": self._token(asked), "access_token": "at-1", "token_type": "Bearer"})

    async def close(self) -> None: ...

    def _metadata(self) -> dict[str, Any]:
        found = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        return found | self.metadata

    def _token(self, asked: Mapping[str, str]) -> str:
        now_s = int(self.clock.now().timestamp())
        claims: Claims = {"iss": ISSUER, "aud": CLIENT, "iat": now_s, "exp": now_s + 300, "nonce": asked["nonce"]}
        claims |= self.person | ({} if self.auth_time is None else {"auth_time": self.auth_time})
        claims = {name: value for name, value in (claims | self.twist.claims).items() if value is not None}
        return self.twist.sign(claims, self) if self.twist.sign else self.signed(claims)

    def signed(self, claims: Claims) -> str:
        key = self.twist.key or self.keys[-1]
        algorithm = {"EC": "ES256", "RSA": "RS256"}[key.key_type]
        header = {"alg": algorithm, "kid": key.kid} | self.twist.header
        header = {name: value for name, value in header.items() if value is not None}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])


def _json(status: int, value: Any) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(value).encode())
