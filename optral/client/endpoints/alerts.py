"""The endpoints of alerts and their receivers."""

from typing import Any

from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer


class Alerts(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: cluster, status, outcome, name, sort, page, page_size, cursor."""
        return self._http.get("/v1/alerts", dict[str, Any], params=camel(filters))

    def quality(self, within: str) -> Answer[dict[str, Any]]:
        """`within`: 24h, 7d or 30d."""
        return self._http.get("/v1/alerts/quality", dict[str, Any], params={"range": within})

    def change_rule(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewRuleChange` of the contract."""
        return self._http.call("POST", "/v1/alerts/rule-changes", dict[str, Any], body=body)

    def get(self, alert_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/alerts/{quote(alert_id)}", dict[str, Any])

    def of_issue(self, issue_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get(f"/v1/issues/{quote(issue_id)}/alerts", dict[str, Any], params=camel(filters))

    def silences(self, issue_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/issues/{quote(issue_id)}/silences", dict[str, Any])

    def create_silence(self, issue_id: str, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewSilence` of the contract."""
        return self._http.call("POST", f"/v1/issues/{quote(issue_id)}/silences", dict[str, Any], body=body)

    def end_silence(self, issue_id: str, silence_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/issues/{quote(issue_id)}/silences/{quote(silence_id)}", dict[str, Any])

    def receivers(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/alert-receivers", dict[str, Any], params=camel(filters))

    def receiver(self, receiver_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/alert-receivers/{quote(receiver_id)}", dict[str, Any])

    def create_receiver(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: `NewAlertReceiver` of the contract."""
        return self._http.call("POST", "/v1/alert-receivers", dict[str, Any], body=body)

    def update_receiver(self, receiver_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: `AlertReceiverChange` of the contract."""
        return self._http.call("PATCH", f"/v1/alert-receivers/{quote(receiver_id)}", dict[str, Any], body=change, if_match=if_match)

    def roll_receiver(self, receiver_id: str) -> Answer[dict[str, Any]]:
        """A new secret; it is in this response only."""
        return self._http.call("POST", f"/v1/alert-receivers/{quote(receiver_id)}/roll", dict[str, Any], body={})

    def delete_receiver(self, receiver_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/alert-receivers/{quote(receiver_id)}", dict[str, Any], if_match=if_match)

    def rejected(self, receiver_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get(f"/v1/alert-receivers/{quote(receiver_id)}/rejected", dict[str, Any], params=camel(filters))
