"""Names of files as contributors' browsers give them: made harmless, and shown so that nothing in them is hidden."""

from __future__ import annotations

import unicodedata

from ingest.extractors import member_names

# Signs that are not seen, or change what is seen: controls, turns of direction, surrogates, private ones.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(name: str) -> str:
    """Return a name without folders, and without anything that is not seen; never empty."""
    return member_names.clean_name(name).rpartition("/")[2]


def shown_name(name: str) -> str:
    """Return a name as it was given, with what is not seen written out: a turn of direction stands as [U+202E]."""
    return "".join(f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in _HIDDEN else sign for sign in name)
