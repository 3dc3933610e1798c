"""Access: what `may_read` says of one record, and that the filter says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdings.access import Access, Viewer, may_read, parse_label, read_filter
from holdings.errors import UsageError

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
    embargo=st.none() | st.integers(-3, 3),
    keeper=st.none() | st.sampled_from(["org:bnpt", "org:fkpt"]),
)
def test_filter_says_what_may_read_says(
    labels: frozenset[str], viewer: frozenset[str], embargo: int | None, keeper: str | None
) -> None:
    access = Access(labels, None if embargo is None else NOW + timedelta(seconds=embargo), keeper)
    indexed: dict[str, list[Any]] = {
        "access": sorted(labels),
        "keeper": [keeper] if keeper else [],
        "embargo_until": [int(access.embargo_until.timestamp()) if access.embargo_until else 0],
    }
    who = Viewer(viewer | {"public"})
    assert _holds(read_filter(who, NOW), indexed) is may_read(access, who, NOW)


def _holds(clause: dict[str, Any], fields: dict[str, list[Any]]) -> bool:
    """Evaluate a filter clause as an engine does."""
    (kind, content), *_ = clause.items()
    if kind == "terms":
        ((field, values),) = content.items()
        return bool(set(values) & set(fields[field]))
    if kind == "range":
        ((field, bounds),) = content.items()
        return any(value <= bounds["lte"] for value in fields[field])
    assert kind == "bool", kind
    return all(_holds(c, fields) for c in content.get("filter", [])) and (
        "should" not in content or any(_holds(c, fields) for c in content["should"])
    )


@pytest.mark.parametrize("text", ["", "everyone", "org:", "org:BNPT", "org:a b", "public,partners"])
def test_labels_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_label(text)


def test_everybody_is_also_the_public() -> None:
    assert Viewer.of("org:bnpt").labels == {"public", "org:bnpt"}
