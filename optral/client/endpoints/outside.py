"""The endpoints of other systems: forges, webhooks, and the stream of events."""

from collections.abc import Iterator
from typing import Any

from optral.client import models, stream
from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer


class Forges(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/forges", dict[str, Any])

    def get(self, forge_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/forges/{quote(forge_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewForge` of the contract."""
        return self._http.call("POST", "/v1/forges", dict[str, Any], body=body)

    def update(self, forge_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: `ForgeChange` of the contract."""
        return self._http.call("PATCH", f"/v1/forges/{quote(forge_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, forge_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/forges/{quote(forge_id)}", dict[str, Any], if_match=if_match)

    def roll(self, forge_id: str) -> Answer[dict[str, Any]]:
        """A new secret for the webhook of the forge; it is in this response only."""
        return self._http.call("POST", f"/v1/forges/{quote(forge_id)}/roll", dict[str, Any], body={})

    def test(self, forge_id: str) -> Answer[dict[str, Any]]:
        """Ask the forge whether the token and its rights suffice; writes nothing."""
        return self._http.call("POST", f"/v1/forges/{quote(forge_id)}/test", dict[str, Any], body={})


class Webhooks(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/webhooks", dict[str, Any], params=camel(filters))

    def get(self, webhook_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/webhooks/{quote(webhook_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewWebhook` of the contract; the secret is in this response only."""
        return self._http.call("POST", "/v1/webhooks", dict[str, Any], body=body)

    def update(self, webhook_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: `WebhookChange` of the contract."""
        return self._http.call("PATCH", f"/v1/webhooks/{quote(webhook_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, webhook_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/webhooks/{quote(webhook_id)}", dict[str, Any], if_match=if_match)

    def roll(self, webhook_id: str) -> Answer[dict[str, Any]]:
        """Rotate the secret; it is in this response only. Both secrets are valid for 24 hours."""
        return self._http.call("POST", f"/v1/webhooks/{quote(webhook_id)}/roll", dict[str, Any], body={})

    def test(self, webhook_id: str) -> Answer[dict[str, Any]]:
        """Send a test notification; returns its delivery, still pending."""
        return self._http.call("POST", f"/v1/webhooks/{quote(webhook_id)}/test", dict[str, Any], body={})

    def preview(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """The issues of the past seven days that such a webhook would have been notified of."""
        return self._http.call("POST", "/v1/webhooks/preview", dict[str, Any], body=body)

    def deliveries(self, webhook_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: status, sort, page, page_size, cursor."""
        return self._http.get(f"/v1/webhooks/{quote(webhook_id)}/deliveries", dict[str, Any], params=camel(filters))

    def delivery(self, webhook_id: str, delivery_id: str) -> Answer[dict[str, Any]]:
        """One delivery with its body."""
        return self._http.get(f"/v1/webhooks/{quote(webhook_id)}/deliveries/{quote(delivery_id)}", dict[str, Any])

    def redeliver(self, webhook_id: str, delivery_id: str) -> Answer[dict[str, Any]]:
        """Redeliver a notification with the same id."""
        path = f"/v1/webhooks/{quote(webhook_id)}/deliveries/{quote(delivery_id)}/redeliver"
        return self._http.call("POST", path, dict[str, Any], body={})


class Mail(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        """The newest 100 messages, without what they say."""
        return self._http.get("/v1/mail", dict[str, Any])

    def test(self, recipient: str) -> Answer[dict[str, Any]]:
        """Queue a test message and return it; `list` has the outcome."""
        return self._http.call("POST", "/v1/mail/test", dict[str, Any], body={"recipient": recipient})


class Events(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[models.Events]:
        """Past events; filters: types, cluster, since, until, page, page_size, cursor."""
        return self._http.get("/v1/events", models.Events, params=camel(filters))

    def follow(self, *, types: str = "", cluster: str = "", after: str = "") -> Iterator[stream.Event]:
        """Events as they happen, without end; reconnects automatically."""
        return stream.follow(self._http, types=types, cluster=cluster, after=after)
