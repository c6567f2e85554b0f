"""The pages by keyboard and for a screen reader, in a real browser: what has the focus is seen, Tab
has few stops and in the order of the page, arrows reach the rest, controls have names and are large
enough, and axe-core finds nothing in any state."""

import re
from pathlib import Path

import pytest

from extraction import digitiser, test_settle_readings
from living import test_news
from livingmeta.report.page import page
from made_up_review import FLOW, made_up_figures, made_up_tables, protocol
from screening import pages as screening_pages
from screening import test_settle_page
from screening.chromium import FOUND, Browser

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(FOUND is None, reason="Chromium is not installed"),
]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("report", "news", "screen", "settle", "readings", "digitise")
OF_A_REPORT = ("report", "news")
FEW = 150  # stops of Tab
UNFOLD = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
FOCUS = """(() => {
  const node = document.activeElement;
  const look = getComputedStyle(node), body = getComputedStyle(document.body);
  window.walked ??= [];
  const before = window.walked.at(-1), first = window.walked[0];
  const after = !before || before.compareDocumentPosition(node) & 4;
  if (node !== document.body) window.walked.push(node);
  return {
    out: node === document.body || node === first, after: Boolean(after),
    what: node.outerHTML.slice(0, 120),
    outline: look.outlineStyle, width: parseFloat(look.outlineWidth),
    colours: [look.outlineColor, body.backgroundColor],
  };
})()"""
# Controls smaller than 24 pixels that stand in no sentence and in no drawing, whose rows are as
# narrow as their lines: what those tell stands in the tables too.
SMALL = r"""[...document.querySelectorAll("a[href], button, input, select, summary, [role=button]")]
  .filter((node) => {
    if (node.closest("svg") || node.matches(".skip") || !node.checkVisibility()) return false;
    const block = node.closest("p, li, td, th, dd, figcaption, caption, blockquote, h1, h2, h3");
    if (block && !node.matches("button")) {
      const words = block.cloneNode(true);
      words.querySelectorAll("a, button, .num").forEach((one) => one.remove());
      if (/\p{L}/u.test(words.textContent)) return false;
    }
    const { width, height } = node.getBoundingClientRect();
    return width && (width < 23.9 || height < 23.9);
  })
  .map((node) => node.outerHTML.slice(0, 120))"""
CONTROLS = """[...document.querySelectorAll("[tabindex], main a[href], main button, main summary")]
  .filter((node) => !node.closest("dialog") && node.checkVisibility())"""
VIOLATIONS = """axe.run(document, { rules: { "target-size": { enabled: true } } }).then((found) =>
  found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`)))"""

# How high a letter of the smallest size (8.25 points) comes out in each figure that is seen.
LETTERS = """Object.fromEntries([...document.querySelectorAll(".sheet svg")]
  .filter((svg) => svg.getBoundingClientRect().width)
  .map((svg) => [
    svg.closest("figure").id.replace("figure-", "") + "--" + svg.parentNode.className,
    svg.getBoundingClientRect().width / svg.viewBox.baseVal.width * 8.25]))"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The pages as files, by name."""
    folder = tmp_path_factory.mktemp("pages")
    asked = protocol()
    found = made_up_tables(asked)
    waiting = test_news.waiting(*((f"r{i}", f"{i} patients", i + 1, True) for i in range(9)))
    texts = {
        "report": page.render(asked, found, FLOW, made_up_figures(asked, found), agreement={})[0],
        "news": test_news.rendered(folder, waiting)[0],
        "screen": screening_pages.html(*screening_pages.made()),
        "settle": test_settle_page.made(doubtful=test_settle_page.DOUBTFUL)[0],
        "readings": test_settle_readings.made(tmp_path_factory.mktemp("readings")),
        "digitise": digitiser.html(),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture(scope="module")
def window():
    with Browser() as browser:
        yield browser


def opened(window, file, width=1440, *, dark=False):
    """The page as somebody finds it who has used it before."""
    window.size(width, 900, dark=dark)
    window.open(file)
    if file.stem == "screen":
        screening_pages.start(window, file)
    window.run("document.querySelectorAll('dialog[open]').forEach((one) => one.close())")
    window.run("document.body.tabIndex = -1, document.body.focus()")  # Tab begins at the top
    window.run("document.body.removeAttribute('tabindex')")
    window.errors.clear()


def contrast(one, other):
    """Of two colours, as WCAG 2.2 defines it."""
    light = []
    for colour in (one, other):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        line = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        light.append(0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_tab_has_few_stops_in_the_order_of_the_page_and_each_is_seen(made, window, name, dark):
    opened(window, made[name], dark=dark)
    stops = []
    for _ in range(FEW):
        window.key("Tab")
        at = window.run(FOCUS)
        if at["out"]:
            break
        stops.append(at)
    assert 1 < len(stops) < FEW
    assert [at["what"] for at in stops if not at["after"]] == []
    unseen = [
        at["what"]
        for at in stops
        if at["outline"] == "none" or at["width"] < 2 or contrast(*at["colours"]) < 3
    ]
    assert unseen == []
    assert window.errors == []


@pytest.mark.parametrize("name", OF_A_REPORT)
def test_arrows_reach_every_control_from_the_stops_of_tab(made, window, name):
    opened(window, made[name])
    window.run(UNFOLD)
    window.run(f"window.all = new Set({CONTROLS})")
    window.run(
        "addEventListener('focusin', (event) => window.all.delete(event.target)), "
        "window.stops = [...window.all].filter((node) => node.tabIndex === 0)"
    )
    many, stops = window.run("window.all.size"), window.run("window.stops.length")
    assert stops < many
    for i in range(stops):
        window.run(f"window.stops[{i}].focus()")
        for _ in range(many):
            window.run("window.was = document.activeElement")
            window.key("ArrowRight")
            if window.run("window.was === document.activeElement"):
                break
    left = window.run("[...window.all].map((node) => node.outerHTML.slice(0, 120))")
    # Where one types, arrows are those of the text.
    assert [node for node in left if not node.startswith("<input")] == []
    assert window.run("document.querySelectorAll('.num[tabindex=\"0\"]').length") < stops
    assert window.errors == []


def test_in_a_table_arrows_go_from_row_to_row_and_what_is_hidden_is_no_stop(made, window):
    opened(window, made["report"])
    window.run(UNFOLD)
    window.run("document.getElementById('table-studies').tBodies[0].rows[0].cells[1].id = 'x'")
    area = "document.getElementById('table-studies').closest('.wide')"
    window.run(f"window.numbers = [...{area}.querySelectorAll('tbody .num')]")
    window.run("window.numbers[0].focus()")
    column = "document.activeElement.closest('td, th').cellIndex"
    row = "document.activeElement.closest('tr').rowIndex"
    before = window.run(column), window.run(row)
    window.key("ArrowDown")
    assert (window.run(column), window.run(row)) == (before[0], before[1] + 1)
    window.key("ArrowUp")
    assert (window.run(column), window.run(row)) == before
    window.run(
        "(() => { const filter = document.querySelector('[data-filter=studies]');"
        "filter.value = 'no such study';"
        "filter.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    stop = f"{area}.querySelectorAll('[tabindex=\"0\"]:not(tr[hidden] *)').length"
    assert window.run(stop) == 1


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_controls_are_24_pixels_high_and_wide(made, window, name, width):
    opened(window, made[name], width)
    window.run(UNFOLD)
    assert window.run(SMALL) == []


@pytest.mark.parametrize("width", [1440, 800, 390])
def test_letters_of_figures_are_11_pixels_or_more(made, window, width):
    opened(window, made["report"], width)
    window.run(UNFOLD)
    sizes = window.run(LETTERS)
    assert len(sizes) > 5
    assert min(sizes.values()) >= 10.9, sizes
    shown = {name.rsplit("--", 1)[-1] for name in sizes if name.startswith("forest-")}
    assert shown == ({"narrow"} if width == 390 else {"broad"})
    assert window.run("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_a_screen_reader_has_a_name_for_every_control(made, window, name):
    opened(window, made[name])
    window.run(UNFOLD)
    nodes = window.ask("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "link", "textbox", "combobox", "checkbox", "listbox", "group", "img")
    ours = [node for node in nodes if node.get("role", {}).get("value") in roles]
    named = {
        node["role"]["value"] + ": " + node.get("name", {}).get("value", "").strip()
        for node in ours
        if not node["ignored"] and any(p["name"] == "focusable" for p in node.get("properties", ()))
    }
    assert named
    assert [one for one in named if one.endswith(": ")] == []
    if name == "report":
        rows = [
            one for one in named if re.match(r"button: Aronson 1948: risk ratio 0\.41, 95%", one)
        ]
        assert len(rows) == 1, sorted(named)[:40]
        assert any(one.startswith("group: Forest plot: ") for one in named)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there (make axe)")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, False), (1440, True)])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_any_state(made, window, name, width, dark):
    opened(window, made[name], width, dark=dark)
    window.run(AXE.read_text(encoding="utf-8"))
    assert window.run(VIOLATIONS) == []
    window.run(UNFOLD)
    assert window.run(VIOLATIONS) == []
    for i in range(window.run("document.querySelectorAll('dialog').length")):
        window.run(f"document.querySelectorAll('dialog')[{i}].showModal()")
        assert window.run(VIOLATIONS) == []
        window.run(f"document.querySelectorAll('dialog')[{i}].close()")
    if name in OF_A_REPORT:
        window.run("document.querySelector('.num').click()")
        assert window.run("document.getElementById('trail').open")
        assert window.run(VIOLATIONS) == []
    window.ask("Emulation.setEmulatedMedia", media="print")
    assert window.run(VIOLATIONS) == []
    window.ask("Emulation.setEmulatedMedia", media="")
