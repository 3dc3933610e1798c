"""Organisations on both databases: made, imported, renamed and merged, with everything that is attached to them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from app.cli import main
from desk import organisations as desk
from desk.organisation_file import RowFault, RowOutcome, import_organisations
from holdings import accounts, documents, organisations, relations, succession, terms
from holdings.access import Access, Viewer
from holdings.accounts import Role
from holdings.audit import COMMAND_LINE
from holdings.database import Session
from holdings.errors import ChangedMeanwhileError, UnknownIdError, UsageError
from holdings.model import DocumentField, Organisation
from holdings.profiles import Fault
from holdings.relations import Relation
from holdings.settings import Settings, load_settings
from holdings.states import State
from holdings.tables import OrganisationRow
from holdings.tables_desk import AuditRow, SavedSearchRow, UploadRow
from holdings.tables_people import InvitationRow
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import Facet, SearchRequest
from indexer.synchronise import synchronise
from tests.making import record_document
from tests.people import make_account

KOMINFO, KOMDIGI = "kominfo-lama", "komdigi-baru"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an empty hub, on either database."""
    environment = {"IKHUB_DATA": str(tmp_path_factory.mktemp("hub") / "data")}
    if request.param == "postgresql":
        environment["IKHUB_HOLDINGS__DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    return load_settings(None, environment)


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    """A hub with two ministries that will be merged."""
    initialise(settings)
    with open_hub(settings) as opened:
        for organisation_id, name in ((KOMINFO, "Kementerian Kominfo"), (KOMDIGI, "Kementerian Komdigi")):
            profile = Organisation(organisation_id, name, f"Ministry {organisation_id}", group="ministry")
            desk.create(opened, profile, by=COMMAND_LINE)
        yield opened


def _found(hub: Hub, *labels: str, **filters: str) -> set[str]:
    chosen = {Facet(name): (value,) for name, value in filters.items()}
    response = discover(hub, SearchRequest(viewer=Viewer.of(*labels), filters=chosen, size=100))
    return {hit.document_id for hit in response.hits}


def _merge(hub: Hub) -> None:
    desk.merge(hub, KOMINFO, KOMDIGI, by=COMMAND_LINE, edition=desk.foresee(hub, KOMINFO, KOMDIGI).edition)


def _access(hub: Hub, document_id: str) -> Access:
    with hub.catalogue.read() as session:
        return documents.get(session, document_id).access


def test_a_merger_moves_all_that_is_attached(hub: Hub) -> None:
    in_both = make_account(hub, "Ida", roles={KOMINFO: Role.EDITOR, KOMDIGI: Role.PARTNER})
    joining = make_account(hub, "Budi", roles={KOMINFO: Role.CONTRIBUTOR})
    issued = record_document(hub, "Terbit", organisation=[KOMINFO, "bnpt"])
    twice = record_document(hub, "Berdua", organisation=[KOMINFO, KOMDIGI])
    kept = record_document(hub, "Disimpan", access=[f"org:{KOMINFO}", f"org:{KOMDIGI}"], keeper=f"org:{KOMINFO}")
    draft = record_document(hub, "Rancangan", access=["public"], keeper=f"org:{KOMINFO}", state=State.DRAFT)
    now = datetime.now(UTC)
    with hub.catalogue.write() as session:
        session.add_all(
            [
                InvitationRow(
                    id="invitation",
                    token_sha256="0" * 64,
                    email="x@example.org",
                    language="id",
                    role=Role.EDITOR.value,
                    organisation_id=KOMINFO,
                    created_at=now,
                    expires_at=now + timedelta(days=1),
                ),
                UploadRow(
                    id="upload",
                    account_id=joining.id,
                    organisation_id=KOMINFO,
                    batch_id="batch",
                    name="a.pdf",
                    size=1,
                    created_at=now,
                    updated_at=now,
                ),
                SavedSearchRow(
                    id="search",
                    account_id=joining.id,
                    name="Kominfo",
                    parameters={"q": "radikal", "organisation": [KOMINFO, KOMDIGI]},
                    frequency="daily",
                    created_at=now,
                ),
            ]
        )
    foreseen = desk.foresee(hub, KOMINFO, KOMDIGI)
    assert (foreseen.issued, foreseen.kept, foreseen.members, foreseen.members_of_both) == (2, 2, 2, 1)
    assert (foreseen.roles_raised, foreseen.invitations, foreseen.uploads, foreseen.worked_on_anew) == (1, 1, 1, 1)
    _merge(hub)
    with hub.catalogue.read() as session:
        assert accounts.get(session, in_both.id).roles == {KOMDIGI: Role.EDITOR}
        assert accounts.get(session, joining.id).roles == {KOMDIGI: Role.CONTRIBUTOR}
        assert documents.get(session, issued).values(DocumentField.ORGANISATION) == (KOMDIGI, "bnpt")
        assert documents.get(session, twice).values(DocumentField.ORGANISATION) == (KOMDIGI,)
        assert session.get_one(InvitationRow, "invitation").organisation_id == KOMDIGI
        assert session.get_one(UploadRow, "upload").organisation_id == KOMDIGI
        assert session.get_one(SavedSearchRow, "search").parameters == {"q": "radikal", "organisation": [KOMDIGI]}
        assert session.get(OrganisationRow, KOMINFO) is None
        assert organisations.resolve(session, KOMINFO) == KOMDIGI
        with pytest.raises(UnknownIdError):
            organisations.get(session, KOMINFO)
        last = session.scalars(select(AuditRow).order_by(AuditRow.sequence.desc()).limit(1)).one()
        assert (last.action, last.subject_id, last.actor) == ("organisation.merge", KOMINFO, COMMAND_LINE)
    assert _access(hub, kept) == Access(frozenset({f"org:{KOMDIGI}"}), None, f"org:{KOMDIGI}")
    assert _access(hub, draft) == Access(frozenset({"public"}), None, f"org:{KOMDIGI}", State.DRAFT)


def test_a_merger_says_what_is_read_anew_and_does_what_it_said(hub: Hub) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    theirs = record_document(hub, "Milik Kominfo", access=[f"org:{KOMINFO}"])
    embargoed = record_document(hub, "Nanti", embargo_until=tomorrow, keeper=f"org:{KOMINFO}")
    ours = record_document(hub, "Milik Komdigi", access=[f"org:{KOMDIGI}"])
    shared = record_document(hub, "Mitra", access=["partners", f"org:{KOMINFO}"])
    synchronise(hub)
    before = _found(hub, "partners", f"org:{KOMINFO}")
    assert before == {theirs, embargoed, shared}
    foreseen = desk.foresee(hub, KOMINFO, KOMDIGI)
    assert (foreseen.read_anew, foreseen.read_anew_by_joining) == (2, 1)
    _merge(hub)
    after = _found(hub, "partners", f"org:{KOMDIGI}")
    assert after == {ours}, "what changed is in no search before the index has followed"
    synchronise(hub)
    # Nothing that either could read is lost, and nothing else is gained than was said.
    assert _found(hub, "partners", f"org:{KOMDIGI}") == before | {ours}
    assert _found(hub, "partners", f"org:{KOMINFO}") == {shared}
    assert _found(hub) == set()


def test_a_merger_is_refused_where_something_else_would_change_than_was_foreseen(hub: Hub) -> None:
    foreseen = desk.foresee(hub, KOMINFO, KOMDIGI)
    record_document(hub, "Baru", access=[f"org:{KOMINFO}"])
    with pytest.raises(ChangedMeanwhileError):
        desk.merge(hub, KOMINFO, KOMDIGI, by=COMMAND_LINE, edition=foreseen.edition)
    with pytest.raises(UsageError):
        desk.foresee(hub, KOMINFO, KOMINFO)
    with pytest.raises(UnknownIdError):
        desk.foresee(hub, KOMINFO, "tidak-ada")
    with hub.catalogue.read() as session:
        assert organisations.get(session, KOMINFO).name_id == "Kementerian Kominfo"


def test_a_new_id_leads_on_and_who_may_read_stays(hub: Hub) -> None:
    member = make_account(hub, "Sari", roles={KOMINFO: Role.EDITOR})
    hidden = record_document(hub, "Rahasia", access=[f"org:{KOMINFO}"], organisation=KOMINFO)
    synchronise(hub)
    names = {"name_id": "Kementerian Digital", "name_en": "Ministry of Digital Affairs", "acronym": "KD"}
    desk.rename(hub, KOMINFO, **names, new_id="kd", by=COMMAND_LINE)
    with hub.catalogue.read() as session:
        assert accounts.get(session, member.id).viewer == Viewer.of("partners", "org:kd")
        assert organisations.former_ids(session) == {KOMINFO: "kd"}
    assert _found(hub, "org:kd") == set(), "not before the index has followed"
    synchronise(hub)
    assert _found(hub, "org:kd") == {hidden}
    assert _found(hub, "org:kd", organisation="kd") == _found(hub, "org:kd", organisation=KOMINFO) == {hidden}
    assert _found(hub, f"org:{KOMINFO}") == set()
    # Renamed again, the first id leads to the last; renamed back, it is its own again.
    desk.rename(hub, "kd", **names, new_id="kdd", by=COMMAND_LINE)
    with hub.catalogue.read() as session:
        assert organisations.former_ids(session) == {KOMINFO: "kdd", "kd": "kdd"}
    desk.rename(hub, "kdd", **names, new_id=KOMINFO, by=COMMAND_LINE)
    with hub.catalogue.read() as session:
        assert organisations.former_ids(session) == {"kd": KOMINFO, "kdd": KOMINFO}


def test_an_id_that_was_in_use_is_never_given_to_another(hub: Hub) -> None:
    _merge(hub)
    with pytest.raises(UsageError, match="leads on"):
        desk.create(hub, Organisation(KOMINFO, "Lain", "Other"), by=COMMAND_LINE)
    with pytest.raises(UsageError, match="leads on"):
        desk.rename(hub, "bnpt", name_id="BNPT", name_en="BNPT", acronym=None, new_id=KOMINFO, by=COMMAND_LINE)
    with pytest.raises(UsageError, match="already"):
        desk.create(hub, Organisation("bnpt", "Lain", "Other"), by=COMMAND_LINE)
    with hub.catalogue.read() as session:
        assert organisations.get(session, "bnpt").acronym == "BNPT"


def test_what_comes_in_under_a_former_id_or_name_goes_to_the_present_one(hub: Hub) -> None:
    _merge(hub)
    late = record_document(
        hub, "Terlambat", access=[f"org:{KOMINFO}", "org:bnpt"], keeper=f"org:{KOMINFO}", organisation="bnpt"
    )
    assert _access(hub, late) == Access(frozenset({f"org:{KOMDIGI}", "org:bnpt"}), None, f"org:{KOMDIGI}")
    with hub.catalogue.write() as session:
        documents.set_access(session, late, Access(frozenset({f"org:{KOMINFO}"})))
        known = organisations.ensure(session, [KOMINFO, "kementerian kominfo"], hub.vocabularies)
    assert known == [KOMDIGI]
    assert _access(hub, late).labels == {f"org:{KOMDIGI}"}


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_what_is_written_while_organisations_are_merged_is_not_left_behind(hub: Hub, is_first: bool) -> None:
    document_id = record_document(hub, "Bersamaan")

    def share(session: Session) -> None:
        documents.set_access(session, document_id, Access(frozenset({f"org:{KOMINFO}"}), None, f"org:{KOMINFO}"))

    def merge(session: Session) -> None:
        succession.merge(session, KOMINFO, KOMDIGI, by=COMMAND_LINE)

    first, second = (share, merge) if is_first else (merge, share)

    def afterwards() -> None:
        with hub.catalogue.write() as session:
            second(session)

    other = threading.Thread(target=afterwards)
    with hub.catalogue.write() as session:
        first(session)
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it waits for what is not committed yet"
    other.join(30)
    assert _access(hub, document_id) == Access(frozenset({f"org:{KOMDIGI}"}), None, f"org:{KOMDIGI}")


def test_initialising_again_keeps_what_people_did(hub: Hub, settings: Settings) -> None:
    with hub.catalogue.read() as session:
        bnpt = organisations.get(session, "bnpt")
    desk.rename(hub, "bnpt", name_id="Badan Baru", name_en="New Agency", acronym="BB", new_id="bb", by=COMMAND_LINE)
    with hub.catalogue.read() as session:
        polri = organisations.get(session, "polri")
    desk.rename(hub, "polri", name_id="Polisi", name_en="Police", acronym=polri.acronym, by=COMMAND_LINE)
    edition = desk.foresee(hub, "tni", "polri").edition
    desk.merge(hub, "tni", "polri", by=COMMAND_LINE, edition=edition)
    initialise(settings)
    with hub.catalogue.write() as session:
        known = organisations.all_organisations(session)
        assert not {"bnpt", "tni"} & known.keys()
        assert (known["bb"].name_id, known["polri"].name_id) == ("Badan Baru", "Polisi")
        # What description finds by the packaged name is the present organisation's.
        assert organisations.ensure(session, ["bnpt", bnpt.name_id, "TNI"], hub.vocabularies) == ["bb", "polri"]
        terms.load_vocabularies_into(session, hub.words.packaged)


def test_a_change_of_names_and_group_is_indexed(hub: Hub) -> None:
    found = record_document(hub, "Laporan", organisation=KOMINFO)
    synchronise(hub)
    assert _found(hub, group="ministry") == {found}
    with hub.catalogue.read() as session:
        profile = organisations.get(session, KOMINFO)
    changed = Organisation(KOMINFO, "Yayasan Cendekia", "Foundation", group="ngo", website="https://example.org")
    edition = organisations.edition_of(profile)
    assert desk.change(hub, changed, by=COMMAND_LINE, edition=edition)
    assert not desk.change(hub, changed, by=COMMAND_LINE)
    with pytest.raises(ChangedMeanwhileError):
        desk.change(hub, profile, by=COMMAND_LINE, edition=edition)
    synchronise(hub)
    assert _found(hub, group="ngo") == {found}
    assert discover(hub, SearchRequest(query="cendekia")).total == 1


ROWS = """\
id,name_id,name_en,acronym,group,website,quota_mb
fkub-solo,Forum Kerukunan,Harmony Forum,FKUB,ngo,https://fkub.example,500
,Universitas Contoh,,UC,Perguruan tinggi,,
buruk id,Nama,Name,,,,
situs,Situs,Site,,,javascript:alert(1),
kuota,Kuota,Quota,,,,banyak
grup,Grup,Group,,tidak-ada,,
fkub-solo,Lagi,Again,,,,
,,,,ngo,,
terlalu,banyak,sel,,,,,,,
"""


def test_a_file_is_imported_row_by_row_and_a_second_time_changes_nothing(hub: Hub) -> None:
    reports = import_organisations(hub, ROWS.encode(), file="organisations.csv", by=COMMAND_LINE)
    assert [(report.line, report.outcome) for report in reports[:2]] == [(2, RowOutcome.ADDED), (3, RowOutcome.ADDED)]
    assert [(report.line, report.fault) for report in reports[2:]] == [
        (4, Fault.ID),
        (5, Fault.WEBSITE),
        (6, Fault.QUOTA),
        (7, Fault.GROUP),
        (8, RowFault.TWICE),
        (9, Fault.ID),
        (10, RowFault.NOT_CSV),
    ]
    assert all(report.message for report in reports[2:])
    with hub.catalogue.read() as session:
        known = organisations.all_organisations(session)
        entries = len(session.scalars(select(AuditRow.sequence)).all())
    assert known["fkub-solo"] == Organisation(
        "fkub-solo", "Forum Kerukunan", "Harmony Forum", "FKUB", "ngo", website="https://fkub.example", quota_mb=500
    )
    assert (known["uc"].name_en, known["uc"].group) == ("Universitas Contoh", "academia")
    again = import_organisations(hub, ROWS.encode(), file="organisations.csv", by=COMMAND_LINE)
    assert {report.outcome for report in again} == {RowOutcome.UNCHANGED, RowOutcome.LEFT_OUT}
    with hub.catalogue.read() as session:
        assert organisations.all_organisations(session) == known
        assert len(session.scalars(select(AuditRow.sequence)).all()) == entries


def test_a_file_of_before_a_renaming_does_not_undo_it(hub: Hub) -> None:
    _merge(hub)
    (report,) = import_organisations(
        hub, f"id,name_id\n{KOMINFO},Kementerian Kominfo\n".encode(), file="x.csv", by=COMMAND_LINE
    )
    assert (report.fault, report.value) == (RowFault.FORMER, KOMDIGI)
    for content in (b"", b"nama\nx\n", b"name_id,unknown\n"):
        with pytest.raises(UsageError):
            import_organisations(hub, content, file="x.csv", by=COMMAND_LINE)


def test_usage_counts_each_file_of_a_space_once(hub: Hub) -> None:
    record_document(hub, "Satu", keeper=f"org:{KOMINFO}")
    record_document(hub, "Dua", keeper=f"org:{KOMINFO}", state=State.DRAFT)
    record_document(hub, "Tiga", keeper=f"org:{KOMDIGI}")
    with hub.catalogue.read() as session:
        usage = organisations.usage(session)
    assert usage == {KOMINFO: organisations.Usage(2, 2), KOMDIGI: organisations.Usage(1, 1)}


def _run(settings: Settings, *arguments: str, answer: str | None = None, code: int = 0) -> str:
    """Run `ikhub organisation` over the hub of these settings; return standard output."""
    environment = {"IKHUB_DATA": str(settings.data), "IKHUB_HOLDINGS__DATABASE_URL": settings.holdings.database_url}
    done = CliRunner().invoke(main, ["organisation", *arguments], input=answer, env=environment)
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


@pytest.mark.parametrize("command", [("search", ""), ("duplicates", "list")])
def test_the_command_line_reads_as_the_present_organisation(
    hub: Hub, settings: Settings, command: tuple[str, ...]
) -> None:
    environment = {"IKHUB_DATA": str(settings.data), "IKHUB_HOLDINGS__DATABASE_URL": settings.holdings.database_url}
    hidden = record_document(hub, "Rahasia", access=[f"org:{KOMINFO}"])
    other = record_document(hub, "Rahasia juga", access=[f"org:{KOMINFO}"])
    with hub.catalogue.write() as session:
        relations.settle(session, hidden, other, Relation.RELATED, by="a test")
    _merge(hub)
    synchronise(hub)

    def run(label: str) -> Result:
        done = CliRunner().invoke(main, [*command, "--as", label, "--json"], env=environment)
        assert done.exit_code == 0, done.output
        return done

    present = run(f"org:{KOMDIGI}")
    assert hidden in present.stdout
    assert present.stderr == ""
    former = run(f"org:{KOMINFO}")
    assert hidden in former.stdout
    assert f"org:{KOMINFO} is org:{KOMDIGI} by now" in former.stderr
    unknown = run("org:tidak-ada")
    assert hidden not in unknown.stdout
    assert "There is no organisation tidak-ada" in unknown.stderr


def test_the_command_line_imports_renames_and_merges(hub: Hub, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "organisations.csv"
    file.write_text(ROWS, encoding="utf-8")
    lines = [json.loads(line) for line in _run(settings, "import", str(file), "--json", code=1).splitlines()]
    assert [(line["line"], line["outcome"]) for line in lines[:3]] == [(2, "added"), (3, "added"), (4, "left-out")]
    assert lines[2]["error"]
    _run(settings, "import", str(tmp_path / "not-there.csv"), code=2)
    _run(settings, "rename", "uc", "--name-id", "Universitas Baru", "--new-id", "ub")
    _run(settings, "rename", "ub", code=2)
    shown = json.loads(_run(settings, "show", "uc", "--json"))
    assert (shown["id"], shown["name_id"], shown["former_ids"]) == ("ub", "Universitas Baru", ["uc"])
    assert "name_id" in _run(settings, "show", "ub")
    _run(settings, "show", "tidak-ada", code=2)
    record_document(hub, "Rahasia", access=[f"org:{KOMINFO}"])
    # Nobody is there to confirm it: nothing is done.
    assert "will read 1 documents" in _run(settings, "merge", KOMINFO, KOMDIGI, code=2)
    merged = json.loads(_run(settings, "merge", KOMINFO, KOMDIGI, "--yes", "--json"))
    assert (merged["merged"], merged["into"], merged["read_anew"]) == (KOMINFO, KOMDIGI, 1)
    ids = [json.loads(line)["id"] for line in _run(settings, "list", "--json").splitlines()]
    assert KOMDIGI in ids
    assert KOMINFO not in ids
    assert KOMDIGI in _run(settings, "list")
