"""What shows no document, or to nobody in particular, and why: endpoints and commands outside the table of paths.

`test_completeness` fails for what stands neither here nor there, asks each of these endpoints, and looks for canaries
in the answers all the same. Whose accounts, tokens, files and searches they change is seen to by `test_foreign_ids`.
"""

from __future__ import annotations

_OWN = "a person's own account, sessions and tokens"
_ENTERING = "signing in, before anybody is known"
_PEOPLE = "people and their roles"
_LETTERS = "the searches of one person, by their names and words"
_FILES = "a file on its way by its own name, before there is a document"
_ADMINISTERED = "changes something for administrators, and leads back to a page that is gone through"

NO_DOCUMENTS: dict[str, str] = {
    "static": "files of the program",
    "icon": "a file of the program",
    "robots": "the same words for everybody",
    "api.openapi": "made from the code",
    "api.health": "whether the parts answer, and no number",
    "api.me": _OWN,
    **dict.fromkeys(
        ("sign_in", "sign_out", "second_factor", "second_factor_setup", "forgotten", "reset", "provider",
         "provider_callback", "invitation", "accept_invitation"),
        _ENTERING,
    ),
    **dict.fromkeys(
        ("account", "account_data", "account_email", "confirm_email", "account_password", "account_security",
         "account_second_factor", "account_tokens", "revoke_token", "recovery_codes", "recovery_codes_file",
         "end_session", "end_sessions", "erase_own_data", "read_notices"),
        _OWN,
    ),
    **dict.fromkeys(("members", "invite_member", "change_member", "revoke_invitation"), _PEOPLE),
    **dict.fromkeys(
        ("searches", "save_search", "change_search", "remove_search", "renew_feed", "end_feed", "stop_search"), _LETTERS
    ),
    **dict.fromkeys(
        ("cancel_upload", "api.begin_upload", "api.upload", "api.send_piece", "api.give_up_upload"), _FILES
    ),
    **dict.fromkeys(
        ("change_person", "suspend_person", "restore_person", "end_sessions_of_person", "take_second_factor",
         "unlink_provider", "erase_person", "export_person", "log_of_person", "name_actor", "send_invitation_again",
         "withdraw_invitation",
         "rename_organisation", "merge_organisation", "new_term", "restore_term", "retry_files", "synchronise_index",
         "send_mail_again", "give_up_mail", "verify_audit", "export_audit"),
        _ADMINISTERED,
    ),
}  # fmt: skip

_DATA_FOLDER = "whoever has the command line has the data folder, and keeps all documents"
NO_READ_PATH: dict[str, str] = {
    **dict.fromkeys(
        ("document show", "document edit", "document remove", "document publish", "document withdraw",
         "document reinstate", "document purge", "document allow-again", "duplicates resolve", "ingest add",
         "ingest run", "ingest harvest", "ingest watch", "ingest status", "ingest retry", "ingest reprocess",
         "index sync", "index rebuild", "index check", "organisation list", "organisation show", "organisation import",
         "organisation rename", "organisation merge", "account list", "account invite", "account reset",
         "account suspend", "account restore", "audit export", "audit head", "audit verify", "backup", "restore"),
        _DATA_FOLDER,
    ),
    "worker": "shows nothing",
    "init": "shows nothing",
    "serve": "serves what stands in the table",
    "metrics": "numbers for those who run the hub, on a port of its own",
    "demo": "a hub of its own",
}  # fmt: skip
