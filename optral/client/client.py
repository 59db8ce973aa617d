"""The client: `Client(url, api_key).issues.list(status="open")`. The methods of each resource are in `endpoints/`."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import httpx2

from optral.client.endpoints.alerts import Alerts
from optral.client.endpoints.clusters import Clusters, Detectors, Logs, Resources
from optral.client.endpoints.issues import Ai, Analyses, Issues, MuteRules, Owners, Views
from optral.client.endpoints.outside import Events, Forges, Mail, Webhooks
from optral.client.endpoints.people import Audit, Device, IdentityProviders, Keys, Members
from optral.client.endpoints.runbooks import ChangeWindows, Delegations, Executions, Runbooks, SafeguardSettings, Triggers
from optral.client.errors import ClientError
from optral.client.http import Answer, Http


class Client:
    """One server, one API key or person. Close it, or use it with `with`."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = 30,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = Http(url, api_key, timeout_s=timeout_s, sleep=sleep, transport=transport)
        self.url = self._http.url
        self.clusters = Clusters(self._http)
        self.issues = Issues(self._http)
        self.analyses = Analyses(self._http)
        self.mute_rules = MuteRules(self._http)
        self.views = Views(self._http)
        self.owners = Owners(self._http)
        self.detectors = Detectors(self._http)
        self.ai = Ai(self._http)
        self.resources = Resources(self._http)
        self.keys = Keys(self._http)
        self.logs = Logs(self._http)
        self.runbooks = Runbooks(self._http)
        self.executions = Executions(self._http)
        self.triggers = Triggers(self._http)
        self.safeguards = SafeguardSettings(self._http)
        self.change_windows = ChangeWindows(self._http)
        self.delegations = Delegations(self._http)
        self.members = Members(self._http)
        self.alerts = Alerts(self._http)
        self.identity = IdentityProviders(self._http)
        self.webhooks = Webhooks(self._http)
        self.mail = Mail(self._http)
        self.forges = Forges(self._http)
        self.events = Events(self._http)
        self.device = Device(self._http)
        self.audit = Audit(self._http)

    @classmethod
    def as_person(cls, url: str, email: str, password: str, *, transport: httpx2.BaseTransport | None = None) -> "Client":
        """Sign in for operations that API keys cannot do: manage members, create keys. `close` ends the session. Raises `ClientError`."""
        client = cls(url, "", transport=transport)
        try:
            client._http.sign_in(email, password)
        except ClientError:
            client.close()
            raise
        return client

    @classmethod
    def as_stranger(cls, url: str, *, transport: httpx2.BaseTransport | None = None) -> "Client":
        """Without a key: to start a login (`device`)."""
        client = cls(url, "", transport=transport)
        client._http.without_key()
        return client

    def me(self) -> Answer[dict[str, Any]]:
        """The authenticated caller: organization, actor, member."""
        return self._http.get("/v1/me", dict[str, Any])

    def search(self, q: str, *, limit: int = 8) -> Answer[dict[str, Any]]:
        """The best matches: {issues, resources, clusters, runbooks, executions}, at most `limit` (1 to 8) of each."""
        return self._http.get("/v1/search", dict[str, Any], params={"q": q, "limit": limit})

    def overview(self, *, cluster: str | None = None, team: str | None = None) -> Answer[dict[str, Any]]:
        """The whole fleet: what needs attention, the health of every cluster, and what goes on. `cluster`: ids or names, with commas."""
        return self._http.get("/v1/overview", dict[str, Any], params={"cluster": cluster, "team": team})

    def coverage(self, *, cluster: str | None = None, namespace: str | None = None) -> Answer[dict[str, Any]]:
        """What was looked at in these clusters and namespaces (with commas; all by default), and what was not and why."""
        return self._http.get("/v1/coverage", dict[str, Any], params={"cluster": cluster, "namespace": namespace})

    def digest(self, *, days: int, query: str = "") -> Answer[dict[str, Any]]:
        """The digest of the last days: {title, sections, markdown}. `query`: only of the issues that match."""
        return self._http.get("/v1/digest", dict[str, Any], params={"days": days} | ({"q": query} if query else {}))

    def handover(self, *, hours: int) -> Answer[dict[str, Any]]:
        """The handover of a shift: {title, sections, markdown}. `hours`: 1 to 168, back and ahead."""
        return self._http.get("/v1/handover", dict[str, Any], params={"hours": hours})

    def plan(self) -> Answer[dict[str, Any]]:
        """The organization's plan and its limits."""
        return self._http.get("/v1/plan", dict[str, Any])

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
