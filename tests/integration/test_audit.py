"""The audit log: nothing of it can be changed, taken out, put in, moved or cut off without being seen."""

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli import main
from desk import auditing
from desk.auditing import ExportForm
from holdings import audit, audit_chain, audit_search
from holdings.audit import BEGINNING, COMMAND_LINE, Head
from holdings.audit_chain import Fault
from holdings.audit_search import Wanted
from holdings.database import Database
from holdings.errors import AuditBrokenError, UsageError
from holdings.settings import Settings, load_settings
from indexer.hub import Hub, initialise, open_hub
from tests.people import make_account

ENTRIES = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environment = {"IKHUB_DATA": str(tmp_path / "data")}
    if request.param == "postgresql":
        environment["IKHUB_HOLDINGS__DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    return load_settings(None, environment)


@pytest.fixture
def log(hub: Hub) -> Hub:
    """A hub whose log has some entries."""
    with hub.catalogue.write() as session:
        for number in range(1, ENTRIES + 1):
            audit.append(session, COMMAND_LINE, "edit", "document", f"d{number}", fields=["judul", "naïve"])
    return hub


def verify(hub: Hub, *kept: Head) -> audit_chain.Verification:
    with hub.catalogue.read() as session:
        return audit_chain.verify(session, kept)


def head(hub: Hub) -> Head:
    with hub.catalogue.read() as session:
        found = audit.head(session)
    assert found is not None
    return found


def tamper(hub: Hub, *statements: str) -> None:
    """Change the log as somebody can who has the database: its triggers are no hindrance to them."""
    with hub.catalogue.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("DROP TRIGGER audit_is_append_only ON audit"))
        else:
            session.execute(text("DROP TRIGGER IF EXISTS audit_refuses_update"))
            session.execute(text("DROP TRIGGER IF EXISTS audit_refuses_delete"))
        for statement in statements:
            session.execute(text(statement))


def test_a_log_that_was_left_alone_fits(log: Hub) -> None:
    found = verify(log)
    assert found.broken is None
    assert found.entries == ENTRIES
    assert found.head == head(log)


def test_an_empty_log_fits_and_has_no_head(hub: Hub) -> None:
    found = verify(hub)
    assert (found.entries, found.head, found.broken) == (0, None, None)


@pytest.mark.parametrize("number", [1, 5, ENTRIES])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2020-01-01T00:00:00.000000+00:00"),
        ("actor", "worker"),
        ("action", "purge"),
        ("subject_type", "account"),
        ("subject_id", "d999"),
        ("details", "{}"),
        ("previous", "e" * 64),
        ("hash", "f" * 64),
    ],
)
def test_a_change_of_any_column_of_any_entry_is_found(log: Hub, number: int, column: str, value: str) -> None:
    tamper(log, f"UPDATE audit SET {column} = '{value}' WHERE sequence = {number}")
    broken = verify(log).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (number, Fault.CHANGED)


@pytest.mark.parametrize(("number", "fits"), [(1, 0), (5, 4)])
def test_an_entry_that_was_taken_out_is_found(log: Hub, number: int, fits: int) -> None:
    tamper(log, f"DELETE FROM audit WHERE sequence = {number}")
    found = verify(log)
    assert found.broken is not None
    assert (found.broken.sequence, found.broken.fault) == (number, Fault.MISSING)
    assert found.entries == fits


def test_an_entry_that_was_taken_out_and_the_rest_numbered_anew_is_found(log: Hub) -> None:
    later = (f"UPDATE audit SET sequence = {number - 1} WHERE sequence = {number}" for number in range(6, ENTRIES + 1))
    tamper(log, "DELETE FROM audit WHERE sequence = 5", *later)
    broken = verify(log).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (5, Fault.MISSING)


def test_two_entries_that_changed_places_are_found(log: Hub) -> None:
    tamper(
        log,
        "UPDATE audit SET sequence = 1000 WHERE sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE sequence = 8",
        "UPDATE audit SET sequence = 8 WHERE sequence = 1000",
    )
    broken = verify(log).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (5, Fault.REORDERED)


def _forged(sequence: int, previous: str) -> tuple[str, str]:
    """Return an entry with a hash that fits it, as SQL, and its hash."""
    covered = {
        "sequence": sequence,
        "at": "2026-01-01T00:00:00.000000+00:00",
        "actor": "p-nobody",
        "action": "edit",
        "subject_type": "document",
        "subject_id": "d5",
        "details": "{}",
        "previous": previous,
    }
    forged = audit.hash_of(covered)
    values = ", ".join(repr(value) for value in (*covered.values(), forged))
    return f"INSERT INTO audit VALUES ({values})", forged


def test_an_entry_that_was_put_in_is_found(log: Hub) -> None:
    with log.catalogue.read() as session:
        before = audit_search.newest(session, Wanted(), limit=1, before=5)[0]
    later = [f"UPDATE audit SET sequence = {number + 1} WHERE sequence = {number}" for number in range(ENTRIES, 4, -1)]
    tamper(log, *later, _forged(5, before.hash)[0])
    broken = verify(log).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (6, Fault.INSERTED)


def test_an_entry_that_was_replaced_with_its_hash_is_found(log: Hub) -> None:
    with log.catalogue.read() as session:
        before = audit_search.newest(session, Wanted(), limit=1, before=5)[0]
    tamper(log, "DELETE FROM audit WHERE sequence = 5", _forged(5, before.hash)[0])
    broken = verify(log).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (6, Fault.UNLINKED)


def test_an_end_that_was_cut_off_is_seen_by_the_head_alone(log: Hub) -> None:
    kept = head(log)
    tamper(log, f"DELETE FROM audit WHERE sequence > {ENTRIES - 3}")
    assert verify(log).broken is None
    broken = verify(log, kept).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (ENTRIES - 2, Fault.TRUNCATED)


def test_a_log_that_was_written_anew_is_seen_by_the_head_alone(log: Hub) -> None:
    kept = head(log)
    statements, previous = ["DELETE FROM audit"], BEGINNING
    for number in range(1, ENTRIES + 5):
        statement, previous = _forged(number, previous)
        statements.append(statement)
    tamper(log, *statements)
    assert verify(log).broken is None
    broken = verify(log, kept).broken
    assert broken is not None
    assert (broken.sequence, broken.fault) == (ENTRIES, Fault.REWRITTEN)


def test_a_head_that_was_kept_fits_what_was_appended_to(log: Hub) -> None:
    kept = head(log)
    with log.catalogue.write() as session:
        audit.append(session, COMMAND_LINE, "edit", "document", "d1")
    assert verify(log, kept).broken is None


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_refuses_changes_of_the_log(log: Hub, settings: Settings, change: str) -> None:
    if change.startswith("TRUNCATE") and not settings.holdings.database_url:
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(DBAPIError, match="only appended to"), log.catalogue.write() as session:
        session.execute(text(change))
    assert verify(log).entries == ENTRIES


def _append_some(database_url: str, data: Path, name: str, number: int) -> None:
    catalogue = Database(database_url, data)
    for one in range(number):
        with catalogue.write() as session:
            audit.append(session, COMMAND_LINE, "edit", "document", f"{name}{one}")
    catalogue.close()


def test_processes_that_append_at_once_make_one_chain_without_gaps(hub: Hub, settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    started = [
        context.Process(target=_append_some, args=(settings.database_url, settings.data, name, 25)) for name in "abcd"
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
        assert process.exitcode == 0
    found = verify(hub)
    assert found.broken is None
    assert found.entries == 100


def test_an_entry_is_in_the_transaction_of_what_it_tells_of(log: Hub) -> None:
    def fail() -> None:
        with log.catalogue.write() as session:
            audit.append(session, COMMAND_LINE, "edit", "document", "d1")
            raise UsageError("something else went wrong")

    with pytest.raises(UsageError):
        fail()
    assert verify(log).entries == ENTRIES


def test_people_stand_in_it_by_pseudonym(hub: Hub) -> None:
    account = make_account(hub, "Sari")
    with hub.catalogue.write() as session:
        entry = audit.append(session, account, "edit", "document", "d1")
    assert entry.actor == account.pseudonym
    assert "sari" not in json.dumps(entry.as_hashed()).casefold()


def test_it_is_searched_by_actor_action_subject_and_time(log: Hub) -> None:
    account = make_account(log, "Sari")
    with log.catalogue.write() as session:
        audit.append(session, account, "publish", "document", "d1")
    now = datetime.now(UTC)

    def found(**conditions: object) -> list[int]:
        with log.catalogue.read() as session:
            return [e.sequence for e in audit_search.newest(session, Wanted(**conditions), limit=100)]  # type: ignore[arg-type]

    assert found(actor=account.pseudonym) == [ENTRIES + 1]
    assert found(action="publish") == [ENTRIES + 1]
    assert found(subject_type="document", subject_id="d1") == [ENTRIES + 1, 1]
    assert found(since=now) == []
    assert found(until=now) == list(range(ENTRIES + 1, 0, -1))
    assert found(until=now - timedelta(hours=1)) == []


def test_pages_of_the_log_do_not_shift_while_it_grows(log: Hub) -> None:
    with log.catalogue.write() as session:
        first = audit_search.newest(session, Wanted(), limit=5)
        audit.append(session, COMMAND_LINE, "edit", "document", "later")
        second = audit_search.newest(session, Wanted(), limit=5, before=first[-1].sequence)
    assert [entry.sequence for entry in (*first, *second)] == list(range(ENTRIES, ENTRIES - 10, -1))


# The few lines of docs/operating.md with which anybody verifies an export, without the hub.
def verified_elsewhere(lines: Iterator[str]) -> int:
    previous = "0" * 64
    count = 0
    for line in lines:
        entry = json.loads(line)
        claimed = entry.pop("hash")
        hashed = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(hashed.encode()).hexdigest() == claimed
        assert entry["previous"] == previous
        previous = claimed
        count += 1
    return count


def test_an_export_can_be_verified_without_the_hub_and_is_on_record(log: Hub) -> None:
    lines = list(auditing.export(log, COMMAND_LINE, Wanted(), ExportForm.JSON))
    assert verified_elsewhere(iter(lines)) == ENTRIES + 1
    assert json.loads(lines[-1])["action"] == auditing.EXPORTED


def test_an_export_as_csv_has_the_same(log: Hub) -> None:
    lines = auditing.export(log, COMMAND_LINE, Wanted(action="edit"), ExportForm.CSV)
    rows = list(csv.DictReader(lines))
    assert [row["subject_id"] for row in rows] == [f"d{number}" for number in range(1, ENTRIES + 1)]
    assert json.loads(rows[0]["details"]) == {"fields": ["judul", "naïve"]}


def test_what_is_no_head_is_refused() -> None:
    for written in ("", "5", "5:abc", f"x:{'a' * 64}"):
        with pytest.raises(UsageError):
            Head.parse(written)


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on the hub of the test."""
    monkeypatch.setenv("IKHUB_DATA", str(settings.data))
    monkeypatch.setenv("IKHUB_HOLDINGS__DATABASE_URL", settings.holdings.database_url)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return run


def test_the_command_verifies_and_that_is_on_record(log: Hub, run: Callable[..., Result]) -> None:
    kept = head(log)
    result = run("audit", "verify", "--head", kept, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["entries"], found["head"], found["broken"]) == (ENTRIES, str(kept), None)
    with log.catalogue.read() as session:
        last = audit_search.last_of(session, auditing.VERIFIED)
    assert last is not None
    assert last.details == {"entries": ENTRIES, "kept_heads": 1}


def test_the_command_ends_with_1_on_a_break(log: Hub, run: Callable[..., Result]) -> None:
    tamper(log, "UPDATE audit SET actor = 'worker' WHERE sequence = 7")
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "Entry 7" in result.stdout
    found = json.loads(run("audit", "verify", "--json").stdout)
    assert found["broken"]["fault"] == "changed"


def test_heads_are_kept_in_a_file_elsewhere(log: Hub, run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "heads"
    assert run("audit", "head", "--append", file).stdout.strip() == str(head(log))
    assert run("audit", "head", "--append", file).exit_code == 0
    assert len(file.read_text().splitlines()) == 1, "a head that is there is not written again"
    with log.catalogue.write() as session:
        audit.append(session, COMMAND_LINE, "edit", "document", "d1")
    run("audit", "head", "--append", file)
    assert auditing.kept_heads(file)[-1] == head(log)
    assert run("audit", "verify", "--head-file", file).exit_code == 0
    tamper(log, f"DELETE FROM audit WHERE sequence > {ENTRIES - 3}")
    result = run("audit", "verify", "--head-file", file, "--json")
    assert (result.exit_code, json.loads(result.stdout)["broken"]["fault"]) == (1, "truncated")
    before = file.read_text()
    with pytest.raises(AuditBrokenError):
        auditing.keep_head(log, file)
    assert file.read_text() == before


def test_the_command_exports(log: Hub, run: Callable[..., Result]) -> None:
    lines = run("audit", "export", "--json", "--action", "edit").stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == list(range(1, ENTRIES + 1))
    assert run("audit", "export", "--from", "2100-01-01").stdout.splitlines() == [
        "sequence,at,actor,action,subject_type,subject_id,details,previous,hash"
    ]
    assert run("audit", "export", "--from", "yesterday").exit_code == 2


def test_the_log_is_upgraded_with_the_catalogue(settings: Settings) -> None:
    initialise(settings)
    with open_hub(settings) as hub:
        assert verify(hub).entries == 0
