"""Errors: each has a code of its own, advice, an exit code, and a line in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.context import EXIT_CODES, TRY_AGAIN_LATER, exit_code
from holdings import errors

DOCUMENTS = Path(__file__).parents[2] / "docs"
# Roots that are never raised themselves.
_ROOTS = {errors.HubError, errors.FileError, errors.RejectedError, errors.TryAgainLaterError}


def _all(root: type[errors.HubError]) -> Iterator[type[errors.HubError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _all(kind)


RAISED = sorted(
    (kind for kind in set(_all(errors.HubError)) - _ROOTS if kind.__module__ == errors.__name__),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", RAISED)
def test_an_error_has_a_code_advice_and_a_line_in_the_documents(kind: type[errors.HubError]) -> None:
    assert "code" in vars(kind), "a code of its own"
    assert "advice" in vars(kind), "advice of its own"
    assert f"| `{kind.code}` |" in (DOCUMENTS / "operating.md").read_text(encoding="utf-8")


def test_codes_are_told_apart() -> None:
    codes = [kind.code for kind in RAISED]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", RAISED)
def test_an_error_has_an_exit_code(kind: type[errors.HubError]) -> None:
    code = exit_code(kind("something"))
    assert code in {code for _, code in EXIT_CODES}
    assert (code == TRY_AGAIN_LATER) is issubclass(kind, errors.TryAgainLaterError)
