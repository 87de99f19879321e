"""Neo4j Browser in Chromium: what a person does there."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from support.chromium import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from lineage.server import Endpoint

PATIENCE = 90_000  # ms; a busy machine draws slowly
# What a paste does; typing would let the editor close brackets on its own.
PASTE = """(editor, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  editor.dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
# What the pointer does that drags a file onto the page; a file in a program is text of base64.
DROP = """(place, [name, content]) => {
  const bytes = Uint8Array.from(atob(content), sign => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(
      new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""


@contextmanager
def opened(
    endpoint: Endpoint, width: int = 1600, height: int = 1100, more: str = ""
) -> Iterator[Page]:
    """Browser's page, kept from every address but the server's and this machine's.

    Args:
        endpoint: of the server.
        width: of the window.
        height: of the window.
        more: that stands in the address of the page.
    """
    if not endpoint.http:
        pytest.skip("the address of Neo4j Browser is not known")
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    hosts = {urlsplit(endpoint.http).hostname or "", "127.0.0.1", "localhost"}
    with api.sync_playwright() as playwright:
        # Kept by name: where requests are looked at, Chromium leaves out asking other origins.
        kept = ", ".join(f"EXCLUDE {host}" for host in sorted(hosts))
        rules = f"--host-resolver-rules=MAP * ~NOTFOUND, {kept}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rules])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE)
        # A container's Bolt port is mapped to another than the one that the server advertises.
        page.goto(f"{endpoint.http}?connectURL={endpoint.uri}{more}", wait_until="domcontentloaded")
        yield page
        browser.close()


def log_in(page: Page, endpoint: Endpoint) -> None:
    """Fill in the form that Browser begins with, and wait until it says it is connected."""
    page.wait_for_selector("[data-testid=authenticationMethod]")
    if endpoint.password:
        page.fill("[data-testid=username]", endpoint.username)
        page.fill("[data-testid=password]", endpoint.password)
    else:
        page.select_option("[data-testid=authenticationMethod]", "NO_AUTH")
    page.click("[data-testid=connect]")
    page.get_by_text(re.compile("You (have a working connection|are connected as)")).wait_for()


def ask(page: Page, text: str) -> None:
    """Paste into the editor and run."""
    editor = page.locator("[data-testid=activeEditor] textarea")
    editor.focus()
    editor.evaluate(PASTE, text)
    page.keyboard.press("Control+Enter")


def newest(page: Page) -> Locator:
    """The frame of the last answer."""
    return page.locator("[data-testid=frame]").first


def drop(page: Page, file: Path) -> None:
    """Drag a file onto the page."""
    import base64

    content = base64.b64encode(file.read_bytes()).decode()
    page.locator(".filedrop").first.evaluate(DROP, [file.name, content])
