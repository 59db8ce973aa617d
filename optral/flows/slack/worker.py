"""Socket Mode: a connection for each app of Slack, over which presses, dialogs and commands arrive. Nothing connects to Optral.

Slack hands each envelope to one of the connections of an app (at most ten), so that replicas need no lease: each has its own. An envelope
is acknowledged when it arrives; requests carry its key, so that one that Slack repeats to another replica has no second effect.
"""

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from optral.flows import loops
from optral.flows.slack import actions, people
from optral.flows.slack.actions import Response, Rest
from optral.flows.webhooks import slack_blocks as blocks
from optral.flows.webhooks.slack_api import SlackError, WebApi
from optral.kit.clock import Clock
from optral.kit.guarded_sockets import Dialer, SocketFailed
from optral.kit.hub import ANY
from optral.kit.outbound import Caller
from optral.kit.retry import Backoff
from optral.kit.tasks import Tasks
from optral.mcp.rest import Refusal
from optral.store.store import Store
from optral.terms import actor
from optral.terms.actor import Actor
from optral.terms.errors import OptralError, Refused
from optral.terms.ids import OrgId
from optral.webhooks import service as webhooks
from optral.webhooks.model import Target

LOOK_EVERY_S = 10.0
REMEMBERED = 1000  # envelopes
IN_FLIGHT = 32  # presses at once; more are not answered
MAX_A_MINUTE = 20  # presses and commands of one person, for each server
MAX_QUESTIONS_A_MINUTE = 5  # beside them
MAX_PEOPLE = 1000  # whose latest presses are remembered
UNKNOWN = "Your Slack account has no member in Optral: ask an owner to invite you with the email address that you use in Slack."
FAILED = "Optral could not finish this because of an internal error. The server's log has the cause under the envelope {}."
RestFor = Callable[[Actor], Rest]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _App:
    org_id: str
    target: Target


class SlackWorker:
    """Own `run` as a task. `key` opens sealed targets; `caller` and `dialer` are how requests and connections leave; `rest_for` asks the
    REST API as a member."""

    def __init__(self, store: Store, clock: Clock, *, key: bytes, caller: Caller, dialer: Dialer, rest_for: RestFor) -> None:
        self._store, self._clock, self._key, self._caller, self._dialer, self._rest_for = store, clock, key, caller, dialer, rest_for
        self.retries = loops.retries("slack", clock, _log)
        self._held: dict[str, asyncio.Task[None]] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._latest: OrderedDict[tuple[str, str, bool], deque[float]] = OrderedDict()
        self._connections = Tasks(_failed)
        self._presses = Tasks(_failed)

    async def run(self) -> None:
        try:
            with self._store.hubs[webhooks.DUE].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower, at_least_s=1.0)
        finally:
            await self._connections.stop()
            await self._presses.stop()

    async def step(self) -> float:
        """Open a connection for each app that has none, and close those of apps that are gone; seconds until the next look."""
        apps = await self._apps()
        for token in self._held.keys() - apps.keys():
            self._held.pop(token).cancel()
        for token, app in apps.items():
            if token not in self._held or self._held[token].done():
                self._held[token] = self._connections.start(app.org_id, self._hold(app))
        return LOOK_EVERY_S

    async def idle(self) -> None:
        """Wait until no press is being handled; for tests."""
        await self._presses.idle()

    async def _apps(self) -> dict[str, _App]:
        """By their tokens: several webhooks can be channels of one app, and new tokens need a new connection."""
        found: dict[str, _App] = {}
        for webhook in await self._store.read(actor.system(), webhooks.with_buttons):
            try:
                target = webhooks.opened(webhook, key=self._key)
            except Refused:
                continue
            if target.credentials.app_token:
                tokens = f"{target.url} {target.credentials.app_token} {target.credentials.token}"
                found.setdefault(tokens, _App(webhook.org_id, target))
        return found

    async def _hold(self, app: _App) -> None:
        """Stay connected; Slack asks for a new connection every few hours."""
        backoff = Backoff(base_s=1, cap_s=60)
        api = WebApi(self._caller, app.target)
        while True:
            try:
                url = (await api.call("apps.connections.open", as_app=True))["url"]
                async with self._dialer.open(url) as socket:
                    backoff.reset()
                    async for message in socket:
                        envelope = json.loads(message.data)
                        if envelope.get("type") == "disconnect":
                            break
                        if "envelope_id" in envelope:
                            await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
                            self._receive(app, api, envelope)
            except (SlackError, SocketFailed, ValueError) as error:
                _log.warning("slack.disconnected", org=app.org_id, why=str(error))
            await asyncio.sleep(backoff.next_s(at_least_s=0.2))

    def _receive(self, app: _App, api: WebApi, envelope: Mapping[str, Any]) -> None:
        name = str(envelope["envelope_id"])
        if name in self._seen or len(self._presses) >= IN_FLIGHT:
            return
        self._seen[name] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._presses.start(name, self._handle(app, api, envelope, name))

    async def _handle(self, app: _App, api: WebApi, envelope: Mapping[str, Any], name: str) -> None:
        try:
            given = _Given.of(envelope)
        except (KeyError, TypeError, ValueError, IndexError):
            _log.warning("slack.not_understood", kind=envelope.get("type"))
            return
        if given is None:
            return
        try:
            if (wait_s := self._wait_s(app, given)) > 0:
                said = f"You have sent too many {'questions' if given.is_submitted else 'requests'}. Try again in {wait_s:.0f} seconds."
                await _say(api, given, Response(blocks.message([said])))
            else:
                await self._answer(app, api, given, name)
        except SlackError as error:
            _log.warning("slack.not_answered", why=error.name)

    def _wait_s(self, app: _App, given: "_Given") -> float:
        """Seconds until this person may ask again; 0: now, and it counts."""
        key, most = (app.org_id, given.user, given.is_submitted), MAX_QUESTIONS_A_MINUTE if given.is_submitted else MAX_A_MINUTE
        now, latest = self._clock.monotonic(), self._latest.setdefault(key, deque(maxlen=most))
        self._latest.move_to_end(key)
        if len(self._latest) > MAX_PEOPLE:
            self._latest.popitem(last=False)
        if len(latest) == most and now - latest[0] < 60:
            return max(1.0, 60 - (now - latest[0]))
        latest.append(now)
        return 0

    async def _answer(self, app: _App, api: WebApi, given: "_Given", name: str) -> None:
        if given.action == blocks.ASK and not given.is_submitted:
            view = blocks.question(given.value, given.channel, given.thread)
            await api.call("views.open", trigger_id=given.trigger, view=view)
            return
        try:
            who = await self._member(app, api, given)
            response = Response(blocks.message([UNKNOWN])) if who is None else await self._do(who, given, name)
        except Refusal as error:
            response = actions.refused(error)
        except OptralError as error:
            response = Response(blocks.message([error.say or error.code]))
        except SlackError:
            raise
        except Exception:  # noqa: BLE001 - whatever broke, the person must get an answer
            _log.exception("slack.failed", envelope=name)
            response = Response(blocks.message([FAILED.format(name)]))
        await _say(api, given, response)

    async def _member(self, app: _App, api: WebApi, given: "_Given") -> Actor | None:
        user = (await api.call("users.info", user=given.user))["user"]
        email = people.email_of(user, team_id=given.team)
        if email is None:
            return None
        return await self._store.read(actor.system(OrgId(app.org_id)), lambda tx: people.actor_of(tx, email))

    async def _do(self, who: Actor, given: "_Given", name: str) -> Response:
        rest, now = self._rest_for(who), self._clock.now()
        if given.command is not None:
            return await actions.command(rest, given.command, now=now)
        if given.is_submitted:
            return await actions.ask(rest, given.value, given.question)
        return await actions.press(rest, given.action, given.value, now=now, key=f"slack-{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What arrived: who did what, and where."""

    user: str
    team: str
    channel: str
    thread: str = ""
    action: str = ""
    value: str = ""
    trigger: str = ""
    question: str = ""
    command: str | None = None
    response_url: str = ""
    is_submitted: bool = False

    @classmethod
    def of(cls, envelope: Mapping[str, Any]) -> "_Given | None":
        """Raises `KeyError` and its like for what Slack does not send."""
        one = envelope["payload"]
        if envelope["type"] == "slash_commands":
            where = {"user": one["user_id"], "team": one["team_id"], "channel": one["channel_id"]}
            return cls(**where, command=str(one.get("text", "")), response_url=one["response_url"])
        if envelope["type"] != "interactive":
            return None
        who = {"user": one["user"]["id"], "team": one["team"]["id"]}
        if one["type"] == "view_submission":
            issue_id, channel, thread = one["view"]["private_metadata"].split(":")
            question = one["view"]["state"]["values"][blocks.ASK][blocks.ASK]["value"]
            return cls(**who, channel=channel, thread=thread, action=blocks.ASK, value=issue_id, question=question, is_submitted=True)
        if one["type"] != "block_actions":
            return None
        pressed, message = one["actions"][0], one["message"]
        value = pressed["selected_option"]["value"] if "selected_option" in pressed else pressed["value"]
        thread = message.get("thread_ts") or message["ts"]
        return cls(**who, channel=one["channel"]["id"], thread=thread, action=pressed["action_id"], value=value, trigger=one["trigger_id"])


def _failed(name: str, error: BaseException) -> None:
    _log.error("slack.failed", of=name, exc_info=error)


async def _say(api: WebApi, given: _Given, response: Response) -> None:
    """To the person alone; what is for everybody, in the thread of the issue."""
    if given.command is not None:
        await api.respond(given.response_url, {"response_type": "ephemeral", **response.message})
    elif response.is_public:
        await api.call(
            "chat.postMessage", channel=given.channel, thread_ts=given.thread, parse="none", link_names=False, **response.message
        )
    else:
        await api.call("chat.postEphemeral", channel=given.channel, user=given.user, thread_ts=given.thread, **response.message)
