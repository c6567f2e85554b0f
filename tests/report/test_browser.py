"""The page in a real browser, where one is installed: every number opens its trail."""

import json
import re
import shutil
import subprocess

import pytest

from livingmeta.report.page import page
from made_up_review import FLOW, made_up_figures, made_up_tables, protocol

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--dump-dom"),
    "--virtual-time-budget=60000",
]
# Goes through the page as a reader would and leaves what it saw in an element of its own.
READER = """
<script>
const seen = { errors: [], opened: 0, silent: [], rows: 0, ends: 0, blocked: 0 };
addEventListener("error", (event) => seen.errors.push(String(event.message)));
document.addEventListener("securitypolicyviolation", () => (seen.blocked += 1));
addEventListener("load", () => {
  const trail = document.getElementById("trail");
  for (const number of document.querySelectorAll(".num")) {
    number.click();
    if (trail.open && trail.textContent.includes(number.textContent)) seen.opened += 1;
    else seen.silent.push(number.dataset.id);
    trail.close();
  }
  for (const mark of document.querySelectorAll('[id*="--row:"]')) {
    mark.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    if (trail.open && trail.textContent.includes("from")) seen.rows += 1;
    trail.close();
  }
  // A control inside another, or inside a picture, is lost to a screen reader.
  const nested = "summary :is([tabindex], button, a), [role=img] [tabindex]";
  seen.nested = document.querySelectorAll(nested).length;
  seen.folded = [...document.querySelectorAll("summary .num")].map((number) => {
    const button = number.closest("summary").nextElementSibling;
    button.click();
    const told = trail.open && trail.textContent.includes(number.textContent);
    trail.close();
    return button.tagName === "BUTTON" && told;
  });
  const first = document.querySelector(".num");
  first.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  seen.keyboard = trail.open;
  trail.close();
  const table = document.getElementById("table-tb-effects");
  const head = table.tHead.rows[0].cells[1];
  head.click();
  seen.ascending = [...table.tBodies[0].rows].map((row) => parseFloat(row.cells[1].textContent));
  head.click();
  seen.descending = [...table.tBodies[0].rows].map((row) => parseFloat(row.cells[1].textContent));
  const filter = document.querySelector("[data-filter=studies]");
  filter.value = "comstock";
  filter.dispatchEvent(new Event("input"));
  const rows = document.getElementById("table-studies").tBodies[0].rows;
  seen.filtered = [...rows].filter((row) => !row.hidden).length;
  seen.sideways = document.documentElement.scrollWidth > innerWidth;
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
});
</script>
</body>"""


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [400, 800, 1400])
def test_the_page_works_in_a_browser(tmp_path, width):
    plan = protocol()
    found = made_up_tables(plan)
    html, *_ = page.render(plan, found, FLOW, made_up_figures(plan, found), agreement={})
    path = tmp_path / "report.html"
    path.write_text(html.replace("</body>", READER), encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--window-size={width},900", f"--user-data-dir={tmp_path}/u"]
    done = subprocess.run(
        [*command, path.as_uri()], capture_output=True, text=True, timeout=150, check=False
    )
    seen = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', done.stdout)[1])
    assert seen["errors"] == []
    assert seen["blocked"] == 0
    assert seen["silent"] == []
    assert seen["opened"] == html.count('class="num"')
    assert seen["rows"] == len(re.findall(r'id="[\w-]+--row:', html)) > 0
    assert seen["keyboard"]
    assert seen["nested"] == 0
    assert seen["folded"]
    assert all(seen["folded"])
    assert seen["ascending"] == sorted(seen["ascending"])
    assert seen["descending"] == sorted(seen["descending"], reverse=True)
    assert seen["filtered"] == 3
    assert not seen["sideways"]
