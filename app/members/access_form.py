"""The part of a form that asks who may read a document, and from when: for drafts and for what is published alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, RadioField, SelectChoice, SelectMultipleField
from wtforms.validators import DataRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import HubForm
from app.i18n import current_language, gettext
from holdings.access import PARTNERS, PUBLIC, Access, organisation_label
from indexer.hub import Hub

_ORGANISATION = "org:"


class Readers(StrEnum):
    """Who may read, as a person chooses it. Each but the last is one access label."""

    PUBLIC = "public"
    PARTNERS = "partners"
    OWN = "own"
    """The organisation that keeps the document."""
    NAMED = "named"
    """Organisations that are named, besides the one that keeps it."""


class AccessForm(HubForm):
    """Who may read, and from when. Set up with `offer`, filled with `show`, read with `chosen`.

    A form that asks for more than this has these fields by being a subclass.
    """

    readers = RadioField(choices=[SelectChoice(choice.value) for choice in Readers], validators=[DataRequired()])
    organisations = SelectMultipleField(
        choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )
    embargo_until = DateTimeLocalField(format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[Optional()])

    def offer(self, hub: Hub, access: Access) -> None:
        """Offer what can be chosen for a document: its own organisation only where one keeps it."""
        self._access, self._zone = access, hub.settings.app.zone
        if access.keeper is None:
            self.readers.choices = [choice for choice in self.readers.choices if choice.value != Readers.OWN.value]
        language = current_language()
        listed = sorted(hub.organisations.all().values(), key=lambda one: one.label(language).casefold())
        self.organisations.choices = [
            SelectChoice(one.id, one.label(language)) for one in listed if organisation_label(one.id) != access.keeper
        ]

    def withhold(self) -> None:
        """Take the fields away, for somebody who may not set who reads the document: the page does not ask for them."""
        for name in ("readers", "organisations", "embargo_until"):
            self._fields.pop(name, None)

    def show(self) -> None:
        """Fill in what holds now. For a form that is opened, not for one that was sent."""
        labels, keeper = self._access.labels, self._access.keeper
        self.readers.data = _readers(labels, keeper).value
        self.organisations.data = [
            label.removeprefix(_ORGANISATION)
            for label in sorted(labels)
            if label.startswith(_ORGANISATION) and label != keeper
        ]
        until = self._access.embargo_until
        self.embargo_until.data = until.astimezone(self._zone).replace(tzinfo=None) if until is not None else None

    def validate_organisations(self, field: SelectMultipleField) -> None:
        if self.readers.data != Readers.NAMED.value:
            return
        if not field.data:
            raise ValidationError(gettext("Choose at least one organisation."))
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose one of those that are offered."))

    def chosen(self) -> Access:
        """Return the access of the document with what was chosen: its labels and its embargo."""
        labels = {
            Readers.PUBLIC.value: {PUBLIC},
            Readers.PARTNERS.value: {PARTNERS},
            Readers.OWN.value: {self._access.keeper or PARTNERS},
            Readers.NAMED.value: {
                *({self._access.keeper} if self._access.keeper else set()),
                *(organisation_label(one) for one in self.organisations.data or ()),
            },
        }[self.readers.data]
        return replace(
            self._access, labels=frozenset(labels), embargo_until=_moment(self.embargo_until.data, self._zone)
        )


def access_in_words(hub: Hub, access: Access) -> str:
    """Say in the present language who may read what has this access, without its embargo."""
    match _readers(access.labels, access.keeper):
        case Readers.PUBLIC:
            return gettext("Everybody")
        case Readers.PARTNERS:
            return gettext("Partners: everybody who is signed in")
        case _:
            known: Mapping[str, str] = {
                organisation_label(one.id): one.label(current_language()) for one in hub.organisations.all().values()
            }
            labels = sorted({*access.labels, *([access.keeper] if access.keeper else [])})
            return "; ".join(known.get(label, label) for label in labels)


def _readers(labels: frozenset[str], keeper: str | None) -> Readers:
    """Return the choice that comes to these labels. Who belongs to an organisation is a partner anyway."""
    if PUBLIC in labels:
        return Readers.PUBLIC
    if PARTNERS in labels:
        return Readers.PARTNERS
    return Readers.OWN if labels <= {keeper} else Readers.NAMED


def _moment(entered: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment that was entered in the hub's time zone."""
    return entered.replace(tzinfo=zone).astimezone(UTC) if entered is not None else None
