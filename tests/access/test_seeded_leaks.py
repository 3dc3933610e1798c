"""The suite finds a leak that is put in on purpose, in each read path: else it would prove nothing.

Each mutation takes one check away, as a careless change would. The suite, going through the path that it is named for
alone, must fail within a few examples; that it does not fail without the mutation is what `test_access` says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app import people
from holdings import documents, sessions, tokens
from holdings.access import Viewer
from holdings.accounts import Account, HubRole, account_of
from holdings.errors import NotAllowedError, UnknownIdError
from holdings.model import Document
from holdings.states import State
from holdings.tables_people import AccountRow, ApiTokenRow, SessionRow
from indexer.hub import Hub
from indexer.model import SearchRequest
from tests.access.asking import Leak
from tests.access.paths import PATHS
from tests.access.running import run
from tests.access.stage import Stage

Mutation = Callable[[pytest.MonkeyPatch, Stage], None]
_ALL = Viewer.of("partners", "org:satu", "org:dua", "org:tiga")
_EXAMPLES, _STEPS = 12, 25
# A run of one seed may have none of the few steps that a rare leak needs.
_SEEDS = range(20)


def _viewer_of_all(where: str) -> Mutation:
    """A search that is made for somebody who may read everything, instead of for who asks."""

    def mutate(patch: pytest.MonkeyPatch, stage: Stage) -> None:
        module, name = where.rsplit(".", 1)
        found = _attribute(module, name)
        patch.setattr(where, lambda hub, request, **more: found(hub, replace(request, viewer=_ALL), **more))

    return mutate


def _set(where: str, value: Any) -> Mutation:
    return lambda patch, stage: patch.setattr(where, value)


def _any_document(where: str) -> Mutation:
    """A view that takes the document from the catalogue without asking whether it may be read."""
    return lambda patch, stage: patch.setattr(where, lambda document_id: _get(stage.hub, document_id))


def _get(hub: Hub, document_id: str) -> Document:
    with hub.catalogue.read() as session:
        return documents.get(session, document_id)


def _forbidden(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """What may not be read is refused, where it must not be there."""
    found: Callable[[str], Document] = _attribute("app.hub", "find_document")

    def forbids(document_id: str) -> Document:
        try:
            return found(document_id)
        except UnknownIdError:
            _get(stage.hub, document_id)
            raise NotAllowedError("This is not for you") from None

    for where in ("app.site.documents.find_document", "app.api.routes.find_document"):
        patch.setattr(where, forbids)


def _counts_of_all(part: str) -> Mutation:
    """The number of documents, or the numbers under the facets, counted before the access filter."""

    def mutate(patch: pytest.MonkeyPatch, stage: Stage) -> None:
        body_of, searched = _attribute("indexer.discover", "documents_body"), stage.engine.search

        def remembers(templates: Any, root: Any, filters: Any, access: Any, **options: Any) -> Any:
            body = body_of(templates, root, filters, access, **options)
            unfiltered[id(body)] = body_of(templates, root, filters, {"match_all": {}}, **options)
            kept.append(body)
            return body

        def search(index: Any, bodies: Any) -> Any:
            answers = searched(index, bodies)
            for answer, body in zip(answers, bodies, strict=True):
                if id(body) in unfiltered:
                    everything = searched(index, [unfiltered[id(body)]])[0]
                    if part == "total":
                        answer["hits"]["total"] = everything["hits"]["total"]
                    else:
                        answer["aggregations"] = everything["aggregations"]
            return answers

        unfiltered: dict[int, Any] = {}
        kept: list[Any] = []
        patch.setattr("indexer.discover.documents_body", remembers)
        patch.setattr(stage.engine, "search", search)

    return mutate


def _snippets_of_all(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Pages are looked for in the whole index instead of in the document that was found."""
    body_of = _attribute("indexer.discover", "pages_body")

    def anywhere(*arguments: Any, **options: Any) -> Any:
        body = body_of(*arguments, **options)
        if body is not None:
            body["query"]["bool"].pop("filter")
        return body

    patch.setattr("indexer.discover.pages_body", anywhere)


def _without_embargo(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    def labels_alone(viewer: Viewer, now: datetime) -> dict[str, Any]:
        return {"bool": {"should": [{"terms": {field: sorted(viewer.labels)}} for field in ("access", "keeper")]}}

    patch.setattr("indexer.supersession.read_filter", labels_alone)


def _ended_sessions_count(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    def find(session: Any, secret: str) -> Any:
        row = session.query(SessionRow).filter_by(token_sha256=sessions.hash_of(secret)).one_or_none()
        return sessions._signed_in(row, account_of(session.get(AccountRow, row.account_id))) if row else None

    patch.setattr("holdings.sessions.find", find)


def _revoked_tokens_count(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    def find(session: Any, secret: str) -> Any:
        row = session.query(ApiTokenRow).filter_by(token_sha256=sessions.hash_of(secret)).one_or_none()
        return (tokens._token(row), account_of(session.get(AccountRow, row.account_id))) if row else None

    patch.setattr("holdings.tokens.find", find)


def _memberships_are_kept(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """What a person may read is remembered from the first time that they asked."""
    viewer_of: Callable[[Account], Viewer] = Account.viewer.fget  # type: ignore[attr-defined]
    remembered: dict[str, Viewer] = {}

    def viewer(account: Account) -> Viewer:
        return remembered.setdefault(account.id, viewer_of(account))

    patch.setattr(Account, "viewer", property(viewer))


def _everybody_administers(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    asking = people.person
    patch.setattr("app.people.person", lambda: replace(asking(), hub_role=HubRole.ADMINISTRATOR))


def _title_in_location(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Who must sign in is led there with the title of what they asked for."""
    led = _attribute("app.people", "redirect")

    def with_title(address: str, *more: Any) -> Any:
        asked = next((known for known in stage.world.documents.values() if known.id in address), None)
        return led(f"{address}&title={asked.word('t')}" if asked else address, *more)

    patch.setattr("app.people.redirect", with_title)


def _tombstones_for_all(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    for where in ("holdings.documents.may_see_tombstone", "desk.tombstones.may_see_tombstone"):
        patch.setattr(where, lambda access, viewer, now: access.state is State.WITHDRAWN)


def _stale_viewer(module: str) -> Mutation:
    """A feed or an alert that reads as somebody who may read everything."""

    def mutate(patch: pytest.MonkeyPatch, stage: Stage) -> None:
        request_of = _attribute(module, "request_of")

        def of_all(*arguments: Any) -> SearchRequest:
            asked: SearchRequest = request_of(*arguments)
            return replace(asked, viewer=_ALL)

        patch.setattr(f"{module}.request_of", of_all)
        patch.setattr(f"{module}.readable", lambda session, ids, viewer, now: {one: stage.now() for one in ids})

    return mutate


def _all_titles(found: list[Document], account: Account, now: Any) -> dict[str, str]:
    return {document.id: document.title for document in found}


def _all_work(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    def everything(session: Any, account_id: str) -> list[Document]:
        return documents.get_many(session, list(stage.world.documents))

    patch.setattr("holdings.documents.of_contributor", everything)
    patch.setattr("app.members.uploading.working.may_look", lambda account, document: True)


def _subjects_are_told(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    patch.setattr("holdings.personal._NEVER_TOLD", set())


def _replace_any(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    _any_document("app.members.uploading.sending.find_document")(patch, stage)
    patch.setattr("app.members.uploading.sending.uploads.may_replace", lambda by, document: True)


def _files_of_all(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    listed = _attribute("holdings.uploads", "listed")
    everybody = [reader.account_id for reader in stage.world.readers.values() if reader.account_id]

    def of_all(session: Any, _account_id: str, **options: Any) -> list[Any]:
        return [upload for account_id in everybody for upload in listed(session, account_id, **options)]

    patch.setattr("holdings.uploads.listed", of_all)


def _related_to_all(where: str) -> Mutation:
    def mutate(patch: pytest.MonkeyPatch, stage: Stage) -> None:
        related = _attribute("indexer.related", "related")
        patch.setattr(where, lambda hub, document_id, viewer: related(hub, document_id, None))

    return mutate


def _cli_as_all(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    # By the module: the package has the command under the same name.
    patch.setattr(sys.modules["app.cli.search"], "viewer_as", lambda hub, labels: _ALL)


def _cli_relations_of_all(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    patch.setattr(sys.modules["app.cli.duplicates"], "may_read", lambda access, viewer, now: True)


def _ids_are_read_leniently(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    found = _attribute("app.hub", "find_document")
    patch.setattr("app.site.documents.find_document", lambda given: found(given.casefold()[:10]))


def _attribute(module: str, name: str) -> Any:
    return getattr(__import__(module, fromlist=[name]), name)


_EVERYTHING: dict[str, Any] = {"match_all": {}}
_NOTHING: dict[str, Any] = {"match_none": {}}
LEAKS: list[tuple[str, str, Mutation]] = [
    ("search", "no read filter", _set("indexer.supersession.read_filter", lambda viewer, now: _EVERYTHING)),
    ("search", "no embargo", _without_embargo),
    ("search", "unsettled are not left out", _set("holdings.indexed.unsettled", lambda *_, **__: [])),
    ("search", "older versions are found", _set("indexer.supersession.superseded_for", lambda *_: _NOTHING)),
    ("search", "older versions are not told", _set("holdings.versions.touch_superseded", lambda *_: None)),
    ("search", "snippets of all", _snippets_of_all),
    ("search", "ended sessions count", _ended_sessions_count),
    ("search", "revoked tokens count", _revoked_tokens_count),
    ("search", "memberships are kept", _memberships_are_kept),
    ("search by a canary", "found by all", _viewer_of_all("app.api.routes.discover")),
    ("totals and facets", "total of all", _counts_of_all("total")),
    ("totals and facets", "facets of all", _counts_of_all("facets")),
    ("home", "made for all", _viewer_of_all("app.site.home.discover")),
    ("home", "total of all", _counts_of_all("total")),
    ("search page", "made for all", _viewer_of_all("app.site.results.discover")),
    ("search page", "facets of all", _counts_of_all("facets")),
    ("search page by a canary", "found by all", _viewer_of_all("app.site.results.discover")),
    ("document page", "not asked whether it may be read", _any_document("app.site.documents.find_document")),
    ("document page", "403 instead of 404", _forbidden),
    ("document page", "versions of all", _related_to_all("app.site.documents.related")),
    ("document page", "a tombstone to a stranger", _tombstones_for_all),
    ("pages of a document", "not asked whether it may be read", _any_document("app.site.documents.find_document")),
    ("original", "not asked whether it may be read", _any_document("app.site.documents.find_document")),
    ("errors and redirects", "ids are read leniently", _ids_are_read_leniently),
    ("document object", "not asked whether it may be read", _any_document("app.api.routes.find_document")),
    ("document object", "403 instead of 404", _forbidden),
    ("document object", "versions of all", _related_to_all("app.api.routes.related")),
    ("organisations", "made for all", _viewer_of_all("app.site.organisations.discover")),
    ("organisation page", "made for all", _viewer_of_all("app.site.organisations.discover")),
    ("review queue", "everything waits", _set("holdings.review_queue._concerning", lambda by, state: _true())),
    ("document at the desk", "not asked whom it concerns", _set("desk.looking.require", lambda *_: None)),
    ("document at the desk", "the title in the redirect", _title_in_location),
    ("drafts", "not asked whom it concerns", _set("desk.looking.require", lambda *_: None)),
    ("steps at the desk", "not asked whom it concerns", _set("desk.reviewing.may_look", lambda *_: True)),
    ("own work", "the work of all", _all_work),
    ("notices", "names what is hidden", _set("app.members.notices.nameable", _all_titles)),
    ("reports", "not asked whether it may be read", _any_document("app.members.reviewing.reports.find_document")),
    ("own data", "subjects of letters", _subjects_are_told),
    ("upload form", "replaces what is hidden", _replace_any),
    ("uploads", "the files of all", _files_of_all),
    ("administration", "everybody administers", _everybody_administers),
    ("administration of one", "everybody administers", _everybody_administers),
    ("letters written", "alerts for all", _stale_viewer("desk.alerts")),
    ("letters sent", "not asked again before sending", _set("desk.sending.is_for_its_reader", lambda *_: True)),
    ("feed", "a stale viewer", _stale_viewer("desk.feeds")),
    ("command line: search", "as anybody", _cli_as_all),
    ("command line: duplicates", "relations of all", _cli_relations_of_all),
]  # fmt: skip


def _true() -> Any:
    from sqlalchemy import true

    return true()


def test_each_path_has_a_leak() -> None:
    assert {path for path, _, _ in LEAKS} == PATHS.keys()


@pytest.mark.parametrize(("path", "what", "mutate"), LEAKS, ids=[f"{path}: {what}" for path, what, _ in LEAKS])
def test_a_leak_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch, path: str, what: str, mutate: Mutation) -> None:
    stage.clear()
    mutate(monkeypatch, stage)
    with pytest.raises(Leak):
        _run_until_it_leaks(stage, path)


def _run_until_it_leaks(stage: Stage, path: str) -> None:
    for seed in _SEEDS:
        run(stage, examples=_EXAMPLES, steps=_STEPS, paths={path: PATHS[path]}, by_seed=seed)
