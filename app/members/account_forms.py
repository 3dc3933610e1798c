"""The forms of signing in and of people's own accounts."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms import HubForm
from app.i18n import LANGUAGE_NAMES, gettext
from desk.accounts import checked_email
from holdings import tokens
from holdings.errors import UsageError
from holdings.passwords import LONGEST, Weakness
from holdings.tokens import Scope


def _is_email(_form: HubForm, field: StringField) -> None:
    try:
        checked_email(field.data or "")
    except UsageError as error:
        raise ValidationError(gettext("This is not an e-mail address.")) from error


def _not_blank(_form: HubForm, field: StringField) -> None:
    if not (field.data or "").strip():
        raise ValidationError(gettext("This is needed."))


def _is_chosen(_form: HubForm, field: SelectMultipleField) -> None:
    # Not InputRequired: a browser would want every box to be ticked.
    if not field.data:
        raise ValidationError(gettext("This is needed."))


_LANGUAGES = [SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()]
_EMAIL = [InputRequired(), Length(max=320), _is_email]
_NAME = [InputRequired(), Length(max=200), _not_blank]
_PASSWORD = [InputRequired(), Length(max=4 * LONGEST)]


class SignInForm(HubForm):
    email = StringField(validators=[InputRequired(), Length(max=320)])
    password = PasswordField(validators=_PASSWORD)


class CodeForm(HubForm):
    code = StringField(validators=[InputRequired(), Length(max=60)])


class ForgottenForm(HubForm):
    email = EmailField(validators=_EMAIL)


class ConfirmForm(HubForm):
    """Asks for the present password; a view leaves the field out for somebody who has none."""

    present = PasswordField(validators=_PASSWORD)


class NewPasswordForm(HubForm):
    password = PasswordField(validators=_PASSWORD)
    repeated = PasswordField(validators=_PASSWORD)

    def validate_repeated(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("This is not the same as above."))

    def refuse(self, weakness: str) -> None:
        """Say why the password is refused."""
        self.password.errors = [weakness_words(Weakness(weakness))]


class ChangePasswordForm(ConfirmForm, NewPasswordForm):
    pass


class InvitationForm(NewPasswordForm):
    name = StringField(validators=_NAME)


class ProfileForm(HubForm):
    name = StringField(validators=_NAME)
    language = SelectField(choices=_LANGUAGES)


class EmailChangeForm(ConfirmForm):
    email = EmailField(validators=_EMAIL)


class SetupForm(ConfirmForm, CodeForm):
    pass


class TokenForm(ConfirmForm):
    name = StringField(validators=[InputRequired(), Length(max=tokens.LONGEST_NAME), _not_blank])
    scopes = SelectMultipleField(
        choices=[SelectChoice(scope.value) for scope in Scope],
        validators=[_is_chosen],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        default=[Scope.READ.value],
    )
    days = IntegerField(validators=[InputRequired()], default=tokens.USUAL_DAYS)

    def validate_days(self, field: IntegerField) -> None:
        if field.data is not None and not 1 <= field.data <= tokens.MOST_DAYS:
            raise ValidationError(gettext("From 1 to 365 days."))


class ErasureForm(ConfirmForm):
    sure = BooleanField(validators=[InputRequired()])


class InviteForm(HubForm):
    """A view says which roles there are to choose from."""

    email = EmailField(validators=_EMAIL)
    role = RadioField()
    language = SelectField(choices=_LANGUAGES)


def weakness_words(weakness: Weakness) -> str:
    """Return why a password is refused, in the language of the page."""
    match weakness:
        case Weakness.SHORT:
            return gettext("This is too short: at least 12 characters. Several words that nobody expects are best.")
        case Weakness.LONG:
            return gettext("This is too long: at most 256 characters.")
        case Weakness.COMMON:
            return gettext("This is one of the first that others would try. Take several words that nobody expects.")
        case Weakness.PERSONAL:
            return gettext("This is made of your name or address. Take several words that nobody expects.")
