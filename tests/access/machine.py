"""The stateful suite: hypothesis makes documents, people, changes and times, and after each step looks at the hub.

After every step one reader, who was changed or is drawn by lot, goes through about a third of the paths, drawn as well,
with the document that was touched last. At the end of an example the public asks every form of every question with the
index as it is, and others go through every path about every document with an index in step.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from desk.reviewing import STEPS
from holdings.access import Access
from holdings.accounts import Role
from holdings.relations import Relation
from holdings.states import State
from tests.access.asking import Leak, Look
from tests.access.paths import PATHS, Path
from tests.access.stage import READERS, SPACES, Stage
from tests.access.world import WORDS, Known

_LABELS = st.frozensets(st.sampled_from(["public", "partners", "org:satu", "org:dua"]), min_size=1, max_size=2)
_KEEPERS = st.none() | st.sampled_from(["org:satu", "org:dua"])
_WORDS = st.frozensets(st.sampled_from(WORDS))
_THEMES = st.sampled_from(["youth", "digital-space", "human-rights"])
_KINDS = st.sampled_from(["report", "regulation"])
_YEARS = st.sampled_from(["2019", "2020"])
# Hours from now at which an embargo ends, None where there is none. Never at the moment that a wait leads to: the index
# knows whole seconds.
_EMBARGOES = st.none() | st.sampled_from([-1, 1, 4])
_STATES = st.sampled_from([*[State.PUBLISHED] * 5, State.DRAFT, State.SUBMITTED])


@dataclass(frozen=True, slots=True)
class Made:
    """A document as hypothesis draws it. `embargo` is in hours from now, `by` who put it in."""

    labels: frozenset[str]
    keeper: str | None
    embargo: int | None
    state: State
    words: frozenset[str]
    theme: str
    kind: str
    year: str
    issuer: str
    by: str | None


_BY = st.sampled_from([None, None, "contributor", "editor"])
_MADE = st.builds(
    Made, _LABELS, _KEEPERS, _EMBARGOES, _STATES, _WORDS, _THEMES, _KINDS, _YEARS, st.sampled_from(SPACES), _BY
)
_NAMES = st.sampled_from(sorted(READERS))
_RELATIONS = st.sampled_from([*[Relation.NEW_VERSION] * 4, Relation.NONE, Relation.TRANSLATION])
_MOSTLY = st.sampled_from([True, True, False])
_WHAT = st.sampled_from(["status", "session", "token"])
_MOST_DOCUMENTS = 8
# More states are seen in the same time than where each is seen on every path.
_OF_THE_PATHS = 1 / 3
# A letter is compared with what its reader may read when it is written, which the next step may change.
_AT_EVERY_STEP = "letters written"
# Past the embargo that is to end first.
_WAIT = timedelta(minutes=90)


@dataclass(slots=True)
class Ledger:
    """What a run did: steps, looks by path, how long they took, and the first leak."""

    steps: int = 0
    leak: Leak | None = None
    looks: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def machine_of(
    stage: Stage, ledger: Ledger | None = None, paths: Mapping[str, Path] = PATHS
) -> type[RuleBasedStateMachine]:
    """Return the machine over a stage, which goes through these paths."""
    kept = ledger or Ledger()
    names = ["public", *READERS]

    class AccessMachine(RuleBasedStateMachine):
        documents: Bundle[Known] = Bundle("documents")

        def __init__(self) -> None:
            super().__init__()
            stage.clear()
            self.touched: Known | None = None
            # Who was changed last, as a program where it was a token: it is they who look next.
            self.changed: tuple[str, bool] | None = None
            self.has_failed = False
            self.is_ending = False
            self.turn = 0

        # What is changed

        @initialize(
            target=documents,
            several=st.lists(_MADE, min_size=2, max_size=4),
            are_versions=st.sampled_from([True, True, False]),
        )
        def begin(self, several: list[Made], are_versions: bool) -> Any:
            """Begin with documents that the index has, perhaps one the new version of another."""
            made = [self._add(one) for one in several]
            if are_versions:
                stage.settle(made[1], made[0], Relation.NEW_VERSION)
            stage.synchronise()
            return multiple(*made)

        @rule(target=documents, made=_MADE)
        def add(self, made: Made) -> Any:
            return self._add(made) if len(stage.world.documents) < _MOST_DOCUMENTS else multiple()

        @rule(known=documents, labels=_LABELS, embargo=_EMBARGOES, keeper=st.none() | _KEEPERS)
        def change_access(self, known: Known, labels: frozenset[str], embargo: int | None, keeper: str | None) -> None:
            """Who reads it, from when, and sometimes who keeps it."""
            self._set(known, labels=labels, embargo_until=_moment(embargo), keeper=keeper or known.access.keeper)

        @rule(known=documents, other=st.sampled_from(list(State)), is_usual=st.booleans())
        def change_state(self, known: Known, other: State, is_usual: bool) -> None:
            """It is withdrawn, or published again; at times any other state."""
            is_out = known.access.state is State.PUBLISHED
            usual = State.WITHDRAWN if is_out else State.PUBLISHED
            self._set(known, state=usual if is_usual else other)

        @rule(known=documents, lot=st.integers(0, 999))
        def take_a_step(self, known: Known, lot: int) -> None:
            """Somebody who may takes a step at the desk."""
            possible = [
                (reader, action)
                for reader in stage.world.readers.values()
                for action in sorted(stage.world.actions(known, reader) & STEPS)
            ]
            if possible:
                stage.take(known, *possible[lot % len(possible)])
                self.touched = known

        @rule(known=documents)
        def remove(self, known: Known) -> None:
            if not known.is_removed:
                stage.remove(known)
            self.touched = known

        @rule(newer=documents, older=documents, relation=_RELATIONS)
        def settle(self, newer: Known, older: Known, relation: Relation) -> None:
            makes_a_ring = older.id in stage.world.older(newer.id) or newer.id in stage.world.older(older.id)
            is_known = {(newer.id, older.id), (older.id, newer.id)} & stage.world.new_versions
            if newer is older or newer.is_removed or older.is_removed or (makes_a_ring and not is_known):
                return
            stage.settle(newer, older, relation)
            self.touched = older

        @rule(lot=st.integers(0, 999), labels=_LABELS, is_out=st.booleans())
        def change_the_newer(self, lot: int, labels: frozenset[str], is_out: bool) -> None:
            """Who reads the newer of two versions is changed, and the index follows: the older one is looked at."""
            pairs = sorted(stage.world.new_versions)
            if pairs:
                newer, older = (stage.world.documents[one] for one in pairs[lot % len(pairs)])
                self._set(newer, labels=labels, state=State.WITHDRAWN if is_out else State.PUBLISHED)
                stage.synchronise()
                self.touched = older

        # The index

        @rule(anew=st.sampled_from([False] * 9 + [True]))
        def index_catches_up(self, anew: bool) -> None:
            if anew:
                stage.rebuild()
            else:
                stage.synchronise()

        # People and time

        @rule(name=_NAMES, organisation=st.sampled_from(SPACES), role=st.none() | st.sampled_from(list(Role)))
        def change_role(self, name: str, organisation: str, role: Role | None) -> None:
            """Somebody gets a role in an organisation, or another, or loses it."""
            self.changed = (name, False)
            stage.set_role(stage.world.readers[name], organisation, role)

        @rule(name=_NAMES, what=_WHAT)
        def change_entry(self, name: str, what: str) -> None:
            """Somebody is suspended or comes back; signs in or out; gets a token or loses it."""
            reader, self.changed = stage.world.readers[name], (name, what == "token")
            match what:
                case "status" if reader.name != "administrator":
                    stage.set_active(reader, is_active=not reader.is_active)
                case "session" if reader.is_signed_in:
                    stage.end_session(reader)
                case "session":
                    stage.sign_in(reader)
                case "token" if reader.has_token:
                    stage.revoke_token(reader)
                case "token":
                    stage.give_token(reader)

        @rule()
        def wait(self) -> None:
            stage.wait(_WAIT)

        # What is compared

        @rule(name=_NAMES, how=st.sampled_from(["", "", "token", "no engine"]))
        def look(self, name: str, how: str) -> None:
            with stage.engine_away() if how == "no engine" else nullcontext():
                self._look(name, through_token=how == "token")

        @invariant()
        def nothing_leaks(self) -> None:
            # By lot, but the same lot whenever the example is run again.
            lot = (names[self.turn * 7 % len(names)] if self.turn % 2 else "public", self.turn % 3 == 0)
            (name, through_token), self.changed = self.changed or lot, None
            self._look(name, through_token=through_token)
            self.turn += 1
            kept.steps += 1

        def _is_drawn(self, path_name: str) -> bool:
            lot = random.Random(f"{self.turn} {path_name}").random()
            return lot < _OF_THE_PATHS or path_name == _AT_EVERY_STEP or len(paths) == 1

        def teardown(self) -> None:
            self.is_ending = True
            if not self.has_failed:
                self._look("public", thoroughly=True)
                stage.synchronise()
                for number, known in enumerate(list(stage.world.documents.values())):
                    self.touched = known
                    self._look(names[(self.turn + number) % len(names)], thoroughly=number == 0)
            super().teardown()

        def _add(self, made: Made) -> Known:
            by = stage.world.readers[made.by] if made.by else None
            keeper = "org:satu" if by else made.keeper
            self.touched = stage.add(
                Access(made.labels, _moment(made.embargo), keeper, made.state),
                words=made.words,
                theme=made.theme,
                kind=made.kind,
                year=made.year,
                issuer=made.issuer,
                contributor=by,
            )
            return self.touched

        def _set(self, known: Known, **changes: Any) -> None:
            if not known.is_removed:
                stage.set_access(known, replace(known.access, **changes))
            self.touched = known

        def _look(self, name: str, *, through_token: bool = False, thoroughly: bool = False) -> None:
            if self.touched is None:
                return
            self.has_failed = True
            turn = None if thoroughly else self.turn
            look = Look(stage, stage.world.readers[name], self.touched, turn=turn, through_token=through_token)
            for path_name, path in paths.items():
                if (through_token and not path.takes_a_token) or not (self.is_ending or self._is_drawn(path_name)):
                    continue
                began = time.perf_counter()
                try:
                    path.look(look)
                except Leak as leak:
                    kept.leak = kept.leak or leak
                    raise
                kept.looks[path_name] += 1
                kept.seconds[path_name] += time.perf_counter() - began
            self.has_failed = False

    def _moment(hours: int | None) -> Any:
        return None if hours is None else stage.now() + timedelta(hours=hours)

    return AccessMachine
