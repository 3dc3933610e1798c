"""What happened to a document, said in the language of the page."""

from __future__ import annotations

from app.hub import current_hub
from app.i18n import gettext, moment
from desk.review_lists import Happening, happened_since
from holdings.workflow import Action

_COMMENT_CHARACTERS = 200


def done_words(happening: Happening) -> str:
    """Return one sentence that says who did what, and when."""
    who = happening.name or gettext("The people who run the hub")
    sentence = {
        Action.EDIT: gettext("%(who)s corrected the description on %(when)s."),
        Action.SUBMIT: gettext("%(who)s submitted it on %(when)s."),
        Action.RECALL: gettext("%(who)s took it back on %(when)s."),
        Action.DISCARD: gettext("%(who)s discarded it on %(when)s."),
        Action.COMMENT: gettext("%(who)s commented on %(when)s."),
        Action.RETURN: gettext("%(who)s returned it on %(when)s."),
        Action.PUBLISH: gettext("%(who)s published it on %(when)s."),
        Action.CHANGE_ACCESS: gettext("%(who)s changed who may read it on %(when)s."),
        Action.WITHDRAW: gettext("%(who)s withdrew it on %(when)s."),
        Action.REINSTATE: gettext("%(who)s published it again on %(when)s."),
        Action.PURGE: gettext("%(who)s had its original destroyed on %(when)s."),
    }[happening.review.action]
    return sentence % {"who": who, "when": moment(happening.review.at)}


def meanwhile_words(document_id: str, edition: str) -> str:
    """Say that nothing was saved since somebody else was faster, and what they did."""
    nothing = gettext("Nothing of yours was saved, for the document was changed meanwhile.")
    happened = happened_since(current_hub(), document_id, edition)
    if happened is None:
        return f"{nothing} {gettext('Look at it again, and decide then.')}"
    comment = happened.review.comment
    if len(comment) > _COMMENT_CHARACTERS:
        comment = f"{comment[:_COMMENT_CHARACTERS]}…"
    return " ".join([nothing, done_words(happened), *([f"“{comment}”"] if comment else [])])
