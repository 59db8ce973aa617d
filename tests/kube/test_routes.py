"""Routes in the files of gateways and proxies."""

import pytest
from hypothesis import given, strategies as st

from optral.kube import routes
from optral.kube.objects import ConfigRoute
from tests.support.examples import examples


def brief(text: str, name: str) -> list[str]:
    """`line host/path target:port flags` of each route."""
    return [shown(one) for one in routes.routes(text, name)]


def shown(one: ConfigRoute) -> str:
    flags = [one.rewrite, f"${one.variable}" if one.variable else "", "partial" if one.is_partial else ""]
    return " ".join([str(one.line), one.host + one.path, f"{one.target}:{one.port or ''}", *(flag for flag in flags if flag)])


SPRING = """\
spring:
  cloud:
    gateway:
      default-filters:
        - AddRequestHeader=X-A, b
      routes:
        - id: loans
          uri: http://loans:8080
          predicates:
            - Path=/api/loans/**,/api/renewals/**
        - id: members
          uri: lb://${MEMBERS_HOST:members}
          predicates:
            - Host=**.library.example
            - Path=/api/members/{id}
          filters:
            - StripPrefix=1
        - id: members-new
          uri: http://members-next
          predicates:
            - Path=/api/members/**
            - Weight=members, 5
        - id: holds
          uri: ${HOLDS_URL:http://holds.lib.svc.cluster.local:81/x}
          predicates:
            - name: Path
              args:
                patterns:
                  - /api/holds/**
          filters:
            - name: RewritePath
"""
PROPERTIES = """\
# gateway
spring.cloud.gateway.routes[0].id=loans
spring.cloud.gateway.routes[0].uri=http://loans:8080
spring.cloud.gateway.routes[0].predicates[0]=Path=/loans/**
spring.cloud.gateway.routes[1].uri=no://
spring.cloud.gateway.routes[1].predicates[0]=Path=/x/**
"""
NGINX = """\
upstream kiln { server kiln-api:9000; server spare:9000 backup; }
server {
  listen 80;
  server_name shop.example _;
  set $glaze "http://glaze:81";
  location / { root /usr/share/nginx/html; }
  location /api/kiln/ { proxy_pass http://kiln/; }
  location ^~ /api/glaze { proxy_pass $glaze; }
  # location /api/old { proxy_pass http://old; }
  location ~ ^/api/(clay|slip)/ { proxy_pass http://clay; }
  location ~* ^/api/wheel(/|$)(.*) {
    rewrite ^/api/(.*) /$1 break;
    proxy_pass http://wheel.studio.svc:82;
  }
  location = /auth { internal; proxy_pass http://auth/check; }
  location /api/tools/ { if ($http_x = "1") { proxy_pass http://tools-next; } }
  location /map { proxy_pass http://$backend; }
  location /php { fastcgi_pass 127.0.0.1:9000; }
}
"""
ENVOY = """\
static_resources:
  listeners:
  - filter_chains:
    - filters:
      - typed_config:
          route_config:
            virtual_hosts:
            - domains: ["*"]
              routes:
              - match: {prefix: "/kiln"}
                route: {cluster: kiln}
              - match: {prefix: "/glaze", headers: [{name: x}]}
                route: {cluster: glaze, prefix_rewrite: "/"}
              - match: {path: "/old"}
                redirect: {path_redirect: "/new"}
              - match: {safe_regex: {regex: "/wheel/.*"}}
                route: {weighted_clusters: {clusters: [{name: kiln, weight: 9}, {name: glaze, weight: 1}]}}
              - match: {prefix: "/eds"}
                route: {cluster: eds}
  clusters:
  - name: kiln
    load_assignment:
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: kiln-api, port_value: 9000}}}
  - name: glaze
    load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: glaze, port_value: 81}}}}]}]}
  - name: eds
    type: EDS
"""
HAPROXY = """\
frontend web
    bind :80
    acl is_kiln path_beg /api/kiln /api/ovens
    acl is_shop hdr(host) -i shop.example
    acl from_office src 10.0.0.0/8
    use_backend kiln if is_kiln
    use_backend glaze if is_shop { path_beg -i /api/glaze }
    use_backend spare if from_office
    default_backend web   # the rest
backend kiln
    http-request set-path %[path,regsub(^/api/,/)]
    server k1 kiln-api:9000 check
    server k2 spare:9000 backup
backend glaze
    server g glaze:81
backend web
    server w storefront:80
"""
TRAEFIK = """\
http:
  routers:
    kiln:
      rule: "Host(`shop.example`) && PathPrefix(`/api/kiln`)"
      service: kiln
      middlewares: [strip@file]
    canary:
      rule: PathPrefix(`/api/kiln`) && Headers(`X-Beta`, `1`)
      service: glaze
    both:
      rule: PathPrefix(`/api/ovens`) || PathPrefix(`/api/wheels`)
      service: glaze
    board:
      rule: PathPrefix(`/board`)
      service: api@internal
  middlewares:
    strip:
      stripPrefix: {prefixes: [/api]}
  services:
    kiln: {loadBalancer: {servers: [{url: "http://kiln-api:9000"}]}}
    glaze:
      loadBalancer:
        servers:
          - url: http://glaze:81/
"""
TRAEFIK_TOML = """\
[http.routers.kiln]
  rule = "PathPrefix(`/api/kiln`)"
  service = "kiln"
[http.services.kiln.loadBalancer]
  [[http.services.kiln.loadBalancer.servers]]
    url = "http://kiln-api:9000"
"""
CADDY = """\
{
    email a@b.example
}
shop.example {
    @glaze path /api/glaze/* /api/colors/*
    @beta header X-Beta 1
    reverse_proxy @glaze glaze:81
    reverse_proxy @beta kiln-next:9000
    handle_path /api/kiln/* {
        reverse_proxy kiln-api:9000
    }
    handle {
        reverse_proxy {$WEB:storefront}:80 {
            lb_policy first
        }
    }
}
"""
KONG = """\
_format_version: "3.0"
services:
- name: kiln
  url: http://kiln-api:9000
  routes:
  - name: kiln
    paths: [/api/kiln, "~/api/ovens/(?<id>\\\\d+)$"]
- name: glaze
  host: glaze-pool
  port: 81
upstreams:
- name: glaze-pool
  targets: [{target: "glaze:81"}]
routes:
- service: {name: glaze}
  strip_path: false
  hosts: [shop.example]
  paths: [/api/glaze]
"""


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("application.yaml", SPRING,
         ["8 /api/loans loans:8080", "8 /api/renewals loans:8080", "12 *.library.example/api/members members: strip $MEMBERS_HOST",
          "19 /api/members members-next: partial", "24 /api/holds holds.lib.svc.cluster.local:81 rewrite $HOLDS_URL"]),
        ("application.properties", PROPERTIES, ["3 /loans loans:8080", "5 /x :"]),
        ("default.conf", NGINX,
         ["7 shop.example/api/kiln kiln-api:9000 strip", "8 shop.example/api/glaze glaze:81", "10 shop.example/api clay: partial",
          "13 shop.example/api/wheel wheel.studio.svc:82 rewrite", "15 shop.example/auth auth: rewrite partial",
          "16 shop.example/api/tools tools-next: partial", "17 shop.example/map :"]),
        ("envoy.yaml", ENVOY, ["11 /kiln kiln-api:9000", "13 /glaze glaze:81 strip partial", "17 /wheel kiln-api:9000 partial",
          "19 /eds :"]),
        ("haproxy.cfg", HAPROXY,
         ["12 /api/kiln kiln-api:9000 rewrite", "12 /api/ovens kiln-api:9000 rewrite",
          "15 shop.example/api/glaze glaze:81", "8 / : partial", "17 / storefront:80"]),
        ("dynamic.yml", TRAEFIK,
         ["20 shop.example/api/kiln kiln-api:9000 strip", "24 /api/kiln glaze:81 partial",
          "24 /api/ovens glaze:81", "24 /api/wheels glaze:81"]),
        ("dynamic.toml", TRAEFIK_TOML, ["6 /api/kiln kiln-api:9000"]),
        ("Caddyfile", CADDY,
         ["7 shop.example/api/glaze glaze:81", "7 shop.example/api/colors glaze:81", "8 shop.example/ kiln-next:9000 partial",
          "10 shop.example/api/kiln kiln-api:9000 strip", "13 shop.example/ storefront:80 $WEB"]),
        ("Caddyfile", ":80\nreverse_proxy /api/* kiln-api:9000\n", ["2 /api kiln-api:9000"]),
        ("kong.yml", KONG, ["4 /api/kiln kiln-api:9000 strip", "4 /api/ovens kiln-api:9000 strip partial",
          "9 shop.example/api/glaze glaze:81"]),
    ],
)  # fmt: skip
def test_reads_the_routes_of_each_format(name: str, text: str, found: list[str]) -> None:
    assert brief(text, name) == found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.yaml", "store:\n  url: http://store:80\nroutes:\n  - name: x\n    path: /x\n"),
        ("values.yaml", "predicates: [a]\nuri: 7\n"),
        ("rules.yaml", "services: {a: 1}\nrouters: none\n"),
        ("broken.yaml", "predicates: [\n  uri: http://a\n"),
        ("nginx.conf", "server { location / { root /srv; } }"),
        ("README.md", "Use proxy_pass and reverse_proxy with predicates.\n"),
        ("main.tf", 'resource "x" { default_backend = "b" }'),
    ],
)
def test_other_files_have_no_routes(name: str, text: str) -> None:
    assert [one for one in routes.routes(text, name) if one.target] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(':80\nreverse_proxy "" a:1\n', ["2 / a:1"], id="an empty upstream"),
        pytest.param("frontend f\n acl api\n use_backend b if api\nbackend b\n server s a:1\n", ["5 / a:1 partial"], id="an empty acl"),
        pytest.param("location /x { proxy_pass http://${A:a:\u00b2}; }", ["1 /x a: $A"], id="a digit of no number"),
        pytest.param("location /x { proxy_pass http://${A:a:123456789012345678901}; }", ["1 /x a: $A"], id="a number of no port"),
    ],
)
def test_reads_what_is_left_of_a_broken_file(text: str, found: list[str]) -> None:
    assert brief(text if "location" not in text else "server { " + text + " }", "a.conf") == found


def test_is_bounded() -> None:
    many = "".join(f"location /p{number} {{ proxy_pass http://s{number}; }}\n" for number in range(500))
    assert len(routes.routes("server {\n" + many + "}", "a.conf")) == routes.MAX_ROUTES
    assert routes.routes(many + "#" * routes.MAX_CHARS, "a.conf") == []
    for deep in ("[\n" * 20_000, "- " * 4000, "a: {" * 3000, "&a [*a]\n" * 300):
        assert routes.routes("predicates:\n" + deep, "a.yaml") == []
    for slow in ("\n" * 60_000, 'proxy_pass a;\n"' + '\\"' * 10_000):  # with a pattern that backtracks without bound this takes too long
        assert routes.routes(slow, "a.properties") == []


_WORDS = st.sampled_from(
    ["proxy_pass http://a:1;", "location ", "/x", "~ ^/(a|b)", " {", "}", ";", "\n", "\n  ", "reverse_proxy a:1", "predicates:", "- ",
     "uri: x", "use_backend b if { path /x }", "frontend f", "backend b", "server s a:1", "ProxyPass /x http://a", "<Location /x>", '"',
     "'", "$x",
     "${", "virtual_hosts:", "routers:", "services:", "_format_version: 1", ": ", "*a", "&a", "rule: Host(", "`"]
)  # fmt: skip


@examples(200)
@given(st.lists(_WORDS, max_size=40).map("".join), st.sampled_from(["a.yaml", "a.toml", "a.properties", "a.conf"]))
def test_never_fails(text: str, name: str) -> None:
    for one in routes.routes(text, name):
        assert one.path.startswith("/") and one.line >= 0
