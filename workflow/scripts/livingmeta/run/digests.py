"""What a result rests on: digests of the code and of the files people brought.

Snakemake compares scripts by date and does not see the modules they import. A rule therefore
carries these digests as a parameter: content decides what runs again, and nothing else does.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

WORKFLOW = Path(__file__).parents[3]
SCRIPTS = WORKFLOW / "scripts"
IMPORT = re.compile(
    r"^[ \t]*(?:from[ ]+(?P<package>[\w.]+)[ ]+import[ ]+(?P<names>\([^)]*\)|.*)"
    r"|import[ ]+(?P<modules>.*))$",
    flags=re.MULTILINE,
)


def digest(path: Path | str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


QUOTED = re.compile(r'"([\w./-]+)(?=")')  # the closing one may open the next


@cache
def _named() -> dict[str, Path]:
    """Schemas and templates by the name under which code uses them: a schema by its path without
    the ending, as tables.read takes it, a template by the name of its file, as `{% include %}`
    does. (An example in quotes would count as a use.)"""
    schemas, templates = WORKFLOW / "schemas", WORKFLOW / "templates"
    found = {p.relative_to(schemas).with_suffix("").as_posix(): p for p in schemas.rglob("*.yaml")}
    return found | {p.name: p for p in templates.iterdir()}


@cache
def _modules() -> frozenset[Path]:
    return frozenset(SCRIPTS.rglob("*.py"))


@cache
def _uses(path: Path) -> tuple[Path, ...]:
    """The files that one file names: modules of ours that it imports, schemas and templates.

    Read with a pattern, not parsed: a run with nothing to do would spend a third of its time on
    parsing. A test holds this against what Python really imports.
    """
    text = path.read_text(encoding="utf-8")
    found = [_named()[name] for name in sorted(_named().keys() & set(QUOTED.findall(text)))]
    modules = set()
    for match in IMPORT.finditer(text):
        package, names, plain = match.group("package", "names", "modules")
        if package:
            listed = re.sub(r"#.*", "", names).strip("()").split(",")
            modules |= {
                package,
                *(f"{package}.{name.split()[0]}" for name in listed if name.strip()),
            }
        else:
            modules |= {name.split()[0] for name in plain.split(",") if name.strip()}
    for module in sorted(modules):
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            stem = SCRIPTS.joinpath(*parts[:end])
            found += [f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f in _modules()]
    return tuple(found)


def sources(script: str) -> list[Path]:
    """The script, every module of ours that it imports and they import in turn, and the schemas
    and templates that any of these names, in a fixed order.

    `script`: file name under workflow/scripts. Imports inside functions count, and a package's
    `__init__` counts with its modules.
    """
    found, queue = {}, [SCRIPTS / script]
    while queue:
        path = queue.pop(0)
        if path not in found:
            found[path] = True
            queue += _uses(path)
    return list(found)


def code(script: str) -> dict[str, str]:
    """Digests of all that `script` runs, by path relative to the workflow's folder."""
    return {p.relative_to(WORKFLOW).as_posix(): digest(p) for p in sources(script)}


def standing(code: Iterable[str]) -> dict[str, str]:
    """Digests of the files of `code` as they are now; what is gone is left out."""
    return {name: digest(WORKFLOW / name) for name in code if (WORKFLOW / name).exists()}


def content(paths: Iterable[Path | str]) -> dict[str, str]:
    """Digests of files that people brought, by path as given, in order of path."""
    return {str(path): digest(path) for path in sorted(map(str, paths))}


def files(path: Path | str) -> list[str]:
    """Files at or under `path`, in order, without hidden ones; [] if there are none.

    Hidden files are what operating systems and editors leave behind: .DS_Store, ~$list.csv,
    .~lock.list.csv#.
    """
    path = Path(path)
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return [p.as_posix() for p in found if not p.name.startswith((".", "~$"))]
