"""The addresses that a template names: what its containers may call. What they mean is in `kube/addresses.py`."""

from collections.abc import Iterator
from itertools import chain

from optral.kube import addresses
from optral.kube.addresses import Address
from optral.kube.objects import TemplateSpec

ARGUMENTS = "args"  # where an address stands that is in no variable


def written(template: TemplateSpec) -> Iterator[tuple[str, Address]]:
    """The addresses in a template's variables and arguments, each with the name of its variable, or `ARGUMENTS`."""
    for container in template.containers:
        words = ((ARGUMENTS, text) for text in (*container.command, *container.args))
        yield from addresses.written(chain(((variable.name, variable.value) for variable in container.env), words))


def hosts(template: TemplateSpec) -> Iterator[str]:
    """The hosts in a template's variables and arguments."""
    for _, address in written(template):
        yield address.host
