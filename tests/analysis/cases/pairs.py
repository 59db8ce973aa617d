"""Second clusters for the rows of decision tables, so that two unrelated applications show each row.

Each entry is an application of its own in a namespace of its own, with a cause that must be among the hypotheses. Not every row makes its
cause the most likely one, so these are no cases of the book.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from optral.analysis.model import Explanation
from tests.analysis.cases.history import one_failing_pod, stateful
from tests.analysis.cluster import Json, World, at, container, deployment, ended, node, pod, service, state, template, waiting

Ask = Callable[[], tuple[World, Explanation]]


class Pair(NamedTuple):
    """A cause that must be among the hypotheses of a cluster."""

    cause: str
    ask: Ask


PAIRS: dict[str, Pair] = {}


def _add(name: str, cause: str, ask: Ask) -> None:
    assert name not in PAIRS, name
    PAIRS[name] = Pair(cause, ask)


# --- exits


def _exit(name: str, namespace: str, code: int, *, reason: str = "Error", message: str = "", log: str = "", **spec: Any) -> Ask:
    def ask() -> tuple[World, Explanation]:
        owner = stateful(name, namespace, container("main", f"{namespace}.test/{name}:1", **spec))
        status = state("main", restarts=6, now=waiting("CrashLoopBackOff"), last=ended(code, reason, message=message))
        return one_failing_pod("CrashLoopBackOff", owner, status, log=log)

    return ask


_FORMAT = "exec /srv/run: exec format error"
_TCP = {"tcpSocket": {"port": 7000}}
for _name, _cause, _ask in (
    ("ocr", "wrong_architecture", _exit("ocr", "scans", 128, reason="StartError", message=_FORMAT)),
    ("edge-cache", "wrong_architecture", _exit("edge-cache", "cdn", 128, reason="ContainerCannotRun", message=f"runc: {_FORMAT}: unknown")),
    ("loader", "permission_denied", _exit("loader", "lake", 126)),
    ("syncer", "exits_zero", _exit("syncer", "files", 0, livenessProbe=_TCP)),
    ("poller", "exits_zero", _exit("poller", "sensors", 0, startupProbe=_TCP)),
    ("greeter", "exits_zero", _exit("greeter", "lobby", 0, log="hello")),
    ("codec", "segmentation_fault", _exit("codec", "video", 139)),
    ("solver", "segmentation_fault", _exit("solver", "maths", 134, log="assertion failed: x > 0")),
    ("physics", "segmentation_fault", _exit("physics", "games", 134)),
    ("trader", "segmentation_fault", _exit("trader", "desk", 134)),
):
    _add(_name, _cause, _ask)


# --- images


_DENIED = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope"


def _denied(name: str, namespace: str, image: str, *running: str, message: str = _DENIED, part: str = "main", **spec: Any) -> Ask:
    def ask() -> tuple[World, Explanation]:
        owner = stateful(name, namespace, container(part, image), **spec)
        status = {"name": part, "ready": False, "restartCount": 0, "state": waiting("ImagePullBackOff")}
        events = (("Failed", f'Failed to pull image "{image}": rpc error: code = Unknown desc = {message}'),)
        others = [
            pod(
                stateful(f"other-{index}", namespace, container("o", of)),
                f"other-{index}-0",
                namespace=namespace,
                ready=True,
                status={"containerStatuses": [state("o", ready=True)]},
            )
            for index, of in enumerate(running)
        ]
        return one_failing_pod("ImagePullBackOff", owner, status, *others, events=events)

    return ask


for _name, _cause, _ask in (
    (
        "vault-ui",
        "image_pull_unauthorized",
        _denied("vault-ui", "keys", "keys.test/ui/web:2", imagePullSecrets=[{"name": "keys-registry"}]),
    ),
    ("lantern", "image_tag_not_found", _denied("lantern", "stage", "stage.test/props/lamp:2", "stage.test/props/rope:1")),
    ("proxy", "image_tag_not_found", _denied("proxy", "edge", "ngnix:1.27")),
    ("tuner", "image_tag_not_found", _denied("tuner", "radio", "radio.test/studoi/mixer:2", "radio.test/studio/desk:4")),
    ("pricing", "image_tag_not_found", _denied("pricing", "retail", "retail.test/core/pricing:7", part="pricing")),
    ("bakery", "image_tag_not_found", _denied("bakery", "food", "food.test/core/oven:7", part="heat")),
    (
        "archive",
        "image_pull_unauthorized",
        _denied("archive", "papers", "papers.test/core/scan:7", message="no basic auth credentials: access denied"),
    ),
):
    _add(_name, _cause, _ask)


# --- selectors


def _selects(
    name: str,
    namespace: str,
    selector: dict[str, str],
    *workloads: tuple[str, dict[str, str]],
    also: tuple[dict[str, str], ...] = (),
    type_: str = "ServiceNoEndpoints",
    **facts: Any,
) -> Ask:
    def ask() -> tuple[World, Explanation]:
        front = _service(name, namespace, selector)
        owners = [deployment(of, of=template(container("c"), labels=labels), namespace=namespace) for of, labels in workloads]
        others = [_service(f"also-{index}", namespace, of) for index, of in enumerate(also)]
        world = World([front, *owners, *others, node()], namespace=namespace)
        return world, world.ask(type_, front, **facts)

    return ask


def _service(name: str, namespace: str, selector: dict[str, str], port: int = 80) -> Json:
    found = service(name, selector=selector, ports=[{"port": port, "targetPort": port}])
    found["metadata"]["namespace"] = namespace
    return found


_WRONG, _NONE = "selector_mismatch", "no_workload"
for _name, _cause, _ask in (
    ("namesake/depot", _WRONG, _selects("depot", "rail", {"app": "x1", "tier": "front"}, ("depot", {"app": "wagons", "tier": "yard"}))),
    ("namesake/clinic", _WRONG, _selects("clinic", "health", {"run": "a7", "zone": "n"}, ("clinic", {"run": "visits", "zone": "south"}))),
    ("plural/parcel", _WRONG, _selects("parcel", "post", {"app": "parcel"}, ("parcels", {"app": "parcels"}))),
    ("extends/cart", _WRONG, _selects("cart", "shop", {"svc": "zeta"}, ("cart-web", {"role": "basket"}))),
    ("extends/lift", _WRONG, _selects("lift", "tower", {"unit": "kappa"}, ("lift-control", {"job": "doors"}))),
    ("unique/gate", _WRONG, _selects("gate", "port", {"team": "red", "part": "inward"}, ("cranes", {"team": "red"}))),
    ("unique/tram", _WRONG, _selects("tram", "city", {"line": "nine", "dir": "north"}, ("vehicles", {"line": "nine"}))),
    ("unique two/kiln", _WRONG, _selects("kiln", "clay", {"team": "red", "p": "in", "q": "out"}, ("ovens", {"team": "red"}))),
    ("unique two/mast", _WRONG, _selects("mast", "sail", {"crew": "b", "p": "low", "q": "top"}, ("rigging", {"crew": "b"}))),
    ("longer/sql", _WRONG, _selects("sql", "bank", {"app": "ring"}, ("rows", {"app": "ring-main"}))),
    ("longer/bus", _WRONG, _selects("bus", "news", {"app": "feed"}, ("wires", {"app": "feed-live"}))),
    ("served typo/lock", _WRONG, _selects("lock", "canal", {"app": "gtaes"}, ("water", {"app": "gates"}), also=({"app": "gates"},))),
    ("served typo/horn", _WRONG, _selects("horn", "brass", {"app": "vavle"}, ("tones", {"app": "valve"}), also=({"app": "valve"},))),
    ("served extends/mill", _WRONG, _selects("mill", "grain", {"u": "kappa"}, ("mill-stone", {"job": "grind"}), also=({"job": "grind"},))),
    ("served extends/dock", _WRONG, _selects("dock", "quay", {"u": "sigma"}, ("dock-crew", {"job": "moor"}), also=({"job": "moor"},))),
    ("contradicted/fern", _WRONG, _selects("fern", "park", {"team": "red", "part": "inward"}, ("trees", {"team": "red", "part": "roots"}))),
    ("contradicted/opal", _WRONG, _selects("opal", "mine", {"gang": "two", "part": "shaft"}, ("carts", {"gang": "two", "part": "wheels"}))),
    (
        "shares/loom",
        _NONE,
        _selects(
            "loom",
            "cloth",
            {"team": "red", "part": "warp"},
            ("dyes", {"team": "red", "part": "vats"}),
            ("pins", {"team": "red", "part": "needles"}),
        ),
    ),
    ("namesake elsewhere/pier", _NONE, _selects("pier", "coast", {"app": "boats"}, elsewhere=["harbor/Deployment/boats"])),
    ("not reported/quay", _NONE, _selects("barge", "river", {"app": "tugs"}, type_="ServiceTargetPortMismatch")),
    ("not reported/moor", _NONE, _selects("moor", "heath", {"app": "peat"}, type_="ServiceTargetPortMismatch")),
):
    _add(_name, _cause, _ask)


# --- probes


def _probe(
    which: str,
    name: str,
    namespace: str,
    probe: Json,
    message: str,
    *,
    ports: tuple[Json, ...] = (),
    image: str = "",
    log: str = "",
    restarts: int = 0,
    ran_minutes: float | None = None,
    other: Json | None = None,
) -> Ask:
    """A failing probe. With `ran_minutes` the container was killed after that time; `other` is the other probe."""
    type_ = {"readiness": "ReadinessProbeFailed", "liveness": "LivenessProbeFailed"}[which]

    def ask() -> tuple[World, Explanation]:
        more: Json = {f"{which}Probe": probe}
        if ports:
            more["ports"] = list(ports)
        if other is not None:
            more["livenessProbe" if which == "readiness" else "readinessProbe"] = other
        owner = stateful(name, namespace, container("main", image or f"{namespace}.test/{name}:1", **more))
        last = None if ran_minutes is None else ended(137, ran_minutes=ran_minutes)
        status = state("main", restarts=restarts, now={"running": {"startedAt": at(5)}}, last=last)
        killing = ("Killing", "Container main failed liveness probe, will be restarted")
        events = (("Unhealthy", f"{which.capitalize()} probe failed: {message}"), *((killing,) if which == "liveness" else ()))
        return one_failing_pod(type_, owner, status, events=events, log=log)

    return ask


def _http(port: int | str, **more: Any) -> Json:
    return {"httpGet": {"path": "/live", "port": port}, **more}


def _refused(port: int) -> str:
    return f'Get "http://10.9.0.4:{port}/live": dial tcp 10.9.0.4:{port}: connect: connection refused'


def _grpc(port: int, **more: Any) -> Json:
    return {"grpc": {"port": port}, **more}


def _declared(port: int, name: str = "") -> tuple[Json, ...]:
    return ({"containerPort": port} | ({"name": name} if name else {}),)


_LATE = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
_SILENT = 'timeout: failed to connect service "10.9.0.4:7100" within 1s: context deadline exceeded'
_HASTY = {"periodSeconds": 1, "failureThreshold": 1}
for _name, _cause, _ask in (
    (
        "default port/charts",
        "readiness_probe_wrong_port",
        _probe("readiness", "charts", "graphs", _http(8080), _refused(8080), image="grafana/grafana:11"),
    ),
    (
        "elsewhere/herd",
        "readiness_probe_wrong_port",
        _probe("readiness", "herd", "farm", _http(9201), _refused(9201), ports=_declared(9200)),
    ),
    (
        "started/choir",
        "readiness_probe_wrong_port",
        _probe("readiness", "choir", "music", _http(6100), _refused(6100), log="application started in 2 s"),
    ),
    ("unknown/reef", "readiness_probe_wrong_port", _probe("readiness", "reef", "ocean", _http(6200), _refused(6200))),
    (
        "cut short/finch",
        "readiness_probe_wrong_protocol",
        _probe(
            "readiness", "finch", "birds", _grpc(7100), _SILENT, ports=_declared(7100, "http-api"), restarts=3, other=_grpc(7100, **_HASTY)
        ),
    ),
    (
        "cut short/adder",
        "readiness_probe_wrong_protocol",
        _probe(
            "readiness",
            "adder",
            "snakes",
            _http(7100),
            _refused(7100),
            ports=_declared(7100, "grpc-api"),
            restarts=5,
            other=_http(7100, **_HASTY),
        ),
    ),
    (
        "hasty/spark",
        "liveness_probe_wrong_protocol",
        _probe("liveness", "spark", "flames", _grpc(7100, **_HASTY), _SILENT, ports=_declared(7100, "http"), restarts=4, ran_minutes=0.05),
    ),
    (
        "listens/tower",
        "readiness_probe_wrong_protocol",
        _probe("readiness", "tower", "bells", _grpc(7100), _SILENT, ports=_declared(7100), log="HTTP server listening on port 7100"),
    ),
    (
        "foreign/comet",
        "liveness_probe_wrong_protocol",
        _probe(
            "liveness", "comet", "skies", _http(7100, periodSeconds=20), _LATE, ports=_declared(7100, "grpc"), restarts=2, ran_minutes=3
        ),
    ),
    (
        "short/otter",
        "liveness_probe_too_tight",
        _probe(
            "liveness",
            "otter",
            "lakes",
            _http(7300, periodSeconds=5, failureThreshold=2),
            _refused(7300),
            ports=_declared(7300),
            restarts=3,
            ran_minutes=0.3,
        ),
    ),
    (
        "short/raven",
        "liveness_probe_too_tight",
        _probe(
            "liveness",
            "raven",
            "cliffs",
            {"tcpSocket": {"port": 7400}, "periodSeconds": 4, "failureThreshold": 3},
            "dial tcp 10.9.0.4:7400: connect: connection refused",
            ports=_declared(7400),
            restarts=7,
            ran_minutes=0.4,
        ),
    ),
    (
        "starting/whale",
        "liveness_probe_too_tight",
        _probe(
            "liveness",
            "whale",
            "deep",
            _http(7500, periodSeconds=10, failureThreshold=3),
            _refused(7500),
            ports=_declared(7500),
            restarts=3,
            ran_minutes=0.9,
            log="reading 400 segments",
        ),
    ),
    (
        "starting silently/moth",
        "liveness_probe_too_tight",
        _probe(
            "liveness",
            "moth",
            "lamps",
            _http(7600, periodSeconds=10, failureThreshold=3),
            _refused(7600),
            ports=_declared(7600),
            restarts=3,
            ran_minutes=0.9,
        ),
    ),
    (
        "starting silently/newt",
        "liveness_probe_too_tight",
        _probe(
            "liveness",
            "newt",
            "ponds",
            {"tcpSocket": {"port": 7700}, "periodSeconds": 20, "failureThreshold": 2},
            "dial tcp 10.9.0.4:7700: connect: connection refused",
            ports=_declared(7700),
            restarts=2,
            ran_minutes=1.2,
        ),
    ),
    (
        "brief/snail",
        "readiness_probe_too_tight",
        _probe("readiness", "snail", "walls", _http(7800), _LATE, ports=_declared(7800), other=_http(7800)),
    ),
    (
        "tight elsewhere/boar",
        "liveness_probe_wrong_port",
        _probe("liveness", "boar", "woods", _http(7901, **_HASTY), _refused(7901), ports=_declared(7900), restarts=3, ran_minutes=0.05),
    ),
    (
        "tight unknown/lynx",
        "liveness_probe_too_tight",
        _probe("liveness", "lynx", "snow", _http(7911, **_HASTY), _refused(7911), restarts=3, ran_minutes=0.05),
    ),
    (
        "tight foreign/hare",
        "liveness_probe_wrong_protocol",
        _probe(
            "liveness",
            "hare",
            "meadows",
            _grpc(7100, periodSeconds=10, failureThreshold=3),
            _SILENT,
            ports=_declared(7100, "http"),
            restarts=3,
            ran_minutes=0.9,
            log="warming caches",
        ),
    ),
    (
        "passed/heron",
        "liveness_probe_unhealthy",
        _probe("liveness", "heron", "marsh", _http(7920), _LATE, ports=_declared(7920), restarts=1, ran_minutes=90),
    ),
):
    _add(_name, _cause, _ask)


# --- callers


def _calls(name: str, namespace: str, *, target_port: int, others: tuple[int, ...] = (), log: bool = False) -> Ask:
    """A workload that calls port 9 of a Service that has port 5; `others` are the ports that other workloads call."""

    def spec(port: int) -> Json:
        return container("main", f"{namespace}.test/app:1", env=[{"name": "STORE_ADDR", "value": f"store:{port}"}])

    def ask() -> tuple[World, Explanation]:
        owner = stateful(name, namespace, spec(9009))
        front = service("store", selector={"app": "store"}, ports=[{"port": 5005, "targetPort": target_port}])
        front["metadata"]["namespace"] = namespace
        server = stateful("store", namespace, container("db", ports=[{"containerPort": target_port}]))
        running = pod(server, "store-0", namespace=namespace, ready=True, status={"containerStatuses": [state("db", ready=True)]})
        callers = [
            deployment(f"caller-{i}", of=template(spec(port), labels={"app": f"c{i}"}), namespace=namespace)
            for i, port in enumerate(others)
        ]
        status = state("main", restarts=4, now=waiting("CrashLoopBackOff"), last=ended(1))
        line = "dial tcp: connect to store:9009 failed: connection refused" if log else ""
        return one_failing_pod("CrashLoopBackOff", owner, status, front, server, running, *callers, log=line)

    return ask


for _name, _cause, _ask in (
    ("same/oak", "service_port_mismatch", _calls("oak", "forest", target_port=5005, others=(9009,), log=True)),
    ("same/elm", "service_port_mismatch", _calls("elm", "grove", target_port=6006, others=(9009, 9009), log=True)),
    ("same unconfirmed/ash", "service_port_mismatch", _calls("ash", "copse", target_port=5005, others=(9009,))),
    ("same unconfirmed/fir", "service_port_mismatch", _calls("fir", "ridge", target_port=6006, others=(9009, 9009))),
    ("of pods/yew", "service_port_mismatch", _calls("yew", "hedge", target_port=9009, log=True)),
    ("of pods unconfirmed/box", "service_port_mismatch", _calls("box", "garden", target_port=9009)),
    ("of pods unconfirmed/ivy", "service_port_mismatch", _calls("ivy", "wall", target_port=9009)),
    ("alone unconfirmed/rye", "wrong_dependency_address", _calls("rye", "field", target_port=5005)),
    ("alone unconfirmed/oat", "wrong_dependency_address", _calls("oat", "barn", target_port=5005, others=(5005,))),
):
    _add(_name, _cause, _ask)
