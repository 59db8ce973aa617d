"""The causes Optral can name: one closed list. `docs/causes.md` is made from it by `python -m optral.analysis.causes`.

An id, once released, keeps its meaning: people filter, count and automate by it. A cause that only an installation with logs, or with
RBAC to read more, can tell from its neighbors says so in `how`.
"""

from optral.analysis.causes import cures, facts
from optral.analysis.causes.cause import Cause as Cause
from optral.analysis.causes.taxonomy import CAUSES as CAUSES

BY_ID = {cause.id: cause for cause in CAUSES}
PLACE = {cause.id: place for place, cause in enumerate(CAUSES)}
"""Where a cause stands in the list. Within a category those that name a setting come before those that name a state."""
GENERAL = frozenset(
    {
        "all_backends_not_ready",
        "application_error",
        "application_logs_error",
        "bad_rollout",
        "evicted",
        "init_container_hangs",
        "job_runs_long",
        "liveness_probe_unhealthy",
        "node_not_ready",
        "readiness_probe_unhealthy",
        "reported_by_controller",
        "startup_probe_unhealthy",
        "too_few_healthy_pods",
        "too_slow_rollout",
        "wrong_setting_in_secret",
    }
)
"""Causes that say little more than the symptom does: another cause that fits better than its rivals is the answer, whatever their level."""
CATEGORIES = tuple(dict.fromkeys(cause.category for cause in CAUSES))


def as_markdown() -> str:
    """The page `docs/causes.md`."""
    lines = [
        "# Causes",
        "",
        "Every cause an analysis can name, by category. `rootCause.id` is one of these ids and keeps its meaning.",
        "The confidence of an analysis says how well the evidence fits; below 0.35 no cause is named and the analysis is `inconclusive`.",
        "",
        "Each cause lists what an explanation of it names (`rootCause.facts`); what is not known is in `rootCause.missingFacts`.",
        "",
        "It also lists the runbooks that an analysis suggests if its evidence supports them, or the reason why there is none.",
        "The evidence fills in their parameters; `toDecide` lists the parameters that a person has to choose.",
        "If a Job failed because of another object, the analysis suggests `rerun-job` as well.",
        "",
        f"There are {len(CAUSES)} causes. This page is generated from the code by `python -m optral.analysis.causes`; a test compares it.",
    ]
    for category in CATEGORIES:
        lines += ["", f"## {category.capitalize()}", ""]
        for cause in (one for one in CAUSES if one.category == category):
            lines += [
                f"### `{cause.id}`",
                "",
                f"**{cause.title}.** {cause.text.what}",
                "",
                f"- An explanation names: {facts.described(cause.facts)}.",
                f"- How we know: {cause.text.how}",
                f"- What fixes it: {cause.text.fix}",
                f"- Suggested runbooks: {cures.described(cause.id)}.",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
