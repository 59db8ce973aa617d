"""The endpoints of members, keys and logins, and of the record of what they did."""

from collections.abc import Sequence
from typing import Any

from optral.client import models
from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer
from optral.kit.mappings import without_none


class IdentityProviders(Endpoints):
    """For owners, with a sign-in session."""

    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/identity-providers", dict[str, Any])

    def get(self, provider_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/identity-providers/{quote(provider_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewProvider` of the contract."""
        return self._http.call("POST", "/v1/identity-providers", dict[str, Any], body=body)

    def update(self, provider_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: `ProviderChange` of the contract."""
        return self._http.call("PATCH", f"/v1/identity-providers/{quote(provider_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, provider_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/identity-providers/{quote(provider_id)}", dict[str, Any], if_match=if_match)

    def test(self, provider_id: str) -> Answer[dict[str, Any]]:
        """Whether the provider can be used now: {ok, reason, message}."""
        return self._http.call("POST", f"/v1/identity-providers/{quote(provider_id)}/test", dict[str, Any])

    def scim(self, provider_id: str) -> Answer[dict[str, Any]]:
        """The state of SCIM provisioning."""
        return self._http.get(f"/v1/identity-providers/{quote(provider_id)}/scim", dict[str, Any])

    def create_scim(self, provider_id: str, *, networks: Sequence[str] | None = None) -> Answer[dict[str, Any]]:
        """Create the SCIM token; it is in this response only."""
        body = without_none({"networks": None if networks is None else list(networks)})
        return self._http.call("POST", f"/v1/identity-providers/{quote(provider_id)}/scim", dict[str, Any], body=body)

    def roll_scim(self, provider_id: str) -> Answer[dict[str, Any]]:
        """Rotate the SCIM token; the new one is in this response only."""
        return self._http.call("POST", f"/v1/identity-providers/{quote(provider_id)}/scim/roll", dict[str, Any])

    def delete_scim(self, provider_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/identity-providers/{quote(provider_id)}/scim", dict[str, Any])

    def policy(self) -> Answer[dict[str, Any]]:
        """How the people of the organization sign in."""
        return self._http.get("/v1/sign-in-policy", dict[str, Any])

    def set_policy(self, change: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`change`: `SignInPolicyChange` of the contract."""
        return self._http.call("PATCH", "/v1/sign-in-policy", dict[str, Any], body=change)


class Members(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Members]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/members", models.Members, params=camel(filters))

    def invite(self, role: str, *, email: str | None = None, password: str | None = None) -> Answer[models.CreatedInvite]:
        """Create an invitation; its link is in this response only. Requires a sign-in session, and `password` for admin and owner."""
        body = {"role": role, "email": email, "password": password}
        return self._http.call("POST", "/v1/invites", models.CreatedInvite, body=without_none(body))

    def invites(self) -> Answer[models.Invites]:
        return self._http.get("/v1/invites", models.Invites)

    def withdraw(self, invite_id: str) -> Answer[models.Invite]:
        return self._http.call("DELETE", f"/v1/invites/{quote(invite_id)}", models.Invite)

    def set_role(self, member_id: str, role: str, *, password: str | None = None) -> Answer[models.Member]:
        """Requires a sign-in session, and your own `password` for the roles admin and owner."""
        body = without_none({"role": role, "password": password})
        return self._http.call("PATCH", f"/v1/members/{quote(member_id)}", models.Member, body=body)

    def bindings(self, member_id: str) -> Answer[dict[str, Any]]:
        """The bindings of a member, also those that ended in the last 30 days."""
        return self._http.get(f"/v1/members/{quote(member_id)}/bindings", dict[str, Any])

    def bind(self, member_id: str, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {role, clusters, namespaces, clusterLabels, endsAt, password}. Requires a sign-in session, and `password` for admin."""
        return self._http.call("POST", f"/v1/members/{quote(member_id)}/bindings", dict[str, Any], body=body)

    def unbind(self, member_id: str, binding_id: str) -> Answer[dict[str, Any]]:
        """The member stays limited; `set_limited` lifts that."""
        return self._http.call("DELETE", f"/v1/members/{quote(member_id)}/bindings/{quote(binding_id)}", dict[str, Any])

    def set_limited(self, member_id: str, *, limited: bool, password: str | None = None) -> Answer[models.Member]:
        """Limit a member to its bindings, or lift the limit, which removes them. Lifting that of an admin requires your `password`."""
        body = without_none({"limited": limited, "password": password})
        return self._http.call("PATCH", f"/v1/members/{quote(member_id)}", models.Member, body=body)

    def removal(self, member_id: str) -> Answer[dict[str, Any]]:
        """What `remove` would end: {memberId, email, ends}. Requires a sign-in session."""
        return self._http.get(f"/v1/members/{quote(member_id)}/removal", dict[str, Any])

    def remove(self, member_id: str) -> Answer[models.Member]:
        return self._http.call("DELETE", f"/v1/members/{quote(member_id)}", models.Member)


class Keys(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.ApiKeys]:
        return self._http.get("/v1/api-keys", models.ApiKeys, params=camel(filters))

    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str] | None = None,
        clusters: Sequence[str] | None = None,
        networks: Sequence[str] | None = None,
        expires_at: str | None = None,
    ) -> Answer[models.CreatedKey]:
        """Requires a sign-in session: with an API key it raises `ClientError("keys_cannot_make_keys")`."""
        body = {"name": name, "scopes": scopes, "clusters": clusters, "networks": networks, "expiresAt": expires_at}
        return self._http.call("POST", "/v1/api-keys", models.CreatedKey, body=without_none(body))

    def get(self, key_id: str) -> Answer[models.ApiKey]:
        return self._http.get(f"/v1/api-keys/{quote(key_id)}", models.ApiKey)

    def roll(self, key_id: str, *, overlap_days: int = 0) -> Answer[models.CreatedKey]:
        """A key in place of this one, which works for `overlap_days` (0 to 7) more. Requires a sign-in session, as `create`."""
        path = f"/v1/api-keys/{quote(key_id)}/roll"
        return self._http.call("POST", path, models.CreatedKey, body={"overlapDays": overlap_days})

    def revoke(self, key_id: str) -> Answer[models.ApiKey]:
        return self._http.call("DELETE", f"/v1/api-keys/{quote(key_id)}", models.ApiKey)


class Device(Endpoints):
    """Login of a command line; `start` and `token` need no key (`Client.as_stranger`)."""

    def start(self, name: str) -> Answer[dict[str, Any]]:
        """Codes for a login: {deviceCode, userCode, verificationUri, expiresAt, intervalSeconds}. `name` becomes the name of the key."""
        return self._http.call("POST", "/v1/device/code", dict[str, Any], body={"name": name})

    def token(self, device_code: str) -> Answer[dict[str, Any]]:
        """{key, apiKey, email, organisation} of an approved login, or {intervalSeconds} while it waits."""
        return self._http.call("POST", "/v1/device/token", dict[str, Any], body={"deviceCode": device_code})

    def revoke(self) -> Answer[dict[str, Any]]:
        """End the key of this client."""
        return self._http.call("DELETE", "/v1/me/key", dict[str, Any])


class Audit(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: actor, action, group, target, cluster, since, until, sort, page, page_size, cursor."""
        return self._http.get("/v1/audit", dict[str, Any], params=camel(filters))

    def verify(self, *, head: str | None = None) -> Answer[dict[str, Any]]:
        """Check the whole chain; `head` is one of an earlier check or export, as NUMBER:HASH."""
        return self._http.get("/v1/audit/verify", dict[str, Any], params={"head": head})

    def export(self, format: str, **filters: str | int | None) -> tuple[bytes, str]:
        """At most 50,000 matching records, oldest first, as `csv`, `jsonl` or `chain`; and the head of the chain, for a later `verify`."""
        media_type = "text/csv" if format == "csv" else "application/x-ndjson"
        content, headers = self._http.text("/v1/audit/export", media_type, params={"format": format, **filters})
        return content, headers.get("Optral-Audit-Head", "")
