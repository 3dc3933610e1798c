"""The walk of stakeholders through a whole hub: from the first invitation to the tombstone of a withdrawn document.

Everything is real: PostgreSQL, Redis, a Celery worker, a mail server, the server and a browser. With IKHUB_SCREENSHOTS
set to a folder, every page is kept as a picture, in both languages, at the width of a desk and of a telephone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.whole_hub import WholeHub, code_of, whole_hub
from tests.conftest import SAMPLES
from tests.services.smtp import SmtpSink

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_READ_MS = 240_000

FIVE = (
    "uu-15-2003.pdf",
    "laporan-penyusunan-rad-pe.html",
    "policy-brief-finding-overlap.docx",
    "research-note-reintegration.txt",
    "pedoman-metadata-i-khub.md",
)
# Words that stand in one of them each.
LAW, REPORT, NOTE = (
    "Penetapan Peraturan Pemerintah Pengganti",
    "Laporan Pembelajaran Penyusunan",
    "What Reintegration Programmes",
)


@pytest.fixture
def hub(tmp_path: Path, postgresql_url: str, redis_url: str, smtp_sink: SmtpSink) -> Iterator[WholeHub]:
    with whole_hub(tmp_path / "data", database_url=postgresql_url, redis_url=redis_url, letters=smtp_sink) as running:
        running.run("organisation", "import", str(SAMPLES / "stakeholders" / "organisations.csv"))
        yield running


class Person:
    """Somebody with a browser, signed in or not."""

    def __init__(self, hub: WholeHub, page: Page, email: str = "") -> None:
        self.hub, self.page, self.email = hub, page, email

    def go(self, path: str) -> None:
        """Open a page in English; keep pictures of it where they are asked for, in Indonesian too."""
        if "IKHUB_SCREENSHOTS" in os.environ:
            self.page.goto(self.hub.address + path)
            self.keep(f"id-{path}")
        self.page.goto(f"{self.hub.address}/en{path}")
        self.keep(path)

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name, exact=isinstance(name, str)).click()

    def status(self, path: str) -> int:
        """Return the status of an address for this person."""
        return self.page.request.get(f"{self.hub.address}{path}", max_redirects=0).status

    def found(self, query: str) -> list[str]:
        """Search, and return the titles that are found."""
        self.go(f"/search?q={query}")
        return self.page.locator(".hit-title").all_inner_texts()

    def keep(self, name: str) -> None:
        """Keep pictures of the present page at both widths, where they are asked for."""
        folder = os.environ.get("IKHUB_SCREENSHOTS")
        if folder is None:
            return
        who = self.email.partition("@")[0] or "public"
        file = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[0-9a-z]{10,}", "x", name.casefold())).strip("-") or "home"
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.screenshot(path=f"{folder}/{who}-{file}-{size['width']}.png", full_page=True)

    def accept_invitation(self, name: str, password: str) -> None:
        """Make an account from the letter that invites."""
        self.page.goto(self.hub.address + self.hub.link_to(self.email))
        self.keep("invitation")
        self.page.get_by_label("Your name").fill(name)
        for field in self.page.locator("main input[type=password]").all():
            field.fill(password)
        self.press("Accept the invitation")

    def sign_in(self, password: str) -> None:
        self.page.goto(f"{self.hub.address}/en/sign-in")
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()


@pytest.fixture
def somebody(hub: WholeHub, new_page: Callable[..., Page]) -> Callable[..., Person]:
    """Make a person with a browser of their own."""

    def make(email: str = "") -> Person:
        return Person(hub, new_page(viewport=DESKTOP), email)

    return make


def test_from_the_invitation_to_the_tombstone(hub: WholeHub, somebody: Callable[..., Person]) -> None:
    administrator = somebody("made@hub.example")
    editor, contributor = somebody("dewi@titian-damai.example"), somebody("bayu@titian-damai.example")
    partner, member, public = somebody("alex@meridian.example"), somebody("ratna@titian-damai.example"), somebody()

    _set_up_the_second_factor(administrator)
    _invite(administrator, editor, contributor, partner, member)

    _upload_five(contributor)
    law = _describe(contributor, LAW, readers="public", date="2003-04-04")
    report = _describe(contributor, REPORT, readers="partners")
    note = _describe(contributor, NOTE, readers="own", date="2025")
    for document in (law, report, note):
        assert [one.status(f"/documents/{document}") for one in (public, partner, editor)] == [404, 404, 404]

    _return_one(editor, contributor, law)
    _publish_all(editor)
    _wait_until_found(member, 3)
    assert len(public.found("")) == 1
    assert len(partner.found("")) == 2
    for document, statuses in {law: [200] * 4, report: [404, 200, 200, 200], note: [404, 404, 200, 200]}.items():
        assert [one.status(f"/documents/{document}") for one in (public, partner, member, editor)] == statuses

    newer = _replace(contributor, editor, report)
    _wait_until_found(public, 2)
    # Partners could read the former version, which the new one supersedes; its address still leads to it.
    assert len(partner.found("")) == 2
    assert partner.status(f"/documents/{report}") == 200
    _withdraw(editor, newer, public)
    assert [one.status(f"/documents/{newer}") for one in (public, partner, member)] == [410] * 3
    _wait_until_found(public, 1)
    _wait_until_found(partner, 2)


def _set_up_the_second_factor(administrator: Person) -> None:
    hub = administrator.hub
    hub.run("account", "invite", administrator.email, "--role", "administrator", "--language", "en")
    administrator.accept_invitation("Made Suryana", "sebuah kalimat yang panjang")
    administrator.keep("second-factor-set-up")
    secret = administrator.page.locator("code.secret").inner_text()
    used = code_of(secret)
    administrator.page.get_by_label(re.compile("six digits")).fill(used)
    if (password := administrator.page.get_by_label("Your password")).count():
        password.fill("sebuah kalimat yang panjang")
    administrator.press("Set up")
    expect(administrator.page.locator(".codes li")).to_have_count(10)
    administrator.keep("recovery-codes")
    administrator.go("/administration")
    # The second factor is asked for at the next time.
    administrator.press("Sign out")
    administrator.sign_in("sebuah kalimat yang panjang")
    administrator.keep("second-factor")
    administrator.page.get_by_label("Code").fill(code_of(secret, after=used))
    administrator.press("Go on")
    administrator.go("/administration")
    expect(administrator.page.get_by_role("heading", level=1)).to_have_text("Overview")


def _invite(administrator: Person, editor: Person, contributor: Person, partner: Person, member: Person) -> None:
    hub = administrator.hub
    for person, role, organisation in (
        (editor, "editor", "yayasan-titian-damai"),
        (partner, "partner", "meridian-fund"),
    ):
        hub.run("account", "invite", person.email, "--role", role, "--organisation", organisation, "--language", "en")
    editor.accept_invitation("Dewi Lestari", "jembatan tua di tepi sungai")
    partner.accept_invitation("Alex Morgan", "fourteen quiet mornings")
    editor.go("/members")
    for person, role in ((contributor, "Contributor"), (member, "Partner")):
        form = editor.page.locator("form[action*=invite], form[action*=invitation]").last
        form.get_by_label("E-mail address").fill(person.email)
        form.get_by_label(role, exact=True).check()
        form.get_by_role("button", name="Send the invitation").click()
    contributor.accept_invitation("Bayu Prasetya", "tiga gunung dan dua laut")
    member.accept_invitation("Ratna Wulandari", "payung merah di musim hujan")


def _upload_five(contributor: Person) -> None:
    contributor.go("/upload")
    contributor.page.locator("input[type=file]").set_input_files([SAMPLES / name for name in FIVE])
    contributor.page.wait_for_timeout(3000)
    contributor.keep("uploading")
    contributor.go("/work?watch=1")
    expect(
        contributor.page.locator("[aria-labelledby=drafts] li.card, [aria-labelledby=drafts] .cards > li")
    ).to_have_count(5, timeout=_READ_MS)
    contributor.go("/work")


def _describe(contributor: Person, title: str, *, readers: str, date: str = "") -> str:
    """Check a draft, say who may read it, submit it, and return its id."""
    contributor.go("/work")
    contributor.page.get_by_role("link", name=re.compile(title)).first.click()
    document_id = contributor.page.url.rpartition("/")[2]
    contributor.page.locator(".basis summary").first.click()
    expect(contributor.page.locator(".basis details[open] blockquote").first).to_be_visible()
    contributor.keep("draft")
    _decide_on_personal_data(contributor)
    if date:
        contributor.page.get_by_label("Date", exact=True).fill(date)
    contributor.page.locator(f"input[name=readers][value={readers}]").check()
    contributor.press("Save and submit for review")
    expect(contributor.page.get_by_role("status").first).to_be_visible()
    return document_id


def _decide_on_personal_data(contributor: Person) -> None:
    """Say what the places are that look like personal data, where there are any."""
    decide = contributor.page.locator("section[aria-labelledby=personal-data]")
    if decide.count() and decide.get_by_role("radio").first.is_visible():
        decide.get_by_role("radio").first.check()
        decide.get_by_label(re.compile("ground")).fill("Officials in their office")
        decide.get_by_role("button", name="Record the decision").click()


def _return_one(editor: Person, contributor: Person, document_id: str) -> None:
    letter = editor.hub.letter_to(editor.email)
    assert "/review" in letter.text
    editor.go("/review")
    editor.go(f"/review/{document_id}")
    editor.go(f"/review/{document_id}/preview")
    editor.page.goto(f"{editor.hub.address}/en/review/{document_id}")
    editor.page.get_by_label("Comment").fill("Please add the abstract.")
    editor.press("Return to the contributor")
    assert "Please add the abstract." in contributor.hub.letter_to(contributor.email).text
    contributor.go("/notices")
    contributor.go(f"/work/{document_id}")
    expect(contributor.page.get_by_text("Please add the abstract.")).to_be_visible()
    contributor.page.get_by_label("Abstract").fill("Menetapkan Perpu menjadi undang-undang.")
    contributor.press("Save and submit for review")


def _publish_all(editor: Person) -> None:
    editor.go("/review")
    for box in editor.page.locator("main .cards input[type=checkbox], main input[name=documents]").all():
        box.check()
    editor.press("Publish them")
    editor.keep("review-decided")


def _wait_until_found(member: Person, number: int) -> None:
    """Wait until the worker has brought the index up to date."""
    for _attempt in range(60):
        if len(member.found("")) == number:
            return
        member.page.wait_for_timeout(1000)
    raise AssertionError(f"{len(member.found(''))} are found, not {number}")


def _replace(contributor: Person, editor: Person, document_id: str) -> str:
    """Put in a new version of a published document, have it published, and return its id."""
    newer = contributor.hub.settings.data.with_name("baru.html")
    words = (SAMPLES / FIVE[1]).read_text(encoding="utf-8")
    newer.write_text(words.replace("</body>", "<p>Diperbarui dengan pelajaran dari tiga provinsi.</p></body>"))
    contributor.go("/upload")
    contributor.page.locator("input[type=file]").set_input_files([newer])
    contributor.page.wait_for_timeout(2000)
    contributor.go("/work?watch=1")
    drafts = contributor.page.locator("[aria-labelledby=drafts]")
    draft = drafts.get_by_role("link", name=re.compile(REPORT))
    expect(draft).to_have_count(1, timeout=_READ_MS)
    draft.click()
    side_by_side = contributor.page.get_by_role("link", name=re.compile("See both side by side"))
    while not side_by_side.count():
        contributor.page.wait_for_timeout(1000)
        contributor.page.reload()
    side_by_side.first.click()
    contributor.keep("side-by-side")
    assert contributor.page.locator(".side-by-side mark").count()
    contributor.page.get_by_label("Its new version", exact=True).check()
    contributor.press("Record the decision")
    draft_id = _describe(contributor, REPORT, readers="public")
    _publish_all(editor)
    return draft_id


def _withdraw(editor: Person, document_id: str, public: Person) -> None:
    editor.go(f"/review/{document_id}/withdraw")
    editor.page.get_by_role("radio").first.check()
    editor.page.get_by_label("A word for its readers").fill("It will be published again with corrected figures.")
    editor.press("Withdraw it")
    # At once, though the index has not heard of it.
    assert public.status(f"/documents/{document_id}") == 410
    assert document_id not in public.page.request.get(f"{public.hub.address}/search").text()
    tombstone = public.page.request.get(f"{public.hub.address}/en/documents/{document_id}").text()
    assert "corrected figures" in tombstone
