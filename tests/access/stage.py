"""A real hub beside what the suite knows of it: whatever is changed is changed in both.

One hub serves many examples. An example begins with what the last one left taken out of the hub (`clear`), which costs
less than a new catalogue.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from app.factory import create_app
from desk import alerts, reviewing, searches, uploads
from holdings import account_changes, accounts, documents, relations, sessions, tokens
from holdings.access import Access
from holdings.accounts import AccountStatus, HubRole, Role
from holdings.errors import EngineUnavailableError
from holdings.relations import Relation
from holdings.saved_searches import Frequency
from holdings.settings import LimitsSettings, Settings, load_settings
from holdings.states import State
from holdings.tables_desk import MailRow
from holdings.workflow import Action, destination
from indexer.engines.base import Body, Engine, Response
from indexer.hub import Hub
from indexer.model import Facet
from indexer.schema import IndexName
from indexer.synchronise import rebuild, synchronise
from tests.access.clock import Clock
from tests.access.world import COMMON, Known, Reader, World
from tests.integration.site_pages import Client
from tests.making import record_document
from tests.people import make_account

SPACES = ("satu", "dua")
_LETTERS = "bcdfghjklmnpqrstvwxz"
_CANARY_LETTERS = 5
READERS: dict[str, tuple[dict[str, Role], HubRole | None]] = {
    "partner": ({"tiga": Role.PARTNER}, None),
    "member": ({"satu": Role.PARTNER}, None),
    "contributor": ({"satu": Role.CONTRIBUTOR}, None),
    "editor": ({"satu": Role.EDITOR}, None),
    "other-editor": ({"dua": Role.EDITOR, "tiga": Role.PARTNER}, None),
    "curator": ({}, HubRole.CURATOR),
    "administrator": ({}, HubRole.ADMINISTRATOR),
    "suspended": ({"satu": Role.EDITOR}, None),
}


_KINDS_OF_REQUESTS = tuple(name for name in LimitsSettings.model_fields if name != "storage_url")


def settings_in(folder: Path, engine: str = "embedded", url: str = "", prefix: str = "") -> Settings:
    """Return the settings of a hub in a folder that may be asked as often as one likes."""
    environment = {f"IKHUB_APP__LIMITS__{name.upper()}": "1000000/second" for name in _KINDS_OF_REQUESTS}
    environment["IKHUB_DESK__MAIL__HOST"] = "127.0.0.1"
    environment |= {"IKHUB_DATA": str(folder), "IKHUB_INDEXER__ENGINE": engine}
    if engine == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = url
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = prefix
        environment["IKHUB_INDEXER__ELASTICSEARCH__TIMEOUT_SECONDS"] = "60"
    return load_settings(None, environment)


class InterruptedEngine:
    """An engine that can be away. All else is that of the engine behind it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.is_away = False

    def search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        if self.is_away:
            raise EngineUnavailableError("The engine is away, as a step of the suite wants it")
        return self._engine.search(index, bodies)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class Stage:
    """The hub, the people at it with their browsers, and the world that both are in."""

    def __init__(self, hub: Hub) -> None:
        self.engine = InterruptedEngine(hub.engine)
        self.hub = replace(hub, engine=self.engine)
        self.world = World()
        self.clock = Clock()
        self.app = create_app(self.hub)
        self.app.test_client_class = Client
        self._canaries = ("zq" + "".join(letters) for letters in itertools.product(_LETTERS, repeat=_CANARY_LETTERS))
        self.canaries: set[str] = set()
        # What an id that names nothing gets, by who asks and how.
        self.answers_of_nothing: dict[Hashable, str] = {}
        self._texts = itertools.count()
        self.letters_seen: set[str] = set()
        # The canary in the name of a file that somebody is sending, by whose it is.
        self.sent: dict[str, str] = {}
        # The secret in the address of a private feed, by whose it is.
        self.feeds: dict[str, str] = {}
        self.clients: dict[str, FlaskClient] = {}
        self.tokens: dict[str, str] = {}
        self.app.config["WTF_CSRF_ENABLED"] = False
        synchronise(self.hub)
        self._people()

    def _people(self) -> None:
        self.world.readers["public"] = Reader("public")
        self.clients["public"] = self.app.test_client()
        for name, (roles, hub_role) in READERS.items():
            account = make_account(self.hub, name, roles=roles, hub_role=hub_role)
            self.world.readers[name] = Reader(name, account.id, dict(roles), hub_role)
            self.clients[name] = self.app.test_client()
            self.give_token(self.world.readers[name])
            self.sign_in(self.world.readers[name])
            _, secret = searches.save(
                self.hub, account, name="suite", parameters={"q": COMMON}, frequency=Frequency.AT_ONCE, with_feed=True
            )
            self.feeds[name] = secret or ""
            if account.spaces:
                self.sent[name] = self.new_canary()
                uploads.begin(
                    self.hub, account, space=account.spaces[0], name=f"{self.sent[name]}f.pdf", size=1000, batch=name
                )
        self.set_active(self.world.readers["suspended"], is_active=False)

    def new_canary(self) -> str:
        """Return a word that nothing has and nothing had."""
        canary = next(self._canaries)
        self.canaries.add(canary)
        return canary

    # What there is

    def add(
        self,
        access: Access,
        *,
        words: Iterable[str] = (),
        theme: str = "youth",
        kind: str = "report",
        year: str = "2020",
        issuer: str = "satu",
        contributor: Reader | None = None,
    ) -> Known:
        """Record a document, as ingestion does."""
        canary, text = self.new_canary(), " ".join(sorted(words))
        original = f"%PDF-1.4 {canary}b".encode()
        document_id = record_document(
            self.hub,
            f"Judul {canary}t",
            [f"{COMMON} {text} {canary}b\nhalaman pertama {next(self._texts)}", f"lanjutan {canary}b"],
            access=sorted(access.labels),
            embargo_until=access.embargo_until,
            keeper=access.keeper,
            state=access.state,
            contributor=contributor.account_id if contributor else None,
            original=original,
            author=f"{canary}a",
            abstract=f"Ringkasan {canary}s",
            theme=theme,
            kind=kind,
            date=year,
            organisation=issuer,
        )
        with self.hub.catalogue.read() as session:
            sha256 = documents.get(session, document_id).files[0].sha256
        facets = {Facet.THEME: theme, Facet.KIND: kind, Facet.YEAR: year, Facet.ORGANISATION: issuer}
        known = Known(document_id, canary, sha256, access, frozenset(words), facets)
        known.contributor_id = contributor.account_id if contributor else None
        self.world.documents[document_id] = known
        return known

    def set_access(self, known: Known, access: Access) -> None:
        """Change who may read a document, and its state."""
        with self.hub.catalogue.write() as session:
            documents.set_access(session, known.id, access)
        known.access = access
        self.world.fall_behind(known.id)

    def set_state(self, known: Known, state: State) -> None:
        self.set_access(known, replace(known.access, state=state))

    def take(self, known: Known, reader: Reader, action: Action) -> None:
        """Have a reader take a step of the workflow, with its notices and letters."""
        assert reader.account_id is not None
        with self.hub.catalogue.read() as session:
            account = accounts.get(session, reader.account_id)
            edition = documents.get(session, known.id).edition
        before = known.access.state
        reviewing.take(self.hub, account, known.id, action, edition=edition, comment="Baik.")
        if action is Action.DISCARD:
            known.is_removed = True
        else:
            known.access = replace(known.access, state=destination(before, action) or before)
        self.world.fall_behind(known.id)

    def remove(self, known: Known) -> None:
        with self.hub.catalogue.write() as session:
            documents.remove(session, known.id)
        known.is_removed = True
        self.world.fall_behind(known.id)

    def settle(self, newer: Known, older: Known, relation: Relation) -> None:
        """Settle what two documents are to each other."""
        pairs = {(newer.id, older.id), (older.id, newer.id)}
        for one in (newer.id, older.id):
            self.world.fall_behind(one)
        with self.hub.catalogue.write() as session:
            relations.settle(session, newer.id, older.id, relation, by="the suite")
        self.world.new_versions -= pairs
        if relation is Relation.NEW_VERSION:
            self.world.new_versions.add((newer.id, older.id))
        for one in (newer.id, older.id):
            self.world.fall_behind(one)

    # The index

    def synchronise(self) -> None:
        """Do what a worker does: bring the index up to date, and write the alerts that are due."""
        now = self.clock.now()
        synchronise(self.hub)
        self.world.catch_up(now)
        self.write_alerts()

    def write_alerts(self) -> None:
        """Write the alerts that are due, while the engine is there."""
        if not self.engine.is_away:
            alerts.write_due(self.hub)

    def rebuild(self) -> None:
        now = self.clock.now()
        rebuild(self.hub)
        self.world.catch_up(now, everything=True)

    @contextmanager
    def engine_away(self) -> Iterator[None]:
        self.engine.is_away = True
        try:
            yield
        finally:
            self.engine.is_away = False

    # People

    def sign_in(self, reader: Reader) -> None:
        """Give the reader's browser a session, second factor given."""
        assert reader.account_id is not None
        with self.hub.catalogue.write() as session:
            secret = sessions.begin(session, reader.account_id, address="127.0.0.1", agent="", second_factor=True)
        self.clients[reader.name].set_cookie("ikhub", secret)
        reader.is_signed_in = True

    def end_session(self, reader: Reader) -> None:
        """End the reader's sessions on the server; the browser keeps its cookie."""
        assert reader.account_id is not None
        with self.hub.catalogue.write() as session:
            sessions.end_all(session, reader.account_id)
        reader.is_signed_in = False

    def revoke_token(self, reader: Reader) -> None:
        """Revoke the reader's tokens; the program keeps what it has."""
        assert reader.account_id is not None
        with self.hub.catalogue.write() as session:
            for token in tokens.of(session, reader.account_id):
                tokens.revoke(session, reader.account_id, token.id)
        reader.has_token = False

    def give_token(self, reader: Reader) -> None:
        assert reader.account_id is not None
        with self.hub.catalogue.write() as session:
            made = tokens.create(session, reader.account_id, name="suite", scopes=list(tokens.Scope))
        self.tokens[reader.name] = made[1]
        reader.has_token = True

    def set_active(self, reader: Reader, *, is_active: bool) -> None:
        assert reader.account_id is not None
        status = AccountStatus.ACTIVE if is_active else AccountStatus.SUSPENDED
        with self.hub.catalogue.write() as session:
            account_changes.set_status(session, reader.account_id, status)
        reader.is_active = is_active

    def set_role(self, reader: Reader, organisation_id: str, role: Role | None) -> None:
        """Give a reader a role in an organisation, or take it away."""
        assert reader.account_id is not None
        with self.hub.catalogue.write() as session:
            account_changes.set_role(session, reader.account_id, organisation_id, role)
        reader.roles.pop(organisation_id, None)
        if role is not None:
            reader.roles[organisation_id] = role

    # Time, and the next example

    def wait(self, by: timedelta) -> None:
        """Let time pass. Sessions that would run out meanwhile are begun anew."""
        self.clock.forward(by)
        for reader in self.world.readers.values():
            if reader.account_id is not None and reader.is_signed_in:
                self.sign_in(reader)

    def clear(self) -> None:
        """Take everything out of the hub, and give the people back what they had at first."""
        self.engine.is_away = False
        self.answers_of_nothing.clear()
        for known in self.world.documents.values():
            if not known.is_removed:
                self.remove(known)
        self.world.documents.clear()
        self.world.new_versions.clear()
        with self.hub.catalogue.write() as session:
            # Administrators see what could not be sent, with its subject.
            session.query(MailRow).filter_by(sent_at=None).update({"sent_at": self.now()})
        for name, (roles, _) in READERS.items():
            reader = self.world.readers[name]
            for organisation_id in {*roles, *reader.roles}:
                if reader.roles.get(organisation_id) != roles.get(organisation_id):
                    self.set_role(reader, organisation_id, roles.get(organisation_id))
            if reader.is_active is (name == "suspended"):
                self.set_active(reader, is_active=name != "suspended")
            if not reader.is_signed_in:
                self.sign_in(reader)
            if not reader.has_token:
                self.give_token(reader)
        synchronise(self.hub)

    def now(self) -> datetime:
        return self.clock.now()
