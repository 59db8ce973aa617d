"""Redacts workloads as typed objects, at a fifth of the cost of redacting their manifests.

What the redactor masks in a workload is almost always in the containers of its template: variables and arguments. `redact_workload` applies
the rules of `Redactor` to these, and asks `is_plain_text` about the rest.
"""

from typing import cast

import msgspec

from optral.kube.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    EnvFrom,
    EnvSource,
    EnvVar,
    Job,
    NamedKey,
    StatefulSet,
    Template,
    TemplateContainer,
)
from optral.kube.redact import Redactor
from optral.kube.redact_text import hides_nothing, is_plain_text
from optral.kube.redact_values import scan

Workload = CronJob | DaemonSet | Deployment | Job | StatefulSet
WORKLOADS: tuple[type[Workload], ...] = (CronJob, DaemonSet, Deployment, Job, StatefulSet)
_SECRETIVE_FIELDS = (b'"env":[]', b'"envFrom":[]', b'"automountServiceAccountToken":null')
"""Of a template without variables: field names that `is_plain_text` would doubt. A label of such a name has a text as its value."""
_replace = msgspec.structs.replace
_encode = msgspec.json.encode


def redact_workload(redactor: Redactor, workload: Workload) -> Workload | None:
    """The workload after redaction; None in doubt, where its manifest must be redacted."""
    template = _template_of(workload)
    spec = template.spec
    bare = _replace(
        spec, containers=_bare(spec.containers), init_containers=_bare(spec.init_containers), automount_service_account_token=None
    )
    rest = _encode(_with_template(workload, _replace(template, spec=bare)))
    for field in _SECRETIVE_FIELDS:
        rest = rest.replace(field, b"")
    claims = [claim.metadata for claim in workload.spec.volume_claim_templates] if isinstance(workload, StatefulSet) else []
    if not is_plain_text(rest, workload.metadata, *claims):
        return None
    containers, init_containers = _redacted(redactor, spec.containers), _redacted(redactor, spec.init_containers)
    if scan(_encode((containers, init_containers))):
        return None
    redacted = _replace(spec, containers=containers, init_containers=init_containers)
    return _with_template(workload, _replace(template, spec=redacted))


def _template_of(workload: Workload) -> Template:
    return workload.spec.job_template.spec.template if isinstance(workload, CronJob) else workload.spec.template


def _with_template(workload: Workload, template: Template) -> Workload:
    if isinstance(workload, CronJob):
        job = workload.spec.job_template
        job = _replace(job, spec=_replace(job.spec, template=template))
        return _replace(workload, spec=_replace(workload.spec, job_template=job))
    return cast(Workload, _replace(workload, spec=_replace(workload.spec, template=template)))


def _bare(containers: tuple[TemplateContainer, ...]) -> tuple[TemplateContainer, ...]:
    return tuple(_replace(container, command=(), args=(), env=(), env_from=()) for container in containers)


def _redacted(redactor: Redactor, containers: tuple[TemplateContainer, ...]) -> tuple[TemplateContainer, ...]:
    return tuple(
        _replace(
            container,
            command=redactor.arguments(container.command),
            args=redactor.arguments(container.args),
            env=_variables(redactor, container.env),
            env_from=tuple(
                EnvFrom(redactor.text(source.prefix), _reference(redactor, source.config_map_ref), _reference(redactor, source.secret_ref))
                for source in container.env_from
            ),
        )
        for container in containers
    )


def _variables(redactor: Redactor, variables: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    sources = [variable.value_from for variable in variables if variable.value_from is not None]
    has_plain_sources = not sources or hides_nothing(_encode([_names(source) for source in sources]))
    answer = []
    for variable in variables:
        value, source = variable.value, variable.value_from
        if source is not None and not has_plain_sources:
            source = EnvSource(_reference(redactor, source.config_map_key_ref), _reference(redactor, source.secret_key_ref))
        answer.append(EnvVar(redactor.text(variable.name), redactor.variable(variable.name, value) if value else "", source))
    return tuple(answer)


def _names(source: EnvSource) -> list[str]:
    """Without the names of the fields, one of which hints at a secret."""
    return [
        name for reference in (source.config_map_key_ref, source.secret_key_ref) if reference for name in (reference.name, reference.key)
    ]


def _reference(redactor: Redactor, reference: NamedKey | None) -> NamedKey | None:
    if reference is None:
        return None
    return NamedKey(redactor.text(reference.name), redactor.text(reference.key), reference.optional)
