"""Means and medians with their bars, clicked on the page that digitises: rows of outcomes.csv."""

import io

import numpy as np
import pytest
from digitiser import bring, clicks, fill, html, open_page, save, told
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from livingmeta import tables
from screening.chromium import FOUND, Browser

pytestmark = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")
MIDDLE, LOW, HIGH = np.array([42.5, 61.0]), np.array([31.2, 44.8]), np.array([53.8, 77.2])


def drawn(flat):
    """Bars with whiskers (or, lying flat, points with them), and where their clicks go."""
    figure = Figure(figsize=(5, 4), dpi=150)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    errors = np.array([MIDDLE - LOW, HIGH - MIDDLE])
    if flat:
        ax.errorbar(MIDDLE, [0, 1], xerr=errors, fmt="s")
        ax.set_xlim(0, 100)
    else:
        ax.bar([0, 1], MIDDLE, yerr=errors, capsize=6)
        ax.set_ylim(0, 100)
    canvas.draw()
    file = io.BytesIO()
    canvas.print_png(file)
    height = figure.bbox.height

    def at(value, place):
        x, y = ax.transData.transform((value, place) if flat else (place, value))
        return x, height - y

    axis = [at(0, -0.4), at(100, -0.4)]
    values = [[at(of[k], k) for of in (MIDDLE, LOW, HIGH)] for k in (0, 1)]
    return file.getvalue(), axis, values


@pytest.fixture(scope="module")
def opened():
    with Browser(1440, 900) as browser:
        yield browser


@pytest.fixture
def desk(opened, tmp_path, request):
    image, axis, values = drawn(getattr(request, "param", False))
    (tmp_path / "digitise.html").write_text(html(), encoding="utf-8")
    (tmp_path / "bars.png").write_bytes(image)
    open_page(opened, tmp_path / "digitise.html")
    bring(opened, tmp_path / "bars.png")
    opened.run("document.getElementById('canvas').focus()")
    opened.key("b")
    clicks(opened, axis)
    fill(opened, bar_study="ahn-2015", bar_source="Figure 3", name="Kim")
    opened.run("""(() => {
        const field = document.querySelector('[data-bar="1"]');
        field.value = "100";
        field.dispatchEvent(new Event("input", { bubbles: true }));
    })()""")
    opened.values = values
    yield opened
    assert opened.errors == []


def of_rows(desk, name, typed):
    for k, value in enumerate(typed):
        desk.run(f"""(() => {{
            const field = document.querySelectorAll("#bar-rows li")[{k}]
                .querySelectorAll("input, select")[{["arm", "time", "n"].index(name)}];
            field.value = {value!r};
            field.dispatchEvent(new Event("input", {{ bubbles: true }}));
        }})()""")


def table(desk, tmp_path):
    name, text = save(desk, "save-bars")
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tables.read(tmp_path / name, "data/outcomes")


@pytest.mark.parametrize("desk", [False, True], indirect=True, ids=["bars", "lying points"])
def test_means_and_medians_are_read_off_their_bars(desk, tmp_path):
    for places in desk.values:
        clicks(desk, places)
    of_rows(desk, "arm", ["drug", "control"])
    of_rows(desk, "time", ["12", "12"])
    of_rows(desk, "n", ["40", "38"])
    found = table(desk, tmp_path)
    assert found["statistic"].tolist() == ["mean", "mean"]
    assert found["arm"].tolist() == ["drug", "control"]
    assert found["value"].to_numpy() == pytest.approx(MIDDLE, abs=0.3)
    assert found["sd"].to_numpy() == pytest.approx((HIGH - LOW) / 2, abs=0.3)
    assert found["n"].tolist() == [40, 38]
    assert set(found["outcome"]) == {"pain"}
    assert "digitised from bars.png" in found.loc[0, "note"]
    assert "axis 0 at " in found.loc[0, "note"]
    fill(desk, bar_kind="ci")
    found = table(desk, tmp_path)
    assert found["ci_low"].to_numpy() == pytest.approx(LOW, abs=0.3)
    assert found["ci_high"].to_numpy() == pytest.approx(HIGH, abs=0.3)
    for kind, names in (("quartiles", ["q1", "q3"]), ("range", ["minimum", "maximum"])):
        fill(desk, bar_kind=kind)
        found = table(desk, tmp_path)
        assert found["statistic"].tolist() == ["median", *names] * 2
        assert found["value"].to_numpy() == pytest.approx(
            np.column_stack([MIDDLE, LOW, HIGH]).ravel(), abs=0.3
        )


def test_one_end_is_enough_for_an_sd_and_not_for_an_interval(desk, tmp_path):
    clicks(desk, desk.values[0][:2])
    desk.run("document.getElementById('bar-end').click()")
    of_rows(desk, "arm", ["drug"])
    assert table(desk, tmp_path)["sd"].tolist() == [pytest.approx((MIDDLE - LOW)[0], abs=0.3)]
    fill(desk, bar_kind="ci")
    assert "both ends are needed" in told(desk, "bar-rows")
    assert desk.run("document.getElementById('save-bars').disabled")


def test_a_value_outside_its_bar_and_an_axis_of_one_value_are_refused(desk):
    middle, low, high = desk.values[0]
    clicks(desk, [low, middle, high])
    of_rows(desk, "arm", ["drug"])
    assert "the value is outside its bar" in told(desk, "bar-rows")
    assert desk.run("document.getElementById('save-bars').disabled")
    desk.run("""(() => {
        const field = document.querySelector('[data-bar="1"]');
        field.value = "0";
        field.dispatchEvent(new Event("input", { bubbles: true }));
    })()""")
    assert "Both clicks are said to be at 0" in told(desk, "bars-told")


def test_a_value_is_taken_out_and_brought_back(desk):
    for places in desk.values:
        clicks(desk, places)
    rows = "document.querySelectorAll('#bar-rows li').length"
    assert desk.run(rows) == 2
    desk.run("document.querySelector('#bar-rows button').click()")
    assert desk.run(rows) == 1
    desk.run("document.getElementById('canvas').focus()")
    desk.key("z")
    assert desk.run(rows) == 2
