"""The pages of review: the queue, a document at the desk and what is decided of it, and reports to take one down.

Whom a document concerns is decided in `desk` by `holdings.workflow`; for all others these pages do not exist.
"""

from __future__ import annotations

from flask import Blueprint

from app.members.reviewing import changing, deciding, previewing, queue, reports


def add_routes(site: Blueprint) -> None:
    """Add the pages of review, and the form by which anybody reports a document."""
    both = ["GET", "POST"]
    site.add_url_rule("/review", "review", queue.queue, methods=both)
    site.add_url_rule("/review/reports", "review_reports", reports.reports)
    site.add_url_rule("/review/reports/<report_id>", "review_report", reports.report, methods=both)
    site.add_url_rule("/review/<document_id>", "review_document", deciding.document, methods=both)
    site.add_url_rule("/review/<document_id>/access", "review_access", changing.access, methods=both)
    site.add_url_rule("/review/<document_id>/withdraw", "review_withdraw", changing.withdraw, methods=both)
    site.add_url_rule("/review/<document_id>/purge", "review_purge", changing.purge, methods=both)
    site.add_url_rule("/review/<document_id>/allow-again", "review_allow_again", changing.allow_again, methods=["POST"])
    site.add_url_rule("/review/<document_id>/preview", "review_preview", previewing.document)
    site.add_url_rule(
        "/review/<document_id>/preview/pages/<page_number:number>", "review_preview_page", previewing.page
    )
    site.add_url_rule("/review/<document_id>/files/<sha256>", "review_file", previewing.file)
    site.add_url_rule("/documents/<document_id>/report", "report", reports.make_report, methods=both)
