"""The stakeholders of the demonstration: invented organisations, five people, and documents of every access.

For a hub that holds samples alone. The people's passwords are made anew at each start and given back once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from desk.organisation_file import import_organisations
from holdings import accounts, arrivals, audit, credentials, passwords, relations
from holdings.accounts import Account, HubRole, Role
from holdings.database import Session
from holdings.model import Declared
from holdings.relations import Relation
from indexer.hub import Hub
from indexer.synchronise import synchronise
from ingest import work
from ingest.metadata import read_metadata
from ingest.walking import location_of
from ingest.work import WorkSummary

_ORGANISATIONS = "organisations.csv"
_DOCUMENTS = "metadata.csv"
# The later of two versions, and the one that it takes the place of.
_VERSIONS = ("rencana-aksi-wanasari-2026.md", "rencana-aksi-wanasari-2025.md")


@dataclass(frozen=True, slots=True)
class _Part:
    """Somebody whom the demonstration needs."""

    name: str
    email: str
    organisation: str | None
    role: Role | HubRole


_PARTS = (
    _Part("Ratna Wulandari", "ratna@wanasari.example", "pemkab-wanasari", Role.EDITOR),
    _Part("Bayu Prasetya", "bayu@titian-damai.example", "yayasan-titian-damai", Role.CONTRIBUTOR),
    _Part("Alex Morgan", "alex@meridian.example", "meridian-fund", Role.PARTNER),
    _Part("Dewi Lestari", "dewi@hub.example", None, HubRole.CURATOR),
    _Part("Made Suryana", "made@hub.example", None, HubRole.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demonstration, and the password that was made for them."""

    name: str
    email: str
    role: str
    organisation: str
    password: str


def people(hub: Hub) -> list[DemoPerson]:
    """Make the people of the demonstration where they are missing, give each a new password, and return them.

    Their organisations must be there (`stakeholders`).
    """
    made = []
    for part in _PARTS:
        password = secrets.token_urlsafe(12)
        hashed = passwords.hash_password(password)
        with hub.catalogue.write() as session:
            account = accounts.find(session, part.email) or _add(session, part)
            credentials.set_password(session, account.id, hashed)
            audit.append(session, audit.COMMAND_LINE, "account.set-password", "account", account.id)
        made.append(DemoPerson(part.name, part.email, part.role.value, part.organisation or "", password))
    return made


def stakeholders(hub: Hub, folder: Path) -> WorkSummary:
    """Bring the organisations and documents of a folder of stakeholders into the hub, and return what came of them.

    What is submitted or a draft has a contributor of the space that keeps it. Done again, nothing changes.
    """
    path = folder / _ORGANISATIONS
    import_organisations(hub, path.read_bytes(), file=path.name, by=audit.COMMAND_LINE)
    with hub.catalogue.write() as session:
        contributors = {
            part.organisation: (accounts.find(session, part.email) or _add(session, part)).id
            for part in _PARTS
            if part.organisation is not None
        }
    metadata = read_metadata(folder / _DOCUMENTS, hub.vocabularies, hub.settings.app.zone)
    there = _recorded(hub)
    metadata.declared = {
        location: _with_contributor(declared, contributors)
        for location, declared in metadata.declared.items()
        if location not in there
    }
    summary = work.finish(hub, work.receive(hub, [Path(location) for location in metadata.declared], metadata=metadata))
    _supersede(hub, folder)
    synchronise(hub)
    return summary


def _add(session: Session, part: _Part) -> Account:
    is_of_hub = isinstance(part.role, HubRole)
    return accounts.add(
        session,
        email=part.email,
        name=part.name,
        hub_role=part.role if isinstance(part.role, HubRole) else None,
        roles={} if is_of_hub or part.organisation is None else {part.organisation: Role(part.role.value)},
    )


def _with_contributor(declared: Declared, contributors: dict[str, str]) -> Declared:
    return replace(declared, contributor=contributors.get(declared.space or ""))


def _recorded(hub: Hub) -> dict[str, str | None]:
    """Return the document of each file that was received, by the file's location."""
    with hub.catalogue.read() as session:
        received = arrivals.get_many(session, arrivals.all_ids(session))
    return {arrival.location: arrival.document_id for arrival in received}


def _supersede(hub: Hub, folder: Path) -> None:
    """Let the later of the two versions take the place of the earlier, as a person would say at the desk."""
    recorded = _recorded(hub)
    later, earlier = (recorded.get(location_of(folder / name)) for name in _VERSIONS)
    if later is None or earlier is None:
        return
    with hub.catalogue.write() as session:
        relations.settle(session, later, earlier, Relation.NEW_VERSION, by=audit.COMMAND_LINE)
        settled = {"other": earlier, "relation": Relation.NEW_VERSION.value}
        audit.append(session, audit.COMMAND_LINE, "relation.settle", "document", later, **settled)
