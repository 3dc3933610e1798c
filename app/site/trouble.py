"""The page that tells of an error, in the words of its reader."""

from __future__ import annotations

from flask import render_template

from app.i18n import gettext
from app.problems import Problem


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
        case 400 | 405 | 414:
            return (
                gettext("This request cannot be understood"),
                gettext("Check the address, or start again from the home page."),
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
