"""Whose approvals a plan needs, and what people decided on it. Pure values and rules.

An approval belongs to one request, and the request to one plan: another plan needs other approvals. A person counts once, also one who
approves on behalf of another.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Verdict(StrEnum):
    """What a person decided on a plan."""

    APPROVED = "approved"
    REJECTED = "rejected"
    BREAK_GLASS = "breakGlass"
    """Skipped the approvals that were missing, with a reason."""


class Group(NamedTuple):
    """Who of those who may approve counts: these roles and these members; both empty: everyone."""

    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def has(self, member_id: str, roles: Collection[str]) -> bool:
        """Tell whether a member who has these roles in the place is one of the group."""
        return not (self.roles or self.members) or member_id in self.members or not set(roles).isdisjoint(self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """How many people must approve; each of them must be in every group. `is_set`: a rule of the organization asks for it."""

    approvals: int = 1
    groups: tuple[Group, ...] = ()
    is_set: bool = False

    def lets(self, member_id: str, roles: Collection[str]) -> bool:
        """Tell whether the approval of this member counts."""
        return all(group.has(member_id, roles) for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecision:
    """A decision of a person on a requested approval. `by` gave it with the right of `member_id`; `via` is the actor used."""

    id: str
    approval_id: str
    verdict: Verdict
    member_id: str
    by: str
    via: str
    at: datetime
    reason: str | None = None


def as_json(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [{"roles": list(group.roles), "members": list(group.members)} for group in groups]


def of_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group(tuple(one["roles"]), tuple(one["members"])) for one in kept)


class Panel(NamedTuple):
    """What an approval needs, and the decisions that count now. `is_fit`: the approval of whoever decides would count.

    `requesters`: the members who may be behind the request, beside the one in whose name it was made.
    """

    requirement: Requirement = Requirement()
    given: Sequence[ApprovalDecision] = ()
    is_fit: bool = True
    is_only_member: bool = False
    requesters: frozenset[str] = frozenset()

    @property
    def approvals(self) -> int:
        """How many approvals count."""
        return sum(one.verdict is Verdict.APPROVED for one in self.given)

    @property
    def is_enough(self) -> bool:
        return self.approvals >= self.requirement.approvals or any(one.verdict is Verdict.BREAK_GLASS for one in self.given)


NOBODY_YET = Panel()


def distinct(given: Iterable[ApprovalDecision]) -> list[ApprovalDecision]:
    """The decisions, oldest first, without an approval behind which is a person who is behind an earlier one.

    Approvals that had ceased to count can count again: a role or a delegation comes back.
    """
    found: list[ApprovalDecision] = []
    for one in given:
        approvals = [other for other in found if other.verdict is Verdict.APPROVED]
        if one.verdict is not Verdict.APPROVED or not has_counted(approvals, one.by, one.member_id):
            found.append(one)
    return found


def has_counted(given: Sequence[ApprovalDecision], *people: str) -> bool:
    """Tell whether one of these people is behind one of these approvals already."""
    return not {one.by for one in given}.union(one.member_id for one in given).isdisjoint(people)
