"""The language of runbooks in a page of text, for whoever writes one without the JSON Schema, such as a language model."""

from collections.abc import Collection

from optral.runbooks.language import actions

EXAMPLE = """\
slug: raise-api-memory
name: Raise the memory limit of the API
risk: high
match: {issueTypes: [OOMKilled]}
parameters:
  - {name: limit, type: quantity, required: true, minimum: 64Mi, maximum: 4Gi, description: The new memory limit}
steps:
  - name: Raise the limit
    action: setResources
    with:
      kind: ${target.kind}
      namespace: ${target.namespace}
      name: ${target.name}
      container: ${target.container}
      limits: {memory: "${parameters.limit}"}
cooldownSeconds: 300
"""
_RULES = """\
The runbook is one YAML document with these keys: slug, name, risk (readOnly, low, high or destructive; at least the risk of each step),
match, parameters, steps, cooldownSeconds.
A value in `with` is a literal, or as a whole ${parameters.NAME} or ${target.NAME}. The target is the object of the issue: kind, namespace,
name, container, pod, node. Types of parameters: string, integer, quantity, boolean, enum (with `enum`).
Actions, with the values that they take (? is optional):
"""


def text(*, without: Collection[str] = ()) -> str:
    """How a runbook is written, with every action but these, and an example."""
    rows = [f"- {_call(verb)}: {actions.ABOUT[verb]}" for verb in actions.in_steps() if verb not in without]
    return "\n".join([_RULES + "\n".join(rows), "Example:", EXAMPLE])


def _call(verb: str) -> str:
    values = (name if is_needed else f"{name}?" for name, is_needed in actions.fields_of(verb).items())
    return f"{verb}({', '.join(values)}), {actions.least_risk(verb, {})} risk"
