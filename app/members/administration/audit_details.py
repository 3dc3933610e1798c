"""What an entry of the audit log says besides, in the language of the page: the hub's own names and values.

Ids, numbers and what somebody wrote stand as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.i18n import gettext
from app.members.wording import frequency_words, role_words
from holdings.accounts import HubRole, Role
from holdings.mails import MailState
from holdings.states import State


def written(details: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the details of an entry as pairs of words; what is empty is left out."""
    names, values = _names(), _values()
    return [
        (
            names.get(name, name),
            ", ".join(values.get(name, {}).get(str(one), str(one)) for one in _several(value)),
        )
        for name, value in details.items()
        if value not in (None, [], "")
    ]


def state_words() -> dict[str, str]:
    """Return what the states of a document are called, by value."""
    return {
        State.DRAFT: gettext("Draft"),
        State.SUBMITTED: gettext("Submitted"),
        State.RETURNED: gettext("Returned"),
        State.PUBLISHED: gettext("Published"),
        State.WITHDRAWN: gettext("Withdrawn"),
    }


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _names() -> dict[str, str]:
    return {
        "role": gettext("Role"),
        "organisation": gettext("Organisation"),
        "space": gettext("Space"),
        "state": gettext("State"),
        "from": gettext("Before"),
        "to": gettext("After"),
        "before": gettext("Before"),
        "after": gettext("After"),
        "means": gettext("Signed in with"),
        "issuer": gettext("Provider"),
        "reason": gettext("Reason"),
        "frequency": gettext("Letters"),
        "name": gettext("Name"),
        "kind": gettext("Kind"),
        "report": gettext("Report"),
        "entries": gettext("Entries"),
        "number": gettext("How many"),
        "documents": gettext("Documents"),
    }


def _values() -> dict[str, dict[str, str]]:
    """Return the words for values of the hub's own, by the name of the detail."""
    states = state_words()
    return {
        "role": {role.value: role_words(role) for role in (*Role, *HubRole)},
        "from": states,
        "to": states,
        "state": states
        | {
            MailState.WAITING: gettext("Waiting"),
            MailState.FAILED: gettext("Did not go"),
            MailState.UNKNOWN: gettext("Nobody knows whether they went"),
        },
        "means": {"password": gettext("Password"), "provider": gettext("Provider")},
        "frequency": frequency_words(),
        "reason": {
            "personal-data": gettext("Personal data"),
            "copyright": gettext("Rights of others"),
            "security": gettext("Safety of people"),
            "court-order": gettext("Order of a court"),
            "wrong": gettext("Wrong content"),
        },
    }
