"""Examining what a change reaches must give the same findings as examining everything, in whatever order objects arrive and leave."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from hypothesis import given, strategies as st

from optral import detectors
from optral.detectors.finding import Examination, Finding
from optral.kube import owners
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from tests.detectors.build import NOON
from tests.support.examples import examples

Answers = dict[str, set[tuple[object, ...]]]


def summary(finding: Finding) -> tuple[object, ...]:
    return (finding.type, finding.subject[:3], finding.part, finding.severity, finding.title, finding.since, finding.opens_at)


@dataclass(frozen=True)
class World:
    """Failing objects, and what is compared of their findings: everything of all types by default."""

    things: Sequence[KubeObject]
    types: Collection[str] = frozenset(detectors.BY_TYPE)
    compared: Callable[[Finding], tuple[object, ...]] = summary
    has_risks: bool = False
    around: Sequence[KubeObject] = ()
    staying: Collection[str] = frozenset()

    def orders(self) -> st.SearchStrategy[list[int]]:
        return st.permutations(range(len(self.things)))

    def leavers(self) -> st.SearchStrategy[list[int]]:
        """Without Events: a deleted Event ends nothing, since its finding has its own end."""
        may_go = [number for number, obj in enumerate(self.things) if obj.kind != "Event" and obj.name not in self.staying]
        return st.lists(st.sampled_from(may_go), unique=True, max_size=8)

    def initial(self) -> ClusterView:
        view = ClusterView()
        view.load((obj.kind, obj) for obj in self.around)
        return view

    def whole(self) -> ClusterView:
        view = self.initial()
        view.load((obj.kind, obj) for obj in self.things)
        return view

    def types_found(self) -> set[object]:
        return {kind for answers in self.answers(self.whole()).values() for kind, *_ in answers}

    def answers(self, view: ClusterView) -> Answers:
        """All findings, by the object that shows them."""
        answers: Answers = {}
        self._take(answers, detectors.examine_all(view, now=NOON, include_risk=self.has_risks))
        return answers

    def move(self, view: ClusterView, obj: KubeObject, op: Op, answers: Answers) -> None:
        """Apply one change: the findings of the examined objects are replaced."""
        change = ObjectChange(op, obj.kind, obj.uid, obj.namespace or "", obj.name, "1", b"")
        overlay = view.with_changes([(change, obj if op is Op.UPSERT else None)])
        examination = detectors.examine(overlay, [owners.ref(obj)], now=NOON, include_risk=self.has_risks)
        for uid in examination.examined:
            answers.pop(uid, None)
        self._take(answers, examination)
        view.absorb(overlay, now=NOON)  # records the deletion

    def check_arrival(self, order: Sequence[int]) -> None:
        view = self.initial()
        answers = self.answers(view)
        for number in order:
            self.move(view, self.things[number], Op.UPSERT, answers)
        assert answers == self.answers(view)

    def check_leaving(self, gone: Sequence[int]) -> None:
        view = self.whole()
        answers = self.answers(view)
        for number in gone:
            self.move(view, self.things[number], Op.DELETE, answers)
        assert answers == self.answers(view)

    def _take(self, answers: Answers, examination: Examination) -> None:
        assert not examination.failures
        for finding in examination.findings:
            if finding.type in self.types:
                answers.setdefault(finding.shown_by.uid, set()).add(self.compared(finding))


def properties(world: World, most: int = 60) -> tuple[Callable[[], None], Callable[[], None]]:
    """Two tests of a world: of the order in which its objects arrive, and of those that leave."""

    @examples(most)
    @given(order=world.orders())
    def arrival(order: list[int]) -> None:
        world.check_arrival(order)

    @examples(most)
    @given(gone=world.leavers())
    def leaving(gone: list[int]) -> None:
        world.check_leaving(gone)

    return arrival, leaving
