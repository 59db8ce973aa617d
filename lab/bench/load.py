"""HTTP load from a process of its own: so many requests a second on a schedule (open loop), or as many as so many connections can carry.

Several addresses take turns. With `--any-answer`, answers that are errors count like others, by their status.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator

import aiohttp


async def run(options: argparse.Namespace) -> None:
    headers = {"Authorization": f"Bearer {options.key}"}
    connector = aiohttp.TCPConnector(limit=options.connections)
    async with aiohttp.ClientSession(headers=headers, connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
        asks = Asks(session, options.url, any_answer=options.any_answer)
        for _ in range(options.warm_up):
            await asks.once()
        asks.answers.clear()
        began = time.perf_counter()
        times = await (offered(asks, options) if options.rate else saturated(asks, options))
        took = time.perf_counter() - began
    ordered = sorted(times)
    quantiles = {f"p{round(q * 100)}_ms": round(ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1000, 2) for q in (0.5, 0.99)}
    print(json.dumps({"requests": len(times), "per_s": round(len(times) / took, 1), **quantiles, "answers": asks.answers}))


class Asks:
    """Requests of the addresses in turn."""

    def __init__(self, session: aiohttp.ClientSession, urls: list[str], *, any_answer: bool) -> None:
        self._session, self._any_answer = session, any_answer
        self._urls: Iterator[str] = itertools.cycle(urls)
        self.answers: Counter[int] = Counter()

    async def once(self) -> None:
        async with self._session.get(next(self._urls)) as answer:
            if not self._any_answer:
                answer.raise_for_status()
            self.answers[answer.status] += 1
            await answer.read()


async def offered(asks: Asks, options: argparse.Namespace) -> list[float]:
    """Each request has its moment, whether the one before is answered or not; its time counts from that moment."""
    began, times = time.perf_counter(), []

    async def at(moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        await asks.once()
        times.append(time.perf_counter() - moment)

    async with asyncio.TaskGroup() as group:
        for number in range(int(options.rate * options.seconds)):
            group.create_task(at(began + number / options.rate))
    return times


async def saturated(asks: Asks, options: argparse.Namespace) -> list[float]:
    until, times = time.perf_counter() + options.seconds, []

    async def worker() -> None:
        while (began := time.perf_counter()) < until:
            await asks.once()
            times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(options.connections):
            group.create_task(worker())
    return times


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, action="append")
    parser.add_argument("--key", required=True)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--any-answer", action="store_true")
    asyncio.run(run(parser.parse_args()))
