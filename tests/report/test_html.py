"""The HTML report: one file that fetches nothing, in which a stranger's text stays text, readable on any screen."""

import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from exportlint.finding import Fix, Problem, Related, Severity
from exportlint.report import html, plot, verify_html
from exportlint.report.view import View
from exportlint.verify.contract import ERROR_EDGES, Stage
from tests.findings import EVIL, finding, report, result

SOURCE = "class Net:\n    def forward(self, x):\n        if x.sum() > 0:\n            return x\n        return -x\n"
STAGES = (Stage("src/net.py", 1, "mul", 0.0), Stage("src/net.py", 3, "add", 0.5), Stage("src/net.py", 5, "neg", None))
COUNTS = (3, *[0] * len(ERROR_EDGES), 2)


class Page(HTMLParser):
    """Every element of a page with its attributes, and the text in it; unclosed elements are an error."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" not in self._open:
            self.text += data

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def checked(text: str = "x", **changed) -> str:
    known = View(Path(), texts={"src/net.py": SOURCE, "bad.py": "def f(:"})
    one = finding(
        line=3,
        related=(Related("src/net.py", 2, text),),
        fix=Fix(text, (), safe=False),
        message=text,
        help=text,
        **changed,
    )
    return html.render(report(one, finding(severity=Severity.INFO), problems=[Problem("bad.py", 1, text)]), known)


def verified(**changed) -> str:
    known = View(Path(), texts={"src/net.py": SOURCE})
    checks = {"dynamic": "ok", "latency": "ok: 0.5 ms, eager 2 ms: 4 times as fast", "frozen": "ok: 10 bytes of 1,000"}
    failed = result(divergence=STAGES, histogram=COUNTS, checks=checks, **changed)
    agreed = result(target="trace", status="ok", reason="", path=None, line=None, rule=None, counterexample=None)
    return verify_html.render([failed, agreed], [{"rule": "EXL101", "path": "a.py", "line": 1, "verdict": "x"}], known)


def test_check_shows_the_places_by_targets_and_each_finding_with_its_source():
    page = Page(checked("words"))
    assert "if x.sum() > 0:" in page.text
    assert [tag for tag, _ in page.elements].count("article") == 2
    assert "src/net.py:3:12" in page.text
    assert "syntax" not in page.text
    assert "--fix --unsafe-fixes" in page.text
    assert "1 error" in " ".join(page.text.split())
    assert "1 note" in " ".join(page.text.split())


def test_verify_shows_the_input_the_plot_the_histogram_and_the_bars():
    page = Page(verified())
    words = " ".join(page.text.split())
    for shown in (
        "Net src/net.py",
        "negated",
        "tensor([[-1., 2.]])",
        "First apart: src/net.py:3 add",
        "0.5 ms",
        "10 bytes",
    ):
        assert shown in words or shown.replace(" ", "") in words.replace(" ", ""), shown
    circles = [attributes["class"] for tag, attributes in page.elements if tag == "circle"]
    assert circles == ["near", "apart", "missing"]
    links = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    anchors = {f"#{attributes['id']}" for tag, attributes in page.elements if "id" in attributes}
    assert links == anchors == {"#result-1", "#result-2"}


def test_nothing_is_fetched_and_nothing_runs():
    for text in (checked(), verified()):
        page = Page(text)
        assert not page.tags() & {"script", "link", "img", "iframe", "object", "form", "base"}
        names = {name for _, attributes in page.elements for name in attributes}
        assert not {name for name in names if name.startswith("on") or name in ("src", "srcset", "data", "action")}
        assert "url(" not in text
        assert "@import" not in text
        policy = [attributes for _, attributes in page.elements if "http-equiv" in attributes]
        assert policy[0]["content"].startswith("default-src 'none'")


def test_hostile_text_stays_text():
    plain = {"path": EVIL, "symbol": EVIL, "name": EVIL}
    for hostile, harmless in (
        (checked(EVIL, **plain), checked()),
        (verified(model=EVIL, reason=EVIL, rule=EVIL, expected=EVIL, got=EVIL), verified()),
    ):
        page = Page(hostile)
        assert page.tags() == Page(harmless).tags()
        assert "<img src=x onerror=alert(1)>" in page.text
        assert not any(character in hostile for character in "\x1b\x00\u202e\u2028\ud800")
        hostile.encode()


def test_the_same_input_gives_the_same_bytes():
    assert (checked(), verified()) == (checked(), verified())


def test_nothing_found_is_a_page_too():
    assert "nothing found" in Page(html.render(report(), View(Path()))).text
    assert "No model was exported" in Page(verify_html.render([], (), View(Path()))).text


def test_the_plot_is_logarithmic_and_what_is_missing_stands_at_the_top():
    near, apart, missing = plot.points(STAGES)
    assert (near.x, near.y, near.apart) == (0.0, plot.HEIGHT, False)
    assert (missing.x, missing.y, missing.apart) == (plot.WIDTH, 0.0, True)
    assert 0 < apart.y < plot.HEIGHT / 9
    assert plot.height_of(1e-3) == pytest.approx(plot.HEIGHT / 3, abs=0.1)


def test_a_histogram_begins_and_ends_with_what_it_counts():
    bars = plot.histogram((0, 0, 3, 0, 1, *[0] * (len(ERROR_EDGES) - 3)))
    assert [(bar.label, bar.text) for bar in bars] == [("≤ 1e-7", "3"), ("≤ 1e-6", "0"), ("≤ 1e-5", "1")]
    assert plot.histogram(()) == []


def test_bars_are_read_from_what_the_checks_say():
    checks = {"latency": "ok: 0.12 ms, eager 0.34 ms: 2.8 times as fast", "frozen": "ok: 1,000 bytes of 4,000, fine"}
    assert [(bar.label, bar.text) for bar in plot.latency(checks)] == [("export", "0.12 ms"), ("eager", "0.34 ms")]
    assert [(bar.label, bar.share) for bar in plot.sizes(checks)] == [("export", 1.0), ("frozen", 0.25)]
    assert plot.latency({"latency": "skipped: not asked for"}) == plot.sizes({}) == []


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_readable_in_a_browser(browser, tmp_path, width, scheme):
    """No sideways scrolling of the page, no request beside its own, text that stands out from what is behind it."""
    for name, text in (
        ("check", checked(EVIL)),
        ("verify", verified(model=f"src/{'deep/' * 30}net.py::Net", reason=EVIL)),
    ):
        file = tmp_path / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        asked, complaints = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        page.goto(file.as_uri())
        assert (asked, complaints) == ([file.as_uri()], [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        contrasts = page.evaluate(CONTRASTS)
        assert contrasts, "some text was looked at"
        assert min(contrasts) >= 4.5, "WCAG 2.1, level AA"
        page.close()


CONTRASTS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("p, h1, h2, h3, small, .chip, .target, a, summary, dt, dd, th, code")]
    .filter(element => element.textContent.trim())
    .map(element => {
      const [one, other] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
      return (one + 0.05) / (other + 0.05);
    });
}"""


@pytest.mark.parametrize(
    "text", ["e.e ms, eager - ms", "9e9999 ms, eager 1e-9999 ms", ", bytes of ,", f"{'9' * 400} bytes", "\uff11 bytes"]
)
def test_figures_that_a_worker_forged_break_no_page(text):
    forged = result(checks={"latency": text, "ort-format": text}, seconds={"run": 1e308, "build": 1e308})
    Page(verify_html.render([forged], [], View(Path())))
