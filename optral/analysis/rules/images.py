"""An image cannot be pulled: the registry's words, and what else of the cluster pulls from there."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import WORKLOADS, Case, Container, Focus, cite, template_path
from optral.analysis.evidence import Change
from optral.analysis.model import Action, Hypothesis
from optral.analysis.rules.containers import container_change, container_events, parts, spec_id, waiting_id
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.rule import PULL, rule
from optral.analysis.snapshot import Thing
from optral.detectors.pods import image_pull_back_off as detector
from optral.kube.names import has_one_more_part, nearest

_ASKS_WHO = re.compile(r"no basic auth credentials|authentication (?:is )?required|(?:oauth|anonymous|auth) token|\b401\b", re.IGNORECASE)
"""The registry wants to know who pulls: it would do so for an image that is there."""
UNREACHED = frozenset({"hostUnknown", "unreachable"})


def pull(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    told, message = _message(case, seen)
    kind = detector.cause_of(message).name
    workload = case.workload(pod)
    asked = spec_id(case, seen, "image")
    opening = cite(f"Container `{seen.name}` uses image `{seen.image}`.", asked)
    changed = container_change(case, workload, seen, "/image")
    more = [cite(f"The image was `{changed.before}` before the newest revision.", changed.evidence_id)] if changed is not None else []
    remedies = _remedies(case, workload, changed)
    if kind == "notFound":
        near = _near_image(case, seen)
        if changed is None and near is not None:
            more.append(cite(f"`{near[0]}` is in use elsewhere in the namespace.", near[1]))
        yield case.hypothesis(
            "image_tag_not_found",
            workload,
            Level.PROVEN,
            opening,
            cite("The registry reports that the image does not exist.", told),
            *more,
            focus=focus,
            actions=[*remedies, actions.advice("Correct the image's name or tag", "The registry does not have this image.", told)],
        )
    elif kind == "denied":
        yield from _denied(case, focus, seen, workload, told, message, [opening, *more], changed, remedies)
    elif kind in UNREACHED:
        words = "The registry's host name does not resolve." if kind == "hostUnknown" else "Cannot connect to the registry."
        yield case.hypothesis(
            "image_registry_unreachable",
            workload,
            Level.PROVEN if kind == "hostUnknown" else Level.STRONG,
            opening,
            cite(words, told),
            *more,
            focus=focus,
            actions=[*remedies, actions.advice("Check the registry's name, and DNS and egress of the node", words, told)],
        )
    elif kind in _PLAIN:
        cause, level, words, remedy = _PLAIN[kind]
        yield case.hypothesis(
            cause, workload, level, opening, cite(words, told), *more, focus=focus, actions=[*remedies, actions.advice(remedy, words, told)]
        )


_PLAIN = {
    "rateLimited": (
        "pull_rate_limited",
        Level.PROVEN,
        "The registry limits the pull rate.",
        "Pull through a mirror, or with an account",
    ),
    "platform": (
        "wrong_architecture",
        Level.PROVEN,
        "The image has no variant for the node's platform.",
        "Build the image for the node's platform",
    ),
    "tls": ("certificate_invalid", Level.STRONG, "The registry's certificate is not trusted.", "Add the registry's CA to the nodes"),
    "diskFull": ("disk_full", Level.STRONG, "The node's disk is full.", "Free disk space on the node"),
    "invalidName": ("invalid_image_name", Level.PROVEN, "The image field is not a valid image reference.", "Correct the image field"),
}


_WRONG_NAME = Table(
    row(Level.POSSIBLE, "secret"),
    row(Level.STRONG, "neighbor"),
    row(Level.STRONG, "official"),
    row(Level.STRONG, "typo"),
    row(Level.PLAUSIBLE, "ambiguous", "changed_name", "own_name"),
    row(Level.LIKELY, "ambiguous", "changed_name"),
    row(Level.POSSIBLE),
)
"""How likely a registry that denies access means that the image does not exist. The signs:

- `secret`: the pod names a pull secret;
- `neighbor`: another image of the same repository folder was pulled without one;
- `official`: it is an image of the public library, where nothing is private;
- `typo`: a running image comes from a folder with nearly the same name;
- `ambiguous`: the registry says that it does not exist or that access is denied, and does not ask who pulls;
- `changed_name`: not only the tag changed in the newest revision; `own_name`: the image is named like its container or workload.
"""
_NO_ACCESS = {
    Level.POSSIBLE: Level.PROVEN,
    Level.PLAUSIBLE: Level.LIKELY,
    Level.LIKELY: Level.PLAUSIBLE,
    Level.STRONG: Level.PLAUSIBLE,
}
"""How likely it means missing access, by how likely it means a wrong name: what one loses, the other gains."""


def _denied(
    case: Case,
    focus: Focus,
    seen: Container,
    workload: Thing,
    told: str,
    message: str,
    opening: list[Any],
    changed: Change | None,
    remedies: list[Action | None],
) -> Iterator[Hypothesis]:
    """Refused. A registry says so for an image that does not exist, too: what else is pulled from that place decides."""
    pulls = case.book.fields(seen.pod, "spec", "serviceAccountName", "imagePullSecrets")
    named = [str(one.get("name")) for one in seen.pod.many("spec.imagePullSecrets")]
    neighbour = _pulls_from_same_place(case, seen)
    slip = _near_place(case, seen)
    wrong_name = _WRONG_NAME.decide(
        secret=bool(named),
        neighbor=neighbour is not None,
        official=_is_official(seen.image),
        typo=slip is not None,
        ambiguous="does not exist" in message and _ASKS_WHO.search(message) is None,
        changed_name=changed is None or repository(str(changed.before)) != repository(seen.image),
        own_name=_is_called_as(seen, workload),
    )
    refusal = cite("The registry denies access to it.", told)
    with_secret = cite(f"The pod uses the pull secret `{named[0]}`.", pulls) if named else cite("The pod uses no pull secret.", pulls)
    todo = "Create the pull secret and attach it"
    lender = _pulls_with_secret(case, seen) if not named else None
    lost = next(
        (one for one in case.events(seen.pod, "FailedToRetrieveImagePullSecret") if named and named[0] in one.text("message")), None
    )
    if lost is not None:
        event = case.event_id(lost, seen.pod)
        with_secret = cite(f"The kubelet cannot find the pull secret `{named[0]}` that the pod names.", pulls, event)
        todo = f"Create the pull secret {named[0]}, or correct its name"
    elif lender is not None:
        secret, shown = lender
        with_secret = cite(f"The pod uses no pull secret; other pods pull from the same place with `{secret}`.", pulls, shown)
        todo = f"Attach the pull secret {secret}"
    elif named:
        todo = f"Renew the pull secret {named[0]}: it may be for another registry, or out of date"
    yield case.hypothesis(
        "image_pull_unauthorized",
        workload,
        Level.PROVEN if lost is not None or lender is not None else _NO_ACCESS[wrong_name],
        *opening,
        refusal,
        with_secret,
        focus=focus,
        actions=[*remedies, actions.advice(todo, "Without it the registry denies access.", told, pulls)],
    )
    known = [cite(f"`{neighbour[0]}` is pulled from the same place without a secret.", neighbour[1])] if neighbour is not None else []
    known += [cite(f"`{slip[0]}` is in use, from a place with nearly the same name.", slip[1])] if slip is not None and not known else []
    yield case.hypothesis(
        "image_tag_not_found",
        workload,
        wrong_name,
        *opening,
        refusal,
        *known,
        cite("A registry also denies access to images that do not exist.", told),
        focus=focus,
        actions=[*remedies, actions.advice("Check the image's name", "A registry also denies access to images that do not exist.", told)],
    )


def _message(case: Case, seen: Container) -> tuple[str, str]:
    """(evidence id, text) of the most telling message: the Event of the failed pull, else what the container waits with."""
    for event in container_events(case, seen, "Failed"):
        message = event.text("message")
        if "pull" in message.lower() and (seen.image in message or not seen.image):
            return case.event_id(event, seen.pod), message
    waiting = str(seen.waiting.get("message") or "")
    if not waiting and case.question.facts.get("message"):
        return case.book.fact(seen.pod.ref, case.question.facts, "cause", "message"), str(case.question.facts["message"])
    return waiting_id(case, seen), waiting


def _remedies(case: Case, workload: Thing, changed: Change | None) -> list[Action | None]:
    return [actions.rollback(case, workload, changed.evidence_id)] if changed is not None else []


def _images(case: Case, namespace: str | None) -> Iterator[tuple[Thing, str, str]]:
    """(object, path, image) of every container of every workload here, and of every pod that has none."""
    for kind in ("Pod", *WORKLOADS):
        for thing in case.snap.all(kind, namespace):
            if kind == "Pod" and thing.owner() is not None:
                continue  # its workload has the same
            base = template_path(kind)
            for index, one in thing.indexed(f"{base}.containers"):
                if isinstance(one.get("image"), str):
                    yield thing, f"{base}.containers[{index}].image", one["image"]


def _near_image(case: Case, seen: Container) -> tuple[str, str] | None:
    """An image of another workload that is almost this one, with its evidence."""
    others = {image: (thing, path) for thing, path, image in _images(case, seen.pod.namespace) if image != seen.image}
    near = nearest(seen.image, others)
    if near is None:
        return None
    return near, case.book.object(*others[near])


class _Running(NamedTuple):
    """A container that runs, so whose image was pulled."""

    pod: Thing
    path: str
    image: str


def _running(case: Case, namespace: str | None) -> Iterator[_Running]:
    for pod in case.snap.all("Pod", namespace):
        names = {
            status.get("name")
            for status in pod.many("status.containerStatuses")
            if isinstance(state := status.get("state"), dict) and "running" in state
        }
        for index, one in pod.indexed("spec.containers"):
            if one.get("name") in names and isinstance(one.get("image"), str):
                yield _Running(pod, f"spec.containers[{index}]", one["image"])


def _pulls_from_same_place(case: Case, seen: Container) -> tuple[str, str] | None:
    """A running container of another image in the same repository folder, pulled without a secret."""
    place = _place(seen.image)
    for one in _running(case, seen.pod.namespace) if place is not None else ():
        if one.image != seen.image and _place(one.image) == place and not one.pod.many("spec.imagePullSecrets"):
            return one.image, case.book.fields(one.pod, one.path, "name", "image")
    return None


def _pulls_with_secret(case: Case, seen: Container) -> tuple[str, str] | None:
    """The pull secret with which a running container was pulled from the same place, with its evidence."""
    place = _place(seen.image)
    for one in _running(case, seen.pod.namespace) if place is not None else ():
        secrets = one.pod.many("spec.imagePullSecrets")
        if secrets and secrets[0].get("name") and _place(one.image) == place:
            return str(secrets[0]["name"]), case.book.fields(one.pod, "spec", "imagePullSecrets")
    return None


def _near_place(case: Case, seen: Container) -> tuple[str, str] | None:
    """A running container whose image is of nearly the same place, pulled without a secret: the folder is misspelt."""
    place = _place(seen.image)
    if place is None:
        return None
    places = {
        where: one
        for one in _running(case, seen.pod.namespace)
        if not one.pod.many("spec.imagePullSecrets") and (where := _place(one.image)) is not None
    }
    near = None if place in places else nearest(place, [one for one in places if not has_one_more_part(place, one)])
    if near is None:
        return None
    one = places[near]
    return one.image, case.book.fields(one.pod, one.path, "name", "image")


def _is_called_as(seen: Container, workload: Thing) -> bool:
    """Whether the image has the name of its container or workload, so that no slip of its name shows."""
    return repository(seen.image).rpartition("/")[2] in (seen.name, workload.name)


def _place(image: str) -> str | None:
    """Registry and folder of an image: `registry.io/team/app:1` gives `registry.io/team`; None for an image without a folder."""
    folder, slash, _ = plain(image).rpartition("/")
    return folder if slash else None


def plain(image: str) -> str:
    """Its repository, short where it is of the public registry: `nginx` for `docker.io/library/nginx:1.27@sha256:…`, whole elsewhere."""
    return repository(image).removeprefix("index.docker.io/").removeprefix("docker.io/").removeprefix("library/")


def repository(image: str) -> str:
    """An image without its tag and digest."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _is_official(image: str) -> bool:
    """Without registry and folder: an image of the public library, where nothing is private."""
    return "/" not in plain(image)


RULES = (
    rule(
        pull,
        {PULL},
        {
            "image_tag_not_found",
            "image_registry_unreachable",
            "image_pull_unauthorized",
            "pull_rate_limited",
            "wrong_architecture",
            "certificate_invalid",
            "disk_full",
            "invalid_image_name",
        },
        version=3,
    ),
)
