"""Looking at what a change reaches must say the same as looking at everything, in whatever order objects arrive and go."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from optral import detectors
from optral.detectors.finding import Examination, Finding
from optral.kube import owners
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from tests.detectors.build import NOON

Answers = dict[str, set[tuple[object, ...]]]


def told(finding: Finding) -> tuple[object, ...]:
    return (finding.type, finding.subject[:3], finding.part, finding.severity, finding.title, finding.since, finding.opens_at)


@dataclass(frozen=True)
class World:
    """Things in trouble, and what is compared of the answers about them: all of all types unless said otherwise."""

    things: Sequence[KubeObject]
    types: Collection[str] = frozenset(detectors.BY_TYPE)
    compared: Callable[[Finding], tuple[object, ...]] = told
    has_risks: bool = False
    around: Sequence[KubeObject] = ()
    staying: Collection[str] = frozenset()

    def orders(self) -> st.SearchStrategy[list[int]]:
        return st.permutations(range(len(self.things)))

    def leavers(self) -> st.SearchStrategy[list[int]]:
        """Events aside: one that goes ends nothing by itself, its finding has its own end."""
        may_go = [number for number, thing in enumerate(self.things) if thing.kind != "Event" and thing.name not in self.staying]
        return st.lists(st.sampled_from(may_go), unique=True, max_size=8)

    def begun(self) -> ClusterView:
        view = ClusterView()
        view.load((thing.kind, thing) for thing in self.around)
        return view

    def whole(self) -> ClusterView:
        view = self.begun()
        view.load((thing.kind, thing) for thing in self.things)
        return view

    def types_found(self) -> set[object]:
        return {kind for answers in self.answers(self.whole()).values() for kind, *_ in answers}

    def answers(self, view: ClusterView) -> Answers:
        """All that is to be said, by the object that shows it."""
        answers: Answers = {}
        self._take(answers, detectors.examine_all(view, now=NOON, include_risk=self.has_risks))
        return answers

    def move(self, view: ClusterView, thing: KubeObject, op: Op, answers: Answers) -> None:
        """One change arrives: what was examined forgets its old answers and gets its new ones."""
        change = ObjectChange(op, thing.kind, thing.uid, thing.namespace or "", thing.name, "1", b"")
        overlay = view.with_changes([(change, thing if op is Op.UPSERT else None)])
        examination = detectors.examine(overlay, [owners.ref(thing)], now=NOON, include_risk=self.has_risks)
        for uid in examination.examined:
            answers.pop(uid, None)
        self._take(answers, examination)
        view.absorb(overlay, now=NOON)  # remembers what went

    def check_arrival(self, order: Sequence[int]) -> None:
        view = self.begun()
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
