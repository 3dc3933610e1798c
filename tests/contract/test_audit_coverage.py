"""Everything that changes something leaves an entry in the audit log: every form, every request of a program, every
command. Who adds one says here which entry it leaves, or why it needs none.

That the code can leave the entry is read from the code (`audit_reach`); that it does, the tests of each part see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

import click
import pytest
from flask import Flask

from app.cli import main
from app.factory import create_app
from app.members.administration.audit_words import action_words, subject_words
from holdings.vocabularies.edits import EDITED
from holdings.workflow import Action
from indexer.hub import Hub
from tests.contract.audit_reach import ANY, actions_of, written_anywhere

# The actions of each address that takes more than GET, by its endpoint.
ADDRESSES: Mapping[str, tuple[str, ...]] = {
    # People and how they sign in
    "sign_in": ("account.sign-in", "account.refuse-sign-in"),
    "sign_out": ("account.sign-out",),
    "second_factor": ("account.give-code", "account.refuse-code"),
    "second_factor_setup": ("account.set-second-factor",),
    "forgotten": ("account.ask-reset",),
    "reset": ("account.reset-password",),
    "invitation": ("invitation.accept", "account.take-role", "account.sign-in"),
    "accept_invitation": ("invitation.accept", "account.take-role"),
    "account": ("account.change-profile",),
    "account_email": ("account.ask-email-change",),
    "confirm_email": ("account.change-email",),
    "account_password": ("account.change-password",),
    "account_second_factor": ("account.remove-second-factor",),
    "recovery_codes": ("account.new-recovery-codes",),
    "end_session": ("session.end",),
    "end_sessions": ("account.end-sessions",),
    "account_tokens": ("token.create",),
    "revoke_token": ("token.revoke",),
    "export_own_data": ("account.export",),
    "erase_own_data": ("account.erase",),
    "invite_member": ("invitation.send",),
    "change_member": ("account.change-role",),
    "revoke_invitation": ("invitation.revoke",),
    # Administration
    "invite_person": ("invitation.send",),
    "send_invitation_again": ("invitation.send",),
    "withdraw_invitation": ("invitation.revoke",),
    "change_person": ("account.change-hub-role", "account.change-role"),
    "suspend_person": ("account.suspend",),
    "restore_person": ("account.restore",),
    "end_sessions_of_person": ("account.end-sessions",),
    "take_second_factor": ("account.take-second-factor",),
    "unlink_provider": ("account.unlink-identity",),
    "log_of_person": ("audit.name-actor",),
    "export_person": ("account.export",),
    "erase_person": ("account.erase",),
    "new_organisation": ("organisation.create",),
    "import_organisations": ("organisation.create", "organisation.change"),
    "administered_organisation": ("organisation.change",),
    "rename_organisation": ("organisation.rename",),
    "merge_organisation": ("organisation.merge",),
    "new_term": ("term.create", "term.preview"),
    "administered_term": ("term.change", "term.preview"),
    "restore_term": ("term.restore", "term.delete"),
    "retry_files": ("file.retry",),
    "synchronise_index": ("index.synchronise",),
    "send_mail_again": ("mail.send-again",),
    "give_up_mail": ("mail.give-up",),
    "verify_audit": ("audit.verify",),
    "export_audit": ("audit.export",),
    "name_actor": ("audit.name-actor",),
    # Review
    "review": ("document.publish", "document.return", "review.list"),
    "review_document": ("document.publish", "document.return", "document.comment", "document.look"),
    "review_access": ("document.change-access",),
    "review_withdraw": ("document.withdraw",),
    "review_purge": ("document.purge",),
    "review_allow_again": ("purge.lift",),
    "review_report": ("takedown.decide", "takedown.look", "document.withdraw"),
    "report": ("takedown.report",),
    # Contributions
    "uploads": ("upload.begin", "upload.received", "upload.cancel"),
    "cancel_upload": ("upload.cancel",),
    "draft": ("document.edit", "document.look", "document.submit"),
    "discard_draft": ("document.discard",),
    "personal_data": ("personal-data.decide",),
    "compared": ("relation.settle", "document.edit", "document.look"),
    # Saved searches
    "save_search": ("search.save",),
    "change_search": ("search.change",),
    "remove_search": ("search.remove",),
    "renew_feed": ("search.renew-feed",),
    "end_feed": ("search.end-feed",),
    "stop_search": ("search.stop",),
    # Programs
    "api.begin_upload": ("upload.begin",),
    "api.send_piece": ("upload.received",),
    "api.give_up_upload": ("upload.cancel",),
}
ADDRESSES_WITHOUT: Mapping[str, str] = {
    "read_notices": "what a person has seen of their own notices concerns nobody else",
    "recovery_codes_file": "it gives back the codes of the page that it is on, and changes nothing",
}
# Addresses that only show, and yet are privileged for some who look, or change something all the same.
LOOKS: Mapping[str, tuple[str, ...]] = {
    "provider_callback": ("account.sign-in", "invitation.accept", "account.link-identity"),
    "receipt": ("file.look",),
    "review_preview": ("document.look",),
    "review_preview_page": ("document.look",),
    "review_file": ("document.look",),
    "draft_page": ("document.look",),
}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "account invite": ("invitation.send",),
    "account suspend": ("account.suspend",),
    "account restore": ("account.restore",),
    "account reset": ("account.ask-reset", "account.take-second-factor"),
    "document edit": ("document.edit", "document.change-access"),
    "document remove": ("document.remove",),
    "document publish": ("document.publish",),
    "document withdraw": ("document.withdraw",),
    "document reinstate": ("document.reinstate",),
    "document purge": ("document.purge",),
    "document allow-again": ("purge.lift",),
    "duplicates resolve": ("relation.settle",),
    "organisation import": ("organisation.create", "organisation.change"),
    "organisation rename": ("organisation.rename",),
    "organisation merge": ("organisation.merge",),
    "audit verify": ("audit.verify",),
    "audit export": ("audit.export",),
    "backup": ("hub.backup",),
    "restore": ("hub.restore",),
}
_ARRIVALS = "what comes in, and what became of it, is kept as arrivals with their receipts"
_LOOKS = "it only looks, and who has the command line has the data folder"
_DERIVED = "it makes anew what is derived from the catalogue"
COMMANDS_WITHOUT: Mapping[str, str] = {
    "init": "there is no log before it, and upgrading changes no document",
    "account list": _LOOKS,
    "ingest add": _ARRIVALS,
    "ingest run": _ARRIVALS,
    "ingest status": _LOOKS,
    "ingest retry": _ARRIVALS,
    "ingest reprocess": "what a reader reads, and what is inferred of it, says itself which reader that was",
    "ingest harvest": _ARRIVALS,
    "ingest watch": _ARRIVALS,
    "worker": _ARRIVALS,
    "document show": _LOOKS,
    "duplicates list": _LOOKS,
    "organisation list": _LOOKS,
    "organisation show": _LOOKS,
    "index sync": _DERIVED,
    "index rebuild": _DERIVED,
    "index check": _DERIVED,
    "search": _LOOKS,
    "serve": "it serves: what is done there is recorded there",
    "metrics": _LOOKS,
    "alerts send": "every letter is kept in the outbox, with what became of it",
    "audit head": _LOOKS,
    "demo": "it makes a hub of samples, through all that is recorded",
}


@pytest.fixture
def site(hub: Hub) -> Flask:
    return create_app(hub)


def changing(site: Flask) -> set[str]:
    """Return the endpoints that take more than questions, once for both languages."""
    return {
        rule.endpoint.removeprefix("id.")
        for rule in site.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"} and not rule.endpoint.startswith("en.")
    }


def commands(command: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield " ".join(path), command


def view(site: Flask, endpoint: str) -> frozenset[str]:
    return actions_of(site.view_functions[endpoint if endpoint.startswith("api.") else f"id.{endpoint}"])


def lacking(actions: tuple[str, ...], possible: frozenset[str]) -> list[str]:
    """Return those of these actions that no entry can have."""
    return [action for action in actions if not any(fnmatch(action, pattern) for pattern in possible)]


def test_every_address_that_changes_something_says_what_it_leaves(site: Flask) -> None:
    assert changing(site) == set(ADDRESSES) | set(ADDRESSES_WITHOUT)


def test_every_command_says_what_it_leaves() -> None:
    assert {name for name, _ in commands()} == set(COMMANDS) | set(COMMANDS_WITHOUT)


def test_the_addresses_leave_what_they_say(site: Flask) -> None:
    wrong = {name: lacking(actions, view(site, name)) for name, actions in [*ADDRESSES.items(), *LOOKS.items()]}
    assert {name: actions for name, actions in wrong.items() if actions} == {}


def test_the_commands_leave_what_they_say() -> None:
    found = {name: actions_of(command.callback) for name, command in commands() if command.callback is not None}
    wrong = {name: lacking(actions, found[name]) for name, actions in COMMANDS.items()}
    assert {name: actions for name, actions in wrong.items() if actions} == {}


def test_what_leaves_an_entry_is_not_among_those_that_need_none(site: Flask) -> None:
    assert {name for name in ADDRESSES_WITHOUT if view(site, name)} == set()


def test_an_address_that_leaves_nothing_would_be_found(site: Flask) -> None:
    # The reading of the code finds nothing where there is nothing.
    assert view(site, "home") == frozenset()
    assert lacking(("document.publish",), view(site, "search")) == ["document.publish"]


def test_everything_that_an_entry_can_say_has_words(site: Flask) -> None:
    written, types = written_anywhere()
    said = {action for table in (ADDRESSES, LOOKS, COMMANDS) for actions in table.values() for action in actions}
    steps = {f"document.{step}" for step in Action}
    assert {action for action in written if ANY in action} == {ANY, f"document.{ANY}"}
    assert {kind for kind in types if ANY in kind} == {ANY}, "the vocabulary of a term"
    with site.test_request_context("/"):
        assert set(action_words()) == {action for action in written if ANY not in action} | said | steps
        assert set(subject_words()) == (types - {ANY}) | set(EDITED)
