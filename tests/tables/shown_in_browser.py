"""A piece of a page in a real browser, from a file, with the scripts and styles of the book."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "book" / "_static"


def in_browser(html, script, tmp_path, *, hash=""):
    """What a script says of a page with this in it."""
    if not (browser := shutil.which("chromium")):
        pytest.skip("there is no chromium to look at the page with")
    scripts = "".join(f'<script src="{path.as_uri()}"></script>' for path in STATIC.glob("*.js"))
    styles = "".join(f'<link rel="stylesheet" href="{path.as_uri()}">' for path in STATIC.glob("*.css"))
    asked = f"addEventListener('load', () => document.title = JSON.stringify((() => {{ {script} }})()))"
    page = tmp_path / "page.html"
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title></title>{styles}{html}{scripts}<script>{asked}</script>"
    )
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,800", "--dump-dom"]
    dom = subprocess.run(
        [*command, page.as_uri() + hash], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    return json.loads(unescape(re.search("<title>(.*?)</title>", dom)[1]))
