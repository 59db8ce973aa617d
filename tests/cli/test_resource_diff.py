"""`optral resources diff`: what two objects differ in, and nothing that every object has of its own."""

import asyncio
from typing import Any

from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.seeds import objects
from tests.support.clock import FakeClock
from tests.support.commandline import optral


def deployment(image: str, replicas: int, **more: Any) -> dict[str, Any]:
    return {"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "app", "image": image, **more}]}}}}


async def diff(api: Api, *options: str) -> str:
    ids = [one["id"] for one in (await api.get("/v1/resources?sort=name")).json()["resources"]]
    done = await asyncio.to_thread(optral, "resources", "diff", *ids, *options, url=api.url, key=api.key)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_shows_each_path_with_both_sides(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await objects(api, cluster, "a", kind="Deployment.apps", **deployment("shop/web:1", 2), status={"replicas": 2})
        await objects(api, cluster, "b", kind="Deployment.apps", **deployment("shop/web:2", 2, tty=True), status={"replicas": 1})
        lines = (await diff(api)).splitlines()
        at = lines.index("spec.template.spec.containers[app].image")
        assert lines[at + 1 : at + 3] == ["- shop/web:1", "+ shop/web:2"]
        at = lines.index("spec.template.spec.containers[app].tty")
        assert lines[at + 1] == "+ true"
        assert not [line for line in lines if "replicas" in line or "uid" in line or line.startswith("status")]
        assert "status.replicas" in await diff(api, "--with-status")


async def test_text_that_would_move_the_cursor_stays_text(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await objects(api, cluster, "a", kind="Deployment.apps", **deployment("shop/web:1", 2))
        await objects(api, cluster, "b", kind="Deployment.apps", **deployment("\x1b[2Jshop", 2))
        assert "\x1b" not in await diff(api)
