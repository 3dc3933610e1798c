"""Organisations from a CSV file: UTF-8, a header, one row an organisation. docs/organisations.md has the columns.

A row that cannot be taken is reported with its line number and stops only itself. An empty cell changes nothing of an
organisation that is known, so that importing a file twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from holdings import organisations
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import UsageError
from holdings.identifiers import slug
from holdings.model import Organisation
from holdings.profiles import WORDS, Fault, faults
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.lookup import resolve
from indexer.hub import Hub
from ingest.csv_rows import csv_rows
from ingest.delivery import have_index_follow

COLUMNS = (
    "id",
    "name_id",
    "name_en",
    "acronym",
    "group",
    "description_id",
    "description_en",
    "website",
    "quota_mb",
)
MAX_BYTES = 10_000_000


class RowOutcome(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left-out"


class RowFault(StrEnum):
    """Why a row was left out, beside the faults of a profile (`holdings.profiles.Fault`)."""

    NOT_CSV = "not-csv"
    TWICE = "twice"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of a row. `line` counts from 1, the header included; `value` is what the fault is about."""

    line: int
    outcome: RowOutcome
    organisation_id: str = ""
    fault: Fault | RowFault | None = None
    value: str = ""

    @property
    def message(self) -> str:
        """Return what is wrong with the row, in English; empty where nothing is."""
        match self.fault:
            case None:
                return ""
            case RowFault.NOT_CSV:
                return self.value
            case RowFault.TWICE:
                return f"{self.organisation_id} stands in an earlier row already"
            case RowFault.FORMER:
                return f"{self.organisation_id} is a former id: the organisation is now {self.value}"
            case Fault():
                return WORDS[self.fault]


def import_organisations(hub: Hub, content: bytes, *, file: str, by: Account | str) -> list[RowReport]:
    """Add and change organisations as a file says, in one transaction, and return what became of each row.

    `file` is what errors call it. Raises UsageError for a file that is none of these, or too large.
    """
    if len(content) > MAX_BYTES:
        raise UsageError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB", advice="Split it into several files.")
    reports: list[RowReport] = []
    seen: set[str] = set()
    vocabularies = hub.vocabularies
    with hub.catalogue.write() as session:
        for line, row, problem in csv_rows(content, file, required="name_id", columns=COLUMNS):
            if problem is not None:
                reports.append(RowReport(line, RowOutcome.LEFT_OUT, fault=RowFault.NOT_CSV, value=problem))
                continue
            report = _take(session, vocabularies, line, row, seen, by)
            reports.append(report)
            seen.add(report.organisation_id)
    hub.organisations.all(fresh=True)
    have_index_follow(hub)
    return reports


def _take(
    session: Session,
    vocabularies: Vocabularies,
    line: int,
    row: Mapping[str, str],
    seen: set[str],
    by: Account | str,
) -> RowReport:
    organisation_id = row.get("id") or slug(row.get("acronym") or row.get("name_id", ""))

    def left_out(fault: Fault | RowFault, value: str = "") -> RowReport:
        return RowReport(line, RowOutcome.LEFT_OUT, organisation_id, fault, value)

    if organisation_id in seen:
        return left_out(RowFault.TWICE)
    known = organisations.all_organisations(session).get(organisation_id)
    former = organisations.former_ids(session)
    if known is None and organisation_id in former:
        return left_out(RowFault.FORMER, former[organisation_id])
    quota = row.get("quota_mb", "")
    if quota and not (quota.isascii() and quota.isdecimal()):
        return left_out(Fault.QUOTA, quota)
    stated = _stated(known or Organisation(organisation_id, "", ""), row, vocabularies)
    if wrong := faults(stated, vocabularies.stakeholder_groups):
        return left_out(wrong[0].fault, wrong[0].value)
    if known is None:
        organisations.create(session, stated, vocabularies, by=by)
        return RowReport(line, RowOutcome.ADDED, organisation_id)
    is_changed = organisations.change(session, stated, vocabularies, by=by)
    return RowReport(line, RowOutcome.CHANGED if is_changed else RowOutcome.UNCHANGED, organisation_id)


def _stated(known: Organisation, row: Mapping[str, str], vocabularies: Vocabularies) -> Organisation:
    """Return the organisation as a row has it; what the row leaves empty stays as it is known."""
    group = row.get("group", "")
    return replace(
        known,
        name_id=row.get("name_id") or known.name_id,
        name_en=row.get("name_en") or known.name_en or row.get("name_id", ""),
        acronym=row.get("acronym") or known.acronym,
        group=(resolve(vocabularies, "group", group) or group) if group else known.group,
        description_id=row.get("description_id") or known.description_id,
        description_en=row.get("description_en") or known.description_en,
        website=row.get("website") or known.website,
        quota_mb=int(row["quota_mb"]) if row.get("quota_mb") else known.quota_mb,
    )
