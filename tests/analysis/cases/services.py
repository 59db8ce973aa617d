"""Services that reach nobody."""

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import NAMESPACE, World, container, deployment, node, pod, service, template


@case("selector_mismatch", "api")
def selects_a_label_nobody_has() -> tuple[World, Explanation]:
    web = deployment()
    backend = pod(web, ready=True)
    broken = service(selector={"app": "apl"})
    world = World([web, backend, broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("target_port_mismatch", "api")
def sends_to_a_port_by_a_name_nobody_gave() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"name": "web", "containerPort": 8080}])))
    broken = service(ports=[{"port": 80, "targetPort": "http"}])
    world = World([web, pod(web, ready=True), broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("service_protocol_mismatch", "api")
def speaks_another_protocol() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080, "protocol": "TCP"}])))
    broken = service(ports=[{"port": 80, "targetPort": 8080, "protocol": "UDP"}])
    world = World([web, pod(web, ready=True), broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("scaled_to_zero", "api")
def sends_to_what_is_switched_off() -> tuple[World, Explanation]:
    web = deployment(replicas=0)
    world = World([web, service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[1])


@case("all_backends_not_ready", "api")
def sends_to_pods_that_are_not_ready() -> tuple[World, Explanation]:
    web = deployment()
    world = World([web, pod(web), service(), node()])
    return world, world.ask("ServiceNoEndpoints", world.objects[2])


@case("no_workload", "api")
def sends_to_nobody() -> tuple[World, Explanation]:
    world = World([service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[0])


@case("selector_mismatch", "api", "leads to somebody else")
def leads_to_somebody_else() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080}])))
    other = deployment("mail", of=template(container("mail", ports=[{"containerPort": 25}]), labels={"app": "mail"}))
    broken = service(selector={"app": "mail"})
    world = World([web, pod(web, ready=True), other, pod(other, "mail-1", ready=True), broken])
    return world, world.ask("ServiceTargetPortMismatch", broken)


@case("service_port_mismatch", "api", "has a port that a caller of another namespace does not use")
def has_a_port_that_a_caller_of_another_namespace_does_not_use() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080}])))
    caller = deployment("shop", of=template(container(env=[{"name": "API_URL", "value": f"http://api.{NAMESPACE}.svc:8080"}])))
    caller["metadata"]["namespace"] = "front"
    moved = service(ports=[{"port": 80, "targetPort": 8080}])
    world = World([web, pod(web, ready=True), caller, moved])
    return world, world.ask("ServiceTargetPortMismatch", moved, case="callersUseAnother", callers=["Deployment/front/shop"])


@case("service_port_mismatch", "api", "has a port that nobody asks for")
def has_a_port_that_nobody_asks_for() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080}])))
    callers = [
        deployment(name, of=template(container(env=[{"name": "API_ADDR", "value": "api:80"}]), labels={"app": name}))
        for name in ("shop", "mail")
    ]
    moved = service(ports=[{"port": 81, "targetPort": 8080}])
    world = World([web, pod(web, ready=True), *callers, moved])
    return world, world.ask("ServiceTargetPortMismatch", moved)


@case("wrong_dependency_address", "shop", "has the port of its pods, and its only caller uses another")
def has_the_port_of_its_pods() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080}])))
    caller = deployment("shop", of=template(container("shop", env=[{"name": "API_ADDR", "value": "api:8088"}]), labels={"app": "shop"}))
    served = service(ports=[{"port": 8080, "targetPort": 8080}])
    world = World([web, pod(web, ready=True), caller, served])
    return world, world.ask("ServiceTargetPortMismatch", served)


@case("target_port_mismatch", "api", "its program listens on localhost only")
def sends_to_a_program_that_listens_on_localhost() -> tuple[World, Explanation]:
    web = deployment(of=template(container(env=[{"name": "BIND_ADDRESS", "value": "127.0.0.1"}])))
    broken = service(ports=[{"port": 80, "targetPort": 8080}])
    world = World([web, pod(web, ready=True), broken])
    says = "port 80 forwards to 8080, but its pods listen on localhost only (BIND_ADDRESS is 127.0.0.1)"
    return world, world.ask("ServiceTargetPortMismatch", broken, case="localOnly", ports=[{"case": "localOnly", "port": 80, "says": says}])


@case("target_port_mismatch", "api", "its callers are refused while its pods are ready")
def refuses_its_callers() -> tuple[World, Explanation]:
    web = deployment(of=template(container(readinessProbe={"httpGet": {"port": 9090}})))
    broken = service(ports=[{"port": 80, "targetPort": 8080}])
    world = World([web, pod(web, ready=True), broken])
    says = "port 80 forwards to 8080 of its pods, where connections are refused; they listen on 9090 (probe)"
    return world, world.ask("ServiceTargetPortMismatch", broken, case="refused", ports=[{"case": "refused", "port": 80, "says": says}])


@case("endpoints_stale", "ledger")
def sends_to_a_pod_that_is_gone() -> tuple[World, Explanation]:
    broken = service("ledger", ports=[{"port": 5432}])
    del broken["spec"]["selector"]
    world = World([broken, deployment(), pod(deployment(), ready=True)])
    reason = "which is in the pod range of Node node-1, and no pod has it"
    facts = {"addresses": ["10.244.1.77"], "reason": reason, "shownBy": "Node node-1", "slices": ["ledger-1"]}
    return world, world.ask("ServiceEndpointsStale", broken, **facts)
