"""Putting work in: files are sent, the hub reads them, and what it understood is checked, corrected and submitted."""

from __future__ import annotations

from flask import Blueprint

from app.members.uploading import comparing, drafts, sending, working


def add_routes(site: Blueprint) -> None:
    """Add the pages of this part to the site."""
    site.add_url_rule("/upload", "uploads", sending.upload, methods=["GET", "POST"])
    site.add_url_rule("/work", "work", working.work)
    site.add_url_rule("/work/uploads/<upload_id>/cancel", "cancel_upload", working.cancel, methods=["POST"])
    site.add_url_rule("/work/<document_id>", "draft", drafts.draft, methods=["GET", "POST"])
    site.add_url_rule("/work/<document_id>/discard", "discard_draft", drafts.discard, methods=["POST"])
    site.add_url_rule("/work/<document_id>/personal-data", "personal_data", drafts.decide, methods=["POST"])
    site.add_url_rule("/work/<document_id>/pages/<page_number:number>", "draft_page", drafts.page)
    site.add_url_rule(
        "/work/<document_id>/compared/<other_id>", "compared", comparing.compared, methods=["GET", "POST"]
    )
