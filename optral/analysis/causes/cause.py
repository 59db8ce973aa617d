"""What a cause is."""

from typing import NamedTuple

from optral.terms.en import causes as texts


class Cause(NamedTuple):
    """`facts`: what an answer has to name (`causes/facts.py`). Its texts come from the catalog (`optral/terms/en/causes.py`)."""

    category: str
    id: str
    facts: tuple[str, ...]

    @property
    def text(self) -> texts.CauseText:
        """What it is, how it is recognized, what fixes it."""
        return texts.CAUSES[self.id]

    @property
    def title(self) -> str:
        """The cause in one clause."""
        return self.text.title
