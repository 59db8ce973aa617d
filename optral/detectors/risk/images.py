"""ImageTagLatest: an image whose content can change at the next pull."""

from optral.detectors.detector import About
from optral.detectors.risk.common import check, containers
from optral.kube.objects import TemplateContainer, TemplateSpec
from optral.terms.en import titles


def _is_unpinned(container: TemplateContainer, spec: TemplateSpec) -> bool:
    image = container.image
    if not image or "@" in image:
        return False
    _, colon, tag = image.rpartition(":")
    return not colon or "/" in tag or tag == "latest"


LATEST = check(
    titles.ImageTagLatest,
    containers(_is_unpinned, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
)
