"""Filter clauses as an engine reads them, for tests that hold them against the pure rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def holds(clause: Mapping[str, Any], fields: Mapping[str, list[Any]]) -> bool:
    """Evaluate a filter clause on the fields of one entry, as both engines do."""
    (kind, content), *_ = clause.items()
    if kind == "terms":
        ((field, values),) = content.items()
        return bool(set(values) & set(fields[field]))
    if kind == "range":
        ((field, bounds),) = content.items()
        return any(value <= bounds["lte"] for value in fields[field])
    assert kind == "bool", kind
    return all(holds(c, fields) for c in content.get("filter", [])) and (
        "should" not in content or any(holds(c, fields) for c in content["should"])
    )
