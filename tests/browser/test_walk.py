"""What a person does: search, filter, open a document, read its pages, go from hit to hit, open the original."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def reader(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """A page at desktop width, once with scripts and once without."""
    return new_page(viewport=DESKTOP, java_script_enabled=request.param)


def test_from_a_question_to_the_page_that_answers(reader: Page, live_server_url: str) -> None:
    reader.goto(live_server_url)
    reader.get_by_role("searchbox", name="Telusuri dokumen").fill("pendanaan terorisme")
    reader.get_by_role("button", name="Telusuri").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Hasil penelusuran pendanaan terorisme")
    everything = int(reader.locator("#found").inner_text().split()[0])

    filters = reader.get_by_role("complementary", name="Filter")
    filters.get_by_role("checkbox", name="Peraturan").check()
    filters.get_by_role("checkbox", name="Pendanaan terorisme").check()
    filters.get_by_role("button", name="Terapkan filter").first.click()
    expect(reader).to_have_url(
        re.compile(r"/search\?q=pendanaan\+terorisme&kind=regulation&theme=terrorist-financing$")
    )
    narrowed = int(reader.locator("#found").inner_text().split()[0])
    assert 0 < narrowed < everything
    expect(filters.get_by_role("checkbox", name="Peraturan")).to_be_checked()

    reader.get_by_role("link", name=re.compile("Hapus filter: Jenis")).click()
    expect(reader).to_have_url(re.compile(r"/search\?q=pendanaan\+terorisme&theme=terrorist-financing$"))

    reader.get_by_role("link", name=re.compile("Pemberantasan Tindak Pidana Pendanaan Terorisme")).click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text("Nomor 9 Tahun 2013")
    reader.get_by_role("link", name="Buka halaman pertama yang cocok").click()
    expect(reader.locator(".sheet mark").first).to_be_visible()
    first = reader.url
    reader.get_by_role("link", name="Temuan berikutnya").click()
    assert reader.url != first
    expect(reader.locator(".sheet mark").first).to_be_visible()
    number = re.search(r"/pages/(\d+)", reader.url)
    assert number is not None
    original = reader.get_by_role("link", name="Buka berkas asli di halaman ini")
    assert (original.get_attribute("href") or "").endswith(f"#page={number.group(1)}")
    reader.get_by_role("link", name="Kembali ke hasil penelusuran").click()
    expect(reader).to_have_url(re.compile(r"/search\?q=pendanaan\+terorisme&theme=terrorist-financing$"))


def test_a_hit_opens_at_its_page(reader: Page, live_server_url: str) -> None:
    reader.goto(f"{live_server_url}/search?q=%22hak+asasi+manusia%22")
    hit = reader.get_by_role("link", name=re.compile(r"^Halaman \d+$")).first
    name = hit.inner_text()
    hit.click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text(name)
    expect(reader.locator(".sheet mark").first).to_contain_text(re.compile("hak|asasi|manusia", re.IGNORECASE))


def test_the_original_is_the_file_itself(page: Page, live_server_url: str) -> None:
    page.goto(f"{live_server_url}/search?q=pendanaan+terorisme&kind=regulation")
    page.locator(".hit-title a").first.click()
    address = page.get_by_role("link", name="Buka berkas asli di halaman ini").get_attribute("href")
    response = page.context.request.get(f"{live_server_url}{address}")
    assert response.body().startswith(b"%PDF-")
    assert response.headers["content-disposition"].startswith("inline")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Unduh")).click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_the_language_can_be_changed_anywhere(page: Page, live_server_url: str) -> None:
    page.goto(f"{live_server_url}/search?q=terorisme&kind=regulation&page=2")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{live_server_url}/en/search?q=terorisme&kind=regulation&page=2")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Bahasa Indonesia").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")


def test_a_range_of_years_can_be_chosen(page: Page, live_server_url: str) -> None:
    page.goto(f"{live_server_url}/en/search")
    page.get_by_label("From year").fill("2001")
    page.get_by_label("To year").fill("2003")
    page.get_by_label("To year").press("Enter")
    expect(page).to_have_url(f"{live_server_url}/en/search?year=2001..2003")
    expect(page.get_by_role("link", name=re.compile("Remove filter: Year 2001–2003"))).to_be_visible()


def test_on_a_phone_the_filters_open_when_asked(new_page: Callable[..., Page], live_server_url: str) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{live_server_url}/search?q=terorisme")
    box = page.get_by_role("checkbox", name="Peraturan")
    expect(box).to_be_hidden()
    page.locator(".filters-panel > summary").click()
    box.check()
    page.get_by_role("button", name="Terapkan filter").first.click()
    expect(page).to_have_url(f"{live_server_url}/search?q=terorisme&kind=regulation")


def test_everything_can_be_reached_with_the_keyboard(page: Page, live_server_url: str) -> None:
    page.goto(f"{live_server_url}/search?q=terorisme")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Langsung ke isi")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Terapkan filter").first).to_be_focused()
