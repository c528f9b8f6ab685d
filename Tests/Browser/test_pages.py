"""What a person does on the pages: look, drop, choose, read, take along; with a mouse, a keyboard, a small screen, without script."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Server, Watched
from playwright.sync_api import expect

WIDTHS = [360, 768, 1440, 2560]


def choose(page, files) -> None:
    page.set_input_files("#file", [str(one) for one in files])
    page.wait_for_selector("[data-status] progress", state="detached", timeout=60_000)


def saved(page, action) -> bytes:
    with page.expect_download(timeout=60_000) as download:
        action()
    return download.value.path().read_bytes()


def test_a_picture_gets_a_verdict_its_evidence_and_reports(watch, gallery):
    page = watch().open()
    choose(page, [gallery / "google-edited.jpg"])
    article = page.locator("article.picture")
    assert article.locator("h2").inner_text() == "The file declares AI origin; nobody vouches for it."
    assert "APP1 XMP Iptc4xmpExt:DigitalSourceType" in article.inner_text()
    assert "Named as the maker: Google AI" in article.inner_text()
    assert "1 picture was examined." in page.locator("[data-status]").inner_text()
    report = json.loads(saved(page, page.get_by_role("button", name="Report (JSON)").click))
    assert report["schema"] == "assay.report/1" and report["items"][0]["scan"]["outcome"] == "aiDeclared"
    html = saved(page, page.get_by_role("button", name="Report (HTML)").click).decode()
    assert html.startswith("<!doctype html>") and "google-edited.jpg" in html


def test_what_explains_a_finding_lies_over_the_picture(watch, gallery):
    page = watch().open()
    choose(page, [gallery / "google-edited.jpg"])
    page.get_by_label("Spectrum").check()
    cover = page.wait_for_selector(".cover", timeout=60_000)
    assert cover.evaluate("one => one.decode().then(() => one.naturalWidth > 0)")
    slider = page.get_by_label("Opacity")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowLeft")
    assert abs(float(cover.evaluate("one => one.style.opacity")) - 0.5) < 0.01
    page.get_by_label("Picture alone").check()
    expect(page.locator(".cover")).to_have_count(0)


def test_many_pictures_are_told_of_one_by_one(watch, gallery):
    page = watch().open()
    files = sorted(one for one in gallery.iterdir() if one.suffix in (".jpg", ".png", ".webp"))
    choose(page, files)
    expect(page.locator(".entry")).to_have_count(len(files))
    assert f"{len(files)} pictures were examined." in page.locator("[data-status]").inner_text()
    first = page.locator(".entry").first
    first.locator("summary").first.click()
    expect(first.locator("article .stage img").first).to_be_visible()


def test_a_picture_is_pasted(watch, gallery):
    page = watch().open()
    data = (gallery / "webui.png").read_bytes()
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        list(data),
    )
    page.wait_for_selector("article.picture")
    assert page.locator(".file .name").inner_text() == "pasted.png"


def test_a_picture_is_dropped(watch, gallery):
    page = watch().open()
    data = (gallery / "webui.png").read_bytes()
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
          for (const name of ["dragenter", "dragover", "drop"])
            document.querySelector(".zone").dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        list(data),
    )
    page.wait_for_selector("article.picture")
    assert "Stable Diffusion WebUI" in page.locator("article").inner_text()


def test_the_keyboard_alone_is_enough(watch, gallery):
    page = watch().open()
    # Asked for early: a dialogue that opens before the browser has heard of the wish is not told of.
    page.on("filechooser", lambda _: None)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([str(gallery / "google-edited.jpg")])
    page.wait_for_selector("[data-status] progress", state="detached", timeout=60_000)
    page.wait_for_selector("article.picture")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "(e => e.dataset.report || e.value || e.querySelector?.('b')?.textContent || e.textContent)(document.activeElement)"
        )
        visible = page.evaluate(
            "(e => { const s = getComputedStyle(e.matches('.pills input') ? e.nextElementSibling : e); return s.outlineStyle })(document.activeElement)"
        )
        if where:
            reached.add(where.strip())
            assert visible != "none", where
        if "This file" in reached:
            break
    assert {"html", "json", "What was not looked at"} <= reached
    page.keyboard.press("Enter")
    expect(page.get_by_text("SHA-256 of the file")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(watch, gallery, width, scheme):
    page = watch(viewport={"width": width, "height": 800}, color_scheme=scheme).open()

    def overflow():
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert overflow() <= 0
    choose(page, [gallery / "google-edited.jpg"])
    assert overflow() <= 0
    page.goto(page.url.rstrip("/") + "/compare")
    assert overflow() <= 0


def test_without_script_a_form_is_enough(watch, gallery):
    page = watch(java_script_enabled=False).open()
    page.set_input_files("#file", str(gallery / "google-edited.jpg"))
    page.get_by_role("button", name="Check", exact=True).click()
    article = page.locator("article.picture")
    assert article.locator("h2").inner_text() == "The file declares AI origin; nobody vouches for it."
    expect(article.locator(".stage img").first).to_be_visible()
    report = saved(page, page.get_by_role("link", name="Report (HTML)").click)
    assert report.startswith(b"<!doctype html>")


def test_what_is_no_picture_is_told(watch, tmp_path):
    page = watch().open()
    words = tmp_path / "words.txt"
    words.write_text("no picture")
    choose(page, [words])
    assert page.locator("article h2").inner_text() == "The file could not be read."
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    page.set_input_files("#file", str(empty))
    assert page.locator("[data-status]").inner_text() == "empty.png is empty."


def test_of_a_film_the_credentials_are_told(watch, gallery, tmp_path):
    # A signed AVIF under a film's brand: the first box is outside of what is bound.
    film = bytearray((gallery.parent / "credentials" / "kinds" / "signed.avif").read_bytes())
    film[8:12] = b"isom"
    film[16:32] = b"mp42" * 4
    (tmp_path / "film.mp4").write_bytes(film)
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    for script in (True, False):
        for name, words in (("film.mp4", "read the Content Credentials only"), ("letter.pdf", "found none that it can check")):
            page = watch(java_script_enabled=script).open()
            page.set_input_files("#file", str(tmp_path / name))
            if not script:
                page.get_by_role("button", name="Check", exact=True).click()
            article = page.locator("article.picture")
            expect(article).to_contain_text(words, timeout=60_000)
            expect(article).not_to_contain_text("Nothing was found")
            expect(article.locator(".tree")).to_have_count(1 if name == "film.mp4" else 0)


def test_compare_tells_what_was_lost(watch, gallery, tmp_path):
    stripped = tmp_path / "stripped.jpg"
    data = (gallery / "google-edited.jpg").read_bytes()
    # Without its application segments: what most services do.
    out, place = bytearray(data[:2]), 2
    while data[place + 1] != 0xDA:
        length = int.from_bytes(data[place + 2 : place + 4], "big") + 2
        if not 0xE1 <= data[place + 1] <= 0xEF:
            out += data[place : place + length]
        place += length
    stripped.write_bytes(bytes(out) + data[place:])
    for script in (True, False):
        page = watch(java_script_enabled=script).open("/compare")
        page.set_input_files("#before", str(gallery / "google-edited.jpg"))
        page.set_input_files("#after", str(stripped))
        page.get_by_role("button", name="Compare").click()
        assert page.locator("h1").inner_text().startswith("2 of 2 marks and statements")
        assert "The two have the same pixels." in page.locator("main").inner_text()
        assert page.locator("tr.lost").count() >= 2


def axe(page) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found.response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, server, gallery, scheme):
    for width in (360, 1280):
        # The checker itself is foreign script.
        watched = Watched(browser, server.url, bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
        page = watched.open()
        assert axe(page) == []
        choose(page, [gallery / "google-edited.jpg"])
        page.evaluate("document.querySelectorAll('article details').forEach(one => { one.open = true; })")
        assert axe(page) == []
        choose(page, [gallery / "google-edited.jpg", gallery / "contradiction.jpg"])
        page.locator(".entry summary").first.click()
        assert axe(page) == []
        page = watched.open("/compare")
        assert axe(page) == []
        page.set_input_files("#before", str(gallery / "google-edited.jpg"))
        page.set_input_files("#after", str(gallery / "contradiction.jpg"))
        page.get_by_role("button", name="Compare").click()
        page.wait_for_selector(".sides")
        assert axe(page) == []
        watched.close()


def test_motion_is_left_out_where_it_is_not_wanted(watch):
    page = watch(reduced_motion="reduce").open()
    assert page.evaluate("getComputedStyle(document.querySelector('.zone')).transitionDuration") == "0s"


def test_the_page_is_light_and_quick(watch):
    watched = watch()
    page = watched.open()
    size = page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, one) => sum + one.decodedBodySize, 0)"
    )
    assert size <= 150_000
    assert len(watched.asked) <= 8


def test_a_token_is_asked_for_on_the_page(browser, gallery, tmp_path):
    token = "0123456789abcdef0123456789abcdef"
    (tmp_path / "token").write_text(token + "\n")
    server = Server("--token-file", str(tmp_path / "token"))
    for script in (True, False):
        watched = Watched(browser, server.url, java_script_enabled=script)
        page = watched.open()
        page.fill("#token", token)
        page.set_input_files("#file", str(gallery / "google-edited.jpg"))
        if not script:
            page.get_by_role("button", name="Check", exact=True).click()
        page.wait_for_selector("article.picture", timeout=60_000)
        watched.close()
    watched = Watched(browser, server.url, java_script_enabled=False)
    page = watched.open()
    page.fill("#token", "x" * 32)
    page.set_input_files("#file", str(gallery / "google-edited.jpg"))
    page.get_by_role("button", name="Check", exact=True).click()
    assert "The token is missing or wrong." in page.locator("main").inner_text()
    watched.context.close()
    log = server.end()
    assert token not in log and "google-edited" not in log


def test_a_wrong_token_is_told_whatever_is_to_be_sent(browser, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(6_000_000))
    server = Server("--token-file", str(tmp_path / "token"))
    for script in (True, False):
        watched = Watched(browser, server.url, java_script_enabled=script)
        sent = []
        watched.page.on("request", lambda request: sent.append(request.method))
        page = watched.open()
        page.fill("#token", "x" * 32)
        page.set_input_files("#file", str(tmp_path / "large.png"))
        if not script:
            page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("main")).to_contain_text("The token is missing or wrong.", timeout=60_000)
        # With script the token goes first, alone.
        assert ("POST" in sent) == (not script)
        watched.context.close()
    server.end()


def test_what_is_added_to_a_ledger_is_in_it(browser, gallery, tmp_path):
    server = Server("--ledger", str(tmp_path / "desk.sqlite"), "--operator", "Test")
    watched = Watched(browser, server.url)
    page = watched.open()
    assert "A ledger is open" in page.locator(".kept").inner_text()
    choose(page, [gallery / "google-edited.jpg"])
    page.get_by_role("button", name="Add to ledger").click()
    page.get_by_text("In the ledger").wait_for()
    watched.close()
    server.end()
    # What was entered lies in the file or, until SQLite moves it there, in the log beside it.
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("desk.sqlite*"))
    assert re.search(rb"google-edited\.jpg", kept)


def test_a_job_that_runs_is_finished_when_the_server_ends(browser, gallery):
    server = Server()
    watched = Watched(browser, server.url)
    page = watched.open()
    page.set_input_files("#file", [str(gallery / "google-edited.jpg"), str(gallery / "webui.png")])
    page.wait_for_selector(".entry")
    page.wait_for_selector("[data-status] progress", state="detached", timeout=60_000)
    watched.close()
    server.end()
