"""The form of a draft: filled with what counts now, and read as what the person touched or confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wtforms import HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.i18n import current_language, gettext
from app.members.access_form import AccessForm, access_in_words
from app.members.uploading.words import judgement_words
from desk.completeness import missing
from desk.drafts import declaration, may_set_access
from holdings.accounts import Account
from holdings.errors import UsageError
from holdings.model import MANY_VALUED, Document, DocumentField
from holdings.personal_data import Judgement
from holdings.vocabularies.lookup import resolve, terms_of
from indexer.facets import facet_label, language_label
from indexer.hub import Hub
from indexer.model import Facet

_LANGUAGES = ("id", "en", "jv", "su", "ms", "ar", "fr", "de", "nl", "ja", "zh")
_ACCESS = "access"
# A licence that is written otherwise than any of the vocabulary stays as it stands.
_AS_WRITTEN = "as-written"
# The names that fields have in the form.
NAMES: Mapping[DocumentField, str] = {field: field.value for field in DocumentField}
# What goes with a step to come, and is not of the draft: kept in the form until then.
BESIDE = ("judgement", "note", "comment")
Shown = dict[str, list[str]]


class DraftForm(AccessForm):
    """What can be stated of a document. Set up with `offer_fields`, filled with `fill`, read with `touched`."""

    title = TextAreaField(validators=[Length(max=2000)])
    kind = SelectField(validate_choice=True)
    date = StringField(validators=[Length(max=20)])
    authors = TextAreaField(validators=[Length(max=20_000)])
    organisation = TextAreaField(validators=[Length(max=20_000)])
    number = StringField(validators=[Length(max=200)])
    language = SelectField()
    themes = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    provinces = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    priorities = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    abstract = TextAreaField(validators=[Length(max=20_000)])
    licence = RadioField(validate_choice=True)
    confirmed = SelectMultipleField(choices=list(NAMES.values()), validate_choice=True)
    judgement = RadioField(choices=[SelectChoice(one.value) for one in Judgement], validators=[Optional()])
    note = TextAreaField(validators=[Length(max=2000)])
    comment = TextAreaField(validators=[Length(max=2000)])
    edition = HiddenField()
    # What the form showed when it was opened: by it is told what somebody else has changed since.
    was = HiddenField()

    def offer_fields(self, hub: Hub, by: Account, document: Document) -> None:
        """Offer what a person can choose of this document."""
        self.offer(hub, document.access)
        if not may_set_access(by, document):
            self.withhold()
        self._hub, self._document, language = hub, document, current_language()
        nothing = [SelectChoice("", gettext("Not known"))]

        def offered(vocabulary: str, chosen: Sequence[str]) -> list[SelectChoice]:
            labels = {i: term.label(language) for i, term in terms_of(hub.vocabularies, vocabulary).items()}
            # What the document has and the vocabulary has no more can still be kept, or taken away.
            labels |= {one: one for one in chosen if one not in labels}
            return [SelectChoice(value, label) for value, label in labels.items()]

        shown = shown_values(hub, document)
        self.kind.choices = nothing + offered("kind", [one for one in shown["kind"] if one])
        self.themes.choices = offered("theme", shown["themes"])
        self.provinces.choices = sorted(offered("province", shown["provinces"]), key=lambda one: one.label)
        self.priorities.choices = offered("priority", shown["priorities"])
        codes = dict.fromkeys([*_LANGUAGES, *(one for one in shown["language"] if one)])
        self.language.choices = nothing + [SelectChoice(code, language_label(code, language)) for code in codes]
        self.judgement.choices = [SelectChoice(value, words) for value, words in judgement_words().items()]
        self.licence.choices = [SelectChoice("", gettext("Not chosen yet")), *offered("licence", [])]
        if shown["licence"] == [_AS_WRITTEN]:
            self.licence.choices.append(SelectChoice(_AS_WRITTEN, document.value(DocumentField.LICENCE)))

    def fill(self) -> None:
        """Fill in what counts now. For a form that is opened, not for one that was sent."""
        if "readers" in self:
            self.show()
        shown = shown_values(self._hub, self._document)
        for name in NAMES.values():
            self._put(name, shown[name])
        self.bind()

    def bind(self) -> None:
        """Bind the form to the document as it is now."""
        self.edition.data = self._document.edition
        self.was.data = json.dumps(self._now(), ensure_ascii=False)

    def take_over(self, name: str) -> None:
        """Show what a field has now, in the place of what it had when the form was opened."""
        self._put(name, shown_values(self._hub, self._document)[name])

    def entered(self, name: str) -> list[str]:
        """Return what a field holds, as values in the form in which `shown_values` has them."""
        data = self[name].data
        if isinstance(data, list):
            return list(data)
        text = (data or "").replace("\r\n", "\n")
        if name in {"authors", "organisation"}:
            return [line.strip() for line in text.split("\n") if line.strip()]
        return [text.strip()] if text.strip() else []

    def touched(self) -> dict[DocumentField, list[str]]:
        """Return what the person states: the fields that they changed or confirmed, with their values."""
        shown = shown_values(self._hub, self._document)
        by_label = dict(zip(shown["organisation"], self._document.values(DocumentField.ORGANISATION), strict=True))
        stated = {}
        for field, name in NAMES.items():
            entered = self.entered(name)
            is_other = set(entered) != set(shown[name]) if field in MANY_VALUED else entered != shown[name]
            if entered == [_AS_WRITTEN] or not (is_other or name in (self.confirmed.data or ())):
                continue
            if field is DocumentField.ORGANISATION:
                entered = [by_label.get(line, line) for line in entered]
            stated[field] = entered
        return stated

    def changed_meanwhile(self) -> list[str]:
        """Return the names of what shows something else now than when the form was opened."""
        try:
            was = json.loads(self.was.data or "")
        except ValueError:
            return []
        now = self._now()
        return [name for name in now if isinstance(was, dict) and was.get(name) != now[name]]

    def was_shown(self, name: str) -> list[str]:
        """Return what a field showed when the form was opened."""
        was = json.loads(self.was.data or "{}").get(name, [])
        return [str(one) for one in was] if isinstance(was, list) else []

    def mark_missing(self) -> list[str]:
        """Mark the fields without whose value a document is not submitted, and return their names."""
        lacking = [NAMES[field] for field in missing(lambda field: self.entered(NAMES[field]))]
        for name in lacking:
            self[name].errors = [*self[name].errors, gettext("Fill this in before you submit.")]
        return lacking

    def mark_undecided(self) -> list[str]:
        """Mark what a decision on personal data lacks. Nothing of the document itself is missing by that."""
        if not self.judgement.data:
            self.judgement.errors = [gettext("Choose one of those that are offered.")]
        elif self.judgement.data == Judgement.MAY_BE_READ.value and not (self.note.data or "").strip():
            self.note.errors = [gettext("Say on what ground the data may be read.")]
        return []

    def validate_date(self, field: StringField) -> None:
        self._check(DocumentField.DATE, gettext("Write it as 2018, 2018-06 or 2018-06-21."))

    def validate_organisation(self, field: TextAreaField) -> None:
        self._check(DocumentField.ORGANISATION, gettext("This is not the name of an organisation."))

    def _check(self, field: DocumentField, message: str) -> None:
        try:
            declaration(self._hub, field, self.entered(NAMES[field]))
        except UsageError as error:
            raise ValidationError(message) from error

    def _put(self, name: str, values: Sequence[str]) -> None:
        is_list = isinstance(self[name], SelectMultipleField)
        self[name].data = list(values) if is_list else "\n".join(values)

    def _now(self) -> Shown:
        access = self._document.access
        until = access.embargo_until.isoformat() if access.embargo_until is not None else ""
        return {**shown_values(self._hub, self._document), _ACCESS: [access_in_words(self._hub, access), until]}


def shown_values(hub: Hub, document: Document) -> Shown:
    """Return what the form shows of each field: values, but for organisations, which stand there by their names."""
    shown = {
        name: list(document.values(field) if field in MANY_VALUED else _one(document, field))
        for field, name in NAMES.items()
    }
    shown["organisation"] = [
        facet_label(hub, Facet.ORGANISATION, one, current_language()) for one in shown["organisation"]
    ]
    if shown["licence"]:
        known = resolve(hub.vocabularies, "licence", shown["licence"][0])
        shown["licence"] = [known or _AS_WRITTEN]
    return shown


def _one(document: Document, field: DocumentField) -> list[str]:
    value = document.value(field)
    return [value.strip()] if value and value.strip() else []
