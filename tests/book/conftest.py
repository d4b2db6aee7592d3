"""A real browser, for pages as a reader sees them."""

import os
import shutil

import pytest

AXE = "axe_playwright_python"  # the package that carries axe.min.js
WITHOUT_GPU = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]  # and WebGL all the same


@pytest.fixture(scope="module")
def browser():
    """Chromium from CHROMIUM, or from the system."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if chromium is None:
        pytest.skip("no Chromium; install Debian's package chromium, or say in CHROMIUM where one is")
    with playwright.sync_playwright() as driver:
        root = ["--no-sandbox"] * (os.geteuid() == 0)
        one = driver.chromium.launch(executable_path=chromium, args=[*root, *WITHOUT_GPU])
        yield one
        one.close()


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for many pages, as wide as a desktop, where nothing moves."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()
