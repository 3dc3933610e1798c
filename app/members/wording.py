"""Words for what people are, and names of organisations, in the language of the page."""

from __future__ import annotations

import re

from app.hub import current_hub
from app.i18n import current_language, gettext
from holdings.accounts import HubRole, Role
from holdings.saved_searches import Frequency

# What a browser calls itself holds the names of others: the first that fits is the one.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Return what a person knows a browser by, of what it calls itself."""
    found = [next((name for sign, name in known if re.search(sign, agent)), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name) or agent[:80] or gettext("Unknown browser")


def role_words(role: Role | HubRole) -> str:
    """Return what a role is called."""
    return {
        Role.PARTNER: gettext("Partner"),
        Role.CONTRIBUTOR: gettext("Contributor"),
        Role.EDITOR: gettext("Editor"),
        HubRole.CURATOR: gettext("Curator of the hub"),
        HubRole.ADMINISTRATOR: gettext("Administrator of the hub"),
    }[role]


def role_meaning(role: Role) -> str:
    """Return what a role in an organisation lets people do."""
    return {
        Role.PARTNER: gettext("Reads what is for partners, and what is for the organisation alone."),
        Role.CONTRIBUTOR: gettext("Also puts work into the organisation's space, for review."),
        Role.EDITOR: gettext("Also reviews and publishes it, and invites people to the organisation."),
    }[role]


def frequency_words() -> dict[str, str]:
    """Return what the frequencies of letters about a saved search are called, by value."""
    return {
        Frequency.AT_ONCE.value: gettext("At once"),
        Frequency.DAILY.value: gettext("Once a day"),
        Frequency.WEEKLY.value: gettext("Once a week"),
        Frequency.NEVER.value: gettext("Not by mail"),
    }


def organisation_name(organisation_id: str | None) -> str:
    """Return what an organisation is called; empty for none, the id where it is not known."""
    if organisation_id is None:
        return ""
    organisation = current_hub().organisations.all().get(organisation_id)
    if organisation is None:
        return organisation_id
    return organisation.name_en if current_language() == "en" else organisation.name_id
