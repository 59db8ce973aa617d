"""The main journey in Firefox, whose event stream, storage and layout are not Chromium's."""

import asyncio
import shutil

import pytest

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, PASSWORD, ROOT, first_link

pytestmark = pytest.mark.slow
DASHBOARD = ROOT / "dashboard"
LONGEST_S = 240


async def test_from_the_account_to_an_issue_that_appears_by_itself(edge: Api) -> None:
    firefox, node = shutil.which("firefox-esr") or shutil.which("firefox"), shutil.which("node")
    if not (firefox and node and (DASHBOARD / "node_modules/puppeteer-core").exists()):
        pytest.skip("Firefox is not here (Debian: apt install firefox-esr), or the dashboard's packages (make dashboard)")
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("web", severity=Severity.CRITICAL, api=edge))
    journey = await asyncio.create_subprocess_exec(
        node,
        "scripts/firefox.mjs",
        firefox,
        edge.url + await first_link(edge),
        EMAIL,
        PASSWORD,
        cwd=DASHBOARD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert journey.stdin and journey.stdout and journey.stderr
    async with asyncio.timeout(LONGEST_S):
        steps: list[str] = []
        async for line in journey.stdout:
            steps.append(line.decode().strip())
            if steps[-1] == "waiting for an issue":
                await observe(edge, cluster, finding("pay", severity=Severity.HIGH, api=edge))
                journey.stdin.write(b"new\n")
        assert await journey.wait() == 0, (steps, (await journey.stderr.read()).decode())
    assert len(steps) == 7
