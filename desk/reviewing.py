"""Taking a record a step further on its way: submitting, returning, publishing, withdrawing, and what is said of it.

Each step is one transaction: the record is locked, the rule and the edition are checked against what it is now, and the
state, the review, the notices and the entry of the audit log are committed together or not at all. The index follows by
a worker; the step holds before that, by `indexer.supersession`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from desk import notices
from desk.completeness import missing
from desk.concerned import concerned
from desk.looking import may_look, require
from holdings import audit, documents, personal_data, reviews
from holdings.access import Access
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import IncompleteError, UndecidedError, UnknownIdError, UsageError
from holdings.model import Document
from holdings.reviews import Withdrawal
from holdings.states import State
from holdings.workflow import Action, allowed, destination
from indexer.hub import Hub
from ingest.delivery import have_index_follow

STEPS = frozenset(
    {
        Action.SUBMIT,
        Action.RECALL,
        Action.DISCARD,
        Action.COMMENT,
        Action.RETURN,
        Action.PUBLISH,
        Action.WITHDRAW,
        Action.REINSTATE,
    }
)
# Where who is told of a step can see it, and go on; the page of review where no other is named.
_WHERE = {Action.RETURN: "/work", Action.PUBLISH: "/documents", Action.REINSTATE: "/documents"}
# Steps that nobody understands without a word about them.
NEED_COMMENT = frozenset({Action.RETURN, Action.COMMENT})


def take(
    hub: Hub,
    by: Account | None,
    document_id: str,
    action: Action,
    *,
    edition: str,
    comment: str = "",
    withdrawal: Withdrawal | None = None,
) -> Document:
    """Take one step with a document and return it as it is then. `by` is None for the command line.

    `edition` is that of the document when whoever decides looked at it. `comment` is for the people of the desk, what a
    `withdrawal` says is for those who could read the document.

    Raises UnknownIdError for whom the document does not concern, NotAllowedError when it is not theirs to do or the
    state does not allow it, ChangedMeanwhileError when somebody saved the document since, and UsageError when the
    words are missing that the step needs.
    """
    with hub.catalogue.write() as session:
        document = opened_for(session, by, document_id, action, edition)
        after = step(session, hub, by, document, action, comment=comment, withdrawal=withdrawal)
    follow(hub, document, after)
    return after


def step(
    session: Session,
    hub: Hub,
    by: Account | None,
    document: Document,
    action: Action,
    *,
    comment: str = "",
    withdrawal: Withdrawal | None = None,
) -> Document:
    """Take one step with a document that was `opened_for` it, in the caller's transaction, and return what it is then.

    Raises UsageError when the words are missing that the step needs; when a person submits, IncompleteError for what
    lacks a title, a kind or a date, UndecidedError for what looks as if it held personal data and nobody has decided.
    """
    if action not in STEPS:
        raise ValueError(f"{action} is no step of the workflow")
    comment = comment.strip()
    if action in NEED_COMMENT and not comment:
        raise UsageError(f"{action.value!r} needs a comment", advice="Say in a few words what the others need to know.")
    if action is Action.SUBMIT and by is not None:
        _require_submittable(session, document)
    to = destination(document.state, action) or document.state
    if action is Action.DISCARD:
        documents.remove(session, document.id)
    elif to is not document.state:
        documents.set_access(session, document.id, replace(document.access, state=to))
    said = (withdrawal or Withdrawal()).details if action is Action.WITHDRAW else None
    record(session, hub, by, document, action, to=to, comment=comment, details=said)
    return documents.get(session, document.id)


def _require_submittable(session: Session, document: Document) -> None:
    if lacking := missing(document.values):
        names = tuple(field.value for field in lacking)
        raise IncompleteError(f"The document has no {', no '.join(names)}", missing=names)
    if personal_data.asks_for_decision(session, document):
        raise UndecidedError("The document seems to hold personal data, and nobody has decided of it")


def follow(hub: Hub, before: Document, after: Document) -> None:
    """Have the index follow what was committed, where it is of what is found."""
    if before.access != after.access and State.PUBLISHED in {before.state, after.state}:
        have_index_follow(hub)


def change_access(
    hub: Hub, by: Account | None, document_id: str, access: Access, *, edition: str, comment: str = ""
) -> Document:
    """Change who may read a published document, and its embargo, and return it as it is then.

    Keeper and state stay what they are. Raises as `take` does, and UsageError when there is no label left.
    """
    if not access.labels:
        raise UsageError("A document needs an access label", advice="Choose who may read it.")
    with hub.catalogue.write() as session:
        document = opened_for(session, by, document_id, Action.CHANGE_ACCESS, edition)
        new = replace(document.access, labels=access.labels, embargo_until=access.embargo_until)
        if new != document.access:
            documents.set_access(session, document_id, new)
            changed = {"before": document.access.as_recorded, "after": new.as_recorded}
            record(session, hub, by, document, Action.CHANGE_ACCESS, comment=comment.strip(), details=changed)
        after = documents.get(session, document_id)
    follow(hub, document, after)
    return after


def opened_for(session: Session, by: Account | None, document_id: str, action: Action, edition: str) -> Document:
    """Return a document, locked to the end of the transaction, for an action that somebody may take on this edition.

    Raises UnknownIdError, NotAllowedError and ChangedMeanwhileError, as `take` says.
    """
    now = documents.get(session, document_id)
    if not (may_look(by, now) or _concerned(session, by, now, edition)):
        raise UnknownIdError(f"There is no document {document_id}")
    document = documents.get_for_change(session, document_id, edition)
    require(by, document, action)
    return document


def _concerned(session: Session, by: Account | None, document: Document, edition: str) -> bool:
    """Say whether somebody could look at this edition of a document before a step was taken on it.

    A curator who decides a moment after an editor has returned a document is to be told so, although what is returned
    does not concern a curator.
    """
    then = next(iter(reviews.since(session, document.id, edition)), None)
    return by is not None and then is not None and Action.LOOK in allowed(then.from_state, by.parties(document))


def record(
    session: Session,
    hub: Hub,
    by: Account | None,
    document: Document,
    action: Action,
    *,
    to: State | None = None,
    comment: str = "",
    details: Mapping[str, str] | None = None,
) -> None:
    """Put on record that an action was taken on a document as it was before, and tell whom it concerns.

    `to` is the state that it led to, where that is another. Call it last: others who record wait for this transaction.
    """
    details, to = details or {}, to or document.state
    reviews.add(session, by, document, action, to=to, comment=comment, details=details)
    people = concerned(session, by, document, action, to)
    if people:
        notices.tell(
            session,
            hub.settings,
            people,
            f"document-{action.value}",
            document=document,
            comment=comment,
            path=f"{_WHERE.get(action, '/review')}/{document.id}",
        )
    audit.append(
        session,
        by if by is not None else audit.COMMAND_LINE,
        f"document.{action.value}",
        "document",
        document.id,
        **{"from": document.state.value, "to": to.value},
        # What was written for readers stays with the review: it may name somebody.
        **{name: value for name, value in details.items() if name != "note"},
    )
