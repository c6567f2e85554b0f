"""The page that digitises, and a person's hands on it."""

import pandas as pd

import asking
from livingmeta.extraction.curves import page

STUDIES = pd.DataFrame({"study_id": ["ahn-2015", "kim-2021"], "label": ["Ahn 2015", "<b>Kim</b>"]})

OUTCOMES = {
    "os": {"label": "Overall survival", "kind": "survival"},
    "pain": {"label": "Pain", "kind": "continuous"},
}


def html(pages=(), told=()):
    return page.render(
        STUDIES,
        title='Survival <of> "mice"',
        outcomes=asking.outcomes(OUTCOMES),
        arms=asking.arms(drug="The drug", control="None"),
        time_unit="months",
        pages=pages,
        told=told,
    )


def open_page(browser, file):
    browser.errors.clear()
    browser.requests.clear()
    browser.open(file)
    browser.run("localStorage.clear()")
    browser.open(file)


def bring(browser, path, seconds=20):
    """Choose an image and wait until it is on the page."""
    browser.upload("#file", path)
    shown = "document.getElementById('image-name').textContent"
    browser.wait(f"{shown}.startsWith({path.name!r})", seconds)


def click(browser, x, y, to=None):
    """Click at a place of the image, or drag from there to another."""
    _pressed(browser, [[(x, y), to or (x, y)]])


def clicks(browser, places):
    """Click at one place of the image after the other."""
    _pressed(browser, [[place, place] for place in places])


def _pressed(browser, drags):
    drags = [[list(map(float, place)) for place in drag] for drag in drags]
    browser.run(f"""(() => {{
        const canvas = document.getElementById("canvas");
        const [zoom, left, top] = canvas.dataset.view.split(" ").map(Number);
        const edge = canvas.getBoundingClientRect();
        const at = ([x, y]) => ({{
            clientX: edge.left + left + x * zoom, clientY: edge.top + top + y * zoom,
            bubbles: true, cancelable: true, pointerId: 1, button: 0,
        }});
        canvas.setPointerCapture = () => {{}};
        for (const [from, to] of {drags}) {{
            canvas.dispatchEvent(new PointerEvent("pointerdown", at(from)));
            canvas.dispatchEvent(new PointerEvent("pointermove", at(to)));
            canvas.dispatchEvent(new PointerEvent("pointerup", at(to)));
        }}
    }})()""")


def fill(browser, **values):
    """Type into fields by their id, with _ for -."""
    for name, value in values.items():
        browser.run(f"""(() => {{
            const field = document.getElementById({name.replace("_", "-")!r});
            field.value = {value!r};
            const kind = field.tagName === "SELECT" || field.type === "range" ? "change" : "input";
            field.dispatchEvent(new Event("input", {{ bubbles: true }}));
            if (kind === "change") field.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }})()""")


def set_axes(browser, drawn, off=lambda: 0.0):
    """Four clicks on the axes of a drawn figure, each off by so many pixels, and their values."""
    fill(browser, full="100" if drawn.percent else "1")
    browser.key("a")
    for place in drawn.axes:
        click(browser, place["x"] + off(), place["y"] + off())
    for k, place in enumerate(drawn.axes):
        browser.run(f"""(() => {{
            const field = document.querySelector('[data-mark="{k}"]');
            field.value = "{place["value"]}";
            field.dispatchEvent(new Event("input", {{ bubbles: true }}));
            field.blur();
        }})()""")


def told(browser, what):
    return browser.run(f"document.getElementById({what!r}).textContent")


def save(browser, which="save"):
    browser.run(f"document.getElementById({which!r}).click()")
    return browser.downloaded()
