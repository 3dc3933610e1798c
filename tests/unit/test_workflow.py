"""The way of a record: the whole table of who may do what, every state by every action by every party."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from holdings.access import Access
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.model import Document, Text
from holdings.states import State
from holdings.workflow import RULES, Action, Party, allowed, destination

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_D, _S, _R, _P, _W = State.DRAFT, State.SUBMITTED, State.RETURNED, State.PUBLISHED, State.WITHDRAWN

# c contributor, o colleague, e editor, k curator, a administrator
TABLE: Mapping[Action, Mapping[State, str]] = {
    Action.LOOK: {_D: "coe", _S: "coek", _R: "coe", _P: "coek", _W: "coeka"},
    Action.EDIT: {_D: "ce", _S: "ek", _R: "ce", _P: "ek"},
    Action.SUBMIT: {_D: "ce", _R: "ce"},
    Action.RECALL: {_S: "c"},
    Action.DISCARD: {_D: "ce", _R: "ce"},
    Action.COMMENT: {_D: "ce", _S: "cek", _R: "ce", _P: "cek", _W: "cek"},
    Action.RETURN: {_S: "ek"},
    Action.PUBLISH: {_S: "ek"},
    Action.CHANGE_ACCESS: {_P: "ek"},
    Action.WITHDRAW: {_P: "ek"},
    Action.REINSTATE: {_W: "k"},
    Action.PURGE: {_W: "ka"},
}

_LETTERS = {
    "c": Party.CONTRIBUTOR,
    "o": Party.COLLEAGUE,
    "e": Party.EDITOR,
    "k": Party.CURATOR,
    "a": Party.ADMINISTRATOR,
}


@pytest.mark.parametrize(("state", "action", "party"), list(product(State, Action, Party)))
def test_who_may_do_what(state: State, action: Action, party: Party) -> None:
    expected = TABLE[action].get(state, "")
    assert set(expected) <= set(_LETTERS)
    assert (action in allowed(state, [party])) is (party in {_LETTERS[letter] for letter in expected})


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_where_an_action_leads(state: State, action: Action) -> None:
    leads = {
        (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
        (State.RETURNED, Action.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Action.RECALL): State.DRAFT,
        (State.SUBMITTED, Action.RETURN): State.RETURNED,
        (State.SUBMITTED, Action.PUBLISH): State.PUBLISHED,
        (State.PUBLISHED, Action.WITHDRAW): State.WITHDRAWN,
        (State.WITHDRAWN, Action.REINSTATE): State.PUBLISHED,
    }
    expected = leads.get((state, action), state if TABLE[action].get(state) else None)
    assert destination(state, action) is expected


def test_an_action_leads_to_one_state_whoever_takes_it() -> None:
    for state, action in product(State, Action):
        assert len({rule.to for rule in RULES if rule.action is action and state in rule.states}) <= 1


def test_nobody_acts_on_what_they_may_not_look_at() -> None:
    for state, party in product(State, Party):
        possible = allowed(state, [party])
        assert not possible or Action.LOOK in possible, (state, party, possible)


def test_every_state_is_reached_and_left() -> None:
    reached = {rule.to for rule in RULES if rule.to is not None} | {State.DRAFT}
    left = {state for rule in RULES if rule.to is not None for state in rule.states}
    assert reached == set(State) == left


def _document(keeper: str | None, contributor: str | None) -> Document:
    access = Access(frozenset({"public"}), keeper=keeper, state=State.SUBMITTED)
    text = Text("0" * 64, 1, 0, 10, "test")
    return Document("d", "d", (), (), text, access, 1, 1, NOW, NOW, contributor_id=contributor)


def _account(role: Role | None = None, hub_role: HubRole | None = None, organisation: str = "bnpt") -> Account:
    roles = {organisation: role} if role is not None else {}
    return Account("me", "p-me", "me@example.org", "Me", "id", AccountStatus.ACTIVE, hub_role, roles)


@pytest.mark.parametrize(
    ("account", "keeper", "contributor", "parties"),
    [
        (_account(Role.CONTRIBUTOR), "org:bnpt", "me", {Party.CONTRIBUTOR, Party.COLLEAGUE}),
        (_account(Role.CONTRIBUTOR), "org:bnpt", "other", {Party.COLLEAGUE}),
        (_account(Role.EDITOR), "org:bnpt", "me", {Party.CONTRIBUTOR, Party.EDITOR}),
        (_account(Role.EDITOR), "org:bnpt", None, {Party.EDITOR}),
        (_account(Role.PARTNER), "org:bnpt", "me", set()),
        (_account(Role.EDITOR, organisation="fkpt"), "org:bnpt", "me", set()),
        # No longer in the organisation: what they put in is not theirs any more.
        (_account(), "org:bnpt", "me", set()),
        (_account(Role.EDITOR), None, "me", set()),
        (_account(hub_role=HubRole.CURATOR), "org:bnpt", None, {Party.CURATOR}),
        # What no space keeps is the curators'.
        (_account(hub_role=HubRole.CURATOR), None, None, {Party.CURATOR, Party.EDITOR}),
        (_account(hub_role=HubRole.ADMINISTRATOR), "org:bnpt", None, {Party.ADMINISTRATOR}),
        (_account(hub_role=HubRole.ADMINISTRATOR), None, None, {Party.ADMINISTRATOR}),
        (
            _account(Role.CONTRIBUTOR, HubRole.CURATOR),
            "org:bnpt",
            "me",
            {Party.CONTRIBUTOR, Party.COLLEAGUE, Party.CURATOR},
        ),
    ],
)
def test_what_somebody_is_to_a_document(
    account: Account, keeper: str | None, contributor: str | None, parties: set[Party]
) -> None:
    assert account.parties(_document(keeper, contributor)) == parties


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.ERASED])
def test_who_is_suspended_or_erased_is_nobody(status: AccountStatus) -> None:
    account = replace(_account(Role.EDITOR, HubRole.CURATOR), status=status)
    assert account.parties(_document("org:bnpt", "me")) == set()
