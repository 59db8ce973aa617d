"""`optral up`: server and agent on the cluster of the reader's kubeconfig. It reads, and installs nothing in the cluster.

With --allow-writes runbooks may change what lies in the namespaces named, and nothing else: that is the agent's local policy.
"""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import yaml
from rich.console import Console

from optral.server import settings
from optral.terms.errors import Misconfigured
from optral.up import browser, live, ports, stack
from optral.up.kubeconfig import Target
from optral.up.live import State
from optral.up.screen import NO_CONTEXT, Facts, HeldContext, Screen

SETTLED_S = 10.0
PORTS = {"listen": 8080, "enroll_listen": 8443, "tunnel_listen": 8444}
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?|\*")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9-]+")


async def run(
    target: Target,
    *,
    once: bool,
    data_dir: Path | None,
    listen: str | None,
    began: float,
    namespaces: Sequence[str] = (),
    context: HeldContext,
    has_browser: bool = False,
) -> int:
    """Run until stopped, or with `once` until the inventory is there and issues have settled; `began` as in `demo.run`. The exit code."""
    screen = Screen(Console(stderr=once, highlight=False), quiet=once and not sys.stderr.isatty())
    directory = await asyncio.to_thread(usable, data_dir or _default_directory())
    stack.log_to(directory / "server.log")
    changes = f"may change {', '.join(namespaces)}" if namespaces else "read-only"
    screen.say(f"context {target.context} at {target.server}; {changes}")
    subject = stack.Subject(
        name=name_of(target.context),
        key=f"{target.context} {target.server}",
        kubeconfig=target.path,
        context=target.context,
        policy=policy_for(namespaces),
    )
    loaded = settings_for(directory, listen)
    async with AsyncExitStack() as closing:
        running = await closing.enter_async_context(stack.running(loaded, subject, directory=directory))
        screen.first(
            Facts(
                title="Optral",
                api_url=running.api_url,
                enroll_address=running.enroll_address,
                tunnel_address=running.tunnel_address,
                cluster=f"{subject.name}: context {target.context}, {target.server}; {changes}",
                api_key=running.api_key,
                setup_link=running.setup_link,
                context=NO_CONTEXT if once else closing.enter_context(context(running.api_url, running.api_key)),
                data=f"{directory} (kept)",
            )
        )
        if once:
            return await live.once(running, screen, is_enough=has_settled, began=began)
        if await closing.enter_async_context(browser.opening(running.setup_link, is_wanted=has_browser)):
            screen.say(browser.OPENED)
        return await live.until_stopped(running, screen)


def settings_for(directory: Path, listen: str | None) -> settings.Settings:
    """The settings of the environment for a server on this machine; it stops at once, because no load balancer is in front of it.

    Where neither the option nor the environment names a port, it is the usual one, or a free one while another program has that.
    """
    chosen = {name: ports.usual_or_free(port) for name, port in PORTS.items() if f"OPTRAL_{name.upper()}" not in os.environ}
    return settings.load(data_dir=directory, shutdown_delay=0, **chosen | ({"listen": listen} if listen else {}))


def policy_for(namespaces: Sequence[str]) -> str:
    """The agent's local policy that lets changes be made in these namespaces; none without any. Raises `Misconfigured` for a bad name."""
    for name in namespaces:
        if _NAMESPACE.fullmatch(name) is None:
            raise Misconfigured("namespaces", say=f"--namespaces must be namespace names such as shop,payments, not {name!r}")
    return yaml.safe_dump({"allowWrites": True, "namespaces": list(namespaces)}) if namespaces else ""


def has_settled(state: State) -> bool:
    """The inventory is complete and no issue came or went for `SETTLED_S` seconds."""
    inventory = state.cluster.inventory
    is_synced = inventory is not None and inventory.synced_at is not None and not inventory.stale
    return state.is_connected and is_synced and state.since_s >= SETTLED_S


def name_of(context: str) -> str:
    """A cluster name from a context's: lower case letters, digits and dashes, at most 63."""
    return _NOT_IN_A_NAME.sub("-", context.lower()).strip("-")[:63].strip("-") or "cluster"


def _default_directory() -> Path:
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "optral" / "up"


def usable(directory: Path) -> Path:
    """Create the data directory; its absolute path, since files in it name each other. Raises `Misconfigured`."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return directory.absolute()
    except OSError as error:
        raise Misconfigured("data_dir_unusable", say=f"cannot use {directory}: {error.strerror}; choose another --data-dir") from None
