"""The pages and the interface on which people put work in: uploads, drafts, comparison, decisions, submission."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from desk import uploads
from holdings import documents, personal_data, purges, relations, reviews
from holdings import uploads as rows
from holdings.accounts import Account, Role
from holdings.model import Document, DocumentField, Source
from holdings.personal_data import Judgement
from holdings.purges import Purged
from holdings.reasons import Reason
from holdings.relations import Relation, RelationStatus
from holdings.states import State
from holdings.tables_people import MembershipRow
from holdings.workflow import Action
from indexer.hub import Hub
from ingest import work
from tests.conftest import SAMPLES
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

LAW = (SAMPLES / "uu-6-2006.pdf").read_bytes()
REPORT = (SAMPLES / "laporan-penyusunan-rad-pe.html").read_bytes()
# What nothing is submitted without, beside a title.
_KNOWN = {"kind": ["report"], "date": ["2024"]}
PERSONAL = b"Daftar peserta lokakarya\n\nBudi Santoso, NIK 3372011203850004, telepon 0812-3456-7890.\n"


@pytest.fixture
def sari(hub: Hub) -> Account:
    return make_account(hub, roles={"bnpt": Role.CONTRIBUTOR})


@pytest.fixture
def client(hub: Hub, sari: Account) -> FlaskClient:
    client = client_of(hub)
    sign_in(hub, client, sari)
    return client


@pytest.fixture
def no_one(hub: Hub) -> FlaskClient:
    return client_of(hub)


def _stranger(hub: Hub) -> FlaskClient:
    client = client_of(hub)
    sign_in(hub, client, make_account(hub, "Tono", roles={"polri": Role.EDITOR}))
    return client


def _token(client: FlaskClient) -> str:
    value = one(get(client, "/en/upload"), "main input[name=csrf_token]").attributes["value"]
    assert value is not None
    return value


def _post(client: FlaskClient, address: str, fields: Mapping[str, Any]) -> TestResponse:
    return client.post(address, data={"csrf_token": _token(client), **fields})


def _send(client: FlaskClient, files: Mapping[str, bytes], **fields: str) -> TestResponse:
    listed = [FileStorage(io.BytesIO(content), name) for name, content in files.items()]
    values = {"csrf_token": _token(client), "space": "bnpt", "files": listed, **fields}
    # Written here, not by the client, which leaves its temporary file open.
    body, _, boundary = stream_encode_multipart(values, use_tempfile=False)
    return client.post("/en/upload", data=body.read(), content_type=f"multipart/form-data; boundary={boundary}")


def _draft(
    hub: Hub, client: FlaskClient, content: bytes = REPORT, name: str = "laporan.html", **fields: str
) -> Document:
    assert _send(client, {name: content}, **fields).status_code == 302
    work.run(hub)
    with hub.catalogue.read() as session:
        made = [d for d in documents.of_contributor(session, _account_id(session)) if d.files[0].names[0] == name]
    return made[0]


def _account_id(session: Any) -> str:
    from holdings import accounts

    found = accounts.find(session, "sari@example.org")
    assert found is not None
    return found.id


def _now(hub: Hub, document: Document) -> Document:
    with hub.catalogue.read() as session:
        return documents.get(session, document.id)


def _fields(client: FlaskClient, document: Document) -> dict[str, Any]:
    """Return what a browser sends of the form of a draft as it stands."""
    return fields_of(get(client, f"/en/work/{document.id}"))


def fields_of(page: LexborHTMLParser) -> dict[str, Any]:
    form = one(page, "form.draft-form")
    sent: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        sent.setdefault(name, []).append(value)

    for node in form.css("input, textarea, select"):
        attributes = node.attributes
        name, kind = attributes.get("name"), attributes.get("type") or ""
        if not name or (kind in {"checkbox", "radio"} and "checked" not in attributes):
            continue
        if node.tag == "select":
            chosen = [option for option in node.css("option") if "selected" in option.attributes]
            for option in chosen or node.css("option")[:1]:
                put(name, option.attributes.get("value") or "")
        else:
            put(name, (node.text() if node.tag == "textarea" else attributes.get("value")) or "")
    return sent


# --- Sending ---


def test_files_are_sent_with_one_form_and_their_way_is_told_in_words(hub: Hub, client: FlaskClient) -> None:
    answer = _send(
        client, {"uu.pdf": LAW, "laporan.html": REPORT, "rusak.pdf": b"%PDF-1.7 no more", "a.zip": b"PK\x03\x04 broken"}
    )
    assert answer.headers["Location"] == "/en/work"
    page = get(client, "/en/work")
    assert words(one(page, ".notice-done")) == "4 files were received."
    assert [words(node) for node in page.css(".stage")] == [
        "Received: waits to be read (this begins within a few seconds)"
    ] * 4
    assert get(client, "/en/work?watch=1").css("meta[http-equiv=refresh]")
    assert not page.css("meta[http-equiv=refresh]")
    work.run(hub)
    page = get(client, "/en/work?watch=1")
    assert not page.css("meta[http-equiv=refresh]"), "nothing is under way any more"
    assert len(page.css("section[aria-labelledby=drafts] li")) == 2
    failed = {words(node.css_first(".card-title")): words(node) for node in page.css("[aria-labelledby=on-the-way] li")}
    assert "Open it in its program" in failed["rusak.pdf"]
    assert set(failed) == {"rusak.pdf", "a.zip"}
    for node in page.css("[aria-labelledby=on-the-way] form"):
        assert _post(client, node.attributes["action"] or "", {}).status_code == 302
    assert not get(client, "/en/work").css("[aria-labelledby=on-the-way]")


def test_what_is_in_an_archive_goes_its_own_way(hub: Hub, client: FlaskClient) -> None:
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("dalam/laporan.html", REPORT)
        archive.writestr("rusak.pdf", b"%PDF-1.7 no more")
    _send(client, {"berkas.zip": packed.getvalue()})
    work.run(hub)
    page = get(client, "/en/work")
    inside = {words(n.css_first(".card-title")): words(n.css_first(".stage")) for n in page.css(".inside > li")}
    assert inside == {
        "dalam/laporan.html": "Read: please check what the hub understood",
        "rusak.pdf": "Could not be read",
    }
    assert len(page.css("section[aria-labelledby=drafts] li")) == 1


def test_what_is_on_its_way_is_listed_page_by_page_and_what_has_become_a_document_is_not(
    hub: Hub, sari: Account, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    monkeypatch.setattr("desk.progress.PAGE", 2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("laporan.html", REPORT)
    cut = uploads.begin(hub, sari, space="bnpt", name="terputus.pdf", size=10, batch="b")
    _send(client, {f"rusak-{n}.pdf": b"%PDF-1.7 no more " + bytes([n]) for n in range(2)})
    _send(client, {"berkas.zip": packed.getvalue(), "catatan.txt": b"Catatan rapat koordinasi.\n" * 9})
    work.run(hub)
    addresses, listed = ["/en/work", "/en/work?page=2"], []
    for address in addresses:
        page = get(client, address)
        listed += [words(node) for node in page.css("section[aria-labelledby=on-the-way] .card-title")]
        assert len(page.css("section[aria-labelledby=drafts] li")) == 2
    assert listed[0] == "terputus.pdf", "what goes on where it was cut stands first"
    assert sorted(listed[1:]) == ["rusak-0.pdf", "rusak-1.pdf"]
    assert one(get(client, "/en/work"), ".steps a[rel=next]").attributes["href"] == "/en/work?page=2"
    told = [client.get(f"/api/v1/uploads?page={number}").get_json() for number in (1, 2, 3)]
    assert [answer["pages"] for answer in told] == [3, 3, 3]
    names = [upload["name"] for answer in told for upload in answer["uploads"]]
    assert names[0] == "terputus.pdf"
    assert len(names) == 5
    assert client.get("/api/v1/uploads?page=0").status_code == 400
    assert uploads.find(hub, sari, cut.id).is_open


def test_the_latest_that_are_published_are_listed_and_all_where_that_is_asked(
    hub: Hub, sari: Account, client: FlaskClient
) -> None:
    for number in range(21):
        record_document(hub, f"Laporan {number}", keeper="org:bnpt", contributor=sari.id)
    page = get(client, "/en/work")
    assert len(page.css("section[aria-labelledby=published] .cards > li")) == 20
    (every,) = [node for node in page.css("section[aria-labelledby=published] a") if words(node) == "Show all (21)"]
    shown = get(client, every.attributes["href"] or "")
    assert len(shown.css("section[aria-labelledby=published] .cards > li")) == 21


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("kosong.pdf", b"", "kosong.pdf: There is nothing in the file."),
        ("besar.bin", b"x" * 1_000_001, "besar.bin: It is too large: a file may have 1 MB at most."),
        ("lapor\u202efdp.exe", b"", "lapor[U+202E]fdp.exe: There is nothing in the file."),
    ],
)
def test_a_file_that_is_not_taken_is_told_by_its_name(
    hub: Hub, sari: Account, name: str, content: bytes, said: str
) -> None:
    ingest = hub.settings.ingest.model_copy(update={"max_file_mb": 1})
    small = _with_settings(hub, ingest=ingest)
    client = client_of(small)
    sign_in(small, client, sari)
    _send(client, {"laporan.html": REPORT[:1000], name: content})
    page = get(client, "/en/work")
    assert words(one(page, ".notice-wrong")) == said
    assert words(one(page, ".notice-done")) == "1 file was received."


def _with_settings(hub: Hub, **changes: Any) -> Hub:
    from dataclasses import replace

    return replace(hub, settings=hub.settings.model_copy(update=changes))


def test_a_body_that_is_larger_than_all_files_may_be_is_refused_unread(hub: Hub, sari: Account) -> None:
    small = _with_settings(hub, ingest=hub.settings.ingest.model_copy(update={"max_file_mb": 1}))
    client = client_of(small)
    sign_in(small, client, sari)
    answer = _send(client, {"besar.bin": b"x" * 5_100_000})
    assert answer.status_code == 413
    assert list((hub.settings.data / "uploads").glob("*")) == []


def test_who_may_not_send_is_told_so(hub: Hub, no_one: FlaskClient) -> None:
    assert no_one.get("/upload").status_code == 302
    assert no_one.get("/work").status_code == 302
    partner = client_of(hub)
    sign_in(hub, partner, make_account(hub, "Putri", roles={"bnpt": Role.PARTNER}))
    page = get(partner, "/en/upload")
    assert "not a contributor" in words(page.css_first("main"))
    assert not page.css("main form")
    # A body that is larger than a form's is not read of somebody who may not send.
    answer = partner.post("/en/upload", data=b"x" * 3_000_000, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413


def test_without_a_form_s_own_sign_nothing_is_taken(hub: Hub, client: FlaskClient, sari: Account) -> None:
    data = {"space": "bnpt", "files": (io.BytesIO(REPORT), "a.html")}
    assert client.post("/upload", data=data, content_type="multipart/form-data").status_code == 400
    with hub.catalogue.read() as session:
        assert rows.of_account(session, sari.id) == []


def test_another_space_than_ones_own_is_refused(hub: Hub, client: FlaskClient) -> None:
    _send(client, {"a.html": REPORT}, space="polri")
    assert "not, or no longer, a contributor" in words(one(get(client, "/en/work"), ".notice-wrong"))


@pytest.mark.parametrize(
    ("base", "said"), [("/en", "Choose at least one file."), ("", "Pilih sedikitnya satu berkas.")]
)
def test_a_form_without_a_file_is_shown_again_with_what_is_missing(
    hub: Hub, sari: Account, client: FlaskClient, base: str, said: str
) -> None:
    old = record_document(hub, "Rencana 2024", keeper="org:bnpt")
    nameless = FileStorage(io.BytesIO(b""), "")
    for fields in ({"space": "bnpt"}, {"space": "bnpt", "files": nameless, "replaces": old}):
        answer = _post(client, f"{base}/upload", fields)
        assert answer.status_code == 400
        page = LexborHTMLParser(answer.text)
        assert words(one(page, "#drop.field-wrong .wrong")) == said
        assert "files-wrong" in (one(page, "#files").attributes["aria-describedby"] or "")
        assert bool(page.css(f"input[name=replaces][value='{old}']")) is ("replaces" in fields)
    with hub.catalogue.read() as session:
        assert rows.of_account(session, sari.id) == []


def test_only_the_page_for_uploads_may_run_its_script(hub: Hub, client: FlaskClient) -> None:
    assert "script-src 'self'" in client.get("/upload").headers["Content-Security-Policy"]
    for address in ("/work", "/", "/en/search"):
        assert "script-src 'none'" in client.get(address).headers["Content-Security-Policy"]


# --- The interface for the page's script and for programs ---


def _json(client: FlaskClient, method: str, address: str, **options: Any) -> Any:
    headers = {"X-CSRFToken": _token(client), **options.pop("headers", {})}
    return client.open(address, method=method, headers=headers, **options)


def test_pieces_over_http(hub: Hub, client: FlaskClient) -> None:
    answer = _json(client, "POST", "/api/v1/uploads", json={"space": "bnpt", "name": "uu.pdf", "size": len(LAW)})
    assert (answer.status_code, answer.json["stage"]) == (201, "sending")
    address = answer.headers["Location"]
    piece = {"Content-Type": "application/offset+octet-stream"}
    first = _json(client, "PATCH", address, data=LAW[:1000], headers={"Upload-Offset": "0", **piece})
    assert (first.status_code, first.headers["Upload-Offset"]) == (200, "1000")
    again = _json(client, "PATCH", address, data=LAW[:1000], headers={"Upload-Offset": "0", **piece})
    assert (again.status_code, again.json["code"], again.headers["Upload-Offset"]) == (409, "wrong_offset", "1000")
    asked = client.head(address)
    assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, "1000")
    rest = _json(client, "PATCH", address, data=LAW[1000:], headers={"Upload-Offset": "1000", **piece})
    assert (rest.status_code, rest.json["stage"]) == (200, "waiting")
    work.run(hub)
    state = client.get(address).get_json()
    assert (state["stage"], state["state"], state["media_type"]) == ("read", "draft", "application/pdf")
    assert "Terorisme" in state["title"]
    assert [entry["id"] for entry in client.get("/api/v1/uploads").get_json()["uploads"]] == [state["id"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"space": "bnpt", "name": "a", "size": 2_000_000_000}, 413, "upload_too_large"),
        ({"space": "bnpt", "name": "a", "size": 0}, 400, "upload_empty"),
        ({"space": "bnpt", "name": "", "size": 1}, 400, "upload_refused"),
        ({"space": "bnpt", "name": "a"}, 400, "bad_parameter"),
        ({"space": "bnpt", "name": "a", "size": "much"}, 400, "bad_parameter"),
        ({"space": "bnpt", "name": "a", "size": 1, "more": 1}, 400, "bad_parameter"),
        ({"space": "polri", "name": "a", "size": 1}, 403, "not_allowed"),
        ({"space": "\0", "name": "a", "size": 1}, 403, "not_allowed"),
        ({"space": "bnpt", "name": "a", "size": 1, "replaces": "nothing"}, 404, "unknown_id"),
        ({"space": "bnpt", "name": "a", "size": 1, "replaces": "'; --"}, 400, "bad_parameter"),
        ([1], 400, "bad_parameter"),
    ],
)
def test_what_is_announced_wrongly_is_refused(client: FlaskClient, body: Any, status: int, code: str) -> None:
    answer = _json(client, "POST", "/api/v1/uploads", json=body)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_what_is_no_json_is_refused(client: FlaskClient) -> None:
    for content in (b"{", b"", b"\xff\xfe"):
        answer = _json(client, "POST", "/api/v1/uploads", data=content, content_type="application/json")
        assert answer.status_code == 400


@pytest.mark.parametrize("offset", [None, "", "-1", "1.5", "\u0661", "9" * 30])
def test_a_piece_needs_a_number_for_its_offset(hub: Hub, client: FlaskClient, sari: Account, offset: str) -> None:
    upload = uploads.begin(hub, sari, space="bnpt", name="a", size=1, batch="b")
    headers = {} if offset is None else {"Upload-Offset": offset.encode().decode("latin-1")}
    answer = _json(client, "PATCH", f"/api/v1/uploads/{upload.id}", data=b"x", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_parameter")


def test_uploads_of_others_do_not_exist(hub: Hub, client: FlaskClient, sari: Account) -> None:
    other = make_account(hub, "Budi", roles={"bnpt": Role.EDITOR})
    foreign = uploads.begin(hub, other, space="bnpt", name="a", size=1, batch="b").id
    for identifier in (foreign, "nothing", "..", "%00", "a" * 100):
        address = f"/api/v1/uploads/{identifier}"
        headers = {"Upload-Offset": "0"}
        for method in ("GET", "PATCH", "DELETE"):
            assert _json(client, method, address, data=b"x", headers=headers).status_code == 404, (method, identifier)
    assert _post(client, f"/work/uploads/{foreign}/cancel", {}).status_code == 404
    assert uploads.find(hub, other, foreign).is_open


def test_the_public_and_forged_requests_change_nothing(hub: Hub, client: FlaskClient, no_one: FlaskClient) -> None:
    body = {"space": "bnpt", "name": "a", "size": 1}
    answer = no_one.post("/api/v1/uploads", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_needed")
    assert client.post("/api/v1/uploads", json=body).status_code == 400
    assert no_one.get("/api/v1/uploads").status_code == 401


def test_a_contributor_who_was_removed_is_told_so_and_leaves_nothing(
    hub: Hub, client: FlaskClient, sari: Account
) -> None:
    upload = uploads.begin(hub, sari, space="bnpt", name="a", size=2, batch="b")
    address = f"/api/v1/uploads/{upload.id}"
    assert _json(client, "PATCH", address, data=b"x", headers={"Upload-Offset": "0"}).status_code == 200
    with hub.catalogue.write() as session:
        session.delete(session.get_one(MembershipRow, (sari.id, "bnpt")))
    token = get(client, "/en/account").css("input[name=csrf_token]")[0].attributes["value"] or ""
    answer = client.patch(address, data=b"x", headers={"Upload-Offset": "1", "X-CSRFToken": token})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_allowed")
    assert list((hub.settings.data / "uploads").glob("*")) == []


# --- The draft ---


def test_nothing_is_declared_that_was_not_touched(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    inferred = draft.statements
    assert _post(client, f"/en/work/{draft.id}", _fields(client, draft)).status_code == 302
    assert _now(hub, draft).statements == inferred


def test_a_correction_and_a_confirmation_are_declared_and_what_was_inferred_stays(
    hub: Hub, client: FlaskClient
) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | {"date": "2026-03", "confirmed": ["title"], "number": "7/2026"}
    assert _post(client, f"/en/work/{draft.id}", fields).status_code == 302
    saved = _now(hub, draft)
    declared = {(s.field, s.value) for s in saved.statements if s.source is Source.DECLARED}
    assert declared == {
        (DocumentField.DATE, "2026-03"),
        (DocumentField.TITLE, draft.title),
        (DocumentField.NUMBER, "7/2026"),
    }
    assert {s for s in saved.statements if s.source is Source.INFERRED} == set(draft.statements)
    page = get(client, f"/en/work/{draft.id}")
    assert one(page, "#date").attributes["value"] == "2026-03"
    assert not page.css("#confirmed-title")


def test_what_the_hub_found_wrongly_can_be_said_not_to_be(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    assert draft.values(DocumentField.THEME)
    fields = _fields(client, draft)
    fields.pop("themes")
    fields["authors"] = ["Sari\r\nBudi; Tono"]
    assert _post(client, f"/en/work/{draft.id}", fields).status_code == 302
    saved = _now(hub, draft)
    assert saved.values(DocumentField.THEME) == ()
    assert saved.values(DocumentField.AUTHOR) == ("Sari", "Budi", "Tono")


def test_organisations_stand_by_their_names(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client, LAW, "uu.pdf")
    fields = _fields(client, draft)
    assert fields["organisation"] == ["Government of the Republic of Indonesia"]
    fields["organisation"] = [fields["organisation"][0] + "\nBNPT"]
    _post(client, f"/en/work/{draft.id}", fields)
    assert _now(hub, draft).values(DocumentField.ORGANISATION) == ("republik-indonesia", "bnpt")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "yesterday"),
        ("date", "2018-13"),
        ("kind", "novel"),
        ("themes", "nonsense"),
        ("language", "klingon"),
        ("licence", "wtfpl"),
        ("organisation", "!!!"),
        ("readers", "everyone"),
        ("embargo_until", "soon"),
        ("title", "x" * 2001),
    ],
)
def test_a_value_that_cannot_be_is_told_and_nothing_is_saved(
    hub: Hub, client: FlaskClient, name: str, value: str
) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | {name: [value], "number": ["1/2026"]}
    answer = _post(client, f"/en/work/{draft.id}", fields)
    assert answer.status_code == 400
    page = LexborHTMLParser(answer.text)
    told = words(one(page, ".notice-wrong"))
    assert told.startswith("Nothing was saved yet. Please correct: ")
    assert name not in told, "a field is called as the page calls it"
    assert page.css(".field-wrong .wrong")
    assert one(page, "#number").attributes["value"] == "1/2026"
    assert _now(hub, draft).edition == draft.edition


def test_access_and_embargo_are_chosen_and_said_in_a_sentence(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft)
    assert fields["readers"] == ["own"]
    fields |= {"readers": ["public"], "embargo_until": ["2090-01-31T09:00"], "licence": ["cc-by"]}
    assert _post(client, f"/en/work/{draft.id}", fields).status_code == 302
    saved = _now(hub, draft)
    assert saved.access.labels == {"public"}
    assert saved.access.embargo_until == datetime(2090, 1, 31, 2, 0, tzinfo=UTC)
    assert saved.state is State.DRAFT
    assert saved.value(DocumentField.LICENCE) == "cc-by"
    sentence = words(one(get(client, f"/en/work/{draft.id}"), ".sentence"))
    assert "until 31 January 2090, 09:00 WIB" in sentence
    assert sentence.endswith("Everybody.")


def test_readers_that_are_not_named_are_told_at_the_top(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | _KNOWN | {"readers": ["named"], "organisations": [], "embargo_until": ["kelak"]}
    answer = _post(client, f"/en/work/{draft.id}", fields | {"then": ["submit"]})
    assert answer.status_code == 400
    told = words(one(LexborHTMLParser(answer.text), ".notice-wrong"))
    assert told == "Nothing was saved yet. Please correct: Organisations that may read it, Not to be read before."


def test_an_editor_corrects_what_was_submitted_for_readers_that_are_named(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | _KNOWN | {"readers": ["named"], "organisations": ["polri"], "then": ["submit"]}
    assert _post(client, f"/en/work/{draft.id}", fields).headers["Location"] == "/en/work"
    submitted = _now(hub, draft)
    editor = client_of(hub)
    sign_in(hub, editor, make_account(hub, "Edi", roles={"bnpt": Role.EDITOR}))
    assert not get(editor, f"/en/work/{draft.id}").css("input[name=readers]"), "who reads it is not asked here"
    corrected = _fields(editor, draft) | {"number": ["7/2026"]}
    assert _post(editor, f"/en/work/{draft.id}", corrected).status_code == 302
    after = _now(hub, draft)
    assert after.value(DocumentField.NUMBER) == "7/2026"
    assert after.access == submitted.access
    # What is not asked for changes nothing, whatever is sent of it.
    _post(editor, f"/en/work/{draft.id}", _fields(editor, draft) | {"readers": ["public"]})
    assert _now(hub, draft).access == submitted.access


def test_a_word_to_the_editors_stays_in_its_field_until_it_is_sent(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | _KNOWN | {"number": ["7/2026"], "comment": ["Mohon segera."]}
    answer = _post(client, f"/en/work/{draft.id}", fields)
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.text)
    assert words(one(page, ".notice-done")) == "Saved."
    assert one(page, "#comment").text().strip() == "Mohon segera."
    assert _now(hub, draft).value(DocumentField.NUMBER) == "7/2026"
    answer = _post(client, f"/en/work/{draft.id}", fields_of(page) | {"then": ["submit"]})
    assert answer.headers["Location"] == "/en/work", "the page that was shown goes on from what was saved"
    with hub.catalogue.read() as session:
        last = reviews.last(session, draft.id, Action.SUBMIT)
    assert last is not None
    assert last.comment == "Mohon segera."


def test_somebody_else_saved_meanwhile(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    mine = _fields(client, draft) | {"number": ["7/2026"]}
    editor = client_of(hub)
    sign_in(hub, editor, make_account(hub, "Budi", roles={"bnpt": Role.EDITOR}))
    theirs = _fields(editor, draft) | {"date": ["2025"], "title": ["Judul dari penyunting"]}
    assert _post(editor, f"/en/work/{draft.id}", theirs).status_code == 302
    answer = _post(client, f"/en/work/{draft.id}", mine)
    assert answer.status_code == 409
    page = LexborHTMLParser(answer.text)
    said = [words(node) for node in page.css(".notice-wrong li")]
    assert said == [f"Title: {draft.title} → Judul dari penyunting", f"Date: {draft.value(DocumentField.DATE)} → 2025"]
    kept = fields_of(page)
    assert (kept["number"], kept["date"]) == (["7/2026"], ["2025"])
    assert _post(client, f"/en/work/{draft.id}", kept).status_code == 302
    saved = _now(hub, draft)
    assert saved.title == "Judul dari penyunting"
    assert saved.value(DocumentField.NUMBER) == "7/2026"


def test_what_changed_nothing_that_is_shown_is_no_conflict(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft) | {"number": ["7/2026"]}
    with hub.catalogue.write() as session:
        documents.set_access(session, draft.id, draft.access)
    assert _now(hub, draft).edition != draft.edition
    assert _post(client, f"/en/work/{draft.id}", fields).status_code == 302
    assert _now(hub, draft).value(DocumentField.NUMBER) == "7/2026"


def test_what_was_shown_may_come_back_as_anything(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    for was in ("", "[]", "{", json.dumps({"title": 1, "access": None}), "\0"):
        fields = _fields(client, draft) | {"was": [was], "edition": ["0.0"]}
        assert _post(client, f"/en/work/{draft.id}", fields).status_code in {302, 409}


# --- What is like it, personal data, submission ---


def _twins(hub: Hub, client: FlaskClient, **other: Any) -> tuple[Document, str]:
    pages = [" ".join(f"kata{n} kesiapsiagaan daerah tahap{n}" for n in range(300))]
    other_id = record_document(hub, "Laporan 2024", pages, **other)
    text = "Laporan 2025\n\n" + pages[0] + "\nPenutup yang baru ditambahkan pada tahun ini."
    return _draft(hub, client, text.encode(), "laporan-2025.txt"), other_id


def test_what_is_like_a_draft_is_shown_side_by_side_and_settled(hub: Hub, client: FlaskClient) -> None:
    draft, other = _twins(hub, client)
    page = get(client, f"/en/work/{draft.id}")
    address = one(page, "section[aria-labelledby=alike] .button").attributes["href"] or ""
    assert address == f"/en/work/{draft.id}/compared/{other}"
    compared = get(client, address)
    assert len(compared.css(".side-by-side article")) == 2
    assert len(compared.css(".side-by-side mark")) >= 2
    edition = one(compared, "form.stack input[name=edition]").attributes["value"]
    assert _post(client, address, {"relation": "new-version", "edition": edition}).status_code == 302
    with hub.catalogue.read() as session:
        (pair,) = relations.of_document(session, draft.id)
    assert (pair.document_id, pair.relation, pair.status) == (draft.id, Relation.NEW_VERSION, RelationStatus.CONFIRMED)


def test_a_draft_can_be_said_to_be_of_its_own(hub: Hub, client: FlaskClient) -> None:
    draft, other = _twins(hub, client)
    address = f"/en/work/{draft.id}/compared/{other}"
    _post(client, address, {"relation": "none", "edition": draft.edition})
    assert not get(client, f"/en/work/{draft.id}").css("section[aria-labelledby=alike] .cards li")


def test_what_another_organisation_keeps_is_not_replaced(hub: Hub, client: FlaskClient) -> None:
    draft, other = _twins(hub, client, keeper="org:polri")
    address = f"/en/work/{draft.id}/compared/{other}"
    assert not get(client, address).css("#relation-new-version")
    assert _post(client, address, {"relation": "new-version", "edition": draft.edition}).status_code == 403
    assert _post(client, address, {"relation": "translation", "edition": draft.edition}).status_code == 302


def test_what_a_person_may_not_read_is_neither_told_nor_compared(hub: Hub, client: FlaskClient) -> None:
    draft, other = _twins(hub, client, keeper="org:polri", access=["org:polri"])
    page = get(client, f"/en/work/{draft.id}")
    assert "Nothing that you may read" in words(one(page, "section[aria-labelledby=alike]"))
    for address in (f"/en/work/{draft.id}/compared/{other}", f"/en/work/{draft.id}/compared/nothing"):
        assert client.get(address).status_code == 404
        assert _post(client, address, {"relation": "none", "edition": draft.edition}).status_code == 404


def test_a_comparison_that_has_not_finished_is_told(
    hub: Hub, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "compare", lambda *_: None)
    draft = _draft(hub, client)
    assert "has not finished yet" in words(one(get(client, f"/en/work/{draft.id}"), "section[aria-labelledby=alike]"))


def test_a_new_version_that_was_announced_is_settled_with_the_submission(hub: Hub, client: FlaskClient) -> None:
    old = record_document(hub, "Rencana 2024", ["rencana lama"], keeper="org:bnpt")
    assert "Rencana 2024" in words(one(get(client, f"/en/upload?replaces={old}"), ".notice"))
    draft = _draft(hub, client, b"Rencana yang sama sekali lain.\n" * 20, "rencana.txt", replaces=old)
    page = get(client, f"/en/work/{draft.id}")
    assert "Rencana 2024" in words(one(page, "section[aria-labelledby=alike]"))
    answer = _post(client, f"/en/work/{draft.id}", _fields(client, draft) | _KNOWN | {"then": ["submit"]})
    assert answer.headers["Location"] == "/en/work"
    with hub.catalogue.read() as session:
        pair = next(p for p in relations.of_document(session, draft.id) if p.other_id == old)
    assert (pair.relation, pair.status) == (Relation.NEW_VERSION, RelationStatus.CONFIRMED)


@pytest.mark.parametrize(
    ("former", "begins"),
    [
        ({"keeper": "org:bnpt"}, {"public"}),
        ({"keeper": "org:bnpt", "access": ["org:polri", "org:bnpt"]}, {"org:polri", "org:bnpt"}),
        ({"keeper": "org:bnpt", "embargo_until": datetime(2090, 1, 1, tzinfo=UTC)}, {"org:bnpt"}),
        ({"access": ["partners"]}, {"partners"}),
        ({"access": ["org:bnpt", "org:polri"]}, {"org:bnpt"}),
    ],
)
def test_a_new_version_begins_with_the_readers_of_the_former_one(
    hub: Hub, client: FlaskClient, former: dict[str, Any], begins: set[str]
) -> None:
    """Neither an embargo nor what the space does not keep makes it wider than that was."""
    old = record_document(hub, "Rencana 2024", ["rencana lama"], **former)
    draft = _draft(hub, client, b"Rencana yang sama sekali lain.\n" * 20, "rencana.txt", replaces=old)
    assert draft.access.labels == begins
    assert draft.access.embargo_until is None
    assert draft.access.keeper == "org:bnpt"


def test_what_is_settled_as_a_new_version_is_read_like_the_former_unless_somebody_chose(
    hub: Hub, client: FlaskClient
) -> None:
    draft, other = _twins(hub, client, keeper="org:bnpt", access=["partners"])
    address = f"/en/work/{draft.id}/compared/{other}"
    assert _post(client, address, {"relation": "none", "edition": draft.edition}).status_code == 302
    assert _now(hub, draft).access == draft.access
    _post(client, address, {"relation": "new-version", "edition": _now(hub, draft).edition})
    assert _now(hub, draft).access.labels == {"partners"}
    page = get(client, f"/en/work/{draft.id}")
    assert "as the former version can, by: Partners" in words(page.css_first("main"))
    _post(client, f"/en/work/{draft.id}", fields_of(page) | {"readers": ["named"], "organisations": ["polri"]})
    _post(client, address, {"relation": "new-version", "edition": _now(hub, draft).edition})
    assert _now(hub, draft).access.labels == {"org:bnpt", "org:polri"}, "what somebody chose stays"


@pytest.mark.parametrize(
    ("base", "field", "page"),
    [
        ("/en", "Fill this in before you submit.", "Not submitted. Still missing: Title, Kind, Date."),
        ("", "Isi dahulu sebelum mengajukan.", "Belum diajukan. Yang belum terisi: Judul, Jenis, Tanggal."),
    ],
)
def test_what_lacks_a_title_a_kind_or_a_date_is_not_submitted(
    hub: Hub, client: FlaskClient, base: str, field: str, page: str
) -> None:
    """What the hub found counts while it stands in the form; taken out, it is missing."""
    draft = _draft(hub, client)
    address = f"{base}/work/{draft.id}"
    emptied = _fields(client, draft) | {"title": [" "], "kind": [""], "date": [""], "number": ["7"]}
    answer = _post(client, address, emptied | {"then": ["submit"]})
    assert answer.status_code == 400
    refused = LexborHTMLParser(answer.text)
    assert [words(node) for node in refused.css(".field-wrong .wrong")] == [field] * 3
    assert page in [words(node) for node in refused.css(".notice-wrong")]
    assert one(refused, "#number").attributes["value"] == "7", "nothing that was entered is lost"
    assert _now(hub, draft) == draft
    assert _post(client, address, emptied).status_code == 302, "it can be saved"
    assert _now(hub, draft).state is State.DRAFT


def _found_personal_data(hub: Hub, draft: Document) -> Document:
    from ingest.personal_data import find_in

    with hub.catalogue.write() as session:
        personal_data.put(session, draft.id, draft.text.sha256, find_in(hub, draft.text.sha256))
    return draft


def test_personal_data_is_shown_masked_and_needs_a_decision(hub: Hub, client: FlaskClient) -> None:
    draft = _found_personal_data(hub, _draft(hub, client, PERSONAL, "peserta.txt"))
    page = get(client, f"/en/work/{draft.id}")
    section = one(page, "section[aria-labelledby=personal-data]")
    assert [words(node) for node in section.css("mark")] == ["33••••••••••••04", "08••••••••••90"]
    assert "3372011203850004" not in (section.html or "")
    fields = _fields(client, draft) | _KNOWN | {"then": ["submit"]}
    answer = _post(client, f"/en/work/{draft.id}", fields)
    assert answer.headers["Location"] == f"/en/work/{draft.id}#personal-data"
    assert _now(hub, draft).state is State.DRAFT
    decide = f"/en/work/{draft.id}/personal-data"
    edition = _now(hub, draft).edition
    _post(client, decide, {"judgement": "may-be-read", "note": " ", "edition": edition})
    _post(client, decide, {"judgement": "whatever", "note": "x", "edition": edition})
    with hub.catalogue.read() as session:
        assert personal_data.decision(session, draft) is None
    _post(client, decide, {"judgement": "may-be-read", "note": "Pejabat dalam jabatannya", "edition": edition})
    with hub.catalogue.read() as session:
        decided = personal_data.decision(session, draft)
    assert decided is not None
    assert (decided.judgement, decided.note) == (Judgement.MAY_BE_READ, "Pejabat dalam jabatannya")
    answer = _post(client, f"/en/work/{draft.id}", _fields(client, draft) | {"then": ["submit"]})
    assert answer.headers["Location"] == "/en/work"
    assert _now(hub, draft).state is State.SUBMITTED


def test_a_decision_saves_the_fields_along(hub: Hub, client: FlaskClient) -> None:
    draft = _found_personal_data(hub, _draft(hub, client, PERSONAL, "peserta.txt"))
    page = get(client, f"/en/work/{draft.id}")
    button = one(page, "[aria-labelledby=personal-data] button[formaction]")
    decide = button.attributes["formaction"] or ""
    for node in (button, *page.css("[name=judgement], [name=note]")):
        assert node.attributes["form"] == one(page, "form.draft-form").attributes["id"]
    fields = _fields(client, draft) | {"number": ["7/2026"], "note": ["Pejabat"], "comment": ["Segera."]}
    refused = LexborHTMLParser(_post(client, decide, fields).text)
    assert words(one(refused, ".notice-wrong")).endswith("Please correct: What looks like personal data.")
    assert one(refused, "#number").attributes["value"] == "7/2026"
    assert one(refused, "#note").text().strip() == "Pejabat"
    assert _now(hub, draft).edition == draft.edition
    answer = _post(client, decide, fields | {"judgement": "not-personal"})
    assert one(LexborHTMLParser(answer.text), "#comment").text().strip() == "Segera."
    assert _now(hub, draft).value(DocumentField.NUMBER) == "7/2026"
    with hub.catalogue.read() as session:
        decided = personal_data.decision(session, draft)
    assert decided is not None
    assert (decided.judgement, decided.note) == (Judgement.NOT_PERSONAL, "Pejabat")
    again = _post(client, decide, {"judgement": "not-personal", "edition": draft.edition})
    assert again.headers["Location"] == f"/en/work/{draft.id}", "it was changed since that edition"


def test_a_file_that_was_destroyed_is_refused_in_plain_words(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    sha256 = draft.files[0].sha256
    with hub.catalogue.write() as session:
        purges.add(session, None, draft.id, sha256, Purged.ORIGINAL, Reason.PERSONAL_DATA, "")
    _send(client, {"lagi.html": REPORT})
    work.run(hub)
    told = words(one(get(client, "/en/work"), "[aria-labelledby=on-the-way] li"))
    assert "destroyed in the hub on purpose, and is refused" in told
    assert "ask an editor of your organisation" in told
    said = json.loads(one(get(client, "/en/upload"), "#upload").attributes["data-words"] or "")
    assert said["faults"]["purged"] in told, "the page for uploads says the same"
    assert set(said["faults"]) >= {"unsupported_format", "encrypted", "corrupt"}


def test_a_draft_is_discarded(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    assert (
        _post(client, f"/en/work/{draft.id}/discard", {"edition": "0.0"}).headers["Location"] == f"/en/work/{draft.id}"
    )
    assert _post(client, f"/en/work/{draft.id}/discard", {"edition": draft.edition}).headers["Location"] == "/en/work"
    assert _now(hub, draft).removed_at is not None
    assert client.get(f"/en/work/{draft.id}").status_code == 404
    assert not get(client, "/en/work").css(".cards li")


def test_evidence_leads_to_its_page_with_the_words_marked(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client, LAW, "uu.pdf")
    page = get(client, f"/en/work/{draft.id}")
    address = page.css(".basis blockquote a")[0].attributes["href"] or ""
    shown = get(client, address)
    assert shown.css(".page-text mark")
    assert client.get(f"/en/work/{draft.id}/pages/9999").status_code == 404


def test_a_draft_exists_for_its_own_space_alone(hub: Hub, client: FlaskClient, no_one: FlaskClient) -> None:
    draft, other = _twins(hub, client)
    stranger = _stranger(hub)
    for path in ("", "/pages/1", f"/compared/{other}"):
        assert stranger.get(f"/work/{draft.id}{path}").status_code == 404
        assert no_one.get(f"/work/{draft.id}{path}").status_code == 302
    for path in ("", "/submit", "/discard", "/personal-data", f"/compared/{other}"):
        fields = {"edition": draft.edition, "relation": "none", "judgement": "not-personal", "readers": "public"}
        assert _post(stranger, f"/work/{draft.id}{path}", fields).status_code == 404, path
    assert _now(hub, draft).edition == draft.edition
    for address in (f"/documents/{draft.id}", f"/api/v1/documents/{draft.id}", f"/documents/{draft.id}/pages/1"):
        assert client.get(address).status_code == 404, "not on public pages, not even for its contributor"


def test_what_is_submitted_is_not_edited_by_its_contributor(hub: Hub, client: FlaskClient) -> None:
    draft = _draft(hub, client)
    fields = _fields(client, draft)
    _post(client, f"/en/work/{draft.id}", fields | {"then": ["submit"]})
    submitted = _now(hub, draft)
    assert submitted.state is State.SUBMITTED
    page = get(client, f"/en/work/{draft.id}")
    assert "not change it in its present state" in words(page.css_first("main"))
    assert _post(client, f"/en/work/{draft.id}", fields).status_code == 403


@pytest.mark.parametrize(
    "address", ["/work/%00", "/work/x", "/work/x/pages/1", "/work/x/compared/y", "/upload?replaces=x"]
)
def test_addresses_of_nothing(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_files_leave_threads_for_those_who_read(hub: Hub, sari: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the threads send; who comes beyond is asked to come again, and whoever reads is answered."""
    narrow = _with_settings(hub, app=hub.settings.app.model_copy(update={"threads": 2}))
    client, other = client_of(narrow), client_of(narrow)
    other.application = client.application
    for browser in (client, other):
        sign_in(hub, browser, sari)
    upload = uploads.begin(hub, sari, space="bnpt", name="a", size=2, batch="b")
    sign = {"X-CSRFToken": _token(other)}
    answers: list[Any] = []
    receive = uploads.receive

    def meanwhile(*arguments: Any) -> Any:
        answers.append(other.post("/api/v1/uploads", json={}, headers=sign))
        answers.append(other.get("/en/work"))
        return receive(*arguments)

    monkeypatch.setattr(uploads, "receive", meanwhile)
    sent = _json(client, "PATCH", f"/api/v1/uploads/{upload.id}", data=b"ab", headers={"Upload-Offset": "0"})
    refused, read = answers
    assert (sent.status_code, read.status_code) == (200, 200)
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "busy", "1")
    assert _json(client, "POST", "/api/v1/uploads", json={}).status_code == 400, "the slot is free again"
