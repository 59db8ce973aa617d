"""Opens the dashboard in the browser of whoever started `optral demo` or `optral up`, while nobody can sign in yet.

Only on a terminal of a desktop: never in CI, over SSH or in a container, and never a browser for text, which would take the terminal.
"""

import asyncio
import os
import platform
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

OFF = "OPTRAL_NO_BROWSER"
OPENED = "the dashboard opens in your browser (--no-browser or OPTRAL_NO_BROWSER=1 switch this off)"
OPENS_IN_S = 30.0
_REMOTE = ("CI", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", OFF)
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_OPENERS = {"macos": ("open",), "wsl": ("wslview", "explorer.exe"), "desktop": ("xdg-open", "gio open")}


def opener(
    environment: Mapping[str, str] = os.environ,
    *,
    system: str = sys.platform,
    release: str | None = None,
    which: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """The command that opens an address in a graphical browser; empty where there is none, or none is wanted."""
    if any(environment.get(name) for name in _REMOTE):
        return []
    is_wsl = "microsoft" in (platform.release() if release is None else release).lower()
    is_desktop = any(environment.get(name) for name in _DISPLAYS)
    kind = "macos" if system == "darwin" else "wsl" if is_wsl else "desktop" if is_desktop else ""
    commands = (command.split() for command in _OPENERS.get(kind, ()))
    return next((command for command in commands if which(command[0])), [])


@asynccontextmanager
async def opening(link: str | None, *, is_wanted: bool) -> AsyncIterator[bool]:
    """Open the one-use link, and tell whether a browser was asked to; the page has `OPENS_IN_S` seconds to load."""
    command = opener() if link and is_wanted and sys.stdout.isatty() else []
    if not link or not command:
        yield False
        return
    async with redirect(link) as address:
        yield await asyncio.to_thread(_ask, command, address)


@asynccontextmanager
async def redirect(link: str) -> AsyncIterator[str]:
    """An address on loopback that leads to the link once: other users of the machine can read the arguments of a program."""
    path, is_used = f"/{secrets.token_urlsafe(24)}", False

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal is_used
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(OPENS_IN_S):
                is_right = (await reader.readline()).split()[1:2] == [path.encode()] and not is_used
                is_used = is_used or is_right
                head = f"302 Found\r\nLocation: {link}" if is_right else "404 Not Found"
                writer.write(f"HTTP/1.1 {head}\r\nCache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, urlsplit(link).hostname, 0)
    closing = asyncio.get_running_loop().call_later(OPENS_IN_S, server.close)
    try:
        yield f"http://{urlsplit(link).hostname}:{server.sockets[0].getsockname()[1]}{path}"
    finally:
        closing.cancel()
        server.close()


def _ask(command: list[str], address: str) -> bool:
    """Start the program; it, or the browser that it becomes, outlives this process."""
    none = subprocess.DEVNULL
    try:
        subprocess.Popen([*command, address], start_new_session=True, stdin=none, stdout=none, stderr=none)  # noqa: S603 - of the list above
    except OSError:
        return False
    return True
