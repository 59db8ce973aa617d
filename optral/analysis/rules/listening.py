"""Where an application listens, as far as anything shows it. The port of a probe is compared with this.

A port that a container does not declare may still be open, so the declared ports alone do not show whether a port is right: that takes
another source that names a port. Without one, a wrong port and a slow start look the same.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Container, cite, containers
from optral.analysis.reading.snapshot import SnapshotObject, dicts
from optral.analysis.rules.containers import spec_id
from optral.analysis.rules.images import plain
from optral.kube import calls as kube_calls, selectors

_IMAGES = {
    "nginx": (80, 443),
    "httpd": (80, 443),
    "haproxy": (80, 443),
    "redis": (6379,),
    "memcached": (11211,),
    "postgres": (5432,),
    "mysql": (3306, 33060),
    "mariadb": (3306,),
    "mongo": (27017,),
    "rabbitmq": (5672, 15672),
    "elasticsearch": (9200, 9300),
    "docker.elastic.co/elasticsearch/elasticsearch": (9200, 9300),
    "grafana/grafana": (3000,),
    "nginxinc/nginx-unprivileged": (8080,),
    "prom/alertmanager": (9093,),
    "prom/prometheus": (9090,),
    "quay.io/prometheus/prometheus": (9090,),
}
"""Public images by their whole name, and the ports they listen on unless configured otherwise."""
_LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):(\d{2,5})\b")


class OtherPort(NamedTuple):
    """Something that names another port than the one that is probed. `is_default`: it is only the default port of the image."""

    port: int | str
    sentence: Sentence
    is_default: bool = False


def ports_of(seen: Container) -> list[dict[str, object]]:
    return dicts(seen.spec.get("ports"))


def elsewhere(case: Case, seen: Container, port: int | str, probe_id: str) -> Iterator[OtherPort]:
    """What names another port, apart from the container's other probe. A source that names this port is no evidence against it."""
    declared = [declaration.get("containerPort") for declaration in ports_of(seen)]
    if declared and port not in declared and isinstance(first := declared[0], int | str):
        words = f"The probe uses port `{port}`; the container declares {{port}}."
        yield OtherPort(first, cite(words, probe_id, spec_id(case, seen, "ports"), port=first))
    targets = dict(_targets(case, seen))
    if targets and port not in targets and port not in declared:
        target, service = next(iter(targets.items()))
        shown = case.book.object(service, "spec.ports")
        yield OtherPort(target, cite(f"Service `{service.name}` sends to its port {{port}}.", shown, port=target))
    for key, text in case.logs(seen):
        listens = logs.listening(text)
        if listens and all(number != port for number, _ in listens):
            number, line = listens[-1]
            words = "The log shows that the application listens on port {port}."
            yield OtherPort(number, cite(words, case.book.log(key, line), port=number))
            break
    usual = _IMAGES.get(plain(seen.image))
    if usual is not None and port not in usual and not declared:
        known = case.book.relation(seen.pod.ref, "image", f"{seen.image} listens on {usual[0]} by default")
        words = "Its image listens on port {port} by default."
        yield OtherPort(usual[0], cite(words, known, spec_id(case, seen, "image"), port=usual[0]), is_default=True)


def is_named(case: Case, seen: Container, port: int | str | None) -> bool:
    """Whether anything but the probe names this port: the container's ports, a Service, its log."""
    if any(port == declaration.get("containerPort") for declaration in ports_of(seen)) or any(
        port == target for target, _ in _targets(case, seen)
    ):
        return True
    return any(port == number for _, text in case.logs(seen) for number, _ in logs.listening(text))


def started(case: Case, seen: Container) -> Sentence | None:
    """The log line that says that the application has started."""
    for key, text in case.logs(seen):
        if (line := logs.started(text)) is not None:
            return cite("The log shows that the application has started.", case.book.log(key, line))
    return None


def only_local(case: Case, seen: Container, port: int | str | None) -> Sentence | None:
    """It listens on this port on localhost only, so that a probe, which comes from outside the pod, is refused."""
    for key, text in case.logs(seen):
        for number, line in logs.listening(text):
            if number == port and (match := _LOCAL.search(line)) is not None and int(match.group(1)) == port:
                return cite(
                    f"It listens only on `{match.group(0)}`, which is not reachable from outside the pod.", case.book.log(key, line)
                )
    return _set_to_local(case, seen)


def _set_to_local(case: Case, seen: Container) -> Sentence | None:
    """A variable or argument tells it to listen on localhost."""
    setting = next(kube_calls.local_listens(kube_calls.decode_container(seen.spec)), None)
    if setting is None:
        return None
    shown = case.book.object(seen.pod, f"{seen.spec_path}.{setting.field}")
    words = f"{{setting}} is `{setting.text}`, so it listens only on localhost, which is not reachable from outside the pod."
    return cite(words, shown, setting=setting.name)


def _targets(case: Case, seen: Container) -> Iterator[tuple[int, SnapshotObject]]:
    """Ports that Services send to at this container; none when the pod has another container that they may be for."""
    pod = seen.pod
    others = [other for other in containers(pod) if other.kind != "init" and other.name != seen.name]
    for service in case.snap.all("Service", pod.namespace):
        selector = service.strings("spec.selector")
        if not selector or not selectors.matches(selector, pod.labels):
            continue
        for port in service.many("spec.ports"):
            target = port.get("targetPort", port.get("port"))
            named = next((p.get("containerPort") for p in ports_of(seen) if p.get("name") == target), target)
            if isinstance(named, int) and not others:
                yield named, service
