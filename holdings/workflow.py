"""The way of a record from draft to publication and withdrawal: its states, and the one table of who may do what.

Pure: `holdings.reviews` records the steps, `desk` takes them, and the site asks `allowed` which buttons to show. What a
record's readers see is not decided here but in `holdings.access`: only what is published is read, found or counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from holdings.states import State


class Action(StrEnum):
    """What can be done with a record at the desk. The values stand in its reviews and in the audit log."""

    LOOK = "look"
    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    DISCARD = "discard"
    COMMENT = "comment"
    RETURN = "return"
    PUBLISH = "publish"
    CHANGE_ACCESS = "change-access"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    PURGE = "purge"


class Party(StrEnum):
    """What somebody is to a record. One person may be several."""

    CONTRIBUTOR = "contributor"
    """Put it in, and is a contributor or an editor of the space that keeps it."""
    COLLEAGUE = "colleague"
    """Is a contributor of the space that keeps it."""
    EDITOR = "editor"
    """Is an editor of the space that keeps it; for what no space keeps, a curator of the hub."""
    CURATOR = "curator"
    """Is a curator of the hub."""
    ADMINISTRATOR = "administrator"
    """Is an administrator of the hub."""


@dataclass(frozen=True, slots=True)
class Rule:
    """That these parties may take an action on a record in one of these states, and the state that it leads to: None
    where it stays."""

    action: Action
    states: frozenset[State]
    parties: frozenset[Party]
    to: State | None = None


_OWN = frozenset({Party.CONTRIBUTOR, Party.EDITOR})
_REVIEWERS = frozenset({Party.EDITOR, Party.CURATOR})
_HUB = frozenset({Party.CURATOR, Party.ADMINISTRATOR})
_ALL = frozenset(State)
_UNREVIEWED = frozenset({State.DRAFT, State.RETURNED})

RULES: tuple[Rule, ...] = (
    Rule(Action.LOOK, _UNREVIEWED, frozenset({Party.CONTRIBUTOR, Party.COLLEAGUE, Party.EDITOR})),
    Rule(Action.LOOK, _ALL - _UNREVIEWED, frozenset({Party.CONTRIBUTOR, Party.COLLEAGUE, Party.EDITOR, Party.CURATOR})),
    # Who destroys an original has to see what it is.
    Rule(Action.LOOK, frozenset({State.WITHDRAWN}), frozenset({Party.ADMINISTRATOR})),
    Rule(Action.EDIT, _UNREVIEWED, _OWN),
    Rule(Action.EDIT, frozenset({State.SUBMITTED, State.PUBLISHED}), _REVIEWERS),
    Rule(Action.SUBMIT, _UNREVIEWED, _OWN, State.SUBMITTED),
    Rule(Action.RECALL, frozenset({State.SUBMITTED}), frozenset({Party.CONTRIBUTOR}), State.DRAFT),
    Rule(Action.DISCARD, _UNREVIEWED, _OWN),
    Rule(Action.COMMENT, _UNREVIEWED, _OWN),
    Rule(Action.COMMENT, _ALL - _UNREVIEWED, _OWN | {Party.CURATOR}),
    Rule(Action.RETURN, frozenset({State.SUBMITTED}), _REVIEWERS, State.RETURNED),
    Rule(Action.PUBLISH, frozenset({State.SUBMITTED}), _REVIEWERS, State.PUBLISHED),
    Rule(Action.CHANGE_ACCESS, frozenset({State.PUBLISHED}), _REVIEWERS),
    Rule(Action.WITHDRAW, frozenset({State.PUBLISHED}), _REVIEWERS, State.WITHDRAWN),
    Rule(Action.REINSTATE, frozenset({State.WITHDRAWN}), frozenset({Party.CURATOR}), State.PUBLISHED),
    Rule(Action.PURGE, frozenset({State.WITHDRAWN}), _HUB),
)


def allowed(state: State, parties: Iterable[Party]) -> frozenset[Action]:
    """Return what one who is these parties to a record may do with it in this state."""
    who = frozenset(parties)
    return frozenset(rule.action for rule in RULES if state in rule.states and not who.isdisjoint(rule.parties))


def destination(state: State, action: Action) -> State | None:
    """Return the state that an action leads to from this one, the same where it changes none, None where it cannot be
    taken from here."""
    rule = next((rule for rule in RULES if rule.action is action and state in rule.states), None)
    return None if rule is None else rule.to or state
