"""Passwords: how they are kept, and which are refused. Pure functions; `holdings.credentials` has those of people.

Kept as argon2id with the second recommended parameters of RFC 9106, section 4. What is refused follows NIST SP 800-63B
and OWASP ASVS 5.0, 6.2: short ones, and those made of common words or of words about the person; never for lacking a
digit or a capital.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
# Longer ones only cost time.
LONGEST = 256
# What has to be left of a password when common words, rows and repetitions are taken out.
_LEFT_AT_LEAST = 5
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()")
_ROW_AT_LEAST = 4
_REPEATED = re.compile(r"(.)\1{2,}")
_SIGNS = str.maketrans("@4310$5!7", "aaeiossit")
_WORD = re.compile(r"[^\W_]{3,}")


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PERSONAL = "personal"


def hash_password(password: str) -> str:
    """Return what is kept of a password: its argon2id, with parameters and salt."""
    return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; it takes as long where none was."""
    try:
        return _HASHER.verify(kept or _hash_of_nothing(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Say whether a kept password was hashed with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def weakness(password: str, about: Iterable[str] = ()) -> Weakness | None:
    """Return why a password is refused, None for a good one. `about` is what others may know of the person: name,
    address, organisations."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    without_common = _without(password.casefold(), _common_words())
    if _is_spent(without_common):
        return Weakness.COMMON
    personal = {word for text in about for word in _WORD.findall(text.casefold())}
    return Weakness.PERSONAL if _is_spent(_without(without_common, personal)) else None


def _is_spent(rest: str) -> bool:
    rest = _REPEATED.sub(r"\1", _without_rows(rest))
    return len(re.sub(r"[\W_]", "", rest)) < _LEFT_AT_LEAST


def _without(text: str, words: Iterable[str]) -> str:
    """Return `text` without these words, also where signs stand for their letters (`p4ssw0rd`)."""
    for word in sorted(words, key=len, reverse=True):
        wanted = word.translate(_SIGNS)
        while (at := text.translate(_SIGNS).find(wanted)) >= 0:
            text = f"{text[:at]} {text[at + len(wanted) :]}"
    return text


def _without_rows(text: str) -> str:
    """Return `text` without four or more signs that follow each other in a row, such as `1234` and `poiu`."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), _ROW_AT_LEAST - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], " ")
    return text


@cache
def _common_words() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _hash_of_nothing() -> str:
    return _HASHER.hash(secrets.token_bytes())
