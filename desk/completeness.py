"""What a document has to be described by before a person may submit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from holdings.model import DocumentField

# Without a title nobody finds it in a list, without a kind and a date nobody finds it by the filters.
NEEDED = (DocumentField.TITLE, DocumentField.KIND, DocumentField.DATE)


def missing(values: Callable[[DocumentField], Sequence[str]]) -> tuple[DocumentField, ...]:
    """Return the fields that are needed and of which there is no value. Pure.

    `values` returns the values that count for a field, stated or inferred: those of a document (`Document.values`), or
    those that stand in a form.
    """
    return tuple(field for field in NEEDED if not any(value.strip() for value in values(field)))
