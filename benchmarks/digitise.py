"""The page that digitises, on figures drawn from patients that are known, in a real browser.

    python benchmarks/digitise.py [FIGURES]

Of each look and width FIGURES figures of two arms (4). A person sets the axes by four clicks and
has each curve traced by one click on its colour (by six, where one of two black curves is dashed),
or clicks the top and the foot of every step. What the page saves is read and rebuilt as the
pipeline does it, with numbers at risk every 12 months, and compared with the patients drawn. The
hand misses by 0.05% of the image's width on the axes and 0.1% on the curve (standard deviation).
Needs Chromium. Prints tables in Markdown; docs/extracting.md holds them.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("workflow/scripts", "tests", "tests/extraction", "tests/screening")
sys.path[:0] = [str(ROOT / part) for part in FOLDERS]

from chromium import Browser  # noqa: E402
from digitiser import bring, click, clicks, fill, html, open_page, save, set_axes, told  # noqa: E402
from drawn_figures import LOOKS, at_risk, draw, seen, to_pixel  # noqa: E402

from livingmeta.extraction.curves import points  # noqa: E402
from livingmeta.extraction.curves.clicks import CurveError  # noqa: E402
from livingmeta.extraction.curves.rebuild import rebuild  # noqa: E402
from livingmeta.formulas import individual_data  # noqa: E402

WIDTHS = (600, 1000, 2000)
ON_AXES, ON_CURVE = 0.0005, 0.001


def digitised(browser, folder, drawn, look, rng, by_hand):
    """Both arms as the page saves them and the pipeline rebuilds them."""
    width = drawn.axes[1]["x"] / 0.95  # the last tick stands there
    path = folder / f"figure.{drawn.kind}"
    path.write_bytes(drawn.image)
    open_page(browser, folder / "digitise.html")
    bring(browser, path)
    set_axes(browser, drawn, lambda: rng.normal(0, ON_AXES * width))
    rebuilt = {}
    for number, (arm, patients) in enumerate(drawn.arms.items()):
        browser.run("document.getElementById('canvas').focus()")
        if number:
            browser.key("n")
        browser.key("c" if by_hand else "t")
        if by_hand:
            km = individual_data.kaplan_meier(patients)
            t = np.concatenate([[0], np.repeat(km.time, 2), [km.last]])
            s = np.repeat(np.append(1, km.survival), 2)
            places = np.array([to_pixel(drawn, *at) for at in zip(t, s, strict=True)])
            clicks(browser, places + rng.normal(0, ON_CURVE * width, places.shape))
        else:
            for place in seen(drawn, arm, 6 if "black" in look else 1):
                click(browser, place["x"], place["y"])
        if told(browser, "notice"):
            raise CurveError(told(browser, "notice"))
        fill(browser, study="ahn-2015", arm=arm, name="Kim")
        name, text = save(browser)
        (folder / name).write_text(text, encoding="utf-8")
        table = points.read(folder / name, "months")
        rebuilt[arm] = rebuild(table["time"], table["survival"], *at_risk(patients))
    return rebuilt


def off(rebuilt, drawn):
    """By how much ln HR differs, and by how many the events of each arm."""
    ours = individual_data.cox(*(curve.data for curve in rebuilt.values())).value
    theirs = individual_data.cox(*drawn.arms.values()).value
    died = [abs(rebuilt[arm].events - of["event"].sum()) for arm, of in drawn.arms.items()]
    return abs(ours - theirs), np.mean(died)


def main(figures=4):
    with tempfile.TemporaryDirectory() as name, Browser(1440, 900) as browser:
        folder = Path(name)
        (folder / "digitise.html").write_text(html(), encoding="utf-8")
        for by_hand in (False, True):
            print(f"\n{'Clicked by hand' if by_hand else 'Traced by colour'}:\n")
            print("| figure | 600 pixels | 1,000 | 2,000 | largest | events off | refused |")
            print("|---|---|---|---|---|---|---|")
            everything, refusals = [], 0
            for number, (look, how) in enumerate(LOOKS.items()):
                found, refused = {}, 0
                for width in WIDTHS:
                    found[width] = []
                    for seed in range(int(figures)):
                        rng = np.random.default_rng([number, width, seed, by_hand])
                        drawn = draw([width, seed], width, **how)
                        try:
                            got = digitised(browser, folder, drawn, look, rng, by_hand)
                            found[width].append(off(got, drawn))
                        except CurveError as error:
                            print(f"{look}, {width}, {seed}: {error}", file=sys.stderr)
                            refused += 1
                both = np.array([one for each in found.values() for one in each])
                medians = " | ".join(f"{np.median(found[w], axis=0)[0]:.4f}" for w in WIDTHS)
                worst, events = both[:, 0].max(), both[:, 1].mean()
                print(
                    f"| {look} | {medians} | {worst:.4f} | {events:.1f} | {refused} |", flush=True
                )
                everything += both[:, 0].tolist()
                refusals += refused
            q = np.quantile(everything, [0.5, 0.9, 1])
            print(f"\nAll: median {q[0]:.4f}, 90th percentile {q[1]:.4f}, largest {q[2]:.4f}; "
                  f"{refusals} of {len(everything) + refusals} refused.")  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
