"""Lists in portions that a database takes as the parameters of one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

_Value = TypeVar("_Value")
_AT_A_TIME = 500


def portions(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield the values in their order, some at a time."""
    for start in range(0, len(values), _AT_A_TIME):
        yield values[start : start + _AT_A_TIME]
