"""A page in Chromium whose errors fail the test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.js.site import Site


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 1366, "height": 900}, reduced_motion="reduce", timezone_id="UTC"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)
