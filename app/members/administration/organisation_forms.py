"""The forms in which administrators make, change, rename, merge and import organisations."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.forms import HubForm
from app.i18n import gettext
from holdings.model import Organisation
from holdings.profiles import (
    MAX_ACRONYM,
    MAX_DESCRIPTION,
    MAX_NAME,
    MAX_QUOTA_MB,
    MAX_WEBSITE,
    Fault,
    is_id,
    is_website,
)


def fault_words(fault: Fault) -> str:
    """Return what is wrong with a profile, in the language of the page."""
    words = {
        Fault.ID: gettext("An id has small letters, digits and hyphens between them, at most 80."),
        Fault.NAME: gettext("The names are needed, of at most %(number)s characters.") % {"number": MAX_NAME},
        Fault.ACRONYM: gettext("The acronym has at most %(number)s characters.") % {"number": MAX_ACRONYM},
        Fault.GROUP: gettext("There is no such stakeholder group."),
        Fault.DESCRIPTION: gettext("A description has at most %(number)s characters.") % {"number": MAX_DESCRIPTION},
        Fault.WEBSITE: gettext("The website is not an address that begins with https:// or http://."),
        Fault.QUOTA: gettext("The quota is not a whole number of megabytes."),
    }
    return words[fault]


def _id(_form: HubForm, field: StringField) -> None:
    if field.data and not is_id(field.data.strip()):
        raise ValidationError(fault_words(Fault.ID))


def _website(_form: HubForm, field: StringField) -> None:
    if field.data and not is_website(field.data.strip()):
        raise ValidationError(fault_words(Fault.WEBSITE))


class NamesForm(HubForm):
    name_id = StringField(validators=[InputRequired(), Length(max=MAX_NAME)])
    name_en = StringField(validators=[InputRequired(), Length(max=MAX_NAME)])
    acronym = StringField(validators=[Optional(), Length(max=MAX_ACRONYM)])
    edition = HiddenField()


class ProfileForm(NamesForm):
    """The profile of an organisation. A view that changes one leaves `id` out: renaming has a page of its own."""

    id = StringField(validators=[Optional(), Length(max=80), _id])
    group = SelectField(validators=[Optional()])
    description_id = TextAreaField(validators=[Optional(), Length(max=MAX_DESCRIPTION)])
    description_en = TextAreaField(validators=[Optional(), Length(max=MAX_DESCRIPTION)])
    website = StringField(validators=[Optional(), Length(max=MAX_WEBSITE), _website])
    quota_mb = IntegerField(validators=[Optional(), NumberRange(0, MAX_QUOTA_MB)])

    def offer_groups(self, groups: Iterable[tuple[str, str]]) -> None:
        """Offer these stakeholder groups, ids and labels, and none."""
        self.group.choices = [("", gettext("not said")), *groups]

    def profile(self, organisation_id: str) -> Organisation:
        """Return what the form says of the organisation with this id."""
        return Organisation(
            id=organisation_id,
            name_id=_text(self.name_id),
            name_en=_text(self.name_en),
            acronym=_text(self.acronym) or None,
            group=self.group.data or None,
            description_id=(self.description_id.data or "").strip(),
            description_en=(self.description_en.data or "").strip(),
            website=_text(self.website),
            quota_mb=self.quota_mb.data,
        )


class RenameForm(NamesForm):
    new_id = StringField(validators=[Optional(), Length(max=80), _id])


class MergeForm(HubForm):
    """The decision on a merger that was shown: `edition` is that of what was foreseen."""

    into = HiddenField(validators=[InputRequired()])
    edition = HiddenField(validators=[InputRequired()])


class ImportForm(HubForm):
    file = FileField(validators=[FileRequired()])


def _text(field: StringField) -> str:
    return " ".join((field.data or "").split())
