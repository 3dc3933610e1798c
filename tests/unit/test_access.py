"""Access: what `may_read` says of one record, and that the filter says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdings.access import Access, Viewer, indexed_embargo, may_read, parse_label, read_filter
from holdings.errors import UsageError
from tests.unit.clauses import holds

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LABELS = st.frozensets(st.sampled_from(["public", "partners", "org:bnpt", "org:fkpt"]))


@pytest.mark.parametrize(
    ("access", "viewer", "readable"),
    [
        (Access(frozenset({"public"})), Viewer(), True),
        (Access(frozenset({"partners"})), Viewer(), False),
        (Access(frozenset({"partners"})), Viewer.of("partners"), True),
        (Access(frozenset({"org:bnpt"})), Viewer.of("org:fkpt", "partners"), False),
        (Access(frozenset()), Viewer.of("partners"), False),
        (Access(frozenset({"public"}), NOW + timedelta(seconds=1)), Viewer(), False),
        (Access(frozenset({"public"}), NOW), Viewer(), True),
        (Access(frozenset({"public"}), NOW + timedelta(days=1), "org:bnpt"), Viewer.of("org:bnpt"), True),
        (Access(frozenset({"public"}), NOW + timedelta(days=1), "org:bnpt"), Viewer.of("org:fkpt"), False),
    ],
)
def test_may_read(access: Access, viewer: Viewer, readable: bool) -> None:
    assert may_read(access, viewer, NOW) is readable


@given(
    labels=LABELS,
    viewer=LABELS,
    embargo=st.none() | st.integers(-3, 3) | st.floats(-2, 2),
    keeper=st.none() | st.sampled_from(["org:bnpt", "org:fkpt"]),
)
def test_filter_says_what_may_read_says(
    labels: frozenset[str], viewer: frozenset[str], embargo: float | None, keeper: str | None
) -> None:
    access = Access(labels, None if embargo is None else NOW + timedelta(seconds=embargo), keeper)
    indexed: dict[str, list[Any]] = {
        "access": sorted(labels),
        "keeper": [keeper] if keeper else [],
        "embargo_until": [indexed_embargo(access.embargo_until)],
    }
    who = Viewer(viewer | {"public"})
    assert holds(read_filter(who, NOW), indexed) is may_read(access, who, NOW)


@pytest.mark.parametrize("text", ["", "everyone", "org:", "org:BNPT", "org:a b", "public,partners"])
def test_labels_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_label(text)


def test_everybody_is_also_the_public() -> None:
    assert Viewer.of("org:bnpt").labels == {"public", "org:bnpt"}
