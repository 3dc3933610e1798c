"""Nothing that shows documents is outside the suite: a new route or command must be put into its table."""

from __future__ import annotations

import click
import pytest

from app.cli import main
from holdings.access import Access
from tests.access.asking import Look
from tests.access.outside import NO_DOCUMENTS, NO_READ_PATH
from tests.access.paths import PATHS, endpoint_of
from tests.access.stage import READERS, Stage

_ANY = "0000000000"


def test_every_endpoint_is_in_the_suite(stage: Stage) -> None:
    endpoints = {endpoint_of(rule.endpoint) for rule in stage.app.url_map.iter_rules()}
    covered = {endpoint for path in PATHS.values() for endpoint in path.endpoints}
    assert endpoints - covered - NO_DOCUMENTS.keys() == set(), "put them into a path, or say why they show no document"
    assert covered - endpoints == set(), "there are no such endpoints"
    assert NO_DOCUMENTS.keys() - endpoints == set(), "there are no such endpoints"
    assert covered & NO_DOCUMENTS.keys() == set()


def test_every_command_is_in_the_suite() -> None:
    commands = set(_names(main))
    covered = {command for path in PATHS.values() for command in path.commands}
    assert commands - covered - NO_READ_PATH.keys() == set(), "put them into a path, or say why they are none"
    assert (covered | NO_READ_PATH.keys()) - commands == set(), "there are no such commands"
    assert covered & NO_READ_PATH.keys() == set()


def _names(group: click.Group, before: str = "") -> list[str]:
    return [
        name
        for command in group.commands.values()
        for name in (
            _names(command, f"{before}{command.name} ")
            if isinstance(command, click.Group)
            else [f"{before}{command.name}"]
        )
    ]


@pytest.mark.parametrize("reader", ["public", *READERS])
def test_what_is_said_to_show_no_document_shows_none(stage: Stage, reader: str) -> None:
    stage.clear()
    hidden = stage.add(Access(frozenset({"org:nobody"}), keeper="org:nobody"))
    stage.synchronise()
    look = Look(stage, stage.world.readers[reader], hidden)
    for rule in stage.app.url_map.iter_rules():
        if endpoint_of(rule.endpoint) not in NO_DOCUMENTS or rule.endpoint == "static":
            continue
        for named in (hidden.id, _ANY):
            values = {name: 1 if name.endswith(("number", "arrival_id")) else named for name in rule.arguments}
            address = stage.app.url_map.bind("localhost").build(rule.endpoint, values)
            for method in sorted({"GET", "POST"} & (rule.methods or set())):
                if look.is_signed_in:
                    # One of them may have ended the session.
                    stage.sign_in(look.reader)
                asked_for = (hidden.id, hidden.word("b"))
                look.ask(f"{address}?q={hidden.word('b')}", method=method, may_show=(), asked_for=asked_for)
