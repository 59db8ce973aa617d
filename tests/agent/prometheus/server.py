"""A Prometheus for the tests: it answers the few forms of queries that the agent sends, over series whose rates are given."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.serving import on_loop

BOUNDS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
_SELECTOR = re.compile(r"([a-zA-Z_:]*)\{(.*?)\}(?:\[\d+s\])?((?: offset \d+s)?)(?=[\s)]|$)")
_MATCHER = re.compile(r'(\w+)(=~|=)"((?:[^"\\]|\\.)*)"')
_BY = re.compile(r"by \(([^)]*)\)")
Labels = tuple[tuple[str, str], ...]


@dataclass
class Prometheus:
    """`series` are (name, labels, what a rate or an instant of it is); `NAME offset 3600s` is what NAME was then. `asked` are the queries
    that came."""

    series: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    url: str = ""

    def add(self, name: str, value: float, **labels: str) -> None:
        self.series.append((name, labels, value))

    def histogram(self, name: str, per_second: float, took_ms: float, *, unit_ms: float = 1, **labels: str) -> None:
        """Requests that all took about as long: in one bucket, and in all above it."""
        for bound in BOUNDS:
            self.add(f"{name}_bucket", per_second if took_ms <= bound else 0, le=f"{bound / unit_ms:g}", **labels)
        self.add(f"{name}_bucket", per_second, le="+Inf", **labels)
        self.add(f"{name}_count", per_second, **labels)

    async def answer(self, request: web.Request) -> web.Response:
        query = request.query["query"]
        self.asked.append(query)
        self.headers.append(request.headers)
        if self.body is not None or self.status != 200:
            return web.Response(status=self.status, body=self.body or b'{"status":"error","error":"too many samples"}')
        found = [{"metric": dict(labels), "value": [1_700_000_000, repr(value)]} for labels, value in self.evaluate(query).items()]
        return web.json_response({"status": "success", "data": {"resultType": "vector", "result": found}})

    def evaluate(self, query: str) -> dict[Labels, float]:
        for sign, combined in ((" / ", lambda a, b: a / b), (" + ", lambda a, b: a + b)):
            if sign in query:
                left, right = (self.evaluate(side) for side in query.removesuffix(" > 0").split(sign))
                return {labels: combined(left[labels], right[labels]) for labels in left.keys() & right.keys()}
        least = 1.0 if query.endswith(" > 1") else 0.0
        function = (lambda values: float(len(values))) if query.startswith("count") else sum
        current = [(labels, value) for name, labels, value in self._selected(query)]
        for by in reversed(_BY.findall(query)):
            current = list(_grouped(current, by.split(", "), function))
        return {
            tuple(sorted(labels.items())): value for labels, value in current if value > least or query.startswith("count by (__name__)")
        }

    def _selected(self, query: str) -> Iterable[tuple[str, dict[str, str], float]]:
        taken: set[int] = set()
        for named, inner, offset in _SELECTOR.findall(query):
            name = named + offset
            matchers = _MATCHER.findall(inner)
            for index, (series, labels, value) in enumerate(self.series):
                labels = {"__name__": series, **labels}
                if index not in taken and (not name or name == series) and all(_fits(labels, *matcher) for matcher in matchers):
                    taken.add(index)
                    yield series, labels, value


def _fits(labels: dict[str, str], label: str, sign: str, text: str) -> bool:
    wanted = re.sub(r"\\(.)", r"\1", text)
    return labels.get(label, "") == wanted if sign == "=" else re.fullmatch(wanted, labels.get(label, "")) is not None


def _grouped(series: Iterable[tuple[dict[str, str], float]], by: list[str], function: Any) -> Iterable[tuple[dict[str, str], float]]:
    groups: defaultdict[Labels, list[float]] = defaultdict(list)
    for labels, value in series:
        groups[tuple((label, labels[label]) for label in by if labels.get(label))].append(value)
    return [(dict(labels), function(values)) for labels, values in groups.items()]


@asynccontextmanager
async def serving() -> AsyncIterator[Prometheus]:
    prometheus = Prometheus()
    app = web.Application()
    app.router.add_get("/api/v1/query", prometheus.answer)
    app.router.add_get("/moved/api/v1/query", _moved)
    async with on_loop(app) as prometheus.url:
        yield prometheus


async def _moved(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/api/v1/query"})
