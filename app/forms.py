"""Forms: Flask-WTF with its check against forged requests, and messages in the language of the page.

A form declares its fields and what they take; labels and hints stand in the templates, beside the words around them.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect, FlaskForm

from app.hub import current_hub
from app.i18n import gettext
from holdings.secret_key import secret_key

csrf = CSRFProtect()


class HubForm(FlaskForm):  # type: ignore[misc]
    """A form of the site. What WTForms says of its own is said in the language of the page."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: Any) -> Any:
            return _Words()

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            filters = [_without_nul, *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, filters=filters, **options)


def _without_nul(value: Any) -> Any:
    """Return what was sent without the sign NUL: nobody can type it, and a database refuses it."""
    return value.replace("\0", "") if isinstance(value, str) else value


class _Words:
    """What WTForms says of its own, in the language of the page."""

    def gettext(self, message: str) -> str:
        return _said_by_wtforms().get(message, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


def _said_by_wtforms() -> dict[str, str]:
    """Return its messages, by their English: WTForms knows no Indonesian."""
    return {
        "This field is required.": gettext("This is needed."),
        "Invalid email address.": gettext("This is not an e-mail address."),
        "Not a valid choice.": gettext("Choose one of those that are offered."),
        "Invalid Choice: could not coerce.": gettext("Choose one of those that are offered."),
        "Not a valid date value.": gettext("This is not a date."),
        "Not a valid datetime value.": gettext("This is not a date and time."),
        "Not a valid integer value.": gettext("This is not a number."),
        "Field cannot be longer than %(max)d character.": gettext("This is too long: at most %(max)d characters."),
        "Field cannot be longer than %(max)d characters.": gettext("This is too long: at most %(max)d characters."),
        "Field must be at least %(min)d character long.": gettext("This is too short: at least %(min)d characters."),
        "Field must be at least %(min)d characters long.": gettext("This is too short: at least %(min)d characters."),
        "Invalid URL.": gettext("This is not an address of the web."),
        "The CSRF token is missing.": gettext("The form was open for too long, or in another browser. Send it again."),
        "The CSRF tokens do not match.": gettext(
            "The form was open for too long, or in another browser. Send it again."
        ),
    }


def protect(app: Flask) -> None:
    """Refuse every change that does not come from a form of the hub's own.

    A form stays good for as long as the browser holds its session cookie, over a restart too.
    """
    with app.app_context():
        settings = current_hub().settings
        is_secure = settings.app.public_url.startswith("https://")
        app.config.update(
            SECRET_KEY=secret_key(settings),
            WTF_CSRF_TIME_LIMIT=None,
            # Browsers hold a cookie with this prefix to this host, over https.
            SESSION_COOKIE_NAME="__Host-ikhub-form" if is_secure else "ikhub-form",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_SECURE=is_secure,
        )
    csrf.init_app(app)
