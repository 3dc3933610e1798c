"""Everything that one person, their organisation and a document of it have with an id, for others to try."""

from __future__ import annotations

from dataclasses import dataclass

from desk import accounts as desk_accounts
from desk import notices, uploads
from holdings import accounts, arrivals, documents, sessions, tokens
from holdings import uploads as holdings_uploads
from holdings.access import Access
from holdings.accounts import Role
from holdings.model import Document
from holdings.notices import of as notices_of
from holdings.reasons import Reason
from holdings.states import State
from holdings.tables_desk import MailRow, SavedSearchRow, TakedownReportRow
from holdings.tables_people import AccountRow, ApiTokenRow, InvitationRow, SessionRow
from holdings.takedowns import add as add_report
from tests.access.stage import Stage
from tests.access.world import Known

OWNER = "editor"
SPACE = "satu"


@dataclass(frozen=True, slots=True)
class Owned:
    """The ids of what there is of `OWNER`, by the names that addresses have for them."""

    draft: Known
    hidden: Known
    ids: dict[str, str]


def made(stage: Stage) -> Owned:
    """Make one of everything, for the editor of a space."""
    reader = stage.world.readers[OWNER]
    assert reader.account_id is not None
    draft = stage.add(Access(frozenset({"public"}), None, f"org:{SPACE}", State.DRAFT), contributor=reader)
    hidden = stage.add(Access(frozenset({f"org:{SPACE}"}), None, f"org:{SPACE}"), contributor=reader)
    with stage.hub.catalogue.read() as session:
        owner = accounts.get(session, reader.account_id)
    upload = uploads.begin(stage.hub, owner, space=SPACE, name="rahasia.pdf", size=1000, batch="kiriman")
    desk_accounts.invite(stage.hub, None, email="baru@example.org", role=Role.PARTNER, organisation_id=SPACE)
    with stage.hub.catalogue.write() as session:
        report = add_report(session, hidden.id, Reason.OTHER, "Tolong.", language="id")
        published = documents.get(session, hidden.id)
        told = {"comment": "", "path": f"/documents/{hidden.id}"}
        notices.tell(session, stage.hub.settings, [owner], "document-publish", document=published, **told)
    with stage.hub.catalogue.read() as session:
        ids = {
            "document_id": hidden.id,
            "other_id": draft.id,
            "sha256": hidden.sha256,
            "account_id": owner.id,
            "organisation_id": SPACE,
            "upload_id": upload.id,
            "token_id": next(token.id for token in tokens.of(session, owner.id) if token.is_good),
            "session_id": sessions.of(session, owner.id)[0].id,
            "invitation_id": session.query(InvitationRow).filter_by(email="baru@example.org").one().id,
            "search_id": session.query(SavedSearchRow).filter_by(account_id=owner.id).one().id,
            "report_id": report.id,
            "mail_id": session.query(MailRow).filter_by(account_id=owner.id).first().id,  # type: ignore[union-attr]
            "arrival_id": str(arrivals.receipts_of(session, hidden.id)[0].id),
            "notice_id": str(notices_of(session, owner.id, limit=1, offset=0)[0].id),
            "number": "1",
            "page_number": "1",
            "vocabulary": "theme",
            "term_id": "youth",
            # Secrets are not guessed: a wrong one leads nowhere.
            **dict.fromkeys(("token", "secret", "code"), "rahasia-1"),
        }
    return Owned(draft, hidden, ids)


def state_of(stage: Stage, owned: Owned) -> list[object]:
    """Return what must be as it was after others have tried: everything that could be changed, ended or deleted."""
    ids = owned.ids
    with stage.hub.catalogue.read() as session:
        account = session.get_one(AccountRow, ids["account_id"])
        search = session.get_one(SavedSearchRow, ids["search_id"])
        mail = session.get_one(MailRow, ids["mail_id"])
        report = session.get_one(TakedownReportRow, ids["report_id"])
        upload = holdings_uploads.get(session, ids["upload_id"])
        return [
            *(_facts(documents.get(session, known.id)) for known in (owned.draft, owned.hidden)),
            (account.status, account.hub_role, account.totp_secret, account.password_hash, account.email, account.name),
            [(member.organisation_id, member.role) for member in account.memberships],
            session.get_one(SessionRow, ids["session_id"]).ended_at,
            session.get_one(ApiTokenRow, ids["token_id"]).revoked_at,
            session.get_one(InvitationRow, ids["invitation_id"]).revoked_at,
            (search.name, search.frequency, search.feed_sha256),
            (mail.due_at, mail.sent_at, mail.error),
            (report.status, report.handled_by),
            (upload.received, upload.is_open),
            notices_of(session, ids["account_id"], limit=5, offset=0),
        ]


def _facts(document: Document) -> tuple[object, ...]:
    return (document.edition, document.access, document.statements, document.removed_at, document.contributor_id)
