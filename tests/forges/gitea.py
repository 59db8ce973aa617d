"""A real Gitea in a folder of its own, with one account, its token, and an empty repository."""

import asyncio
import base64
import itertools
import os
import secrets
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from tests.forges.fakes import REPOSITORY
from tests.setup import gitea

READY_WITHIN_S = 60.0
OWNER, NAME = REPOSITORY.split("/")
PULLS = f"/repos/{REPOSITORY}/pulls"
CHECKING = 405  # also while the branch a pull request merges into has just changed: "Please try again later"
SCOPES = "write:repository,write:user"
_SETTINGS = """
RUN_USER = {user}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
RUN_MODE = prod
WORK_PATH = {home}
[server]
STATIC_ROOT_PATH = {static}
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = {url}/
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[webhook]
ALLOWED_HOST_LIST = loopback
[database]
DB_TYPE = sqlite3
PATH = {home}/gitea.db
[repository]
ROOT = {home}/repositories
[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
[log]
LEVEL = Warn
MODE = console
[cron]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[mailer]
ENABLED = false
"""


class Gitea:
    """`open` it, use it, `close` it."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url, self.token = f"http://127.0.0.1:{port}", ""
        self._home, self._settings = home, home / "app.ini"
        self._environment = {**os.environ, "GITEA_WORK_DIR": str(home), "HOME": str(home)}
        self._process: asyncio.subprocess.Process | None = None
        home.mkdir(parents=True, exist_ok=True)
        user = os.environ.get("USER") or ("root" if os.geteuid() == 0 else str(os.geteuid()))
        given = {"user": user, "home": home, "static": gitea.HOME, "port": port, "url": self.url, "secret": secrets.token_hex(16)}
        self._settings.write_text(_SETTINGS.format(**given))

    async def open(self) -> None:
        await self._run("migrate")
        account = ("--username", OWNER, "--password", secrets.token_hex(12), "--email", "shop@example.com")
        await self._run("admin", "user", "create", "--admin", *account, "--must-change-password=false")
        self.token = await self.new_token(SCOPES)
        self._process = await self._start("web")
        await self._wait()
        await self.api("POST", "/user/repos", {"name": NAME, "auto_init": True, "default_branch": "main"})

    async def new_token(self, scopes: str) -> str:
        """Another token of the account."""
        named = ("--username", OWNER, "--token-name", secrets.token_hex(4), "--scopes", scopes, "--raw")
        return (await self._run("admin", "user", "generate-access-token", *named)).splitlines()[-1].strip()

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()

    async def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask its API as a person would."""
        answer = await self._ask(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=f"{self.url}/api/v1", headers={"authorization": f"token {self.token}"}) as client:
            return await client.request(method, path, **({} if body is None else {"json": dict(body)}))

    async def write(self, branch: str, files: Mapping[str, str], *, create: bool = True) -> str:
        """A commit on a branch; its id."""
        known = (
            {} if create else {path: (await self.api("GET", f"/repos/{REPOSITORY}/contents/{path}?ref={branch}"))["sha"] for path in files}
        )
        changes = [
            {"operation": "create" if create else "update", "path": path, "content": base64.b64encode(text.encode()).decode()}
            | ({"sha": known[path]} if path in known else {})
            for path, text in files.items()
        ]
        body = {"branch": branch, "message": "change", "files": changes}
        return str((await self.api("POST", f"/repos/{REPOSITORY}/contents", body))["commit"]["sha"])

    async def merge(self, number: int, *, how: str = "merge") -> None:
        """Merge a pull request as soon as Gitea has checked that it can be merged."""
        async with asyncio.timeout(READY_WITHIN_S):
            for wait_s in itertools.repeat(0.05):
                if (answer := await self._ask("POST", f"{PULLS}/{number}/merge", {"Do": how})).status_code != CHECKING:
                    break
                await asyncio.sleep(wait_s)
        assert answer.is_success, answer.text

    async def _run(self, *words: str) -> str:
        process = await self._start(*words)
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        return out.decode()

    async def _start(self, *words: str) -> asyncio.subprocess.Process:
        with (self._home / "gitea.log").open("ab") as log:
            out = log if words[0] == "web" else asyncio.subprocess.PIPE
            return await asyncio.create_subprocess_exec(
                str(gitea.PROGRAM), *words, "--config", str(self._settings), env=self._environment, stdout=out, stderr=log
            )

    async def _wait(self) -> None:
        async with asyncio.timeout(READY_WITHIN_S), httpx2.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/api/v1/version")).is_success:
                        return
                except httpx2.TransportError:
                    await asyncio.sleep(0.1)
