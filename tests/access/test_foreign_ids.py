"""Every id of another's object in every address and form: for whom it does not concern, it is not there.

What stands in an address comes from the table of rules itself, so that a route with a parameter that nobody here knows
fails. Nothing may be changed by any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.access.asking import NOWHERE, Look
from tests.access.owned import OWNER, SPACE, Owned, made, state_of
from tests.access.paths import endpoint_of
from tests.access.stage import READERS, Stage

# Who has nothing to do with what the owner, their space and their documents have.
STRANGERS = ("public", "partner", "other-editor", "suspended")
# What belongs to nobody: the same for all who may look.
_OF_NOBODY = frozenset({"static", "organisation"})
# These answer by a secret that only its reader has: a form may ask for more, or say that the secret is spent.
_BY_SECRET = frozenset({"invitation", "accept_invitation", "reset", "confirm_email", "stop_search", "feed"})
# What such a request needs for the id to be looked at.
_SENT: dict[str, dict[str, Any]] = {
    "api.send_piece": {
        "headers": {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        "data": b"x",
    },
    "change_member": {"data": {"role": "partner"}},
    "change_person": {"data": {"hub_role": "", "role": "partner"}},
    "personal_data": {"data": {"edition": "1.1", "judgement": "not-personal"}},
}
_METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT")


# Ids as others have them, of things that there are not.
_NOTHING = {
    **dict.fromkeys(
        ("document_id", "other_id", "account_id", "upload_id", "token_id", "session_id", "invitation_id", "search_id",
         "report_id", "mail_id"),
        NOWHERE,
    ),
    "sha256": "f" * 64,
    "organisation_id": "tidak-ada",
    "arrival_id": "987654",
    "number": "1",
    "page_number": "1",
    "vocabulary": "theme",
    "term_id": "tidak-ada",
    **dict.fromkeys(("token", "secret", "code"), "rahasia-2"),
}  # fmt: skip


@pytest.fixture(scope="module")
def owned(stage: Stage) -> Owned:
    stage.clear()
    return made(stage)


def _rules(stage: Stage) -> list[Rule]:
    return [rule for rule in stage.app.url_map.iter_rules() if rule.arguments]


def test_every_parameter_of_an_address_is_known(stage: Stage, owned: Owned) -> None:
    for rule in _rules(stage):
        assert rule.endpoint == "static" or rule.arguments <= owned.ids.keys(), f"{rule.rule}: make one in `owned`"


@pytest.mark.parametrize("through_token", [False, True], ids=["browser", "token"])
@pytest.mark.parametrize("name", STRANGERS)
def test_an_address_of_anothers_object_leads_nowhere(
    stage: Stage, owned: Owned, name: str, through_token: bool
) -> None:
    before = state_of(stage, owned)
    look = Look(stage, stage.world.readers[name], owned.hidden, through_token=through_token)
    for rule in _rules(stage):
        endpoint = endpoint_of(rule.endpoint)
        if endpoint in _OF_NOBODY or through_token is not endpoint.startswith("api."):
            continue
        for method in _METHODS:
            if method in (rule.methods or set()):
                answer, of_nothing = (_asked(look, rule, method, values) for values in (owned.ids, _NOTHING))
                what = f"{name}: {method} {rule.rule}"
                assert answer == of_nothing, f"{what} is told from an id that names nothing"
                assert _is_refusal(look, answer, endpoint), f"{what}: {answer.splitlines()[0]}"
    assert state_of(stage, owned) == before


def _asked(look: Look, rule: Rule, method: str, ids: Mapping[str, str]) -> str:
    """Return the answer to an address with these ids, without them."""
    values = {argument: ids[argument] for argument in rule.arguments}
    address = look.stage.app.url_map.bind("localhost").build(rule.endpoint, values)
    sent = _SENT.get(endpoint_of(rule.endpoint), {}) if method != "GET" else {}
    answer = look.ask(address, method=method, may_show=(), asked_for=ids.values(), **sent)
    # Numbers alone would be found anywhere; the page stands in the other language as well.
    path = address.removeprefix("/en")
    return answer.without(quote(path, safe=""), path, *(value for value in values.values() if len(value) > 4))


def _is_refusal(look: Look, answer: str, endpoint: str) -> bool:
    """Say whether an answer is one of nothing there, or of who must sign in first."""
    status = int(answer.splitlines()[0])
    if endpoint in _BY_SECRET:
        return status in {200, 404, 410} or "/sign-in" in answer
    if endpoint.startswith("api.") and not look.is_signed_in:
        return status in {401, 404}
    public = {"document", "page", "go_to_page", "file", "report"}
    return status == 404 if look.is_signed_in or endpoint in public else status == 302 and "/sign-in" in answer


# Ids that stand in what is sent. A page may answer, but with nothing of it.
FORMS = [
    ("/notices/read", {"notice": "{notice_id}"}, {302, 404}),
    ("/review", {"action": "publish", "comment": "x", "document": "{other_id}:1.1"}, {200, 302, 404}),
    ("/review", {"action": "return", "comment": "x", "document": "{document_id}:1.1"}, {200, 302, 404}),
    ("/work/{other_id}/compared/{document_id}", {"relation": "new-version", "edition": "1.1"}, {302, 404}),
    ("/upload", {"replaces": "{document_id}", "space": SPACE}, {302, 404}),
    ("/upload", {"space": SPACE}, {200, 302, 400, 403, 404}),
    (f"/members/{SPACE}/invite", {"email": "x@example.org", "role": "editor"}, {302, 404}),
    (f"/members/{SPACE}/{{account_id}}", {"role": "partner"}, {302, 404}),
    ("/administration/files/retry", {"arrival": "{arrival_id}"}, {302, 404}),
    ("/administration/audit/actor", {"actor": "{account_id}"}, {302, 404}),
    ("/account/security/sessions/{session_id}/end", {}, {302, 404}),
    ("/account/tokens/{token_id}/revoke", {}, {302, 404}),
    ("/searches/{search_id}", {"name": "mine", "frequency": "never"}, {302, 404}),
]


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize(
    ("address", "sent", "statuses"), FORMS, ids=[f"{form[0]} {' '.join(form[1])}" for form in FORMS]
)
def test_a_form_with_anothers_id_does_nothing(
    stage: Stage, owned: Owned, name: str, address: str, sent: dict[str, str], statuses: set[int]
) -> None:
    before = state_of(stage, owned)
    look = Look(stage, stage.world.readers[name], owned.hidden)
    filled = {field: value.format(**owned.ids) for field, value in sent.items()}
    asked_for = owned.ids.values()
    answer = look.ask(address.format(**owned.ids), method="POST", data=filled, may_show=(), asked_for=asked_for)
    assert answer.status in statuses, f"{name}: {address}: {answer.status}"
    assert state_of(stage, owned) == before


@pytest.mark.parametrize("name", [reader for reader in READERS if reader != "suspended"])
def test_an_upload_into_anothers_space_or_in_the_place_of_its_document_is_refused(
    stage: Stage, owned: Owned, name: str
) -> None:
    look = Look(stage, stage.world.readers[name], owned.hidden, through_token=True)
    begun = {"name": "a.pdf", "size": 10, "space": "tiga", "batch": "b"}
    assert look.ask("/api/v1/uploads", method="POST", json=begun, may_show=look.known).status in {400, 403, 404}
    replaces = {**begun, "space": SPACE, "replaces": owned.draft.id}
    answer = look.ask(
        "/api/v1/uploads", method="POST", json=replaces, may_show=look.known, asked_for=owned.ids.values()
    )
    if name not in {OWNER, "contributor"}:
        assert answer.status in {400, 403, 404}, answer.status


def test_the_owner_reaches_what_others_do_not(stage: Stage, owned: Owned) -> None:
    """The table would prove nothing if its addresses led nowhere for everybody."""
    look = Look(stage, stage.world.readers[OWNER], owned.hidden)
    reached = (
        "/documents/{document_id}", "/documents/{document_id}/pages/1", "/documents/{document_id}/files/{sha256}",
        "/review/{document_id}", "/work/{other_id}", "/searches/{search_id}", "/review/reports/{report_id}",
        "/api/v1/uploads/{upload_id}", "/members",
    )  # fmt: skip
    for address in reached:
        assert look.ask(address.format(**owned.ids), may_show=look.known).status == 200, address
