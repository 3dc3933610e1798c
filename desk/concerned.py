"""Whom a step with a document concerns: who is told of it."""

from __future__ import annotations

from holdings import accounts
from holdings.accounts import Account, HubRole, Role
from holdings.database import Session
from holdings.model import Document
from holdings.states import State
from holdings.workflow import Action, allowed

_TO_REVIEWERS = frozenset({Action.SUBMIT})
_TO_CONTRIBUTOR = frozenset({Action.RETURN, Action.PUBLISH, Action.WITHDRAW, Action.REINSTATE})


def concerned(session: Session, by: Account | None, document: Document, action: Action, to: State) -> list[Account]:
    """Return who is to be told that `by` took an action on a document, which led it to a state: never `by`, nobody
    twice, nobody who may not look at it in that state, often nobody.

    What is submitted is told to those who review it. What is decided is told to the contributor; so is a comment, and
    the contributor's own is told to those who review.
    """
    own = by is not None and by.id == document.contributor_id
    people: list[Account] = []
    if action in _TO_REVIEWERS or (action is Action.COMMENT and own):
        people = reviewers(session, document)
    elif action in _TO_CONTRIBUTOR or action is Action.COMMENT:
        people = _contributor(session, document)
    others = [account for account in people if by is None or account.id != by.id]
    return [account for account in others if Action.LOOK in allowed(to, account.parties(document))]


def reviewers(session: Session, document: Document) -> list[Account]:
    """Return who decides of a document: the editors of its space, where there are none the curators of the hub."""
    return editors(session, document) or accounts.with_hub_role(session, HubRole.CURATOR)


def editors(session: Session, document: Document) -> list[Account]:
    """Return the editors of the space that keeps a document."""
    keeper = document.access.keeper
    return accounts.members(session, keeper.removeprefix("org:"), Role.EDITOR) if keeper is not None else []


def _contributor(session: Session, document: Document) -> list[Account]:
    found = accounts.get_many(session, [document.contributor_id] if document.contributor_id else [])
    return list(found.values())
