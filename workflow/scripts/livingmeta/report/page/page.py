"""The report: one page that needs nothing but itself, and every number that it prints."""

import numbers as abstract
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from livingmeta.as_dicts import as_dicts
from livingmeta.figures import on_screen
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.on_screen import Picture
from livingmeta.living.told import Changes
from livingmeta.plan import Protocol
from livingmeta.prose import texts
from livingmeta.prose.texts import Text
from livingmeta.references import works
from livingmeta.report import (
    answers,
    body,
    certainty,
    changes_section,
    characteristics,
    figure_numbers,
    findings,
    inline,
    machines,
    ongoing,
    pooled_curves,
    quotes,
    readings,
    results,
    set_aside,
    strategies,
    survival,
    table_numbers,
    to_settle,
)
from livingmeta.report.content import Document
from livingmeta.report.page import trail, translated
from livingmeta.report.prose import citations, sections, slots, typed
from livingmeta.screening.agreement import Agreement
from livingmeta.screening.counts import Counts
from livingmeta.words import english, glossary, ids, language, measures, models, templates
from livingmeta.words.language import Language
from livingmeta.words.numbers import Entry, Numbers, NumbersError, with_sign
from livingmeta.words.sentences import marked

# What the numbers were computed with.
COMPUTED_WITH = ("numpy", "scipy", "pandas")


class Report(NamedTuple):
    """The report: its page, the entries of numbers.json, its blocks, and the works it names."""

    html: str
    numbers: list[Entry]
    content: Document
    references: list[dict[str, Any]]
    typed: list[dict[str, Any]]


def render(
    protocol: dict,
    tables: dict[str, pd.DataFrame],
    flow: Counts,
    figures: dict[str, Drawn],
    *,
    agreement: Agreement | None = None,
    changes: Changes | None = None,
    written: Mapping[str, Text] | None = None,
    cited: pd.DataFrame | None = None,
    spoken: Language | None = None,
) -> Report:
    """The report as HTML, the entries of numbers.json, the report as blocks, the works that it
    names as CSL-JSON, and numbers of its texts that may not follow the result (prose/typed).

    `protocol`: complete, as protocol.complete gives it. `tables`: by name, as
    workflow/scripts/render.py reads them; any may be empty. `flow`, `agreement`, `changes`:
    contents of flow.json, agreement.json and changes.json. `figures`: by name (`flow`,
    `forest-<synthesis>`, ...). `written`: the texts of data/raw/prose; `cited`:
    records that people brought for them to cite. `spoken`: the language of the
    report, English if none; what it has no words for is in its `missing` afterwards.
    All text that comes from data is escaped; a number can be printed by its id only.
    Raises InputError for a slot or a citation of theirs that there is not, and
    content.ContentError if a template says what cannot be a block.
    """
    numbers, asked = Numbers(), Protocol.of(protocol)
    table_numbers.flow(numbers, flow)
    table_numbers.studies(numbers, tables["studies"])
    table_numbers.published(numbers, asked.published, asked.syntheses)
    said = {row["row"]: row for row in as_dicts(tables["outcomes"])}
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    table_numbers.printed(numbers, list(said.values()), labels, asked.outcomes)
    figure_numbers.curves(numbers, tables["curves"], labels)
    # A figure that holds only a sentence is not shown: the text says as much.
    pictures = {name: on_screen.figure(d, name) for name, d in figures.items() if not d.bare()}
    drawn = {name: _placed(figure) for name, figure in pictures.items()}
    pictures |= {f.narrow.name: f.narrow for f in pictures.values() if f.narrow}
    mine = results.of_each(tables, results.OF_A_SYNTHESIS, asked.syntheses)
    syntheses = [
        results.section(name, asked, tables, rows, drawn, numbers, said)
        for name, rows in mine.items()
    ]
    curves = pooled_curves.curves(asked, tables, numbers)
    earlier = ((row.synthesis, row.label) for row in asked.published.results)
    page: dict[str, Any] = {
        "protocol": protocol,
        "published_as": ids.published(earlier),
        "flow": flow,
        "figures": drawn,
        "syntheses": syntheses,
        "answers": answers.section(syntheses, curves, asked, tables, numbers),
        "by_id": {s["id"]: s for s in syntheses},
        "studies": characteristics.table(asked, tables, numbers),
        "trust": characteristics.trust(tables, numbers),
        "bias": characteristics.risk_of_bias(tables, _judged_for(asked)),
        "contacts": characteristics.contacts(tables, numbers),
        "aside": set_aside.section(asked.screening.reasons, tables, numbers),
        "to_settle": to_settle.section(tables, numbers),
        "searches": set_aside.searches(tables["searches"], numbers),
        "strategies": strategies.as_run(tables["searches"]),
        "missed": strategies.missed(tables["missed_reports"], numbers),
        "agreement": set_aside.agreement(agreement or {}, numbers),
        "machines": machines.section(tables, numbers),
        "readings": readings.section(tables, numbers),
        "ongoing": ongoing.section(tables, numbers),
        "findings": findings.section(asked, tables, syntheses, numbers),
        "quotes": quotes.section(tables, numbers),
        "certainty": certainty.section(tables["certainty"], asked.syntheses, changes),
        "changes": changes_section.section(changes, numbers),
        "plan": changes_section.since_registered(tables, numbers),
        "over_time": survival.section(asked, curves, tables, drawn, numbers),
        "routes": _routes_in_all(syntheses, numbers),
        "scales": measures.analysis_scales(s["measure"] for s in syntheses),
        "software": _software(),
        "confirmed": table_numbers.second_opinion(
            numbers, tables["second_opinion"], tables["pooled"]
        ),
    }
    groups = works.groups(tables, asked.screening.reasons)
    cited = cited if cited is not None else pd.DataFrame()
    references = citations.Citations(
        groups, works.others(tables["records"], cited, sections.keys(written or {}))
    )
    page |= {"references": references, "cite": references}
    known = [*references.known, *tables["records"]["record_id"]]
    of_result = slots.results(tables["pooled"])
    page["prose"] = sections.filled(written or {}, numbers, references, known, of_result)
    for row in (page["plan"] or {}).get("differences", []):
        why = row["reason"] or ""
        row["reason"] = sections.line(why, numbers, references, known, of_result)
    page["titles"] = texts.SECTIONS
    by_hand = typed.found(written or {}, numbers.as_list(), tables["pooled"])
    page["typed"] = by_hand
    spoken = spoken or Language("en", {})
    front, main = (
        translated.html(fill(name, page, numbers), spoken) for name in ("front.jinja", "body.jinja")
    )
    entries = [entry | {"text": spoken.text(entry["text"])} for entry in numbers.as_list()]
    content = replace(body.read(front, main, entries, spoken.text), language=spoken.code)
    around = {
        "title": content.title,
        "sections": content.sections,
        "front": Markup(front),
        "body": _with_pictures(main, pictures),
        "language": spoken.tag,
        "said": spoken.text,
        "if_known": spoken.if_known,
    }
    html = fill("report.html.jinja", around, numbers)
    return Report(html, numbers.as_list(), content, references.items(), by_hand)


# Tables whose words are what people and sources wrote: names of studies, searches, reasons.
WROTE = ("studies", "outcomes", "searches", "risk_of_bias", "included", "excluded", "fulltexts")
# A longer text is a sentence of its own, not the name of something.
LONGEST_NAME = 200


def named(
    protocol: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    agreement: Agreement | None = None,
) -> set[str]:
    """What the review itself calls things: the words of its protocol, the cells of `tables` that
    people filled, and the reviewers of `agreement`. A translated sentence carries them over."""
    found = language.names_in(protocol)
    for stage in (agreement or {}).values():
        found |= language.names_in(stage["reviewers"])
    for name in WROTE:
        rows = tables[name]
        if name == "excluded":  # of those excluded on title and abstract the report names none
            rows = rows[rows["stage"] == "full-text"]
        for _, column in rows.items():
            found.update(cell for cell in column.dropna().unique() if isinstance(cell, str))
    return {name for name in found if len(name) <= LONGEST_NAME}


def _judged_for(asked: Protocol) -> dict[str, str]:
    """What results are judged for, by key: outcomes by their labels, syntheses by their titles."""
    titles = {name: one.title for name, one in asked.syntheses.items()}
    return titles | {name: one.label for name, one in asked.outcomes.items()}


def _placed(picture: Picture) -> Picture:
    """The places where a picture will stand: what the report says is read before it is drawn in."""
    place = Markup('<drawing name="{}"></drawing>').format(picture.name)
    return picture._replace(svg=place, narrow=picture.narrow and _placed(picture.narrow))


def _with_pictures(said: str, pictures: dict[str, Picture]) -> Markup:
    """The sections with each picture in its place."""
    place = re.compile(r'<drawing name="([^"]+)"></drawing>')
    return Markup(place.sub(lambda found: pictures[found[1]].svg, said))


def fill(template: str, values: dict, numbers: Numbers) -> str:
    """A template of workflow/templates/ with its values; numbers are printed by id only."""
    return _environment(numbers).get_template(template).render(values)


def _environment(numbers: Numbers) -> Environment:
    environment = templates.environment(finalize=_words_only)
    environment.globals.update(
        num=partial(_printed, numbers),
        known=lambda id_: numbers.entry(id_)["value"] is not None,
        value=lambda id_: numbers.entry(id_)["value"],
        p_of=lambda name, id_: _p(numbers, name, id_),
        said=str,
        if_known=str,
        trail=lambda begin="", said=str: trail.of(numbers, begin, said),
        plural=english.plural,
        of_time=english.of_time,
        spelt=english.spelt,
        listed=english.listed,
        date=english.date,
        heading=english.heading,
        within=english.within,
        sentence=english.sentence,
        full_stop=english.full_stop,
        slug=ids.slug,
        explain=glossary.FirstUse(),
        link=inline.link,
        model_words=models.name,
    )
    return environment


def _printed(numbers: Numbers, id_: str) -> Markup:
    """A registered number as it stands in the page; a click on it shows where it comes from."""
    return marked(id_, numbers.text(id_))


def _words_only(value):
    """What a template prints: anything but a bare number.

    Raises NumbersError for a number that did not come through the register.
    """
    if isinstance(value, abstract.Number) and not isinstance(value, bool):
        raise NumbersError(f"a template prints {value!r}, which is not in numbers.json")
    return value


def _p(numbers: Numbers, name: str, id_: str) -> Markup:
    """`p = 0.03` or `p < 0.001`, where the second part is the registered number."""
    sign = with_sign(name, numbers.text(id_))
    lead = sign.split(" ")[:2]
    return Markup("{} {} ").format(*lead) + marked(id_, sign.split(" ", 2)[2])


def _routes_in_all(syntheses: list[dict], numbers: Numbers) -> list[dict]:
    """Each route that was used anywhere, with the number of effects reached by it."""
    found: dict[str, dict] = {}
    for synthesis in syntheses:
        for code, needs, count in synthesis["routes"]:
            entry = found.setdefault(
                code, {"code": code, "needs": needs, "count": 0, "effects": []}
            )
            entry["count"] += count
            entry["effects"] += [
                f"{e['key']}/estimate" for e in synthesis["studies"] if e["route"] == code
            ]
    for entry in found.values():
        entry["id"] = f"routes/{entry['code']}"
        what = f"effects by route {entry['code']}"
        numbers.add(entry["id"], entry["count"], "count", "effects", entry["effects"], what)
    return list(found.values())


def _software() -> list[str]:
    found = [f"Python {python_version()}"]
    for name in COMPUTED_WITH:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(name)
    return found
