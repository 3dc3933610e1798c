"""Asking the hub for something as one who reads, and looking for what must not be in the answer.

Every byte of an answer is looked through: status line, headers and body. The canary of a document, and its id, may be
in it only where the reader may know of the document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any, TypeVar
from urllib.parse import quote

from werkzeug.test import TestResponse

from holdings.access import Viewer, organisation_label
from holdings.accounts import HubRole, Role
from holdings.workflow import Action
from tests.access.stage import Stage
from tests.access.world import Known, Reader

Form = TypeVar("Form")
# The id of a document that there is not, such as others have.
NOWHERE = "0000000000"
_CANARY = re.compile(r"zq[bcdfghjklmnpqrstvwxz]{5}")
# What differs between two answers that say the same: how long it took, what signs a form, and how much a person has
# not read.
_PASSING = re.compile(r'"took_ms": ?\d+|name="csrf_token"[^>]*|<nav class="people".*?</nav>', re.DOTALL)
_HEADERS_THAT_PASS = {"date", "set-cookie", "content-length"}


class Leak(AssertionError):
    """A reader was shown what they may not see, or was not shown what they may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered: as text, whatever it was."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str
    json: Any = None

    @classmethod
    def of(cls, response: TestResponse) -> Answer:
        headers = tuple((name, value) for name, value in response.headers if name.lower() not in _HEADERS_THAT_PASS)
        parsed = response.get_json(silent=True) if (response.mimetype or "").endswith("json") else None
        return cls(response.status_code, headers, response.data.decode("utf-8", "replace"), parsed)

    @property
    def everything(self) -> str:
        return "\n".join([str(self.status), *(f"{name}: {value}" for name, value in self.headers), self.text])

    def without(self, *words: str) -> str:
        """Return all of the answer, without these words and what passes: to be compared with another."""
        return _without(_PASSING.sub("", self.everything), words)


@dataclass(slots=True)
class Look:
    """One look at the hub: by whom, and at which document in particular.

    A path that has several forms of a question asks all of them, or, in one turn of many, one of them.
    """

    stage: Stage
    reader: Reader
    focus: Known
    turn: int | None = None
    through_token: bool = False
    now: datetime = field(init=False)
    viewer: Viewer = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.stage.now()
        self.viewer = self.reader.viewer(through_token=self.through_token)

    @property
    def is_refused(self) -> bool:
        """Say whether the reader shows a token that is not good: then there is no answer but that."""
        has_one = self.through_token and self.reader.account_id is not None
        return has_one and not (self.reader.is_active and self.reader.has_token)

    @property
    def readable(self) -> set[str]:
        return self.stage.world.readable(self.viewer, self.now)

    @property
    def may_read_focus(self) -> bool:
        return self.stage.world.may_read(self.focus, self.viewer, self.now)

    @property
    def may_see_tombstone(self) -> bool:
        return self.stage.world.may_see_tombstone(self.focus, self.viewer, self.now)

    @property
    def named(self) -> set[str]:
        """Return what the reader may read, and the focus where they may know that it was withdrawn."""
        return self.readable | ({self.focus.id} if self.may_see_tombstone else set())

    @property
    def is_signed_in(self) -> bool:
        return self.reader.is_somebody and self.reader.is_signed_in and not self.through_token

    @property
    def is_administrator(self) -> bool:
        return self.is_signed_in and self.reader.hub_role is HubRole.ADMINISTRATOR

    @property
    def looked_at(self) -> set[str]:
        """Return what the reader may look at the desk."""
        documents = self.stage.world.documents.values()
        return {known.id for known in documents if Action.LOOK in self.actions(known)}

    @property
    def known(self) -> set[str]:
        """Return all that the reader may know of: what they read, could read before it was withdrawn, or look at."""
        world = self.stage.world
        tombstones = {k.id for k in world.documents.values() if world.may_see_tombstone(k, self.viewer, self.now)}
        return self.readable | tombstones | self.looked_at

    @property
    def by_privilege(self) -> set[str]:
        """Return what the reader may look at only by what they are for the hub."""
        own = {organisation_label(o) for o, role in self.reader.roles.items() if role is not Role.PARTNER}
        documents = self.stage.world.documents
        return {one for one in self.looked_at - self.readable if documents[one].access.keeper not in own}

    @property
    def may_look(self) -> bool:
        return Action.LOOK in self.actions(self.focus)

    def actions(self, known: Known) -> frozenset[Action]:
        """Return what the reader may do with a document at the desk."""
        return self.stage.world.actions(known, self.reader) if self.is_signed_in else frozenset()

    def of(self, reader: Reader) -> Look:
        """Return the same look by somebody as who they are, whether or not they are signed in."""
        signed_in = replace(reader, is_signed_in=True, has_token=True)
        return Look(self.stage, signed_in, self.focus, self.turn)

    def some(self, several: Sequence[Form]) -> Sequence[Form]:
        """Return the forms of a question that are asked this time."""
        return several if self.turn is None else [several[self.turn % len(several)]]

    def ask(
        self,
        address: str,
        *,
        method: str = "GET",
        may_show: Collection[str] | None = None,
        asked_for: Iterable[str] = (),
        **options: Any,
    ) -> Answer:
        """Ask for an address, and look for what must not be in the answer.

        It may show the documents `may_show`, else those that the reader may read; `asked_for` are words of the question
        itself, which an answer may repeat.
        """
        client, headers = self.stage.clients[self.reader.name], dict(options.pop("headers", {}))
        if self.through_token:
            client = self.stage.clients["public"]
            if self.reader.name in self.stage.tokens:
                headers["Authorization"] = f"Bearer {self.stage.tokens[self.reader.name]}"
        answer = Answer.of(client.open(address, method=method, headers=headers, **options))
        self.look_through(answer, f"{method} {address}", may_show=may_show, asked_for=asked_for)
        if answer.status >= 500 and not self.stage.engine.is_away:
            raise Leak(f"{self.reader.name}: {method} {address} answers {answer.status}")
        return answer

    def look_through(
        self, answer: Answer, what: str, *, may_show: Collection[str] | None = None, asked_for: Iterable[str] = ()
    ) -> None:
        """Raise Leak when an answer shows a document that it must not show."""
        shown = self.readable if may_show is None else may_show
        text = answer.everything.casefold().replace("<mark>", "").replace("</mark>", "")
        for word in sorted(asked_for, key=len, reverse=True):
            text = text.replace(word.casefold(), "…")
        allowed = {known.canary for known in self.stage.world.documents.values() if known.id in shown}
        allowed |= {
            sent for owner, sent in self.stage.sent.items() if owner == self.reader.name or self.is_administrator
        }
        # What signs a form may look like a canary that there never was.
        if leaked := (set(_CANARY.findall(text)) & self.stage.canaries) - allowed:
            at = text.index(min(leaked))
            raise Leak(f"{self.reader.name}: {what} shows {sorted(leaked)}: …{text[max(0, at - 80) : at + 80]}…")
        for known in self.stage.world.documents.values():
            if known.id not in shown and (known.id in text or known.sha256 in text):
                raise Leak(f"{self.reader.name}: {what} names {known.id}")

    def same_as_nothing(
        self, address: str, *, method: str = "GET", repeated: Iterable[str] = (), **options: Any
    ) -> None:
        """Ask for an address of the focus, which the reader may not know of: the answer must be the one that an id has
        that names nothing. `repeated` are other words of the address."""
        of_nothing = address.replace(self.focus.id, NOWHERE)
        asked_for = (self.focus.id, self.focus.sha256, *repeated)
        answer = self.ask(address, method=method, asked_for=asked_for, may_show=(), **options)
        said = answer.without(*asked_for)
        key = (self.reader.name, self.through_token, method, of_nothing.replace(self.focus.sha256, ""))
        if self.stage.answers_of_nothing.get(key) != said:
            # Kept, since it is asked for often; asked again, since the reader may have signed in or out meanwhile.
            expected = self.ask(of_nothing, method=method, asked_for=asked_for, may_show=(), **options)
            self.stage.answers_of_nothing[key] = expected.without(NOWHERE, *asked_for[1:])
            _same(said, self.stage.answers_of_nothing[key], f"{self.reader.name}: {method} {address}")

    def same_as_a_word_of_nobody(self, address: str, word: str) -> None:
        """Ask for an address with a word that only documents have that the reader may not know: the answer must be the
        one to a word that nothing has."""
        unused = word.replace(self.focus.canary, self.stage.new_canary())
        answer, expected = (
            self.ask(address.replace(word, quote(asked)), asked_for=(asked,)).without(asked, quote(asked))
            for asked in (word, unused)
        )
        _same(answer, expected, f"{self.reader.name}: {address}")


def _same(answer: str, of_nothing: str, what: str) -> None:
    if answer != of_nothing:
        pairs = enumerate(zip_longest(answer, of_nothing))
        at = next(number for number, (said, wanted) in pairs if said != wanted)
        said, expected = (text[max(0, at - 40) : at + 80] for text in (answer, of_nothing))
        raise Leak(f"{what} is told from what names nothing: …{said}…, not …{expected}…")


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "…")
    return text


def require(condition: bool, what: str) -> None:
    """Raise Leak with these words unless the condition holds."""
    if not condition:
        raise Leak(what)
