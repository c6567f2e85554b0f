"""How well quotes are found in texts as they are set, and how seldom a wrong one is.

    PYTHONPATH=workflow/scripts python benchmarks/quotes.py [QUOTES] [FOLDER]

sets a made-up report in several ways (typst in one and two columns, with hyphens at line ends;
Word; LibreOffice's PDF of that, where it is installed), takes QUOTES quotes of it (1000)
as a person types them, and looks each up as it stands, with one digit changed, and with its number
changed. Prints a line for each way. FOLDER keeps the files.
"""

import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import docx
import typst

from livingmeta.extraction.quotes import check, stream, texts

VOCABULARY = """
    patients efficacy treatment randomised difference significant confidence interval median
    survival overall observed control fluorescence affected final office baseline intervention
    adjusted estimate hazard multivariable follow-up progression-free well-being flow reflux
    recurrence chemotherapy radiofrequency hepatocellular classification identification were was
    of in the and with after at for by on to from between among than
"""
WORDS = VOCABULARY.split()


def sentence(draw: random.Random) -> str:
    """Words with numbers as papers print them."""
    said = draw.choices(WORDS, k=draw.randint(6, 14))
    n, of = draw.randint(1, 99), draw.randint(100, 999)
    low = round(draw.uniform(0.1, 0.9), 2)
    forms = (
        f"{n} of {of} ({100 * n / of:.1f}%)",
        f"{low:.2f} (95% CI {low - 0.05:.2f}–{low + 0.4:.2f}; p = 0.{draw.randint(10, 99)})",
        f"{draw.uniform(10, 40):.1f} ± {draw.uniform(1, 9):.1f} months",
        f"−{draw.uniform(1, 9):.2f} (P<0.0{draw.randint(1, 9)})",
        f"{draw.randint(1, 9)},{draw.randint(100, 999)} person-years",
    )
    said.insert(draw.randint(1, len(said)), draw.choice(forms))
    return " ".join(said).capitalize() + "."


def typed(quote: str, draw: random.Random) -> str:
    """A quote as a person types it: plain dashes, other blanks and case, something left out."""
    quote = quote.replace("–", "-") if draw.random() < 0.5 else quote
    quote = quote.replace("−", "-") if draw.random() < 0.5 else quote
    words = quote.split(" ")
    if len(words) > 14 and draw.random() < 0.2:
        middle = len(words) // 2
        quote = " ".join([*words[: middle - 1], "[...]", *words[middle + 1 :]])
    return quote.upper() if draw.random() < 0.05 else quote.replace(" ", "  ", 1)


def one_digit_changed(quote: str, draw: random.Random) -> str:
    """The quote with one of its digits another."""
    at = draw.choice([m.start() for m in re.finditer(r"\d", quote)])
    other = draw.choice([d for d in "0123456789" if d != quote[at]])
    return quote[:at] + other + quote[at + 1 :]


def layouts(paragraphs: list[str], table: list[list[str]], folder: Path) -> dict[str, Path]:
    """The report set in each way, by what the way is called."""
    found = {}
    rows = ", ".join(f"[{_plain(cell)}]" for row in table for cell in row)
    body = "\n\n".join(map(_plain, paragraphs))
    ways = {
        "typst, one column": "#set par(justify: true)",
        "typst, two columns, hyphens": '#set page(columns: 2)\n#set text(lang: "en", '
        "hyphenate: true, size: 9pt)\n#set par(justify: true)",
        "typst, two columns, header": "#set page(columns: 2, header: [A. Author et al. 2024], "
        'numbering: "1")\n#set text(lang: "en", hyphenate: true, size: 8pt)',
    }
    for name, head in ways.items():
        path = folder / f"{re.sub('[^a-z]+', '-', name)}.pdf"
        source = f"{head}\n{body}\n\n#table(columns: {len(table[0])}, {rows})\n"
        path.with_suffix(".typ").write_text(source, encoding="utf-8")
        typst.compile(str(path.with_suffix(".typ")), output=str(path))
        found[name] = path
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    made = document.add_table(rows=len(table), cols=len(table[0]))
    for row, cells in zip(made.rows, table, strict=True):
        for cell, said in zip(row.cells, cells, strict=True):
            cell.text = said
    found["Word"] = folder / "word.docx"
    document.save(str(found["Word"]))
    if office := shutil.which("soffice"):
        command = [office, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
        subprocess.run([*command, str(found["Word"])], check=True, capture_output=True)
        found["LibreOffice's PDF of it"] = folder / "word.pdf"
    return found


def _plain(text: str) -> str:
    """Text with nothing that typst reads as its own."""
    return re.sub(r"([#$*_`<>@\\~=\[\]-])", r"\\\1", text)


def main(many: int, folder: Path) -> None:
    """Print a line for each way of setting."""
    draw = random.Random(1)
    paragraphs = [" ".join(sentence(draw) for _ in range(8)) for _ in range(200)]
    table = [
        [f"{draw.choice(WORDS)} {i}", f"{draw.randint(1, 99)}/{draw.randint(100, 999)}"]
        for i in range(60)
    ]
    whole = [
        s for p in paragraphs for s in re.split(r"(?<=\.) (?=[A-Z])", p) if re.search(r"\d", s)
    ]
    of_table = [" ".join(row) for row in table]
    quotes = draw.choices(whole, k=many - many // 10) + draw.choices(of_table, k=many // 10)
    print(
        "| set by | pages | read in s | true quotes found | one digit changed, found | "
        "looked up in s |"
    )
    print("|---|---|---|---|---|---|")
    for name, path in layouts(paragraphs, table, folder).items():
        begun = time.perf_counter()
        text = texts.read(path)
        read = time.perf_counter() - begun
        if text.why:
            print(f"| {name} | not read: {text.why} | | | | |")
            continue
        begun = time.perf_counter()
        at = stream.Stream(text.pages)
        true = sum(bool(stream.find(typed(q, draw), at)) for q in quotes)
        false = sum(bool(stream.find(one_digit_changed(q, draw), at)) for q in quotes)
        took = time.perf_counter() - begun
        print(
            f"| {name} | {len(text.pages)} | {read:.2f} | {true} of {many} | {false} of {many} | "
            f"{took:.2f} |"
        )
    wrong = 0
    for quote in quotes:
        number = re.search(r"\d+(?:\.\d+)?", quote.replace(",", ""))
        other = one_digit_changed(number[0], draw)
        if float(other) not in stream.numbers(quote):
            row = {"statistic": "mean", "printed": check.tables.text(float(other))}
            wrong += check.says(quote, row)
    print(f"\nA number with one digit changed is held to be in its quote: {wrong} of {many}.")


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    if len(sys.argv) > 2:
        Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        main(many, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(many, Path(made))
