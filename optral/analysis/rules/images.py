"""An image cannot be pulled: the registry's message, and what else in the namespace is pulled from the same place."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import WORKLOADS, Case, Container, Focus, cite, template_path
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules.containers import container_change, container_events, parts, spec_id, waiting_id
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import PULL, rule
from optral.kube.images import repository, version_of
from optral.kube.names import has_one_more_part, nearest
from optral.kube.reports import images
from optral.kube.reports.images import Kind

_ASKS_FOR_CREDENTIALS = re.compile(
    r"no basic auth credentials|authentication (?:is )?required|(?:oauth|anonymous|auth) token|\b401\b", re.IGNORECASE
)
"""The registry asks for credentials, as it does for an image that exists."""


class _Pull(NamedTuple):
    """A failed pull: the registry's message with its evidence, and what the newest revision changed."""

    case: Case
    focus: Focus
    seen: Container
    workload: SnapshotObject
    message: str
    evidence_id: str
    change: Change | None

    @property
    def opening(self) -> list[Sentence]:
        words = [cite(f"Container `{self.seen.name}` uses image {{image}}.", spec_id(self.case, self.seen, "image"), image=self.seen.image)]
        if self.change is not None:
            words.append(cite("The image was {previous} before the newest revision.", self.change.evidence_id, previous=self.change.before))
        return words

    def hypothesis(self, cause: str, level: Level, sentences: Sequence[Sentence], remedy: Action) -> Hypothesis:
        """A cause of the failed pull; where the newest revision changed the image, a rollback is the first remedy."""
        back = None if self.change is None else actions.rollback(self.case, self.workload, self.change.evidence_id)
        return self.focus.hypothesis(cause, self.workload, level, *self.opening, *sentences, actions=[back, remedy])


def pull(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The registry's message states why the pull failed."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    workload = case.workload(pod)
    evidence_id, message = _message(case, seen)
    failed = _Pull(case, focus, seen, workload, message, evidence_id, container_change(case, workload, seen, "/image"))
    kind = images.pull_failure(f"{seen.waiting.get('reason')} {message}").name
    if kind is Kind.NOT_FOUND:
        yield _not_found(failed)
    elif kind is Kind.DENIED:
        yield from _denied(failed)
    elif kind in _STATED:
        cause, level, words, remedy = _STATED[kind]
        sentences = [cite(words, evidence_id), quote("Message from the kubelet", message, evidence_id)]
        yield failed.hypothesis(cause, level, sentences, actions.advice(remedy, words, evidence_id))


def _not_found(failed: _Pull) -> Hypothesis:
    sentences = [cite("The registry reports that the image does not exist.", failed.evidence_id)]
    near = _near_image(failed.case, failed.seen) if failed.change is None else None
    if near is not None:
        sentences.append(cite(f"`{near[0]}` is in use elsewhere in the namespace.", near[1]))
    return failed.hypothesis("image_tag_not_found", Level.PROVEN, sentences, _other_version(failed, near))


def _other_version(failed: _Pull, near: tuple[str, str] | None) -> Action:
    """The tag of the image before the change, or of one that is in use, where only the tag differs; else the tag is open."""
    known = (str(failed.change.before), failed.change.evidence_id) if failed.change is not None else near
    version = None if known is None else version_of(failed.seen.image, known[0])
    evidence = [failed.evidence_id] if known is None or version is None else [failed.evidence_id, known[1]]
    remedy = actions.set_image(failed.workload, failed.seen.name, version, *evidence)
    return remedy or actions.advice("Correct the image's name or tag", "The registry does not have this image.", failed.evidence_id)


_CHECK_REGISTRY = "Check the registry's name, and DNS and egress of the node"
_STATED = {
    Kind.HOST_UNKNOWN: ("image_registry_unreachable", Level.PROVEN, "The registry's host name does not resolve.", _CHECK_REGISTRY),
    Kind.UNREACHABLE: ("image_registry_unreachable", Level.STRONG, "Cannot connect to the registry.", _CHECK_REGISTRY),
    Kind.RATE_LIMITED: (
        "pull_rate_limited",
        Level.PROVEN,
        "The registry limits the pull rate.",
        "Pull through a mirror, or with an authenticated account",
    ),
    Kind.PLATFORM: (
        "wrong_architecture",
        Level.PROVEN,
        "The image has no variant for the node's platform.",
        "Build the image for the node's platform",
    ),
    Kind.SIGNATURE: (
        "image_signature_rejected",
        Level.PROVEN,
        "The node's signature policy rejects the image.",
        "Sign the image, use a signed version, or correct the signature policy of the nodes",
    ),
    Kind.TLS: ("certificate_invalid", Level.STRONG, "The registry's certificate is not trusted.", "Add the registry's CA to the nodes"),
    Kind.DISK_FULL: ("disk_full", Level.STRONG, "The node's disk is full.", "Free disk space on the node"),
    Kind.INVALID_NAME: ("invalid_image_name", Level.PROVEN, "The image field is not a valid image reference.", "Correct the image field"),
}
"""Kind of message → (cause, level, sentence, remedy)."""


WRONG_NAME = Table(
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
- `ambiguous`: the registry says that it does not exist or that access is denied, and does not ask for credentials;
- `changed_name`: not only the tag changed in the newest revision; `own_name`: the image is named like its container or workload.
"""
_NO_ACCESS = {
    Level.POSSIBLE: Level.PROVEN,
    Level.PLAUSIBLE: Level.LIKELY,
    Level.LIKELY: Level.PLAUSIBLE,
    Level.STRONG: Level.PLAUSIBLE,
}
"""How likely it means missing access, by how likely it means a wrong name."""


def _denied(failed: _Pull) -> Iterator[Hypothesis]:
    """Access is denied. Registries also deny access to images that do not exist: what else is pulled from the same folder decides."""
    case, seen, denied = failed.case, failed.seen, failed.evidence_id
    has_secret = bool(seen.pod.many("spec.imagePullSecrets"))
    neighbor, typo = _neighbor(case, seen), _similar_folder(case, seen)
    wrong_name = WRONG_NAME.decide(
        secret=has_secret,
        neighbor=neighbor is not None,
        official=_is_official(seen.image),
        typo=typo is not None,
        ambiguous="does not exist" in failed.message and _ASKS_FOR_CREDENTIALS.search(failed.message) is None,
        changed_name=failed.change is None or repository(str(failed.change.before)) != repository(seen.image),
        own_name=_is_named_like_owner(seen, failed.workload),
    )
    refusal = cite("The registry denies access to it.", denied)
    access, levels = _access(case, seen), (_NO_ACCESS[wrong_name], wrong_name)
    if case.snap.listed("Pod", seen.pod.namespace) is None:  # another pod may show which of the two it is
        levels = (levels[0].lowered(), levels[1].lowered())
    yield failed.hypothesis(
        "image_pull_unauthorized",
        Level.PROVEN if access.is_proven else levels[0],
        [refusal, access.sentence],
        _grant_access(failed.workload, access, denied),
    )
    known = []
    if neighbor is not None:
        known.append(cite(f"`{neighbor[0]}` is pulled from the same registry without a pull secret.", neighbor[1]))
    elif typo is not None:
        known.append(cite(f"`{typo[0]}` is in use, from a registry with nearly the same name.", typo[1]))
    words = "A registry also denies access to images that do not exist."
    yield failed.hypothesis(
        "image_tag_not_found", levels[1], [refusal, *known, cite(words, denied)], actions.advice("Check the image's name", words, denied)
    )


class _Access(NamedTuple):
    """With which pull secret the pod pulls, and what to do about it. `is_proven`: the secret is certainly what is missing."""

    sentence: Sentence
    remedy: str
    is_proven: bool = False
    secret: str | None = None
    """The one to add, which other pods use."""


def _grant_access(workload: SnapshotObject, access: _Access, denied: str) -> Action:
    why, evidence = "Without it the registry denies access.", (denied, *access.sentence.evidence_ids)
    if access.secret is None:
        return actions.advice(access.remedy, why, *evidence[:2])
    return actions.add_pull_secret(workload, access.secret, access.remedy, why, *evidence)


def _access(case: Case, seen: Container) -> _Access:
    pulls = case.book.fields(seen.pod, "spec", "serviceAccountName", "imagePullSecrets")
    secrets = seen.pod.many("spec.imagePullSecrets")
    if not secrets:
        other = _secret_of_neighbor(case, seen)
        if other is None:
            return _Access(cite("The pod uses no pull secret.", pulls), "Create the pull secret and attach it")
        name, shown = other
        words = f"The pod uses no pull secret; other pods pull from the same registry with `{name}`."
        return _Access(cite(words, pulls, shown), f"Attach the pull secret {name}", is_proven=True, secret=name)
    name = str(secrets[0].get("name"))
    lost = next((event for event in case.events(seen.pod, "FailedToRetrieveImagePullSecret") if name in event.text("message")), None)
    if lost is not None:
        words = f"The kubelet cannot find the pull secret `{name}` that the pod names."
        return _Access(
            cite(words, pulls, case.event_id(lost, seen.pod)),
            f"Create the pull secret {name}, or correct its name",
            is_proven=True,
        )
    return _Access(
        cite(f"The pod uses the pull secret `{name}`.", pulls),
        f"Renew the pull secret {name}: it may be for another registry, or out of date",
    )


def _message(case: Case, seen: Container) -> tuple[str, str]:
    """(evidence id, text) of the most specific message: the Event of the failed pull, else the waiting message of the container."""
    for event in container_events(case, seen, "Failed"):
        message = event.text("message")
        if "pull" in message.lower() and (seen.image in message or not seen.image):
            return case.event_id(event, seen.pod), message
    waiting = str(seen.waiting.get("message") or "")
    if not waiting and case.question.facts.get("message"):
        return case.book.fact(seen.pod.ref, case.question.facts, "cause", "message"), str(case.question.facts["message"])
    return waiting_id(case, seen), waiting


def _images(case: Case, namespace: str | None) -> Iterator[tuple[SnapshotObject, str, str]]:
    """(object, path, image) of every container of every workload here, and of every pod that has none."""
    for kind in ("Pod", *WORKLOADS):
        for obj in case.snap.all(kind, namespace):
            if kind == "Pod" and obj.owner() is not None:
                continue  # its workload has the same
            base = template_path(kind)
            for index, spec in obj.indexed(f"{base}.containers"):
                if isinstance(spec.get("image"), str):
                    yield obj, f"{base}.containers[{index}].image", spec["image"]


def _near_image(case: Case, seen: Container) -> tuple[str, str] | None:
    """An image of another workload with nearly the same name, with its evidence."""
    others = {image: (obj, path) for obj, path, image in _images(case, seen.pod.namespace) if image != seen.image}
    near = nearest(seen.image, others)
    if near is None:
        return None
    return near, case.book.object(*others[near])


class _Running(NamedTuple):
    """A running container: its image was pulled."""

    pod: SnapshotObject
    path: str
    image: str


def _running(case: Case, namespace: str | None) -> Iterator[_Running]:
    for pod in case.snap.all("Pod", namespace):
        names = {
            status.get("name")
            for status in pod.many("status.containerStatuses")
            if isinstance(state := status.get("state"), dict) and "running" in state
        }
        for index, spec in pod.indexed("spec.containers"):
            if spec.get("name") in names and isinstance(spec.get("image"), str):
                yield _Running(pod, f"spec.containers[{index}]", spec["image"])


def _neighbor(case: Case, seen: Container) -> tuple[str, str] | None:
    """A running container of another image in the same repository folder, pulled without a secret."""
    place = _place(seen.image)
    for other in _running(case, seen.pod.namespace) if place is not None else ():
        if other.image != seen.image and _place(other.image) == place and not other.pod.many("spec.imagePullSecrets"):
            return other.image, case.book.fields(other.pod, other.path, "name", "image")
    return None


def _secret_of_neighbor(case: Case, seen: Container) -> tuple[str, str] | None:
    """The pull secret with which a running container was pulled from the same place, with its evidence."""
    place = _place(seen.image)
    for other in _running(case, seen.pod.namespace) if place is not None else ():
        secrets = other.pod.many("spec.imagePullSecrets")
        if secrets and secrets[0].get("name") and _place(other.image) == place:
            return str(secrets[0]["name"]), case.book.fields(other.pod, "spec", "imagePullSecrets")
    return None


def _similar_folder(case: Case, seen: Container) -> tuple[str, str] | None:
    """A running container whose image comes from a folder of nearly the same name, without a secret: the folder has a typo."""
    place = _place(seen.image)
    if place is None:
        return None
    places = {
        where: other
        for other in _running(case, seen.pod.namespace)
        if not other.pod.many("spec.imagePullSecrets") and (where := _place(other.image)) is not None
    }
    near = None if place in places else nearest(place, [other for other in places if not has_one_more_part(place, other)])
    if near is None:
        return None
    other = places[near]
    return other.image, case.book.fields(other.pod, other.path, "name", "image")


def _is_named_like_owner(seen: Container, workload: SnapshotObject) -> bool:
    """Whether the image is named like its container or workload, so that a typo in its name is unlikely."""
    return repository(seen.image).rpartition("/")[2] in (seen.name, workload.name)


def _place(image: str) -> str | None:
    """Registry and folder of an image: `registry.io/team/app:1` gives `registry.io/team`; None for an image without a folder."""
    folder, slash, _ = plain(image).rpartition("/")
    return folder if slash else None


def plain(image: str) -> str:
    """Its repository, shortened for the public registry: `nginx` for `docker.io/library/nginx:1.27@sha256:…`."""
    return repository(image).removeprefix("index.docker.io/").removeprefix("docker.io/").removeprefix("library/")


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
            "image_signature_rejected",
            "certificate_invalid",
            "disk_full",
            "invalid_image_name",
        },
        version=4,
    ),
)
