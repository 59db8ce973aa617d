# fmt: off
# ruff: noqa: E501
"""Class e: routes in the files of gateways that lead to no Service, a wrong port, or the Service of another path."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App
from lab.unseen.site import Site

e = partial(fault, group="e")
WRONG = ("wrong_dependency_address", "route_backend_wrong")


def _route(c: Site, app: App, old: str, new: str, *, minutes: float = 37) -> tuple[tuple[str, str], ...]:
    """A route is changed. Returns the ConfigMap."""
    key = next(iter(app.config))
    config = c.rewrite(app.name, key, old, new)
    c.touch(config, key, minutes=minutes)
    if app.name != "traefik":  # which reads its files again
        c.restart(app.name, minutes=minutes - 3)
    return (("ConfigMap", config["metadata"]["name"]),)


def _access(c: Site, app: App, *lines: str) -> None:
    for pod in c.pods(app):
        c.write(pod, "".join(f"{line}\n" for line in lines * 5))


@e(*WRONG, "service_missing", "invalid_config", at="freight/edge-proxy")
def upstream_that_is_no_service(c: Site, app: App) -> Truth:
    config = _route(c, app, "http://quotes.core", "http://quotez.core")
    line = '1#1: host not found in upstream "quotez.core.svc.cluster.local" in /etc/nginx/conf.d/routes.conf:6'
    c.fail(app.name, f"/docker-entrypoint.sh: Configuration complete; ready for start up\n2026/10/05 09:27:41 [emerg] {line}\nnginx: [emerg] {line.removeprefix('1#1: ')}\n", pods=c.roll(app.name))
    return Truth(app=app.name, objects=config, facts=("quotez", "quotes"))


@e(*WRONG, at="freight/edge-proxy")
def upstream_with_a_wrong_port(c: Site, app: App) -> Truth:
    """The pods are ready; only requests below one path fail."""
    config = _route(c, app, "http://$tariffs:8080", "http://$tariffs:8088")
    address = c.address("tariffs")
    _access(
        c,
        app,
        '10.244.1.1 - - [05/Oct/2026:09:27:38 +0000] "GET / HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64)" "203.0.113.7"',
        f'2026/10/05 09:27:41 [error] 29#29: *8121 connect() failed (111: Connection refused) while connecting to upstream, client: 10.244.1.1, server: , request: "GET /tariffs/v1/lanes HTTP/1.1", upstream: "http://{address}:8088/tariffs/v1/lanes", host: "freight.acme.example"',
        '10.244.1.1 - - [05/Oct/2026:09:27:41 +0000] "GET /tariffs/v1/lanes HTTP/1.1" 502 157 "-" "Mozilla/5.0 (X11; Linux x86_64)" "203.0.113.7"',
        '10.244.1.1 - - [05/Oct/2026:09:27:42 +0000] "GET /quotes/v1/new HTTP/1.1" 200 912 "-" "Mozilla/5.0 (X11; Linux x86_64)" "203.0.113.7"',
    )
    return Truth(app=app.name, objects=(*config, ("Service", "tariffs")), facts=("8088", "8080"))


@e(*WRONG, at="freight/traefik")
def two_paths_lead_to_one_service(c: Site, app: App) -> Truth:
    """Requests for billing reach claims, which has no such path."""
    config = _route(c, app, "service: billing", "service: claims")
    _access(
        c,
        app,
        '10.244.1.1 - - [05/Oct/2026:09:27:40 +0000] "GET /claims/v2/open HTTP/1.1" 200 2211 "-" "-" 8120 "claims@file" "http://claims.core.svc.cluster.local:8080" 14ms',
        '10.244.1.1 - - [05/Oct/2026:09:27:41 +0000] "GET /billing/v2/invoices HTTP/1.1" 404 0 "-" "-" 8121 "billing@file" "http://claims.core.svc.cluster.local:8080" 3ms',
    )
    c.complain("claims", "Request finished HTTP/1.1 GET http://freight.acme.example/billing/v2/invoices - 404 0 - 0.9141ms", level="INFO")
    return Truth(app=app.name, objects=(*config, ("Service", "billing")), facts=("billing", "claims"))


@e(*WRONG, at="telemetry/kong")
def declared_service_with_a_wrong_port(c: Site, app: App) -> Truth:
    config = _route(c, app, "port: 8090", "port: 8080")
    address = c.address("player-api")
    _access(
        c,
        app,
        '10.244.2.1 - - [05/Oct/2026:09:27:40 +0000] "GET /devices/31 HTTP/1.1" 200 311 "-" "okhttp/4.12.0" kong_request_id: "6e5f6c1d"',
        f'2026/10/05 09:27:41 [error] 1411#0: *771 connect() failed (111: Connection refused) while connecting to upstream, client: 10.244.2.1, server: kong, request: "GET /player/v1/sessions HTTP/1.1", upstream: "http://{address}:8080/v1/sessions", host: "fleet.acme.example", request_id: "5b1e0f52"',
        '10.244.2.1 - - [05/Oct/2026:09:27:41 +0000] "GET /player/v1/sessions HTTP/1.1" 502 126 "-" "okhttp/4.12.0" kong_request_id: "5b1e0f52"',
    )
    return Truth(app=app.name, objects=(*config, ("Service", "player-api")), facts=("8080", "8090"))


@e(*WRONG, "service_missing", at="telemetry/caddy")
def proxy_to_a_name_that_nobody_has(c: Site, app: App) -> Truth:
    config = _route(c, app, "reverse_proxy thumbs:5000", "reverse_proxy thumbnails:5000")
    _access(
        c,
        app,
        '{"level":"info","ts":1790674060.118,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.244.2.1","method":"GET","host":"media.acme.example","uri":"/home"},"status":200,"duration":0.018,"size":4410}',
        '{"level":"error","ts":1790674061.118,"logger":"http.log.error","msg":"dial tcp: lookup thumbnails on 10.96.0.10:53: no such host","request":{"remote_ip":"10.244.2.1","method":"GET","host":"media.acme.example","uri":"/thumbs/81.jpg"},"duration":0.004,"status":502,"err_id":"q2m1x7","err_trace":"reverseproxy.statusError (reverseproxy.go:1390)"}',
    )
    return Truth(app=app.name, objects=config, facts=("thumbnails", "thumbs"))


@e(*WRONG, at="telemetry/bff")
def route_to_the_service_of_another_path(c: Site, app: App) -> Truth:
    config = _route(c, app, "uri: http://rules:8081", "uri: http://devices:8080")
    _access(
        c,
        app,
        '10.244.3.9 - - [05/Oct/2026:09:27:40 +0000] "GET /devices/31 HTTP/1.1" 200 311 12',
        '10.244.3.9 - - [05/Oct/2026:09:27:41 +0000] "GET /rules/active HTTP/1.1" 404 117 5',
        "2026-10-05T09:27:41.118Z DEBUG 1 --- [bff] [or-http-epoll-3] o.s.c.g.h.RoutePredicateHandlerMapping   : Route matched: rules",
    )
    c.complain("devices", "GET /rules/active HTTP/1.1 404 (RESTEASY003210: Could not find resource for full path: http://devices:8080/rules/active)", level="INFO")
    return Truth(app=app.name, objects=(*config, ("Service", "rules")), facts=("rules", "devices"))


@e(*WRONG, at="telemetry/haproxy")
def one_backend_for_two_paths(c: Site, app: App) -> Truth:
    config = _route(c, app, "use_backend be_player if is_player", "use_backend be_catalog if is_player")
    _access(
        c,
        app,
        "10.244.2.1:50122 [05/Oct/2026:09:27:40.118] public be_catalog/s1 0/0/1/9/10 200 911 - - ---- 12/12/0/0/0 0/0 \"GET /api/catalog/items HTTP/1.1\"",
        "10.244.2.1:50124 [05/Oct/2026:09:27:41.118] public be_catalog/s1 0/0/1/2/3 404 164 - - ---- 12/12/0/0/0 0/0 \"GET /api/player/sessions HTTP/1.1\"",
    )
    for pod in c.pods_of("catalog"):
        c.write(pod, 'INFO:     10.244.1.9:51234 - "GET /api/catalog/items HTTP/1.1" 200 OK\nINFO:     10.244.1.9:51236 - "GET /api/player/sessions HTTP/1.1" 404 Not Found\n' * 5)
    return Truth(app=app.name, objects=(*config, ("Service", "player-api")), facts=("be_catalog", "/api/player"))


@e(*WRONG, at="telemetry/haproxy")
def backend_server_with_a_wrong_port(c: Site, app: App) -> Truth:
    config = _route(c, app, "server s1 player-api:8090", "server s1 player-api:8099")
    _access(
        c,
        app,
        '[WARNING]  (8) : Server be_player/s1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
        "[ALERT]    (8) : backend 'be_player' has no server available!",
        "10.244.2.1:50124 [05/Oct/2026:09:27:41.118] public be_player/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 12/12/0/0/0 0/0 \"GET /api/player/sessions HTTP/1.1\"",
        "10.244.2.1:50122 [05/Oct/2026:09:27:42.118] public be_catalog/s1 0/0/1/9/10 200 911 - - ---- 12/12/0/0/0 0/0 \"GET /api/catalog/items HTTP/1.1\"",
    )
    return Truth(app=app.name, objects=(*config, ("Service", "player-api")), facts=("8099", "8090"))


@e(*WRONG, "service_missing", at="freight/envoy")
def cluster_with_a_misspelled_address(c: Site, app: App) -> Truth:
    config = _route(c, app, "address: keycloak,", "address: keycloack,")
    _access(
        c,
        app,
        '[2026-10-05T09:27:40.118Z] "GET /track/v1/ship/81 HTTP/1.1" 200 - 0 412 9 8 "-" "curl/8.9.1" "7c0e" "track.acme.example" "10.96.66.4:8084" tracking 10.244.1.8:41022 10.244.1.8:10000 10.244.2.1:40120 - -',
        '[2026-10-05T09:27:41.118Z] "GET /auth/realms/freight HTTP/1.1" 503 UH 0 19 0 - "-" "curl/8.9.1" "8d1f" "auth.acme.example" "-" keycloak - 10.244.1.8:10000 10.244.2.1:40122 - -',
    )
    return Truth(app=app.name, objects=(*config, ("Service", "keycloak")), facts=("keycloack", "keycloak"))


@e(at="freight/edge-proxy")
def control_two_paths_of_one_service_and_scanners(c: Site, app: App) -> Truth:
    """A route for static files leads to the same Service as the rest; scanners request pages that do not exist."""
    c.rewrite(app.name, "routes.conf", "    location / {", "    location /static/ {\n        proxy_pass http://portal:8000;\n    }\n    location / {")
    _access(
        c,
        app,
        '10.244.1.1 - - [05/Oct/2026:09:27:38 +0000] "GET /static/app.css HTTP/1.1" 200 5120 "-" "Mozilla/5.0" "203.0.113.7"',
        '10.244.1.1 - - [05/Oct/2026:09:27:39 +0000] "GET /wp-login.php HTTP/1.1" 404 153 "-" "Mozilla/5.0 zgrab/0.x" "198.51.100.23"',
        '10.244.1.1 - - [05/Oct/2026:09:27:40 +0000] "GET /.env HTTP/1.1" 404 153 "-" "Mozilla/5.0 zgrab/0.x" "198.51.100.23"',
        '10.244.1.1 - - [05/Oct/2026:09:27:41 +0000] "GET /quotes/v1/new HTTP/1.1" 200 912 "-" "Mozilla/5.0" "203.0.113.7"',
    )
    return Truth()


@e(at="telemetry/haproxy")
def control_backend_outside_the_cluster(c: Site, app: App) -> Truth:
    c.rewrite(app.name, "haproxy.cfg", "backend be_site", "backend be_partner\n    server p1 cdn.partner.example:443 ssl verify none check\n# backend be_old\n#    server s1 beta-player-old:9999\nbackend be_site")
    _access(c, app, '10.244.2.1:50122 [05/Oct/2026:09:27:40.118] public be_catalog/s1 0/0/1/9/10 200 911 - - ---- 12/12/0/0/0 0/0 "GET /api/catalog/items HTTP/1.1"')
    return Truth()
