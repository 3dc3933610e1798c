"""Passwords that are refused and kept, the wait after failed attempts, and where a sign-in may lead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from app.members.entering import local_path
from holdings import passwords
from holdings.credentials import FREE_FAILURES, wait_after
from holdings.passwords import Weakness, weakness

ABOUT = ("Sari Wulandari", "sari@kemenag.example.org")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", Weakness.SHORT),
        ("elevenchars", Weakness.SHORT),
        ("x" * 257, Weakness.LONG),
        ("password1234", Weakness.COMMON),
        ("P@ssw0rd12345", Weakness.COMMON),
        ("l3tm31nl3tm31n", Weakness.COMMON),
        ("indonesia1945", Weakness.COMMON),
        ("IndonesiaMerdeka", Weakness.COMMON),
        ("aaaaaaaaaaaaaaaa", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("qwertyuiop12", Weakness.COMMON),
        ("0987654321098", Weakness.COMMON),
        (" " * 20, Weakness.COMMON),
        ("sariwulandari1999", Weakness.PERSONAL),
        ("Sari.Wulandari!!", Weakness.PERSONAL),
        ("kemenag-sari-22", Weakness.PERSONAL),
        ("hujan turun di bogor", None),
        ("kuda baterai staples benar", None),
        ("X7#kd9$Lm2@q", None),
        ("все пароли тут", None),
        ("密码是一只很大的绿色青蛙", None),
    ],
)
def test_what_is_refused(password: str, expected: Weakness | None) -> None:
    assert weakness(password, ABOUT) is expected


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_can_be_judged(password: str, name: str) -> None:
    assert weakness(password, (name,)) in {None, *Weakness}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=24, max_size=40))
def test_no_digit_and_no_capital_is_asked_for(password: str) -> None:
    assert weakness(f"{password} tujuh gajah") in {None, Weakness.COMMON}


def test_a_password_is_kept_as_argon2id_with_a_salt() -> None:
    kept = passwords.hash_password("hujan turun di bogor")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert kept != passwords.hash_password("hujan turun di bogor")
    assert passwords.matches(kept, "hujan turun di bogor")
    assert not passwords.matches(kept, "hujan turun di Bogor")
    assert not passwords.needs_rehash(kept)


@pytest.mark.parametrize("kept", [None, "", "no hash"])
def test_where_none_is_kept_none_matches(kept: str | None) -> None:
    assert not passwords.matches(kept, "")
    assert not passwords.matches(kept, "hujan turun di bogor")


def test_other_parameters_are_told() -> None:
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))


def test_the_wait_grows_and_ends() -> None:
    assert [wait_after(failures) for failures in range(FREE_FAILURES)] == [None] * FREE_FAILURES
    minutes = [wait_after(FREE_FAILURES + more) for more in range(6)]
    assert minutes == [timedelta(minutes=one) for one in (1, 2, 4, 8, 16, 30)]
    assert wait_after(10_000) == timedelta(minutes=30)


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "account",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nLocation: //evil.example",
        "/a\\b",
        " //evil.example",
    ],
)
def test_a_sign_in_leads_nowhere_else(wanted: str | None) -> None:
    assert local_path(wanted) is None


@pytest.mark.parametrize("wanted", ["/", "/account", "/en/account/tokens?a=b", "/search?q=a//b", "/x?u=https://a"])
def test_a_sign_in_leads_back(wanted: str) -> None:
    assert local_path(wanted) == wanted
