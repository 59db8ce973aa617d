"""`optral demo`: server, agent and the embedded cluster on loopback; everything is removed at the end."""

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from optral.demo import cluster
from optral.server import settings
from optral.up import browser, live, local, ports, stack
from optral.up.live import State
from optral.up.screen import NO_CONTEXT, Facts, HeldContext, Screen

ENOUGH_ISSUES, ENOUGH_TYPES = 8, 6
POLICY = """\
allowWrites: true
namespaces: ["*"]
verbs: [restart, scale, setResources, setImage, patch, rollback, rerunJob, deletePod, evict, cordon, uncordon, drain, renewCertificate]
reads: [get, events, logs, probe]
"""
"""The demo's cluster is there to be fixed. Everything is read but metrics: it has no kubelets."""


async def run(*, once: bool, data_dir: Path | None, seed: int, began: float, context: HeldContext, has_browser: bool = False) -> int:
    """Run until stopped, or with `once` until enough issues are open; `began` is when the command started (monotonic). The exit code.

    `context` holds a context of the command line for the server while it runs. `has_browser`: the dashboard may open in a browser.
    """
    console = Console(stderr=once, highlight=False)
    screen = Screen(console, quiet=once and not sys.stderr.isatty())
    async with AsyncExitStack() as closing:
        directory = data_dir or Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="optral-demo-")))
        directory = await asyncio.to_thread(local.usable, directory)
        stack.log_to(directory / "server.log")
        screen.say("starting the demo cluster, the server and the agent")
        shop = await closing.enter_async_context(cluster.running(directory, seed=seed))
        subject = stack.Subject(name=cluster.NAME, key=cluster.NAME, kubeconfig=shop.kubeconfig, context=None, policy=POLICY, is_demo=True)
        running = await closing.enter_async_context(stack.running(_settings(directory), subject, directory=directory))
        screen.first(
            Facts(
                title="Optral demo",
                api_url=running.api_url,
                enroll_address=running.enroll_address,
                tunnel_address=running.tunnel_address,
                cluster=f"{cluster.NAME}: {shop.workloads} workloads on {shop.nodes} nodes, {shop.url}",
                api_key=running.api_key,
                setup_link=running.setup_link,
                context=NO_CONTEXT if once else closing.enter_context(context(running.api_url, running.api_key)),
                data=str(directory) if data_dir else f"{directory} (removed on exit)",
            )
        )
        if once:
            return await live.once(running, screen, is_enough=has_enough, began=began)
        if await closing.enter_async_context(browser.opening(running.setup_link, is_wanted=has_browser)):
            screen.say(browser.OPENED)
        return await live.until_stopped(running, screen)


def has_enough(state: State) -> bool:
    """Enough to show: eight issues of six types, seen by the agent of this start."""
    return state.is_connected and len(state.issues) >= ENOUGH_ISSUES and len({issue.type for issue in state.issues}) >= ENOUGH_TYPES


def _settings(directory: Path) -> settings.Settings:
    return settings.load(
        data_dir=directory,
        listen=ports.usual_or_free(8080),
        enroll_listen=ports.usual_or_free(8443),
        tunnel_listen=ports.usual_or_free(8444),
        shutdown_delay=0,  # no load balancer is in front of it
    )
