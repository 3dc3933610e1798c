"""What may stand in the profile of an organisation, and what is wrong with one. Pure: forms and import files ask it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from holdings.model import Organisation

MAX_NAME, MAX_ACRONYM, MAX_DESCRIPTION, MAX_WEBSITE = 300, 40, 5_000, 400
MAX_QUOTA_MB = 100_000_000
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_ID = 80


class Fault(StrEnum):
    """Why a profile cannot be taken. `WORDS` says it to a person."""

    ID = "id"
    NAME = "name"
    ACRONYM = "acronym"
    GROUP = "group"
    DESCRIPTION = "description"
    WEBSITE = "website"
    QUOTA = "quota"


WORDS: dict[Fault, str] = {
    Fault.ID: f"an id has small letters and digits, with hyphens between them, at most {_MAX_ID}",
    Fault.NAME: f"the names are needed, of at most {MAX_NAME} characters",
    Fault.ACRONYM: f"the acronym has at most {MAX_ACRONYM} characters",
    Fault.GROUP: "there is no such stakeholder group",
    Fault.DESCRIPTION: f"a description has at most {MAX_DESCRIPTION} characters",
    Fault.WEBSITE: "the website is not an address that begins with https:// or http://",
    Fault.QUOTA: "the quota is not a whole number of megabytes",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault, and the value that has it."""

    fault: Fault
    value: str


def faults(organisation: Organisation, groups: Collection[str]) -> list[Wrong]:
    """Return what is wrong with a profile, nothing where all is well; `groups` are the stakeholder groups there are."""
    o = organisation
    names, descriptions = (o.name_id, o.name_en), (o.description_id, o.description_en)
    found = [
        (Fault.ID, o.id, is_id(o.id)),
        (Fault.NAME, max(names, key=len), all(name.strip() for name in names) and _fits(MAX_NAME, *names)),
        (Fault.ACRONYM, o.acronym or "", _fits(MAX_ACRONYM, o.acronym or "")),
        (Fault.GROUP, o.group or "", o.group is None or o.group in groups),
        (Fault.DESCRIPTION, "", _fits(MAX_DESCRIPTION, *descriptions)),
        (Fault.WEBSITE, o.website, not o.website or is_website(o.website)),
        (Fault.QUOTA, str(o.quota_mb), o.quota_mb is None or 0 <= o.quota_mb <= MAX_QUOTA_MB),
    ]
    return [Wrong(fault, value) for fault, value, is_right in found if not is_right]


def is_id(text: str) -> bool:
    """Say whether a text can be the id of an organisation."""
    return bool(_ID.fullmatch(text)) and len(text) <= _MAX_ID


def is_website(address: str) -> bool:
    """Say whether an address can be linked to as a website: http or https, with a host, nothing else in it."""
    if len(address) > MAX_WEBSITE or any(c.isspace() or not c.isprintable() for c in address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _fits(most: int, *texts: str) -> bool:
    return all(len(text) <= most for text in texts)
