"""Reports that ask for a document to be taken down: made by anybody who may read it, decided at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from desk import letters, notices
from desk.concerned import editors
from desk.purging import PurgeOrder, nothing_to_read, order_purge
from desk.reviewing import follow, step
from holdings import accounts, audit, documents, takedowns
from holdings.access import Viewer
from holdings.accounts import Account, HubRole, Role
from holdings.errors import NotAllowedError, UnknownIdError, UsageError
from holdings.model import Document
from holdings.reasons import OF_REPORTS, Reason
from holdings.reviews import Withdrawal
from holdings.states import State
from holdings.takedowns import Report, ReportStatus
from holdings.workflow import Action, allowed
from indexer.hub import Hub
from ingest.purging import destroy_purged


class Decision(StrEnum):
    """What comes of a report."""

    REJECT = "reject"
    WITHDRAW = "withdraw"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says who asks for a document to be taken down. `language` is that of an answer."""

    reason: Reason
    text: str
    name: str = ""
    email: str = ""
    language: str = "id"


def report(hub: Hub, by: Account | None, viewer: Viewer, document_id: str, complaint: Complaint) -> Report:
    """Record that somebody asks for a document to be taken down, and tell those who decide.

    `by` is None for who is not signed in. Raises UnknownIdError and WithdrawnError for what `viewer` may not read, and
    UsageError when a reason or words are missing.
    """
    if complaint.reason not in OF_REPORTS or not complaint.text.strip():
        raise UsageError("A report needs a reason and words", advice="Say what is wrong, and on which page.")
    with hub.catalogue.write() as session:
        document = documents.read(session, document_id, viewer, datetime.now(UTC))
        made = takedowns.add(
            session,
            document_id,
            complaint.reason,
            complaint.text.strip(),
            name=complaint.name.strip(),
            email=complaint.email.strip(),
            language=complaint.language,
        )
        deciders = [*editors(session, document), *accounts.with_hub_role(session, HubRole.CURATOR)]
        told = {account.id: account for account in deciders}.values()
        notices.tell(
            session, hub.settings, told, "takedown-reported", document=document, path=f"/review/reports/{made.id}"
        )
        audit.append(
            session,
            by if by is not None else audit.PUBLIC,
            "takedown.report",
            "document",
            document_id,
            report=made.id,
            reason=complaint.reason.value,
        )
    return made


def decides(by: Account) -> bool:
    """Say whether reports are for somebody at all."""
    return by.hub_role is HubRole.CURATOR or bool(by.organisations(Role.EDITOR))


def spaces_of(by: Account) -> tuple[str, ...] | None:
    """Return the spaces whose reports are for somebody; None stands for all."""
    return None if by.hub_role is HubRole.CURATOR else by.organisations(Role.EDITOR)


def look_at(hub: Hub, by: Account, report_id: str) -> tuple[Report, Document]:
    """Return a report and the document that it is about, for those who decide of it. That it was read is put on record.

    Raises UnknownIdError for all others.
    """
    with hub.catalogue.write() as session:
        found = takedowns.get(session, report_id)
        document = documents.get(session, found.document_id)
        _require_decider(by, document, report_id)
        audit.append(session, by, "takedown.look", "document", document.id, report=report_id)
    return found, document


def possible(by: Account, document: Document) -> tuple[Decision, ...]:
    """Return what somebody may decide of a report on a document."""
    may = allowed(document.state, by.parties(document))
    withdrawn = allowed(State.WITHDRAWN, by.parties(document))
    decisions = [Decision.REJECT]
    if Action.WITHDRAW in may:
        decisions.append(Decision.WITHDRAW)
    if Action.PURGE in withdrawn and (Action.WITHDRAW in may or document.state is State.WITHDRAWN):
        decisions.append(Decision.PURGE)
    return tuple(decisions)


def decide(
    hub: Hub,
    by: Account,
    report_id: str,
    decision: Decision,
    answer: str,
    *,
    edition: str,
    withdrawal: Withdrawal | None = None,
) -> Report:
    """Decide of a report in one transaction, do what was decided, and answer who made it, where an address was given.

    `edition` is that of the document as whoever decides saw it. Raises UnknownIdError, NotAllowedError, UsageError when
    there are no words for an answer, StillUsedError as purging does, and ChangedMeanwhileError when somebody else dealt
    with the report or changed the document.
    """
    answer = answer.strip()
    if not answer:
        raise UsageError("A report needs an answer", advice="Say in a few words what was decided, and why.")
    nothing = nothing_to_read(hub)
    with hub.catalogue.write() as session:
        found = takedowns.get(session, report_id)
        _require_decider(by, documents.get(session, found.document_id), report_id)
        document = after = documents.get_for_change(session, found.document_id, edition)
        if decision not in possible(by, document):
            raise NotAllowedError(f"{decision.value!r} is not for you, or not for what is {document.state.value}")
        closed = takedowns.close(session, report_id, by, _STATUS[decision], answer)
        said = withdrawal or Withdrawal(found.reason)
        if decision is not Decision.REJECT and document.state is not State.WITHDRAWN:
            after = step(session, hub, by, document, Action.WITHDRAW, comment=answer, withdrawal=said)
        if decision is Decision.PURGE:
            after = order_purge(session, hub, by, after, PurgeOrder(said.reason, said.note), nothing)
        letters.write(
            session,
            hub.settings,
            "takedown-answer",
            address=found.email,
            language=found.language,
            key=f"takedown-{report_id}",
            reference=report_id,
            answer=answer,
            taken_down=decision is not Decision.REJECT,
        )
        audit.append(session, by, "takedown.decide", "document", document.id, report=report_id, decision=decision.value)
    follow(hub, document, after)
    destroy_purged(hub)
    return closed


_STATUS = {
    Decision.REJECT: ReportStatus.REJECTED,
    Decision.WITHDRAW: ReportStatus.WITHDRAWN,
    Decision.PURGE: ReportStatus.PURGED,
}


def decides_of(by: Account, document: Document) -> bool:
    """Say whether reports on a document are for somebody."""
    spaces = spaces_of(by)
    return spaces is None or (document.access.keeper or "").removeprefix("org:") in spaces


def _require_decider(by: Account, document: Document, report_id: str) -> None:
    if not decides_of(by, document):
        raise UnknownIdError(f"There is no report {report_id}")
