"""The form in which administrators edit a term of a vocabulary."""

from __future__ import annotations

import re

from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import HubForm
from app.i18n import current_language, gettext
from holdings import terms
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.edits import TermEdit, conflicts
from holdings.vocabularies.lookup import terms_of

_MAX_NAME, _MAX_NAMES = 120, 200


class TermForm(HubForm):
    """The names of a term; `previewed` is the edition of what was shown before it is saved."""

    id = StringField(validators=[Optional(), Length(max=80)])
    label_id = StringField(validators=[InputRequired(), Length(max=_MAX_NAME)])
    label_en = StringField(validators=[InputRequired(), Length(max=_MAX_NAME)])
    synonyms_id = TextAreaField(validators=[Optional(), Length(max=_MAX_NAME * _MAX_NAMES)])
    synonyms_en = TextAreaField(validators=[Optional(), Length(max=_MAX_NAME * _MAX_NAMES)])
    priorities = SelectMultipleField(
        validators=[Optional()], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    retired = BooleanField()
    edition = HiddenField()
    previewed = HiddenField()

    def validate_synonyms_id(self, field: TextAreaField) -> None:
        _check_names(field)

    def validate_synonyms_en(self, field: TextAreaField) -> None:
        _check_names(field)

    def edit(self, vocabulary: str, term_id: str) -> TermEdit:
        """Return what the form says of a term."""
        return TermEdit(
            vocabulary=vocabulary,
            id=term_id,
            label_id=" ".join((self.label_id.data or "").split()),
            label_en=" ".join((self.label_en.data or "").split()),
            synonyms_id=_names(self.synonyms_id.data),
            synonyms_en=_names(self.synonyms_en.data) if vocabulary != "province" else (),
            priorities=tuple(self.priorities.data or ()) if self.priorities is not None else (),
            retired=bool(self.retired.data) if self.retired is not None else False,
        )

    def show(self, edit: TermEdit) -> None:
        """Fill the form with a term as it stands."""
        self.label_id.data, self.label_en.data = edit.label_id, edit.label_en
        self.synonyms_id.data, self.synonyms_en.data = "\n".join(edit.synonyms_id), "\n".join(edit.synonyms_en)
        if self.priorities is not None:
            self.priorities.data, self.retired.data = list(edit.priorities), edit.retired
        self.edition.data = terms.edition_of(edit)

    def say_conflicts(self, vocabularies: Vocabularies, edit: TermEdit) -> bool:
        """Say at each field which of its names another term has already; return whether there are any."""
        taken = dict(conflicts(vocabularies, edit))
        for field, names in (
            (self.label_id, (edit.label_id,)),
            (self.label_en, (edit.label_en,)),
            (self.synonyms_id, edit.synonyms_id),
            (self.synonyms_en, edit.synonyms_en),
        ):
            field.errors = [
                *field.errors,
                *(
                    gettext("“%(name)s” is a name of “%(term)s” already: a name belongs to one term.")
                    % {"name": name, "term": _label(vocabularies, edit.vocabulary, taken[name])}
                    for name in names
                    if name in taken
                ),
            ]
        return bool(taken)


def _label(vocabularies: Vocabularies, vocabulary: str, term_id: str) -> str:
    return terms_of(vocabularies, vocabulary)[term_id].label(current_language())


def _names(text: str | None) -> tuple[str, ...]:
    """Return the names in a text, one a line, each once whatever its case."""
    names = (" ".join(line.split()) for line in re.split(r"[\n\r]+", text or ""))
    return tuple({name.casefold(): name for name in names if name}.values())


def _check_names(field: TextAreaField) -> None:
    names = _names(field.data)
    if len(names) > _MAX_NAMES or any(len(name) > _MAX_NAME for name in names):
        raise ValidationError(
            gettext("At most %(names)s names, one a line, each of at most %(characters)s characters.")
            % {"names": _MAX_NAMES, "characters": _MAX_NAME}
        )
