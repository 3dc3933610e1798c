"""The page that tells of an error, in the words of its reader."""

from __future__ import annotations

from flask import render_template

from app.i18n import gettext
from app.problems import FORM_EXPIRED, Problem


def trouble_page(problem: Problem) -> str:
    """Return the page for a problem. It asks the hub for nothing: the hub may be what is in trouble."""
    title, advice = _words(problem)
    return render_template("trouble.html", problem=problem, title=title, advice=advice)


def _words(problem: Problem) -> tuple[str, str]:
    match problem.status:
        case 404:
            return (
                gettext("This page does not exist"),
                gettext("The address may be mistyped, or the document is no longer available. Try a search."),
            )
        case 400 if problem.code == FORM_EXPIRED:
            return (
                gettext("This form was not accepted"),
                gettext(
                    "It was open for too long, or in another browser. Nothing was saved: go back, load the page again, "
                    "and send it again."
                ),
            )
        case 401:
            return (gettext("You are not signed in"), gettext("Sign in, and open the address again."))
        case 400 | 405 | 414:
            return (
                gettext("This request cannot be understood"),
                gettext("Check the address, or start again from the home page."),
            )
        case 403:
            return (
                gettext("This is not yours to do"),
                gettext("Nothing was changed. Ask an editor of the organisation, or the people who run the hub."),
            )
        case 409:
            return (
                gettext("Somebody else was faster"),
                gettext("Nothing of yours was saved. Go back, look at what was changed, and enter yours again."),
            )
        case 410:
            return (
                gettext("This file is no longer here"),
                gettext("It was removed on purpose. The page of the document says when and why."),
            )
        case 413:
            return (
                gettext("This is too large"),
                gettext("Nothing of it was saved. Shorten the text, or send files on the page for uploads."),
            )
        case 429:
            return (
                gettext("Too many requests"),
                gettext("More came from you, or from your network, than the hub answers. Please wait and try again."),
            )
        case 503:
            return (
                gettext("The hub is not available at the moment"),
                gettext("Nothing is lost. Please try again in a moment."),
            )
        case _:
            return (
                gettext("Something went wrong"),
                gettext("The fault has been noted. If it happens again, tell the people who run the hub when it did."),
            )
