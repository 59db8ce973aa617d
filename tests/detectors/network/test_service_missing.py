from collections.abc import Callable
from typing import Any

import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, config, container, deployment, make, only, view_of, when
from tests.detectors.network.things import caller, files, reader, server, service, written
from tests.kube.test_view import delete

TYPE = "ServiceMissing"


def quota() -> KubeObject:
    return make("ResourceQuota", name="small", status={"hard": {"services": "1"}, "used": {"services": "1"}})


def space(name: str) -> KubeObject:
    return make("Namespace", name=name, namespace=None)


def test_a_misspelled_name_is_an_issue_of_the_caller() -> None:
    [finding] = only(TYPE, caller("apii:80", meta=written(300)), service())
    assert (str(finding.subject), finding.part, finding.severity) == ("Deployment/shop/web", "apii", Severity.HIGH)
    assert finding.title == "Deployment shop/web calls apii, but no such Service exists; did you mean api?"
    assert (finding.facts["case"], finding.facts["nearest"], finding.facts["place"]) == ("nameWrong", "api", "API_ADDR")
    assert (finding.since, finding.opens_at) == (when(300), when(240))


def test_a_workload_without_a_service_makes_the_service_missing_for_all_its_callers() -> None:
    callers = [caller("db:5432", name) for name in ("web", "jobs")]
    findings = only(TYPE, *callers, deployment("db"), service("other"), quota())
    assert [str(finding.subject) for finding in findings] == ["Service/shop/db"] * 2
    assert {finding.shown_by.name for finding in findings} == {"web", "jobs"}
    assert {finding.part for finding in findings} == {None}
    assert [(str(s.ref), s.types) for s in findings[0].suspects] == [("ResourceQuota/shop/small", {"ResourceQuotaExceeded"})]


def test_a_name_in_a_namespace_that_has_no_such_service_while_the_callers_own_has() -> None:
    [finding] = only(TYPE, caller("http://api.other.svc.cluster.local:80"), service(), service("db", namespace="other"))
    assert (str(finding.subject), finding.facts["case"], finding.facts["nearest"]) == ("Deployment/shop/web", "namespaceWrong", "api.shop")
    assert finding.title == "Deployment shop/web calls api in namespace other, but the Service is in shop"


def test_a_name_in_a_namespace_that_does_not_exist() -> None:
    [finding] = only(TYPE, caller("http://api.shpo.svc:80"), service(), space("shop"))
    assert (finding.facts["case"], finding.facts["nearest"]) == ("namespaceWrong", "api.shop")


def test_a_port_that_only_this_caller_uses() -> None:
    [finding] = only(TYPE, caller("api:81", "odd"), caller("api:80"), service(), server())
    assert (str(finding.subject), finding.facts["case"]) == ("Deployment/shop/odd", "portMissing")
    assert finding.title == "Deployment shop/odd calls port 81 of Service api, which has only port 80"


@pytest.mark.parametrize(
    ("box", "place"),
    [
        ({"args": ["--api-url=http://apii:80"]}, "args"),
        ({"command": ["sh", "-c", "exec app --api-host apii --api-port 80"]}, "command"),
        ({"args": ["-c", "export API_URL=http://apii:80 && exec app"]}, "args"),
        ({"env": [{"name": "S", "value": "apii"}, {"name": "API_URL", "value": "http://$(S):80/v1"}]}, "API_URL"),
        ({"env": [{"name": "API_DSN", "value": "host=apii port=80 [redacted:env:0a1b2c3d]"}]}, "API_DSN"),
        ({"env": [{"name": "API_HOST", "value": "api"}, {"name": "API_HOST", "value": "apii"}]}, "API_HOST"),
    ],
    ids=["an option", "a script", "a script of the image's shell", "a reference", "a connection string", "the last of two"],
)
def test_a_misspelled_name_wherever_it_is_written(box: dict[str, Any], place: str) -> None:
    [finding] = only(TYPE, deployment("web", spec=template(box)), service())
    assert (finding.facts["case"], finding.facts["container"], finding.facts["place"]) == ("nameWrong", "api", place)


def test_a_value_that_overrides_another_says_so() -> None:
    twice = {"env": [{"name": "API_HOST", "value": "api"}, {"name": "API_HOST", "value": "apii"}]}
    [finding] = only(TYPE, deployment("web", spec=template(twice)), service())
    assert finding.facts["overrides"] == ["env"]
    same = {"env": [{"name": "API_HOST", "value": "apii"}] * 2}
    [finding] = only(TYPE, deployment("web", spec=template(same)), service())
    assert "overrides" not in finding.facts


@pytest.mark.parametrize(
    "box",
    [
        {"env": [{"name": "API_HOST", "value": "apii"}, {"name": "API_HOST", "value": "api"}]},
        {"env": [{"name": "NO_PROXY", "value": "localhost,apii:80,.svc"}]},
        {"command": ["sh", "-c", "# old: http://apii:80\necho http://apii:80; exec app http://api:80"]},
        {"env": [{"name": "API_URL", "value": "http://$(UNSET)-apii:80"}]},
    ],
    ids=["the first of two does not count", "a list of what is not proxied", "comments and what is printed", "a name that is not known"],
)
def test_what_the_program_does_not_call_is_no_issue(box: dict[str, Any]) -> None:
    assert only(TYPE, deployment("web", spec=template(box)), service()) == []


FILE = "database:\n  # the old one: http://old:80\n  host: apii\n  port: 80\n"


@pytest.mark.parametrize(
    ("data", "box", "where"),
    [
        ({"API_HOST": "apii"}, {"envFrom": [{"configMapRef": {"name": "app"}}]}, ("API_HOST", None)),
        ({"HOST": "x", "API": "y", "host": "apii"}, {"envFrom": [{"prefix": "API_", "configMapRef": {"name": "app"}}]}, ("API_host", None)),
        (
            {"api-host": "apii"},
            {"env": [{"name": "API_HOST", "valueFrom": {"configMapKeyRef": {"name": "app", "key": "api-host"}}}]},
            ("API_HOST", None),
        ),
        ({"app.yaml": FILE}, files(), ("database.host", 3)),
        ({"app.yaml": FILE, "other.yaml": "url: http://api:80"}, files("app.yaml"), ("database.host", 3)),
        ({"app.yaml": FILE}, files(path="app.yaml"), ("database.host", 3)),
        ({"app.yaml": FILE}, files("app.yaml", path="etc/app.yaml"), ("database.host", 3)),
        (
            {"API_HOST": "apii"},
            {
                "env": [
                    {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "app", "key": "API_HOST"}}},
                    {"name": "API_URL", "value": "http://$(A):80"},
                ]
            },
            ("API_URL", None),
        ),
    ],
    ids=["envFrom", "a prefix", "a key", "a file", "an item", "subPath", "subPath of an item", "a reference to a key"],
)
def test_a_misspelled_name_in_a_config_map(data: dict[str, str], box: dict[str, Any], where: tuple[str, int | None]) -> None:
    [finding] = only(TYPE, reader(**box), config(data), service())
    name, line = where
    assert (finding.facts["case"], finding.facts["host"], str(finding.facts["place"]).partition(" (")[0]) == ("nameWrong", "apii", name)
    if name != "API_URL":
        [key] = [key for key in data if "apii" in data[key]]
        assert (finding.facts["configMap"], finding.facts["key"], finding.facts.get("line")) == ("app", key, line)


LANES = {"/loans": "loans:80", "/members": "members:80", "/fines": "fines.shop.svc:80"}
LANE_SERVICES = [service(name, {"port": 80}) for name in ("loans", "members", "fines")]


def _haproxy(routes: dict[str, str]) -> dict[str, str]:
    used = "".join(f"  use_backend b{number} if {{ path_beg {path} }}\n" for number, path in enumerate(routes))
    return {"haproxy.cfg": f"frontend web\n{used}" + "".join(f"backend b{at}\n  server s {to}\n" for at, to in enumerate(routes.values()))}


def _spring(routes: dict[str, str]) -> dict[str, str]:
    items = "".join(f"  - uri: http://{to}\n    predicates: [Path={path}/**]\n" for path, to in routes.items())
    return {"application.yml": f"gateway:\n  routes:\n{items}"}


def _traefik(routes: dict[str, str], *, redirected: str) -> dict[str, str]:
    names = {path.strip("/"): to for path, to in routes.items()}
    routers = "".join(
        f"    {name}: {{rule: PathPrefix(`/{name}`), service: {name}{', middlewares: [moved]' if name == redirected else ''}}}\n"
        for name in names
    )
    services = "".join(f"    {name}: {{loadBalancer: {{servers: [{{url: 'http://{to}'}}]}}}}\n" for name, to in names.items())
    moved = "  middlewares:\n    moved: {redirectRegex: {regex: a, replacement: b}}\n"
    return {"dynamic.yml": f"http:\n  routers:\n{routers}{moved}  services:\n{services}"}


def _kong(routes: dict[str, str], last: str = "") -> dict[str, str]:
    items = [f"- {{name: a{at}, url: 'http://{to}', routes: [{{paths: [{path}]}}]" for at, (path, to) in enumerate(routes.items())]
    return {"kong.yml": '_format_version: "3.0"\nservices:\n' + "}\n".join(items) + f"{last}}}\n"}


TERMINATED = ", plugins: [{name: request-termination, config: {status_code: 410}}]"
ARCHIVE = {"/archive": "placeholder:80"}


@pytest.mark.parametrize("write", [_haproxy, _spring])
@pytest.mark.parametrize("host", ["bookkeeping", "bookkeeping.shop.svc.cluster.local"])
def test_the_only_route_of_a_gateway_to_a_service_that_does_not_exist(write: Callable[..., dict[str, str]], host: str) -> None:
    [finding] = only(TYPE, reader(**files()), config(write(LANES | {"/holds": f"{host}:80"})), *LANE_SERVICES)
    assert (finding.facts["case"], finding.facts["host"], finding.severity) == ("nameUnknown", host, Severity.MEDIUM)
    assert (finding.facts["configMap"], finding.facts["line"]) == ("app", 13 if write is _haproxy else 9)


@pytest.mark.parametrize("data", [_traefik(LANES | ARCHIVE, redirected=""), _kong(LANES | ARCHIVE)])
def test_a_route_that_the_gateway_does_not_answer_itself_needs_its_service(data: dict[str, str]) -> None:
    [finding] = only(TYPE, reader(**files()), config(data), *LANE_SERVICES)
    assert (finding.facts["case"], finding.facts["host"]) == ("nameUnknown", "placeholder")


@pytest.mark.parametrize(
    ("data", "services"),
    [
        pytest.param(_haproxy(LANES), LANE_SERVICES, id="all targets exist"),
        pytest.param(_spring(LANES | {"/a": "ledgers:80", "/b": "keeper:80"}), LANE_SERVICES, id="several parts that are not installed"),
        pytest.param(_spring(LANES | {"/a": "books.example.com:80"}), LANE_SERVICES, id="a host elsewhere"),
        pytest.param(_spring(LANES | {"/a": "${BOOKS:keeper}:80"}), LANE_SERVICES, id="a default that a variable replaces"),
        pytest.param(_haproxy({"/a": "keeper:80", "/loans": "loans:80"}), LANE_SERVICES, id="too few routes to tell"),
        pytest.param(_haproxy(LANES | {"/a": "keeper:80"}), [service("dns", namespace="kube-system")], id="Services that are not reported"),
        pytest.param(_traefik(LANES | ARCHIVE, redirected="archive"), LANE_SERVICES, id="a redirect needs no upstream"),
        pytest.param(_kong(LANES | ARCHIVE, TERMINATED), LANE_SERVICES, id="the gateway answers by itself"),
        pytest.param(_kong(LANES | ARCHIVE, ", enabled: false"), LANE_SERVICES, id="it is off"),
        pytest.param({"app.yaml": "keeper_url: http://keeper:80\n"} | _haproxy(LANES), LANE_SERVICES, id="an address of another file"),
    ],
)
def test_other_routes_of_a_gateway_are_no_issue(data: dict[str, str], services: list[KubeObject]) -> None:
    assert only(TYPE, reader(**files()), config(data), *services) == []


@pytest.mark.parametrize(
    ("data", "box"),
    [
        ({"app.yaml": FILE}, files("other.yaml")),
        ({"app.yaml": FILE}, files(path="other.yaml")),
        ({"app.yaml": FILE}, {"envFrom": [{"configMapRef": {"name": "other"}}]}),
        ({"app.yaml": FILE}, files() | {"volumeMounts": []}),
        ({"API_HOST": "apii"}, {"envFrom": [{"configMapRef": {"name": "app"}}], "env": [{"name": "API_HOST", "value": "api"}]}),
        ({"API_HOST": "apii"}, {"envFrom": [{"configMapRef": {"name": "app"}}, {"configMapRef": {"name": "later"}}]}),
        ({"README.md": "url: http://apii:80\n"}, files()),
        ({"app.yaml": "# url: http://apii:80\nserver:\n  host: apii\nno_proxy: apii:80\nimage: apii:80\n"}, files()),
        ({"pod.yaml": "apiVersion: v1\nkind: Pod\nurl: http://apii:80\n"}, files()),
        ({"prometheus.yml": "scrape_configs:\n- static_configs:\n  - targets: ['apii:80']\n  - url: http://{{ .api }}i:80\n"}, files()),
        ({"nginx.conf": "upstream apii {\n  server api:80;\n}\nserver {\n  server_name apii;\n  proxy_pass http://apii;\n}\n"}, files()),
    ],
    ids=[
        "another item", "another path", "another ConfigMap", "not mounted", "env hides envFrom", "the later envFrom hides the first",
        "documentation", "comments, where it listens, lists", "a manifest", "targets and templates", "a name that the file defines",
    ],
)  # fmt: skip
def test_what_a_container_does_not_call_of_its_config_map_is_no_issue(data: dict[str, str], box: dict[str, Any]) -> None:
    assert only(TYPE, reader(**box), config(data), config({"API_HOST": "api"}, "later"), service()) == []


OTHER = [service("db", {"port": 5432}, namespace="data"), service("orders-db", {"port": 5432}, namespace="data")]


@pytest.mark.parametrize(
    ("address", "objects", "case", "title"),
    [
        ("postgres://db.dta.svc:5432", [*OTHER, space("data"), service()], ("namespaceWrong", "db.data"),
         "calls db in namespace dta, but the Service is in data"),
        ("db.dta:5432", [*OTHER, space("data"), service()], ("namespaceWrong", "db.data"),
         "calls db in namespace dta, but the Service is in data"),
        ("bd.data.svc.cluster.local:5432", [OTHER[0], service()], ("nameWrong", "db.data"),
         "calls bd.data.svc.cluster.local, but no such Service exists; did you mean db.data?"),
        ("orders-db.archive.svc:5432", [*OTHER, service("x", namespace="archive"), service()], ("namespaceWrong", "orders-db.data"),
         "calls orders-db in namespace archive, but the Service is in data"),
        ("orders-db:5432", [*OTHER, service()], ("namespaceMissing", "orders-db.data"),
         "calls orders-db, but the Service is in namespace data"),
        ("http://cart.data.svc:80", [*OTHER, service()], ("nameUnknown", None),
         "calls cart.data.svc, but namespace data has no Service cart"),
        ("http://cart.nowhere.svc:80", [space("shop"), service()], ("nameUnknown", None),
         "calls cart.nowhere.svc, but namespace nowhere does not exist"),
        ("cart.data:9000", [*OTHER, space("data"), service()], ("nameUnknown", None),
         "calls cart.data, but namespace data has no Service cart"),
        ("api-0.apii:80", [service(clusterIP="None")], ("nameWrong", "api"),
         "calls api-0.apii, but no such Service exists; did you mean api?"),
    ],
    ids=[
        "a misspelled namespace", "without svc", "a misspelled name elsewhere", "the wrong namespace", "no namespace", "no such name",
        "no such namespace", "no such name without svc", "a pod of a misspelled Service",
    ],
)  # fmt: skip
def test_a_name_of_another_namespace(address: str, objects: list[KubeObject], case: tuple[str, str | None], title: str) -> None:
    [finding] = only(TYPE, caller(address, meta=written(300)), *objects)
    assert (finding.facts["case"], finding.facts["nearest"]) == case
    assert finding.title == f"Deployment shop/web {title}"
    assert finding.severity == (Severity.MEDIUM if case[1] is None else Severity.HIGH)
    assert (finding.facts.get("offers") is None) is (case[1] is None)


def test_a_workload_of_another_namespace_that_has_no_service() -> None:
    [finding] = only(TYPE, caller("cart.data.svc:80"), *OTHER, deployment("cart", namespace="data"), service())
    assert (str(finding.subject), finding.facts["case"]) == ("Service/data/cart", "serviceMissing")


def test_the_value_that_overrides_the_right_one() -> None:
    twice = {"env": [{"name": "API_URL", "value": url} for url in ("http://api:80", "http://legacy-backend:80")]}
    [finding] = only(TYPE, deployment("web", spec=template(twice)), service())
    assert (finding.facts["case"], finding.facts["nearest"], finding.facts["overrides"]) == ("nameWrong", "api", ["env"])
    over = {"envFrom": [{"configMapRef": {"name": "app"}}], "env": [{"name": "API_URL", "value": "http://legacy-backend:80"}]}
    [finding] = only(TYPE, reader(**over), config({"API_URL": "http://api:80"}), service())
    assert finding.facts["overrides"] == ["ConfigMap app, key API_URL"]


def test_the_port_of_a_scheme_that_the_service_does_not_have() -> None:
    [finding] = only(TYPE, caller("http://api/v1"), service("api", {"port": 8080, "targetPort": 8080}), server())
    assert (finding.facts["case"], finding.facts["port"], finding.facts["offers"]) == ("portMissing", 80, [8080])
    assert finding.title == "Deployment shop/web calls port 80 of Service api, which has only port 8080"


def alias(of: str, **more: Any) -> KubeObject:
    return service("store", selector={}, ports=[], type="ExternalName", externalName=of, **more)


def test_an_alias_of_a_name_that_does_not_exist() -> None:
    [finding] = only(TYPE, caller("store:5432"), alias("bd.data.svc.cluster.local"), *OTHER)
    assert (finding.facts["case"], finding.facts["nearest"], finding.part) == ("aliasWrong", "db.data", "store")
    assert finding.title == (
        "Deployment shop/web calls store, whose externalName bd.data.svc.cluster.local does not exist; did you mean db.data?"
    )


def entry(*hosts: str) -> KubeObject:
    return make("ServiceEntry.networking.istio.io", name="more", spec={"hosts": list(hosts)})


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([caller("cart.data.svc.cluster-b.local:80"), *OTHER], id="another cluster"),
        pytest.param([caller("cart.data.svc.clusterset.local:80"), *OTHER], id="a set of clusters"),
        pytest.param([caller("http://cart.data:80"), *OTHER, space("data")], id="a short name on a port of the web may be a host"),
        pytest.param([caller("postgres:5432"), service("postgres", {"port": 5432}, namespace="data"), service()], id="a common default"),
        pytest.param([caller("orders-db:5433"), *OTHER, service()], id="the only Service of this name has another port"),
        pytest.param([caller("orders-db:5432"), *OTHER, service("orders-db", {"port": 5432}, namespace="b"), service()], id="two have it"),
        pytest.param([caller("cart.data.svc:80"), *OTHER, entry("cart.data.svc.cluster.local")], id="a ServiceEntry has it"),
        pytest.param([caller("cart.data.svc:80"), *OTHER, entry("*.data.svc.cluster.local")], id="a ServiceEntry has a wildcard"),
        pytest.param([caller("cart.data.svc:80", pod={"hostAliases": [{"ip": "10.0.0.9", "hostnames": ["cart.data.svc"]}]}), *OTHER],
                     id="an alias"),
        pytest.param([reader(env=[{"name": "X_URL", "value": "http://cart.data.svc:80"}, {"name": "X_ENABLED", "value": "false"}]), *OTHER],
                     id="the feature is off"),
        pytest.param([reader(args=["--enable-cart=false", "--cart-url=http://cart.data.svc:80"]), *OTHER], id="it is off by an option"),
        pytest.param([reader(**files()), config({"app.yaml": "tracing:\n  enabled: false\n  url: http://apii:80\n"}), service()],
                     id="the feature is off in the file"),
        pytest.param([reader(envFrom=[{"configMapRef": {"name": "app"}}]), config({"X_URL": "http://apii:80", "X_ENABLED": "false"}),
                      service()],
                     id="the feature is off in the ConfigMap"),
        pytest.param([reader(**files()), config({"app.yaml": "tracing:\n  url: http://zipkin.data.svc:9411\n"}), *OTHER],
                     id="a default in a file"),
        pytest.param([reader(**files()), config({"_example": "a: 1\nurl: http://apii:80\n"}), service()], id="an example"),
        pytest.param([caller("api-1:80,api-2:80,api-3:80"), service("api-1"), service("api-2")], id="one of a numbered row"),
        pytest.param([caller("http://api"), service("api", {"port": 8080}, clusterIP="None")], id="no port of a headless Service"),
        pytest.param([reader(env=[{"name": "API_URL", "value": "http://api"}, {"name": "API_PORT", "value": "8080"}]),
                      service("api", {"port": 8080})], id="the port is in another variable"),
        pytest.param([caller("http://api"), service("api", type="ExternalName", externalName="api.example.com", ports=[])],
                     id="an ExternalName"),
        pytest.param([caller("store:5432"), alias("db.data.svc.cluster.local."), *OTHER], id="an alias that leads to a Service"),
        pytest.param([caller("store:5432"), alias("store.data.svc.cluster-b.local"), *OTHER], id="an alias of another cluster"),
        pytest.param([caller("store:5432"), alias("store.shop.svc.cluster.local"), *OTHER], id="an alias of itself"),
        pytest.param([caller("http://web:3000"), service("web", selector={"app": "web"})], id="where it is itself"),
        pytest.param([caller("apii:80", pod={"dnsConfig": {"searches": ["data.svc.cluster.local"]}}), service()], id="a search domain"),
        pytest.param([caller("apii:80", pod={"dnsPolicy": "Default"}), service()], id="the name servers of the node"),
        pytest.param([reader(env=[{"name": "API_URL", "value": "http://api:80"}], **files()), config({"app.yaml": "api_url: http://apii:80"}),
                      service()], id="a default in a file that a variable replaces"),
        pytest.param([reader(env=[{"name": "API_URL", "value": "http://api:80"}], **files()), config({"app.yaml": "api_url: http://api:81"}),
                      service()], id="a port in a file that a variable replaces"),
        pytest.param([reader(**files()), config({"database.yml": "development:\n  host: apii\nproduction:\n  host: api\n"}), service()],
                     id="another stage in a file"),
        pytest.param([reader(**files()), config({"application-dev.yaml": "api_url: http://apii:80\n"}), service()], id="another stage"),
        pytest.param([reader(env=[{"name": "X_URL", "value": "http://cart.data.svc:80"}, {"name": "X_ENABLED", "value": "0"}]), *OTHER],
                     id="the feature has the value 0"),
        pytest.param([caller("db.example.com:5432"), *OTHER, space("data"), service()], id="an external database"),
        pytest.param([caller("apii.dev:443"), service(), space("dev")], id="a domain with the name of a namespace"),
        pytest.param([caller("example.api:80"), service(), space("shop")], id="a domain that looks like a pod"),
    ],
)  # fmt: skip
def test_no_issue_of_a_healthy_setup(objects: list[KubeObject]) -> None:
    assert only(TYPE, *objects) == []


def template(box: dict[str, Any], **pod: Any) -> dict[str, Any]:
    return {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container(**box)]} | pod}}


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([caller("api:80"), service()], id="the Service is there"),
        pytest.param([caller("collector:4317"), service()], id="a feature that is switched off: nothing speaks for the name"),
        pytest.param([caller("apii:9"), service()], id="the near name has not this port"),
        pytest.param([caller("db:5432"), deployment("db", replicas=0), service()], id="what it would lead to is off"),
        pytest.param([caller("apii:80", replicas=0), service()], id="the caller is off"),
        pytest.param([caller("apii:80", meta={"deletionTimestamp": at(5)}), service()], id="the caller goes"),
        pytest.param([caller("apii:80")], id="no Service of the namespace has been seen"),
        pytest.param([caller("https://api.example.com:443"), service()], id="a host of the internet"),
        pytest.param([caller("http://apii.other.svc:80"), service()], id="another namespace is not judged"),
        pytest.param([caller("http://api.other.svc:80"), service()], id="nothing of another namespace has been seen"),
        pytest.param([caller("http://api.other.svc:80"), service(), service(namespace="other")], id="the other namespace has it, too"),
        pytest.param([caller("http://api.other.svc:80"), service(), space("other")], id="nothing in it has been seen"),
        pytest.param([caller("http://api.other:80"), service(), service("db", namespace="other")], id="a short name may be a host"),
        pytest.param([caller("api:81"), caller("api:81", "more"), service(), server()], id="all ask for it: the Service is wrong"),
        pytest.param([caller("api:81"), service(clusterIP="None")], id="headless: any port of the pods"),
        pytest.param([caller("api-0.api:80"), service()], id="a pod of a headless Service"),
    ],
)  # fmt: skip
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []


def test_a_deleted_service_is_missing_since_its_deletion() -> None:
    gone = service("db")
    base = view_of(caller("db:5432"), deployment("db"), service("other"), gone)
    overlay = base.with_changes([delete(gone)])
    [finding] = [f for f in detectors.examine(overlay, [owners.ref(gone)], now=NOON).findings if f.type == TYPE]
    assert (finding.since, finding.opens_at) == (NOON, when(-120))
