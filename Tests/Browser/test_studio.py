"""The pages Studio and Panorama: the studio moves, the wall's lamps react, the panorama turns; with a mouse, a keyboard, a small screen."""

import json
import struct
import time
import zlib

import pytest
from conftest import Server, Watched
from playwright.sync_api import expect
from test_pages import axe


@pytest.fixture
def opened(watch):
    """Opens a page; `init` runs before its own scripts."""

    all = []

    def opened(path, init=None, **options):
        one = watch(**{"viewport": {"width": 1280, "height": 900}, **options})
        all.append(one)
        if init:
            one.context.add_init_script(init)
        return one.open(path)

    yield opened
    for one in all:
        # A picture of a canvas that graphics drew is slow, says the driver; only tests take them.
        one.said[:] = [line for line in one.said if "GPU stall due to ReadPixels" not in line]


def pixels(page, selector):
    """What a canvas shows, small; made on the page."""
    return page.evaluate(
        """selector => {
          const copy = document.createElement("canvas");
          copy.width = copy.height = 48;
          const pen = copy.getContext("2d");
          pen.drawImage(document.querySelector(selector), 0, 0, 48, 48);
          return Array.from(pen.getImageData(0, 0, 48, 48).data);
        }""", selector)


def apart(a, b):
    """The mean difference of two of them, in levels."""
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def becomes_another(page, selector, before, least, seconds=60):
    """Whether a canvas comes to differ from what it showed by more than `least` levels, however busy the machine is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if apart(before, pixels(page, selector)) > least:
            return True
        page.wait_for_timeout(250)
    return False


def waits_for(page, script, seconds=30, argument=None):
    page.wait_for_function(script, arg=argument, timeout=1000 * seconds)


def studio(opened, **options):
    page = opened("/studio", **options)
    waits_for(page, "() => Number(document.querySelector('#picture').dataset.frames) > 0")
    return page


def panorama(opened, **options):
    page = opened("/panorama", **options)
    waits_for(page, "() => Number(document.querySelector('#sphere').dataset.paints) > 0", 120)
    return page


# Morph


def test_morph_follows_the_pointer(opened):
    page = studio(opened)
    # A pointer outside the window moves nothing.
    page.locator("#picture").evaluate("picture => picture.scrollIntoView({block: 'end'})")
    box = page.locator("#picture").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.wait_for_timeout(1500)
    before = pixels(page, "#picture")
    for step in range(12):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.07 * step), box["y"] + box["height"] * 0.9)
        page.wait_for_timeout(60)
    assert becomes_another(page, "#picture", before, 4)
    assert int(page.evaluate("document.querySelector('#across').value")) > 60


def test_morph_goes_by_itself(opened):
    page = studio(opened)
    page.click("[data-do=wander]")
    first = page.evaluate("Number(document.querySelector('#picture').dataset.frames)")
    waits_for(page, "first => Number(document.querySelector('#picture').dataset.frames) > first + 8", 60, first)
    assert page.get_attribute("[data-do=wander]", "aria-pressed") == "true"
    page.click("[data-do=wander]")


def test_morph_by_keyboard_alone(opened):
    page = studio(opened)
    page.wait_for_timeout(800)
    before = pixels(page, "#picture")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "across":
            break
    assert page.evaluate("document.activeElement.id") == "across"
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert becomes_another(page, "#picture", before, 4)


@pytest.mark.parametrize("width", [360, 768, 1440, 2560])
def test_the_sliders_are_as_wide_as_the_picture(opened, width):
    page = opened("/studio", viewport={"width": width, "height": 900})

    def edges(selector):
        box = page.locator(selector).bounding_box()
        return box["x"], box["x"] + box["width"]

    assert edges("[data-for=morph] .ranges") == pytest.approx(edges("#picture"), abs=1)


def test_what_is_saved_has_all_marks(opened, server):
    page = studio(opened)
    waits_for(page, "() => document.querySelector('[data-bench]').dataset.outcome")
    with page.expect_download() as download:
        page.click("[data-do=save]")
    body = download.value.path().read_bytes()

    def ask(path):
        answer = page.request.post(server.url + path, data=body, headers={"Content-Type": "application/octet-stream"})
        return json.loads(answer.body())

    assert ask("/api/v1/watermark/read")["found"]
    assert ask("/api/v1/credentials/verify")["state"] == "valid"


# The wall


def lamp(page, mark):
    return page.get_attribute(f"[data-lamp={mark}]", "data-state")


def test_lamps_react(opened):
    page = studio(opened, reduced_motion="reduce")
    waits_for(page, "() => document.querySelector('[data-bench]').dataset.looks === 'whole'", 60)
    assert [lamp(page, mark) for mark in ("credentials", "statement", "watermark")] == ["there"] * 3
    assert lamp(page, "detector") in ("there", "absent")

    def slide(name, value):
        answers = page.evaluate("document.querySelector('[data-bench]').dataset.answers")
        page.evaluate(
            """([name, value]) => {
              const input = document.querySelector(`.attacks [name=${name}]`);
              input.value = value;
              input.dispatchEvent(new Event("input", { bubbles: true }));
            }""", [name, str(value)])
        waits_for(page, "was => document.querySelector('[data-bench]').dataset.answers !== was", 30, answers)
        page.wait_for_timeout(300)

    slide("jpeg", 90)
    assert lamp(page, "credentials") != "there"
    assert lamp(page, "statement") == "there" and lamp(page, "watermark") == "there"
    likeness = pixels(page, "#likeness")
    slide("jpeg", 5)
    page.wait_for_timeout(800)
    assert lamp(page, "watermark") == "absent"
    assert apart(likeness, pixels(page, "#likeness")) > 1
    page.click("[data-do=restore]")
    waits_for(page, "() => document.querySelector('[data-lamp=credentials]').dataset.state === 'there'")
    page.check(".attacks [name=strip]", force=True)
    waits_for(page, "() => document.querySelector('[data-lamp=statement]').dataset.state === 'absent'")
    assert lamp(page, "watermark") == "there"


# Draw and paint


def test_lines_become_a_landscape(opened):
    page = studio(opened)
    page.check("[name=mode][value=draw]", force=True)
    box = page.locator("#paper").bounding_box()
    frames = page.evaluate("Number(document.querySelector('#picture').dataset.frames)")
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] * 0.6)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 20 + step * (box["width"] - 40) / 20, box["y"] + box["height"] * (0.5 + 0.1 * (step % 3)))
    page.mouse.up()
    waits_for(page, "was => Number(document.querySelector('#picture').dataset.frames) > was", 30, frames)
    page.wait_for_timeout(1500)
    one = pixels(page, "#picture")
    page.click("[data-do=example]")
    assert becomes_another(page, "#picture", one, 1)


def test_drawing_by_keyboard(opened):
    page = studio(opened)
    page.check("[name=mode][value=draw]", force=True)
    frames = page.evaluate("Number(document.querySelector('#picture').dataset.frames)")
    page.focus("#paper")
    page.keyboard.press("Space")
    for key in ["Shift+ArrowLeft"] * 9 + ["Shift+ArrowDown"] * 4 + ["Shift+ArrowRight"] * 14:
        page.keyboard.press(key)
    waits_for(page, "was => Number(document.querySelector('#picture').dataset.frames) > was", 30, frames)


def test_painting_mixes_manners(opened):
    page = studio(opened)
    frames = page.evaluate("Number(document.querySelector('#picture').dataset.frames)")
    page.check("[name=mode][value=style]", force=True)
    waits_for(page, "was => Number(document.querySelector('#picture').dataset.frames) > was", 60, frames)
    page.wait_for_timeout(3000)
    one = pixels(page, "#picture")
    page.focus("#style-across")
    page.keyboard.press("End")
    assert becomes_another(page, "#picture", one, 3)


def test_a_frame_of_the_camera_is_painted(opened):
    page = studio(opened, permissions=["camera"])
    page.check("[name=mode][value=style]", force=True)
    before = pixels(page, "#content")
    page.click("[data-do=camera]")
    assert becomes_another(page, "#content", before, 4)


# Panorama


def test_the_panorama_turns(opened):
    page = panorama(opened)
    shot = lambda: page.locator("#sphere").screenshot()
    canvas = page.locator("#sphere")
    box = canvas.bounding_box()
    before = shot()
    page.mouse.move(box["x"] + 500, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 260, steps=6)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert float(canvas.get_attribute("data-yaw")) > 10 and float(canvas.get_attribute("data-pitch")) > 1
    assert shot() != before
    canvas.focus()
    for key, name, sign in [("ArrowLeft", "yaw", -1), ("ArrowDown", "pitch", -1), ("+", "field", -1), ("-", "field", 1)]:
        was = float(canvas.get_attribute(f"data-{name}"))
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        assert sign * (float(canvas.get_attribute(f"data-{name}")) - was) > 0, key
    page.keyboard.press("Home")
    page.wait_for_timeout(150)
    assert [float(canvas.get_attribute(f"data-{name}")) for name in ("yaw", "pitch")] == [0, 0]
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(200)
    assert float(canvas.get_attribute("data-field")) > 80


def test_its_origin_stands_beside(opened):
    page = panorama(opened)
    waits_for(page, "() => document.querySelector('[data-origin]').dataset.outcome", 60)
    assert page.get_attribute("[data-origin]", "data-outcome") == "aiDeclared"
    assert "declares AI" in page.inner_text("[data-verdict]")


def png(width, height):
    """A slope of colours as a file."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, 90)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_other_peoples_panoramas_open(opened):
    page = panorama(opened)
    waits_for(page, "() => document.querySelector('[data-origin]').dataset.outcome", 60)
    for name, size in [("mine.png", (400, 200)), ("part.png", (300, 100))]:
        page.set_input_files("#file", {"name": name, "mimeType": "image/png", "buffer": png(*size)})
        waits_for(page, "name => document.querySelector('[data-name]').textContent === name", 60, name)
        waits_for(page, "() => document.querySelector('[data-origin]').dataset.outcome", 60)
        assert page.get_attribute("[data-origin]", "data-outcome") != "aiDeclared"
    assert "300 × 100" in page.inner_text("[data-said]")


def test_what_cannot_be_opened_has_no_other_pictures_verdict(opened):
    page = panorama(opened)
    waits_for(page, "() => document.querySelector('[data-origin]').dataset.outcome", 60)
    for name, content, verdict in [("words.txt", b"words", "The file could not be read."), ("cut.png", png(400, 200)[:60], "The file could not be read.")]:
        page.set_input_files("#file", {"name": name, "mimeType": "image/png", "buffer": content})
        expect(page.locator("[data-name]")).to_have_text(name, timeout=60_000)
        expect(page.locator("[data-said]")).to_have_text("There is no picture that could be shown here.", timeout=60_000)
        expect(page.locator("[data-verdict]")).to_have_text(verdict, timeout=60_000)
        assert page.get_attribute("[data-origin]", "data-outcome") == "unreadable"
    # An answer that breaks off leaves no verdict at all.
    page.route("**/api/v1/wall", lambda route: route.fulfill(content_type="application/json", body="{"))
    page.set_input_files("#file", {"name": "mine.png", "mimeType": "image/png", "buffer": png(400, 200)})
    expect(page.locator("[data-verdict]")).to_contain_text("connection was lost", timeout=60_000)
    assert page.get_attribute("[data-origin]", "data-outcome") is None
    assert page.locator("[data-signs] li").count() == 0


HEADSET = """
(() => {
  window.drawn = 0;
  WebGL2RenderingContext.prototype.makeXRCompatible = async () => {};
  window.XRWebGLLayer = class {
    constructor(session, gl) { this.framebuffer = null; this.gl = gl; }
    getViewport(view) { return { x: view.eye === "left" ? 0 : 100, y: 0, width: 100, height: 100 }; }
  };
  const view = (eye) => ({
    eye,
    projectionMatrix: new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0.1, 0, -1, -1, 0, 0, -0.2, 0]),
    transform: { matrix: new Float32Array([0, 0, -1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]) },
  });
  class Session extends EventTarget {
    async updateRenderState(state) { this.layer = state.baseLayer; }
    async requestReferenceSpace(kind) { return { kind }; }
    requestAnimationFrame(take) {
      if (this.isOver) return;
      setTimeout(() => {
        if (this.isOver) return;
        take(performance.now(), { getViewerPose: () => ({ views: [view("left"), view("right")] }) });
        window.drawn++;
      }, 16);
    }
    end() { this.isOver = true; this.dispatchEvent(new Event("end")); }
  }
  Object.defineProperty(navigator, "xr", { value: {
    isSessionSupported: async (kind) => kind === "immersive-vr",
    requestSession: async (kind) => (window.session = new Session()),
  }});
})();
"""


def test_a_headset_shows_both_eyes_until_its_session_ends(opened):
    page = panorama(opened, init=HEADSET)
    page.wait_for_selector("[data-do=headset]:visible")
    page.click("[data-do=headset]")
    waits_for(page, "() => window.drawn > 3")
    paints = page.get_attribute("#sphere", "data-paints")
    page.evaluate("window.session.end()")
    waits_for(page, "was => document.querySelector('#sphere').dataset.paints !== was", 10, paints)


def test_without_webgl_the_picture_is_flat(opened):
    init = """
      const own = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return kind === "webgl2" ? null : own.call(this, kind, ...rest); };
    """
    page = panorama(opened, init=init)
    assert "flat" in page.inner_text("[data-said]")
    assert sum(pixels(page, "#sphere")) > 0


# Everywhere


@pytest.mark.parametrize("path", ["/studio", "/panorama"])
@pytest.mark.parametrize("width", [360, 1024, 2560])
def test_nothing_is_wider_than_the_window(opened, path, width):
    page = opened(path, viewport={"width": width, "height": 800})
    page.wait_for_timeout(600)
    for mode in ("draw", "style") if path == "/studio" else ():
        page.check(f"[name=mode][value={mode}]", force=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, mode
    assert page.evaluate("document.documentElement.scrollWidth") <= width


NAMES = """() => [...document.querySelectorAll("button, input, select, canvas[tabindex], a[href]")].filter((one) => {
  if (one.closest("[hidden]")) return false;
  const label = one.getAttribute("aria-label") || one.textContent.trim() || [...(one.labels ?? [])].map((l) => l.textContent.trim()).join("");
  return !label;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", ["/studio", "/panorama"])
def test_everything_that_is_used_has_a_name(opened, path):
    page = opened(path)
    assert page.evaluate(NAMES) == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_what_moves(browser, server, scheme, width):
    # The checker itself is foreign script.
    one = Watched(browser, server.url, bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = one.open("/studio")
    waits_for(page, "() => document.querySelector('[data-bench]').dataset.outcome")
    found = axe(page)
    for mode in ("draw", "style"):
        page.check(f"[name=mode][value={mode}]", force=True)
        found += axe(page)
    page = one.open("/panorama")
    found += axe(page)
    one.context.close()
    assert found == []


# Kiosk


def test_a_kiosk_begins_anew_when_alone(watch):
    kiosk = Server("--kiosk")
    try:
        one = watch(url=kiosk.url, viewport={"width": 1280, "height": 900})
        one.context.add_init_script("""
          document.addEventListener("DOMContentLoaded", () => {
            const studio = document.querySelector("[data-studio]");
            if (studio) studio.dataset.alone = "1500";
          });
        """)
        page = one.open("/")
        assert page.url == kiosk.url + "/studio"
        waits_for(page, "() => Number(document.querySelector('#picture').dataset.frames) > 0")
        assert not page.is_visible("header.top") and not page.is_visible("[data-do=save]")
        page.check("[name=mode][value=draw]", force=True)
        page.mouse.move(400, 400)
        waits_for(page, "() => document.querySelector('[name=mode]:checked').value === 'morph'", 10)
        first = page.evaluate("Number(document.querySelector('#picture').dataset.frames)")
        waits_for(page, "was => Number(document.querySelector('#picture').dataset.frames) > was + 5", 30, first)
        page.goto("about:blank")
    finally:
        kiosk.end()
