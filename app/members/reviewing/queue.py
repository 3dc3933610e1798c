"""The review queue: what waits, filtered and in order, and decisions on several at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app.forms import HubForm
from app.hub import checked_id, current_hub
from app.i18n import current_language, gettext
from app.members.access_form import access_in_words
from app.members.reviewing.words import meanwhile_words
from app.members.wording import organisation_name
from app.people import person, signed_in_only
from desk import takedowns
from desk.review_lists import PAGE
from desk.review_lists import queue as desk_queue
from desk.reviewing import take
from holdings import review_queue
from holdings.errors import ChangedMeanwhileError, HubError, NotAllowedError, TryAgainLaterError, UnknownIdError
from holdings.model import DocumentField
from holdings.review_queue import QueueOrder, Wanted
from holdings.states import State
from holdings.workflow import Action
from indexer.facets import facet_label
from indexer.model import Facet

STATES = (State.SUBMITTED, State.RETURNED, State.DRAFT, State.PUBLISHED, State.WITHDRAWN)
_AGES = (0, 3, 7, 14, 30)
_BATCH = {Action.PUBLISH, Action.RETURN}
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class QueueParameters:
    """What an address says of the queue: what cannot be read of it is left at its default."""

    state: State = State.SUBMITTED
    space: str = ""
    contributor: str = ""
    kind: str = ""
    days: int = 0
    personal: bool = False
    duplicates: bool = False
    order: QueueOrder = QueueOrder.LONGEST
    page: int = 1

    @classmethod
    def read(cls, arguments: MultiDict[str, str], usual: State) -> QueueParameters:
        """Return what an address says; where it says nothing of the state, that is the `usual` one."""
        state, order = arguments.get("state", ""), arguments.get("order", "")
        days = _number(arguments.get("days", ""))
        return cls(
            state=State(state) if state in set(STATES) else usual,
            space=_word(arguments.get("space", "")),
            contributor=_word(arguments.get("contributor", "")),
            kind=_word(arguments.get("kind", "")),
            days=days if days in _AGES else 0,
            personal="personal" in arguments,
            duplicates="duplicates" in arguments,
            order=QueueOrder(order) if order in set(QueueOrder) else QueueOrder.LONGEST,
            page=min(max(_number(arguments.get("page", "")), 1), _MOST_PAGES),
        )

    def wanted(self, now: datetime) -> Wanted:
        return Wanted(
            state=self.state,
            space=self.space or None,
            contributor=self.contributor or None,
            kind=self.kind or None,
            before=now - timedelta(days=self.days) if self.days else None,
            with_personal_data=self.personal,
            with_duplicates=self.duplicates,
        )

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters that are not at their default, with some changed, as `url_for` takes them."""
        usual = QueueParameters()
        given = {name: getattr(self, name) for name in self.__slots__} | changes
        shown = {name: value for name, value in given.items() if value != getattr(usual, name)}
        return {name: "1" if value is True else value for name, value in shown.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document of several that were decided together."""

    document_id: str
    title: str
    is_done: bool
    words: str


class BatchForm(HubForm):
    """Decides on several documents: which, and in which edition, is in the boxes that are ticked."""

    action = StringField(validators=[Length(max=20)])
    comment = TextAreaField(validators=[Length(max=5000)])


@signed_in_only
def queue() -> ResponseReturnValue:
    """Show what waits; decide on several at once where that is sent."""
    theirs = review_queue.states(person())
    states = [state for state in STATES if state in theirs]
    parameters = QueueParameters.read(request.args, next(iter(states), State.SUBMITTED))
    outcomes: list[Outcome] = []
    problem, form = "", BatchForm()
    if form.validate_on_submit():
        outcomes, problem = _decide_several(form)
        if not problem:
            form.comment.data = ""
    # What was ticked stays so until it is decided, but for what was changed meanwhile: it is looked at again.
    ticked = set(request.form.getlist("document")) if problem or form.errors else set()
    hub, language = current_hub(), current_language()
    listed = desk_queue(
        hub, person(), parameters.wanted(datetime.now(UTC)), order=parameters.order, page=parameters.page
    )
    return render_template(
        "members/reviewing/queue.html",
        form=form,
        queue=listed,
        parameters=parameters,
        states=states,
        has_reports=takedowns.decides(person()),
        ages=_AGES,
        orders=list(QueueOrder),
        pages=-(-listed.total // PAGE),
        outcomes=outcomes,
        problem=problem,
        ticked=ticked,
        kinds=sorted(((k.id, k.label(language)) for k in hub.vocabularies.kinds.values()), key=lambda kind: kind[1]),
        kind_of=lambda document: facet_label(hub, Facet.KIND, document.value(DocumentField.KIND) or "", language),
        access_of=lambda document: access_in_words(hub, document.access),
        organisation_name=organisation_name,
    )


def _decide_several(form: BatchForm) -> tuple[list[Outcome], str]:
    """Take the step that was sent with each document that was ticked, each by itself, and return what became of each.

    With it comes what is missing, where nothing could be begun.
    """
    action, comment = form.action.data or "", (form.comment.data or "").strip()
    chosen = request.form.getlist("document")[:PAGE]
    if action not in _BATCH:
        return [], gettext("Choose what to do.")
    if not chosen:
        return [], gettext("Tick at least one document.")
    if Action(action) is Action.RETURN and not comment:
        return [], gettext(
            "Say in the comment what is to be corrected: it goes to everybody whose document is returned."
        )
    return [_decide(ticked, Action(action), comment) for ticked in chosen], ""


def _decide(ticked: str, action: Action, comment: str) -> Outcome:
    """Take a step with one document and say what became of it. What stops everything is raised."""
    document_id, _, edition = ticked.partition(":")
    # As the page said it, for one that may not be looked at any more.
    title = request.form.get(f"title-{document_id}", "")
    try:
        done = take(current_hub(), person(), checked_id(document_id), action, edition=edition[:40], comment=comment)
    except ChangedMeanwhileError:
        return Outcome(document_id, title, is_done=False, words=meanwhile_words(document_id, edition))
    except (UnknownIdError, NotAllowedError):
        return Outcome(
            document_id, title, is_done=False, words=gettext("This is not yours to decide, or not any more.")
        )
    except TryAgainLaterError:
        raise
    except HubError as error:
        return Outcome(document_id, title, is_done=False, words=error.message)
    words = gettext("Published.") if action is Action.PUBLISH else gettext("Returned.")
    return Outcome(document_id, done.title, is_done=True, words=words)


def _number(text: str) -> int:
    """Return a number as an address may have it, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _word(text: str) -> str:
    """Return an id as an address may have it, empty for what is none."""
    return text if text.replace("-", "").isalnum() and text.isascii() and len(text) <= 80 else ""
