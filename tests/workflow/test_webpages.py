"""What is mended in the theme's pages."""

import struct

from zslib.workflow import webpages

PAGE = """<title>HVG</title>
<script src="../_static/scripts/fontawesome.js?digest=1"></script>
<script src="../_static/doctools.js"></script>
<script>const THEBE_JS_URL = "https://unpkg.com/thebe"; const thebe_selector = ".thebe"</script>
<h1>HVG on kang, for print</h1><a href="#hvg">The method</a>
<h1>HVG on <em>kang</em> &amp; more<a class="headerlink" href="#hvg">#</a></h1>
<p>It has <a href="x.html">the
highest</a> "AvgBIO".</p>
<p>And more.</p>
<img alt="A figure" src="../_images/a.png" style="width: 700px;" />
<div class="bd-footer-content__inner container"></div>"""


def test_a_page_loses_what_it_does_not_need_and_its_figure_keeps_its_place(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images" / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", 1400, 500)
    )
    (tmp_path / "runs").mkdir()
    page = tmp_path / "runs" / "hvg.html"
    page.write_text(PAGE)
    webpages.finish(tmp_path)
    said = page.read_text()
    assert "fontawesome" not in said
    assert "THEBE" not in said
    assert "doctools" in said
    assert '<img loading="lazy" width="700" height="250" alt="A figure" src="../_images/a.png"  />' in said
    assert "). HVG on kang &amp; more. In <cite>Zero-shot evaluation" in said
    for name, text in {
        "og:title": "HVG on kang &amp; more",
        "description": "It has the highest &quot;AvgBIO&quot;.",
    }.items():
        assert f'name="{name}" content="{text}" />' in said.partition("<title>")[0]
    assert "Kedzierska KZ, Crawford L" in said
    assert "@incollection{zslib-runs-hvg," in said
    webpages.finish(tmp_path, cite=False)
    assert page.read_text() == said
