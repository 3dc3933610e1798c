"""Who may read what: access labels of records and viewers, in one pure function each.

Every read of the hub (search, counts, facets, snippets, pages, downloads) goes through these two: `may_read` for one
record, `read_filter` for the clause that both engines apply. They say the same thing; a test holds them together.

A record carries labels (`public`, `partners`, `org:bnpt`), a viewer carries labels. A viewer reads a published record
when they share a label and no embargo stands; the space that keeps a record reads it under embargo too. An embargo is
a moment that is compared with now at each read, so that nothing has to be written when it passes. What is not published
is read by nobody here: the desk (`holdings.workflow`) has rules of its own. Indices hold only what is published.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from holdings.errors import UsageError
from holdings.states import State

PUBLIC = "public"
PARTNERS = "partners"
_LABEL = re.compile(r"(public|partners|org:[a-z0-9][a-z0-9-]*)")


@dataclass(frozen=True, slots=True)
class Access:
    """What stands on a record: its labels, the end of its embargo (aware) if any, the label of the space that keeps it,
    and its state."""

    labels: frozenset[str]
    embargo_until: datetime | None = None
    keeper: str | None = None
    state: State = State.PUBLISHED

    @property
    def as_recorded(self) -> str:
        """Return labels and embargo in one line, as reviews and the audit log have them."""
        labels = ";".join(sorted(self.labels))
        return f"{labels} until {self.embargo_until.isoformat()}" if self.embargo_until is not None else labels


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever reads. Everybody is also the public."""

    labels: frozenset[str] = frozenset({PUBLIC})

    @classmethod
    def of(cls, *labels: str) -> Viewer:
        """Return a viewer with these labels besides `public`. Raises UsageError for a malformed label."""
        return cls(frozenset({PUBLIC, *(parse_label(label) for label in labels)}))


def parse_label(text: str) -> str:
    """Return the access label that `text` spells. Raises UsageError when it is none."""
    label = text.strip()
    if not _LABEL.fullmatch(label):
        raise UsageError(
            f"{text!r} is not an access label",
            advice="An access label is `public`, `partners`, or `org:` and the id of an organisation: `org:bnpt`.",
        )
    return label


def organisation_label(organisation_id: str) -> str:
    """Return the label that members of an organisation carry."""
    return f"org:{organisation_id}"


def may_read(access: Access, viewer: Viewer, now: datetime) -> bool:
    """Say whether `viewer` may read a record with this `access` at `now` (aware)."""
    if access.state is not State.PUBLISHED:
        return False
    if access.keeper is not None and access.keeper in viewer.labels:
        return True
    if access.embargo_until is not None and now < access.embargo_until:
        return False
    return not access.labels.isdisjoint(viewer.labels)


def may_see_tombstone(access: Access, viewer: Viewer, now: datetime) -> bool:
    """Say whether `viewer` may know of a withdrawn record that it was there: who could read it may."""
    return access.state is State.WITHDRAWN and may_read(replace(access, state=State.PUBLISHED), viewer, now)


def indexed_embargo(until: datetime | None) -> int:
    """Return an embargo as an index holds it: the first whole second at which it is over, 0 where there is none."""
    return math.ceil(until.timestamp()) if until is not None else 0


def read_filter(viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return `may_read` as a filter clause over the fields `access`, `embargo_until` (s since 1970) and `keeper`.

    An index holds published records only, so the clause does not ask for the state.
    """
    labels = sorted(viewer.labels)
    return {
        "bool": {
            "should": [
                {"terms": {"keeper": labels}},
                {
                    "bool": {
                        "filter": [
                            {"terms": {"access": labels}},
                            {"range": {"embargo_until": {"lte": int(now.timestamp())}}},
                        ]
                    }
                },
            ],
            "minimum_should_match": 1,
        }
    }
