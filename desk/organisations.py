"""What those who run the hub do with organisations: make, change, rename, merge. The index follows by a worker."""

from __future__ import annotations

from holdings import foreseen, organisations, succession
from holdings.accounts import Account
from holdings.foreseen import Foreseen
from holdings.model import Organisation
from indexer.hub import Hub
from ingest.delivery import have_index_follow


def create(hub: Hub, organisation: Organisation, *, by: Account | str) -> None:
    """Add an organisation. Raises UsageError for a profile that does not fit, and for an id that is or was in use."""
    with hub.catalogue.write() as session:
        organisations.create(session, organisation, hub.vocabularies, by=by)
    hub.organisations.all(fresh=True)


def change(hub: Hub, organisation: Organisation, *, by: Account | str, edition: str | None = None) -> bool:
    """Put a profile in the place of the one that there is, as `holdings.organisations.change`."""
    with hub.catalogue.write() as session:
        is_changed = organisations.change(session, organisation, hub.vocabularies, by=by, edition=edition)
    _follow(hub)
    return is_changed


def rename(
    hub: Hub,
    organisation_id: str,
    *,
    name_id: str,
    name_en: str,
    acronym: str | None,
    by: Account | str,
    new_id: str | None = None,
    edition: str | None = None,
) -> Organisation:
    """Give an organisation other names, and another id where one is given, as `holdings.succession.rename`."""
    with hub.catalogue.write() as session:
        renamed = succession.rename(
            session,
            organisation_id,
            name_id=name_id,
            name_en=name_en,
            acronym=acronym,
            vocabularies=hub.vocabularies,
            by=by,
            new_id=new_id,
            edition=edition,
        )
    _follow(hub)
    return renamed


def foresee(hub: Hub, joining: str, staying: str) -> Foreseen:
    """Return what a merger would change. Raises UnknownIdError, UsageError for one organisation with itself."""
    with hub.catalogue.read() as session:
        return foreseen.foresee(session, joining, staying)


def merge(hub: Hub, joining: str, staying: str, *, by: Account | str, edition: str) -> Foreseen:
    """Merge an organisation into another as it was foreseen under `edition`, as `holdings.succession.merge`."""
    with hub.catalogue.write() as session:
        done = succession.merge(session, joining, staying, by=by, edition=edition)
    _follow(hub)
    return done


def _follow(hub: Hub) -> None:
    hub.organisations.all(fresh=True)
    have_index_follow(hub)
