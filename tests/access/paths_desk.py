"""The desk as a read path: what people see of documents by what they are to them, by `holdings.workflow`."""

from __future__ import annotations

import re
from urllib.parse import quote

from holdings import arrivals
from holdings.states import State
from holdings.workflow import Action
from tests.access.asking import NOWHERE, Leak, Look, require

_QUEUED = re.compile(r"/review/([a-z0-9]{10})")
# What an administrator looks at without naming something in the address.
ADMINISTERED = (
    "/administration",
    "/administration/people",
    "/administration/invite",
    "/administration/organisations",
    "/administration/new-organisation",
    "/administration/import-organisations",
    "/administration/vocabularies",
    f"/administration/vocabularies/{quote('theme')}",
    "/administration/files",
    "/administration/index",
    "/administration/mail",
    "/administration/audit",
)
# At the desk, for whom a document concerns; what comes after its id.
_LOOKED_AT = ("", "/preview", "/preview?as=org:satu", "/preview?as=public&q=zq*", "/preview/pages/1")
# Forms for who may take the step; for others of whom it concerns a refusal.
_STEPS = ("/access", "/withdraw", "/purge")


def queue(look: Look) -> None:
    """The review queue: what waits, by state, for who reviews it."""
    for state in look.some(list(State)):
        only_alike = look.turn is not None and look.turn % 4 == 3
        address = f"/review?state={state.value}{'&duplicates=1' if only_alike else ''}"
        answer = look.ask(address, may_show=look.looked_at)
        if not look.is_signed_in:
            require(answer.status == 302, f"the queue answers {answer.status} to {look.reader.name}")
            continue
        shown = set(_QUEUED.findall(answer.text))
        waiting = {one for one in look.looked_at if look.stage.world.documents[one].access.state is state}
        if shown - waiting:
            raise Leak(f"{look.reader.name}: the queue of {state.value} shows {sorted(shown - waiting)}")
        decided = {one for one in waiting if Action.PUBLISH in look.actions(look.stage.world.documents[one])}
        if decided - shown and not only_alike:
            raise Leak(f"{look.reader.name}: the queue does not show {sorted(decided - shown)}")


def reviewed(look: Look) -> None:
    """A document at the desk, its preview, its original and the forms for each step."""
    base = f"/review/{look.focus.id}"
    for end in look.some([*_LOOKED_AT, f"/files/{look.focus.sha256}"]):
        if look.may_look:
            answer = look.ask(base + end, may_show=look.known)
            require(answer.status == 200, f"{look.reader.name}: {base + end} answers {answer.status}")
        else:
            _is_closed(look, base + end)
    for end in look.some(_STEPS):
        if look.may_look:
            answer = look.ask(base + end, may_show=look.known)
            require(answer.status in {200, 302, 403}, f"{look.reader.name}: {base + end} answers {answer.status}")
        else:
            _is_closed(look, base + end)


def steps(look: Look) -> None:
    """What changes a document: where it does not concern who sends it, nothing is there and nothing is changed."""
    if look.may_look:
        return
    for address in look.some(
        [
            f"/work/{look.focus.id}/discard",
            f"/work/{look.focus.id}/personal-data",
            f"/review/{look.focus.id}/allow-again",
            f"/review/{look.focus.id}",
            f"/work/{look.focus.id}",
        ]
    ):
        look.same_as_nothing(address, method="POST", data={"edition": "1.1", "action": "publish", "comment": "x"})


def drafts(look: Look) -> None:
    """A draft as its contributor works on it, its text, and beside another document."""
    base = f"/work/{look.focus.id}"
    others = [known for known in look.stage.world.documents.values() if known is not look.focus]
    for address in look.some([base, f"{base}/pages/1"]):
        if look.may_look:
            answer = look.ask(address, may_show=look.known)
            require(answer.status in {200, 302, 404}, f"{look.reader.name}: {address} answers {answer.status}")
        else:
            _is_closed(look, address)
    for other in look.some(others) if others else ():
        address = f"{base}/compared/{other.id}"
        if not look.may_look:
            look.same_as_nothing(address, repeated=(other.id,))
        elif other.id in look.known - look.by_privilege:
            answer = look.ask(address, may_show=look.known)
            require(answer.status in {200, 302, 404}, f"{look.reader.name}: {address} answers {answer.status}")
        else:
            asked = [
                look.ask(f"{base}/compared/{one}", may_show=look.known, asked_for=(one,)).without(one)
                for one in (other.id, NOWHERE)
            ]
            require(asked[0] == asked[1], f"{look.reader.name}: {address} is told from an id that names nothing")


def own_work(look: Look) -> None:
    """The list of one's own work."""
    answer = look.ask("/work", may_show=look.looked_at)
    require(answer.status == (200 if look.is_signed_in else 302), f"/work answers {answer.status}")


def notices(look: Look) -> None:
    """What a person is told of on the site: documents are named only while they may be known."""
    answer = look.ask("/notices", may_show=look.known)
    require(answer.status == (200 if look.is_signed_in else 302), f"/notices answers {answer.status}")


def reports(look: Look) -> None:
    """The form that asks for a document to be taken down, and the list of such reports."""
    address = f"/documents/{look.focus.id}/report"
    if look.may_read_focus:
        answer = look.ask(address)
        require(answer.status == 200, f"{look.reader.name}: {address} answers {answer.status}")
    elif look.may_see_tombstone:
        answer = look.ask(address, may_show=look.named)
        require(answer.status == 410, f"{look.reader.name}: {address} answers {answer.status}")
    else:
        look.same_as_nothing(address)
    look.ask("/review/reports", may_show=look.known)


def own_data(look: Look) -> None:
    """What a person takes out of the hub of their own. By their ids it says of what they were told once; what stands in
    those documents is only told while they may be known."""
    ids = list(look.stage.world.documents)
    answer = look.ask("/account/data/export", method="POST", may_show=look.known, asked_for=ids)
    require(answer.status == (200 if look.is_signed_in else 302), f"the export answers {answer.status}")


def upload_form(look: Look) -> None:
    """The form for a file that takes the place of a document."""
    address = f"/upload?replaces={look.focus.id}"
    if look.focus.id in look.known:
        look.ask(address, may_show=look.known)
    else:
        look.same_as_nothing(address)


def uploads(look: Look) -> None:
    """What somebody sent, for programs."""
    answer = look.ask("/api/v1/uploads", may_show=look.looked_at)
    require(answer.status in {200, 401, 403}, f"/api/v1/uploads answers {answer.status}")


def administration(look: Look) -> None:
    """The pages of administration: for administrators, who see by privilege; for others they are not there."""
    for address in look.some(ADMINISTERED):
        if look.is_administrator:
            answer = look.ask(address, may_show=set(look.stage.world.documents))
            require(answer.status in {200, 302}, f"{address} answers {answer.status}")
        else:
            answer = look.ask(address, may_show=())
            expected = 404 if look.is_signed_in else 302
            require(answer.status == expected, f"{look.reader.name}: {address} answers {answer.status}")


def administration_of_one(look: Look) -> None:
    """The pages of administration about one person, organisation, term, file and report."""
    with look.stage.hub.catalogue.read() as session:
        receipt = arrivals.receipts_of(session, look.focus.id)[0].id
    account_id = look.stage.world.readers["editor"].account_id
    for address in look.some(
        [
            f"/administration/people/{account_id}",
            "/administration/organisations/satu",
            "/administration/vocabularies/theme/terms/youth",
            f"/administration/files/{receipt}",
        ]
    ):
        may_show = set(look.stage.world.documents) if look.is_administrator else ()
        answer = look.ask(address, may_show=may_show)
        # Only of files that failed is there a page.
        expected = {200, 404} if look.is_administrator else {404} if look.is_signed_in else {302}
        require(answer.status in expected, f"{look.reader.name}: {address} answers {answer.status}")
    answer = look.ask(f"/review/reports/{NOWHERE}", may_show=())
    require(answer.status in {302, 404}, f"a report that there is not answers {answer.status}")


def _is_closed(look: Look, address: str) -> None:
    """Nobody whom a document does not concern is told more than that they must sign in, or that there is nothing."""
    look.same_as_nothing(address)
    status = look.ask(address, may_show=(), asked_for=(look.focus.id, look.focus.sha256)).status
    require(status == (404 if look.is_signed_in else 302), f"{look.reader.name}: {address} answers {status}")
