"""Tests of the pages that `assay serve` gives, in the system's Chromium without a window."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ASSAY", str(ROOT / ".build" / "release" / "assay"))
NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"]
CHROMIUM = os.environ.get("ASSAY_CHROMIUM") or next((p for p in map(shutil.which, NAMES) if p), None)

# The sandbox of Chromium does not run for root; the pages are our own. WebGL is computed, and the camera is a moving pattern.
ARGUMENTS = [
    "--no-sandbox", "--enable-unsafe-swiftshader", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]


class Server:
    """A server of its own for a test, or for all of them."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--json", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        assert self.process.stdout
        self.url = json.loads(self.process.stdout.readline())["url"]

    def end(self) -> str:
        """Ends it as a person would; gives its log."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, log
        return log


@pytest.fixture(scope="session")
def server():
    one = Server()
    yield one
    one.end()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield one
        one.close()


class Watched:
    """A page, and what it said and asked for."""

    def __init__(self, browser, url: str, **options) -> None:
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.url = url

    def open(self, path: str = "/"):
        self.page.goto(self.url + path)
        return self.page

    def close(self) -> None:
        """Ends it, and holds it to silence and to its own server."""
        self.context.close()
        assert self.said == []
        own = (self.url, "blob:", "data:")
        assert [url for url in self.asked if not url.startswith(own)] == []


@pytest.fixture
def watch(browser, server):
    pages: list[Watched] = []

    def make(**options) -> Watched:
        pages.append(Watched(browser, options.pop("url", server.url), **options))
        return pages[-1]

    yield make
    for page in pages:
        page.close()


@pytest.fixture
def gallery() -> Path:
    return ROOT / "fixtures" / "gallery"
