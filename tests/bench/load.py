"""HTTP load from a process of its own: so many requests a second on a schedule (open loop), or as many as so many connections can carry."""

import argparse
import asyncio
import json
import time

import aiohttp

WARM_UP = 20


async def run(options: argparse.Namespace) -> None:
    headers = {"Authorization": f"Bearer {options.key}"}
    connector = aiohttp.TCPConnector(limit=options.connections)
    async with aiohttp.ClientSession(headers=headers, connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
        for _ in range(WARM_UP):
            await once(session, options.url)
        began = time.perf_counter()
        times = await (offered(session, options) if options.rate else saturated(session, options))
        took = time.perf_counter() - began
    ordered = sorted(times)
    quantiles = {f"p{round(q * 100)}_ms": round(ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1000, 2) for q in (0.5, 0.99)}
    print(json.dumps({"requests": len(times), "per_s": round(len(times) / took, 1), **quantiles}))


async def once(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as answer:
        answer.raise_for_status()
        await answer.read()


async def offered(session: aiohttp.ClientSession, options: argparse.Namespace) -> list[float]:
    """Each request has its moment, whether the one before is answered or not; its time counts from that moment."""
    began, times = time.perf_counter(), []

    async def at(moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        await once(session, options.url)
        times.append(time.perf_counter() - moment)

    async with asyncio.TaskGroup() as group:
        for number in range(int(options.rate * options.seconds)):
            group.create_task(at(began + number / options.rate))
    return times


async def saturated(session: aiohttp.ClientSession, options: argparse.Namespace) -> list[float]:
    until, times = time.perf_counter() + options.seconds, []

    async def worker() -> None:
        while (began := time.perf_counter()) < until:
            await once(session, options.url)
            times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(options.connections):
            group.create_task(worker())
    return times


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    asyncio.run(run(parser.parse_args()))
