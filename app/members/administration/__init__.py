"""The pages of those who run the hub. Every view is behind `only_for(HubRole.ADMINISTRATOR)`."""

from __future__ import annotations

from flask import Blueprint

from app.members.administration import (
    audit_log,
    files,
    index,
    mail,
    mergers,
    organisations,
    overview,
    people,
    person,
    vocabularies,
)


def add_routes(site: Blueprint) -> None:
    """Add the pages of administration to the site."""
    for part in (overview, people, person, organisations, mergers, vocabularies, files, index, mail, audit_log):
        part.add_routes(site)
