"""A server nobody can sign in to gives one link at its start; once somebody can, it gives none. Who forgot the password gets another."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx2
import pytest

from optral.access import service as access
from optral.flows.people import setup
from optral.kit.clock import SystemClock
from optral.server import app, database
from optral.server.settings import Settings, load
from optral.terms import actor

pytestmark = pytest.mark.slow  # processes
HEADERS = {"X-Optral-CSRF": "1"}
WHO = {"email": "me@example.org", "password": "a long and quiet river"}


def settings_in(folder: Path) -> Settings:
    loopback = "127.0.0.1:0"
    return load(data_dir=folder, listen=loopback, enroll_listen=loopback, tunnel_listen=loopback, shutdown_delay=0)


async def open_link(link: str, **more: str) -> httpx2.Response:
    url, _, token = link.partition("/setup#")
    async with httpx2.AsyncClient(base_url=url) as client:
        return await client.post("/v1/setup", json={"token": token, **WHO, **more}, headers=HEADERS)


async def test_an_empty_database_is_set_up_by_its_link(tmp_path: Path) -> None:
    async with app.running(settings_in(tmp_path)) as server:
        (link,) = server.setup_links
        assert link.startswith(f"{server.api_url}/setup#")
        unnamed = await open_link(link)
        assert (unnamed.status_code, unnamed.json()["errors"][0]["field"]) == (422, "organisation")
        assert (await open_link(link, organisation="Shop")).status_code == 201
        assert (await open_link(link, organisation="Shop")).json()["code"] == "link_invalid"
    async with app.running(settings_in(tmp_path)) as again:
        assert again.setup_links == ()


async def test_the_owner_that_setup_made_gets_a_password(tmp_path: Path) -> None:
    async with database.opened(settings_in(tmp_path), SystemClock()) as base:
        await base.store.write(
            actor.system(), lambda tx: setup.set_up(tx, pepper=base.secrets.pepper, organisation="Shop", owner_email="o@example.org")
        )
    async with app.running(settings_in(tmp_path)) as missed:
        (old,) = missed.setup_links
    async with app.running(settings_in(tmp_path)) as server:
        (link,) = server.setup_links
        done = await open_link(link)
        assert (done.json()["organisation"]["name"], done.json()["member"]["role"]) == ("Shop", "owner")
        token = old.partition("#")[2]
        assert (await open_link(f"{server.api_url}/setup#{token}")).json()["code"] == "link_invalid"


async def sign_in(url: str, password: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=url) as client:
        return await client.post("/v1/session", json={"email": WHO["email"], "password": password}, headers=HEADERS)


async def own_session(url: str, cookie: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=url) as client:
        return await client.get("/v1/session", headers={"Cookie": cookie})


async def test_a_sole_owner_who_forgot_the_password_gets_another_beside_the_running_server(tmp_path: Path) -> None:
    settings, password = settings_in(tmp_path), "another long and quiet river"
    async with app.running(settings) as server:
        opened = await open_link(server.setup_links[0], organisation="Shop")
        cookie = opened.headers["set-cookie"].partition(";")[0]
        assert (await own_session(server.api_url, cookie)).status_code == 200
        environment = {**os.environ, "OPTRAL_DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "optral", "reset-password", WHO["email"]]
        done = await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        _, said = await done.communicate(f"{password}\n{password}\n".encode())
        assert done.returncode == 0, said
        assert (await sign_in(server.api_url, WHO["password"])).status_code == 401
        assert (await sign_in(server.api_url, password)).status_code == 201
        assert (await own_session(server.api_url, cookie)).status_code == 401
    async with database.opened(settings, SystemClock()) as base:
        org = (await base.store.read(actor.system(), access.organisation_ids))[0]
        actions = [one.action for one in await base.store.read(actor.system(org), lambda tx: access.records_after(tx, 0))]
        assert "member.reset_password" in actions
