"""What an index entry says of newer versions, against the pure rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from holdings.access import Access, Viewer, may_read
from indexer.supersession import superseded_for, superseding
from tests.unit.clauses import holds

TOLD = datetime(2026, 6, 1, 12, tzinfo=UTC)
LABELS = st.frozensets(st.sampled_from(["public", "partners", "org:bnpt", "org:fkpt"]), min_size=1)
KEEPERS = st.none() | st.sampled_from(["org:bnpt", "org:fkpt"])


def _accesses(embargoes: st.SearchStrategy[float | None]) -> st.SearchStrategy[list[Access]]:
    moments = embargoes.map(lambda seconds: None if seconds is None else TOLD + timedelta(seconds=seconds))
    return st.lists(st.builds(Access, LABELS, moments, KEEPERS), max_size=4)


def _is_hidden(newer: list[Access], viewer: Viewer, now: datetime) -> bool:
    fields = superseding(newer, TOLD)
    listed = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return holds(superseded_for(viewer, now), listed)


@given(_accesses(st.none() | st.integers(-5, 5) | st.floats(-5, 5)), LABELS, st.integers(0, 10) | st.floats(0, 10))
def test_nothing_is_hidden_from_who_may_read_nothing_newer(
    newer: list[Access], labels: frozenset[str], later: float
) -> None:
    viewer, now = Viewer(labels | {"public"}), TOLD + timedelta(seconds=later)
    if _is_hidden(newer, viewer, now):
        assert any(may_read(access, viewer, now) for access in newer)


@given(_accesses(st.sampled_from([None, -2, 3])), LABELS, st.integers(0, 10))
def test_with_one_embargo_the_older_is_hidden_exactly_from_who_may_read_the_newer(
    newer: list[Access], labels: frozenset[str], later: int
) -> None:
    viewer, now = Viewer(labels | {"public"}), TOLD + timedelta(seconds=later)
    assert _is_hidden(newer, viewer, now) is any(may_read(access, viewer, now) for access in newer)
