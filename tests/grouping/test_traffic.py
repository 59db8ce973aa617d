"""Slow requests: one issue at the workload that is slow itself, and those that wait for it under it."""

from optral.kube.objects import KubeObject
from tests.detectors import build, traffic
from tests.grouping.graphs import calling as template, failing, node, roots

SLOW = "WorkloadSlow"


def calling(name: str, address: str = "") -> KubeObject:
    return build.deployment(name, spec={"template": template(f"http://{address}:80" if address else "", name)})


def service(name: str) -> KubeObject:
    return build.make("Service", name=name, spec={"selector": {"app": name}})


def test_who_waits_for_a_slow_workload_hangs_under_it() -> None:
    web, api, db = calling("web", "api"), calling("api", "db"), calling("db")
    things = [web, api, db, service("api"), service("db")]
    things += [traffic.of(one, level=500 + 10 * place) for place, one in enumerate((db, api, web))]
    found = [failing(SLOW, one, ago=300 - 100 * place) for place, one in enumerate((web, api, db))]
    assert roots(found, *things) == ["WorkloadSlow/db"]


def test_a_slow_workload_that_is_not_called_explains_nothing() -> None:
    web, batch = calling("web", "api"), calling("batch")
    things = [web, batch, service("batch"), traffic.of(web), traffic.of(batch)]
    assert len(roots([failing(SLOW, web), failing(SLOW, batch)], *things)) == 2


def test_one_that_is_a_little_slower_does_not_explain_one_that_is_much_slower() -> None:
    web, api = calling("web", "api"), calling("api")
    things = [web, api, service("api"), traffic.of(web, level=9000), traffic.of(api, level=160)]
    assert len(roots([failing(SLOW, web), failing(SLOW, api)], *things)) == 2


def test_two_that_call_each_other_have_one_root() -> None:
    web, api = calling("web", "api"), calling("api", "web")
    things = [web, api, service("api"), service("web"), traffic.of(web), traffic.of(api)]
    assert len(roots([failing(SLOW, web), failing(SLOW, api)], *things)) == 1


def test_a_throttled_workload_is_one_issue_and_a_slow_callee_comes_first() -> None:
    web, api = calling("web", "api"), calling("api")
    throttled = failing("CPUThrottled", web, part="web", ago=300)
    assert roots([failing(SLOW, web), throttled], web, api, service("api"), traffic.of(web)) == ["CPUThrottled/web/web"]
    both = [failing(SLOW, web), throttled, failing(SLOW, api)]
    things = [web, api, service("api"), traffic.of(web), traffic.of(api)]
    assert roots(both, *things) == ["CPUThrottled/web/web", "WorkloadSlow/api"]


def test_a_full_node_explains_the_workload_whose_pods_run_there() -> None:
    web, full, other = calling("web"), node("node-1", ready="True"), node("node-2", ready="True")
    report = traffic.of(web, pods=[{"name": "web-1", "node": "node-1", "p95Ms": 400}])
    saturated, elsewhere = failing("NodeSaturated", full), failing("NodeSaturated", other)
    assert roots([failing(SLOW, web), saturated], web, full, report) == ["NodeSaturated/node-1"]
    assert len(roots([failing(SLOW, web), elsewhere], web, other, report)) == 2
