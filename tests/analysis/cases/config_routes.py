"""Routes in the configuration of a gateway that lead to another Service than the one of their path."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from optral.analysis.model import Explanation
from optral.kube import config_files
from optral.kube.diff import pointer
from tests.analysis.cases.base import row
from tests.analysis.cases.log_signs import caller, server
from tests.analysis.cases.pairs import PAIRS, Pair
from tests.analysis.cluster import Json, World, container, node, obj, recorded

Routes = dict[str, str]
LIBRARY: Routes = {"/api/loans": "loans:80", "/api/members": "members:80", "/api/holds": "loans:80", "/": "catalog:80"}
POTTERY: Routes = {
    "/glazes": "shop-glaze-svc:80",
    "/kilns": "shop-kiln-svc:80",
    "/wheels": "shop-wheel-svc:80",
    "/clays": "shop-kiln-svc:80",
}


def nginx(routes: Routes) -> tuple[str, str]:
    return "default.conf", "server {\n" + "".join(
        f"  location {path} {{ proxy_pass http://{to}; }}\n" for path, to in routes.items()
    ) + "}\n"


def spring(routes: Routes) -> tuple[str, str]:
    items = "".join(f"      - uri: http://{to}\n        predicates: [Path={path}/**]\n" for path, to in routes.items())
    return "application.yml", f"spring:\n  cloud:\n    gateway:\n      routes:\n{items}"


def haproxy(routes: Routes) -> tuple[str, str]:
    used = "".join(f"  use_backend b{number} if {{ path_beg {path} }}\n" for number, path in enumerate(routes))
    return "haproxy.cfg", f"frontend web\n{used}" + "".join(f"backend b{at}\n  server s {to}\n" for at, to in enumerate(routes.values()))


def traefik(routes: Routes) -> tuple[str, str]:
    routers = "".join(f"    r{at}: {{rule: PathPrefix(`{path}`), service: s{at}}}\n" for at, path in enumerate(routes))
    services = "".join(f"    s{at}: {{loadBalancer: {{servers: [{{url: 'http://{to}'}}]}}}}\n" for at, to in enumerate(routes.values()))
    return "routes.yaml", f"http:\n  routers:\n{routers}  services:\n{services}"


def caddy(routes: Routes) -> tuple[str, str]:
    return "Caddyfile", ":80 {\n" + "".join(f"  reverse_proxy {path}/* {to}\n" for path, to in routes.items()) + "}\n"


def envoy(routes: Routes) -> tuple[str, str]:
    matched = "".join(f"  - {{match: {{prefix: {path}}}, route: {{cluster: c{at}}}}}\n" for at, path in enumerate(routes))
    sockets = (to.split(":") for to in routes.values())
    clusters = "".join(
        f"- {{name: c{at}, hosts: [{{socket_address: {{address: {host}, port_value: {port}}}}}]}}\n"
        for at, (host, port) in enumerate(sockets)
    )
    return "envoy.yaml", f"virtual_hosts:\n- routes:\n{matched}clusters:\n{clusters}"


UNCLEAR = '{"level":"error","method":"GET","status":500}'


def failed(path: str, status: int, method: str = "GET") -> str:
    return f'10.0.0.7 - - [01/Mar/2026:11:59:50 +0000] "{method} {path} HTTP/1.1" {status} 162 "-" "curl/8.5"'


class Gateway(NamedTuple):
    """A gateway of an application: its name, its routes, of which that of `path` is wrong, and the Services of the application."""

    name: str
    routes: Routes
    servers: tuple[Json, ...]
    path: str

    def ask(
        self,
        write: Callable[[Routes], tuple[str, str]],
        *lines: str,
        type_: str = "RequestsFailing",
        env: Any = (),
        written: tuple[str, ...] = (),
        changed: str = "",
        **facts: Any,
    ) -> tuple[World, Explanation]:
        """It reads its routes from a ConfigMap and keeps logging these lines; `written` is in its log besides.

        `changed` is where the history says that its route led before.
        """
        key, text = write(self.routes)
        config = obj("v1", "ConfigMap", "paths", data={key: "[redacted]"}, **config_files.notes({key: text}))
        spec = container(self.name, volumeMounts=[{"name": "conf", "mountPath": "/etc/gateway"}], env=list(env))
        gateway = caller(self.name, *lines, spec=spec, volumes=[{"name": "conf", "configMap": {"name": "paths"}}])
        world = World([*gateway, config, node(), *self.servers])
        world.present = {(f"{self.name}-1-x", self.name): "\n".join(written)} if written else {}
        path = pointer(("routes", f"{key} {self.path}"))
        world.history = [recorded(config, path, changed, self.routes[self.path])] if changed else []
        is_running = type_ == "RequestsFailing"
        return world, world.ask(type_, gateway[is_running], owner=gateway[0], container=self.name if is_running else None, **facts)


def servers(*names: str, port: int = 80) -> tuple[Json, ...]:
    return tuple(one for name in names for one in server(name, port=port))


EDGE = Gateway("edge", LIBRARY, servers("loans", "members", "holds", "catalog"), "/api/holds")
FRONT = Gateway("front", POTTERY, servers("shop-glaze-svc", "shop-kiln-svc", "shop-wheel-svc", "shop-clay-svc"), "/clays")
EDGE_GONE = EDGE._replace(routes=LIBRARY | {"/api/holds": "keeper:80"})
FRONT_GONE = FRONT._replace(routes=POTTERY | {"/clays": "quarry:80"})
GONE = {"type_": "ServiceMissing", "case": "nameUnknown"}
for gateway, gone, host, right, path in (
    (EDGE, EDGE_GONE, "keeper", "holds", "/api/holds/7"),
    (FRONT, FRONT_GONE, "quarry", "shop-clay-svc", "/clays"),
):
    name, fails = gateway.name, failed(path, 500)
    for of in (nginx, spring, haproxy, traefik, caddy, envoy):
        row("route_backend_wrong", right, f"{name}_misroutes_a_path_in_{of.__name__}", partial(gateway.ask, of, fails))
    for says, ask in {
        "and_its_server_does_not_know_the_path": partial(gateway.ask, haproxy, fails, written=(failed(path, 404, "PUT"),) * 9),
        "since_a_change": partial(gateway.ask, nginx, fails, changed=f"{right}:80"),
    }.items():
        row("route_backend_wrong", right, f"{name}_misroutes_a_path_{says}", ask)
    PAIRS[f"{name} misroutes a path to what does not exist"] = Pair("route_backend_wrong", partial(gone.ask, spring, host=host, **GONE))
    for says, ask in {
        "that_serves_most_requests": partial(gateway.ask, traefik, fails, written=(failed(path, 200),) * 9),
        "and_another_path_fails": partial(gateway.ask, envoy, failed("/other", 500)),
    }.items():
        row("application_logs_error", name, f"{name}_has_an_odd_route_{says}", ask)
    row("route_backend_wrong", right, f"{name}_has_an_odd_route_and_logs_no_path", partial(gateway.ask, caddy, UNCLEAR))
