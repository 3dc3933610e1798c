"""What stands in the audit log, in the language of the page. Exports have the names that the hub gives these things."""

from __future__ import annotations

from app.i18n import gettext
from app.site.panel import facet_name
from holdings import audit
from holdings.vocabularies.edits import EDITED
from indexer.model import Facet


def action_words() -> dict[str, str]:
    """Return what was done, for every action that an entry can have."""
    return _of_people() | _of_documents() | _of_the_hub()


def subject_words() -> dict[str, str]:
    """Return what something can be done to, for every type of subject that an entry can have."""
    return {
        "account": gettext("account"),
        "arrival": gettext("file that came in"),
        "audit": gettext("audit log"),
        "document": gettext("document"),
        "file": gettext("file"),
        "hub": gettext("hub"),
        "index": gettext("search index"),
        "invitation": gettext("invitation"),
        "mail": gettext("letter"),
        "organisation": gettext("organisation"),
        "queue": gettext("review queue"),
        "saved-search": gettext("saved search"),
        "session": gettext("session"),
        "token": gettext("API token"),
        "upload": gettext("upload"),
        **{vocabulary: facet_name(Facet(vocabulary)) for vocabulary in EDITED},
    }


def actor_words() -> dict[str, str]:
    """Return who acts that is no person."""
    return {
        audit.COMMAND_LINE: gettext("command line"),
        audit.WORKER: gettext("worker"),
        audit.PUBLIC: gettext("somebody who is not signed in"),
    }


def _of_people() -> dict[str, str]:
    return {
        "account.ask-email-change": gettext("Asked for another e-mail address"),
        "account.ask-reset": gettext("Asked for a new password"),
        "account.change-email": gettext("Changed the e-mail address"),
        "account.change-hub-role": gettext("Changed the role for the hub"),
        "account.change-password": gettext("Changed the password"),
        "account.change-profile": gettext("Changed name or language"),
        "account.change-role": gettext("Changed the role in an organisation"),
        "account.end-sessions": gettext("Signed out everywhere"),
        "account.erase": gettext("Erased the person"),
        "account.export": gettext("Exported the data of the person"),
        "account.give-code": gettext("Gave the second factor"),
        "account.link-identity": gettext("Connected the account with the provider"),
        "account.new-recovery-codes": gettext("Made new recovery codes"),
        "account.refuse-code": gettext("Refused a code of the second factor"),
        "account.refuse-sign-in": gettext("Refused to sign in"),
        "account.remove-second-factor": gettext("Removed the second factor"),
        "account.reset-password": gettext("Chose a new password"),
        "account.restore": gettext("Restored the account"),
        "account.set-password": gettext("Set a password"),
        "account.set-second-factor": gettext("Turned on the second factor"),
        "account.sign-in": gettext("Signed in"),
        "account.sign-out": gettext("Signed out"),
        "account.suspend": gettext("Suspended the account"),
        "account.take-role": gettext("Took on a role"),
        "account.take-second-factor": gettext("Took away the second factor"),
        "account.unlink-identity": gettext("Unlinked the account from the provider"),
        "invitation.accept": gettext("Accepted the invitation"),
        "invitation.revoke": gettext("Revoked the invitation"),
        "invitation.send": gettext("Sent the invitation"),
        "search.change": gettext("Changed the saved search"),
        "search.end-feed": gettext("Ended the private feed"),
        "search.remove": gettext("Removed the saved search"),
        "search.renew-feed": gettext("Gave the private feed a new address"),
        "search.save": gettext("Saved a search"),
        "search.stop": gettext("Stopped the letters of a saved search"),
        "session.end": gettext("Ended a session"),
        "token.create": gettext("Made an API token"),
        "token.revoke": gettext("Revoked an API token"),
    }


def _of_documents() -> dict[str, str]:
    return {
        "document.change-access": gettext("Changed who may read"),
        "document.comment": gettext("Commented on the document"),
        "document.discard": gettext("Discarded the draft"),
        "document.edit": gettext("Edited what is known of the document"),
        "document.look": gettext("Looked at the document by privilege"),
        "document.publish": gettext("Published the document"),
        "document.purge": gettext("Destroyed the original or the text"),
        "document.recall": gettext("Took back the submission"),
        "document.reinstate": gettext("Reinstated the document"),
        "document.remove": gettext("Removed the document"),
        "document.return": gettext("Returned the draft with a comment"),
        "document.submit": gettext("Submitted the draft"),
        "document.withdraw": gettext("Withdrew the document"),
        "file.look": gettext("Looked at the receipt of a file"),
        "file.retry": gettext("Had a file tried again"),
        "personal-data.decide": gettext("Decided on personal data"),
        "purge.lift": gettext("Allowed a destroyed file again"),
        "relation.settle": gettext("Settled how two documents are related"),
        "review.list": gettext("Looked at the review queue by privilege"),
        "takedown.decide": gettext("Decided on a report"),
        "takedown.look": gettext("Looked at a report by privilege"),
        "takedown.report": gettext("Reported a document"),
        "upload.begin": gettext("Began to send a file"),
        "upload.cancel": gettext("Gave up sending a file"),
        "upload.received": gettext("Sent a file to its end"),
    }


def _of_the_hub() -> dict[str, str]:
    return {
        "audit.export": gettext("Exported the audit log"),
        "audit.name-actor": gettext("Asked who stands behind a pseudonym"),
        "audit.verify": gettext("Verified the audit log"),
        "hub.backup": gettext("Made a backup"),
        "hub.restore": gettext("Restored a backup"),
        "index.synchronise": gettext("Had the index brought up to date"),
        "mail.give-up": gettext("Gave up a letter"),
        "mail.send-again": gettext("Had a letter sent again"),
        "organisation.change": gettext("Changed the organisation"),
        "organisation.create": gettext("Made the organisation"),
        "organisation.merge": gettext("Merged the organisation into another"),
        "organisation.rename": gettext("Renamed the organisation"),
        "term.change": gettext("Changed a term"),
        "term.create": gettext("Added a term"),
        "term.delete": gettext("Removed a term"),
        "term.preview": gettext("Looked at what an edit of a term would change"),
        "term.restore": gettext("Took back the edits of a term"),
    }
