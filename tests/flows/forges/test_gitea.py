"""The whole way with a real Gitea: a pull request is opened there, merged there, and the execution follows."""

import asyncio
import ipaddress

import pytest

from optral.flows.forges import receiving
from optral.flows.forges.worker import ProposalWorker
from optral.forges import service as forges
from optral.forges.model import Kind, State
from optral.kit.outbound_http import HttpCaller
from optral.runbooks.model import Phase
from optral.store.store import Store
from optral.terms.errors import Unauthenticated
from optral.terms.ids import OrgId
from tests.flows.executions.shop import Shop
from tests.flows.forges.gitops import KEY, MANIFEST, PATH, GitOps
from tests.forges.fakes import BASES, REPOSITORY
from tests.forges.gitea import Gitea
from tests.forges.test_gitea import gitea as gitea
from tests.support.clock import FakeClock
from tests.support.sqlite_alone import engine_name as engine_name

pytestmark = pytest.mark.slow  # starts a server


class Inbox:
    """A server on loopback that keeps the first request whole."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = b""
        self.arrived = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head) if name}
        self.body = await reader.readexactly(int(self.headers["content-length"]))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        self.arrived.set()


async def test_the_webhook_of_gitea_wakes_the_execution(
    store: Store, org: OrgId, clock: FakeClock, gitea: Gitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BASES, Kind.GITEA, gitea.url)
    shop = Shop(store, org, clock)
    await shop.open()
    gitops = GitOps(shop)
    caller = HttpCaller(private=[ipaddress.ip_network("127.0.0.0/8")])
    gitops.worker = ProposalWorker(store, clock, key=KEY, caller=caller, link="https://optral.example.com")
    await gitops.open(token=gitea.token)
    (forge,) = await store.read(shop.owner, forges.find)
    _, secret = await store.write(shop.owner, lambda tx: forges.roll(tx, forge.id, key=KEY))
    await gitea.write("main", {PATH: MANIFEST})
    one, _ = await gitops.opened()

    inbox = Inbox()
    async with await asyncio.start_server(inbox, "127.0.0.1", 0) as server, asyncio.timeout(60):
        config = {"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", "content_type": "json", "secret": secret}
        hook = {"type": "gitea", "config": config, "events": ["pull_request"], "active": True}
        await gitea.api("POST", f"/repos/{REPOSITORY}/hooks", hook)
        await gitea.merge(1)
        await inbox.arrived.wait()
    clock.advance(3)  # no poll is due yet
    await gitops.work()
    assert (await gitops.proposal(one)).state is State.OPEN
    assert await receiving.receive(store, forge.id, headers=inbox.headers, body=inbox.body, key=KEY)
    await gitops.work()
    assert (await gitops.proposal(one)).state is State.MERGED
    with pytest.raises(Unauthenticated):
        await receiving.receive(store, forge.id, headers=inbox.headers, body=inbox.body + b" ", key=KEY)
    await caller.close()


async def test_an_execution_opens_and_follows_a_pull_request_on_gitea(
    store: Store, org: OrgId, clock: FakeClock, gitea: Gitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BASES, Kind.GITEA, gitea.url)
    shop = Shop(store, org, clock)
    await shop.open()
    gitops = GitOps(shop)
    caller = HttpCaller(private=[ipaddress.ip_network("127.0.0.0/8")])
    gitops.worker = ProposalWorker(store, clock, key=KEY, caller=caller, link="https://optral.example.com")
    await gitops.open(token=gitea.token)
    await gitea.write("main", {PATH: MANIFEST})

    one, proposal = await gitops.opened()
    assert (one.phase, proposal.state, proposal.number) == (Phase.PROPOSED, State.OPEN, 1), proposal.message
    pull = await gitea.api("GET", f"/repos/{REPOSITORY}/pulls/1")
    assert pull["title"] == "Raise a memory limit: Deployment shop/web" and "| `64Mi` | `128Mi` |" in pull["body"]
    assert pull["head"]["ref"] == f"optral/{one.id}"

    await gitea.merge(1)
    clock.advance(31)
    await gitops.settle(one)
    merged = await gitops.proposal(one)
    assert merged.state is State.MERGED and merged.merge_commit
    later = await gitea.write("main", {"README.txt": "more\n"})
    shop.agent.limit, gitops.applied = "128Mi", later
    await gitops.show_as_is()
    clock.advance(6)
    one = await gitops.settle(one)
    assert (one.phase, (await gitops.proposal(one)).applied_revision) == (Phase.VERIFYING, later)
    await caller.close()
