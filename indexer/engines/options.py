"""Reading the options of request bodies: whatever is not understood is refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from holdings.errors import SearchRefusedError

_PERCENTAGE = re.compile(r"[+-]?\d+%")
_NUMBER = re.compile(r"[+-]?\d+")


def refuse(reason: str) -> NoReturn:
    raise SearchRefusedError(f"The search was refused: {reason}.")


def short(value: object) -> str:
    """Return a value as it can stand in a message, whatever its length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def allow(where: str, options: Any, known: Sequence[str]) -> None:
    """Refuse options that are no object, or that hold another key than the known ones."""
    if not isinstance(options, Mapping):
        refuse(f"{where} must be an object, not {short(options)}")
    for name in options:
        if name not in known:
            refuse(f"{where} has no option {short(name)}; it has: {', '.join(known)}")


def listed(where: str, value: Any) -> Sequence[Any]:
    """Return a list of clauses; one clause may stand there without a list."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return (value,)
    if not isinstance(value, Sequence) or isinstance(value, str):
        refuse(f"{where} must be a clause or a list of clauses, not {short(value)}")
    return value


def field_and_options(
    clause: str, body: Mapping[str, Any], value_name: str | None, known: Sequence[str]
) -> tuple[str, Mapping[str, Any]]:
    """Return the field of a clause and its options; `{"field": value}` stands for `{"field": {value_name: value}}`."""
    if len(body) != 1:
        refuse(f"{clause} needs exactly one field")
    ((field, options),) = body.items()
    if isinstance(options, Mapping):
        allow(clause, options, known)
        return field, options
    if value_name is None:
        refuse(f"the body of {clause} on {field} must be an object")
    return field, {value_name: options}


def bound(options: Mapping[str, Any], including: str, excluding: str) -> tuple[Any, bool]:
    """Return one end of a range, None when it is open, and whether the end itself belongs to it."""
    bounds = [(options[name], name == including) for name in (including, excluding) if options.get(name) is not None]
    if len(bounds) > 1:
        refuse(f"range takes {including} or {excluding}, not both")
    return bounds[0] if bounds else (None, True)


def string(where: str, value: Any) -> str:
    if not isinstance(value, str):
        refuse(f"{where} needs a string, not {short(value)}")
    return value


def natural(where: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        refuse(f"{where} must be a whole number that is not negative, not {short(value)}")
    return value


def number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        refuse(f"{where} must be a number that is not negative, not {short(value)}")
    return float(value)


def boost_of(clause: str, options: Mapping[str, Any]) -> float:
    return number(f"{clause}.boost", options["boost"]) if "boost" in options else 1.0


@lru_cache(maxsize=1024)
def required_matches(spec: int | str, optional: int) -> int:
    """Return how many of `optional` clauses must match: `minimum_should_match` as Elasticsearch reads it.

    `2`, `-1` (all but one), `75%`, `-25%`, and conditions: `3<75%` asks for all of up to three, 75% of more.
    Raises SearchRefusedError for anything else.
    """
    text = " ".join(re.sub(r"\s*<\s*", "<", str(spec)).split())
    if "<" not in text:
        return max(0, _share(text, optional))
    required = optional
    for condition in text.split(" "):
        upper, separator, share = condition.partition("<")
        if not separator or not _NUMBER.fullmatch(upper):
            refuse(f"minimum_should_match {short(spec)} is not understood")
        if optional <= int(upper):
            return required
        required = max(0, _share(share, optional))
    return required


def _share(text: str, optional: int) -> int:
    if _PERCENTAGE.fullmatch(text):
        percent = int(text[:-1])
        share = abs(percent) * optional // 100
        return share if percent >= 0 else optional - share
    if _NUMBER.fullmatch(text):
        count = int(text)
        return count if count >= 0 else optional + count
    refuse(f"minimum_should_match {short(text)} is not understood")
