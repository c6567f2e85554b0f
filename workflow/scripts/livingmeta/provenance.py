"""What a result rests on: digests of the code and of the files people brought.

Snakemake compares scripts by date and does not see the modules they import. A rule therefore
carries these digests as a parameter: content decides what runs again, and nothing else does.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

WORKFLOW = Path(__file__).parents[2]
SCRIPTS = WORKFLOW / "scripts"
# Where a string in the code can name a file it uses: `tables.read(path, "data/outcomes")` or
# `get_template("report.html.jinja")`.
NAMED = {"schemas": ".yaml", "templates": ""}


def digest(path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


@cache
def _parsed(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Names of modules that a Python file imports, and its short string constants."""
    modules, strings = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules.add(node.module)
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node.value)
    names = {s for s in strings if 0 < len(s) < 80 and "\n" not in s and "\0" not in s}
    return frozenset(modules), frozenset(names)


def sources(script: str) -> list[Path]:
    """The script, every module of ours that it imports (theirs too), and the schemas and
    templates they name, in a fixed order.

    `script`: file name under workflow/scripts. Imports are read, not run, also those inside
    functions. A package's `__init__` counts with its modules.
    """
    found, queue = [], [SCRIPTS / script]
    while queue:
        path = queue.pop(0)
        if path in found or not path.is_file():
            continue
        found.append(path)
        if path.suffix != ".py":
            queue += [p for p in _named_in_template(path) if p not in found]
            continue
        modules, strings = _parsed(path)
        for module in sorted(modules):
            parts = module.split(".")
            for end in range(1, len(parts) + 1):
                stem = SCRIPTS.joinpath(*parts[:end])
                queue += [stem.with_suffix(".py"), stem / "__init__.py"]
        for folder, suffix in NAMED.items():
            queue += [WORKFLOW / folder / f"{name}{suffix}" for name in sorted(strings)]
    return found


def _named_in_template(path: Path) -> list[Path]:
    """The other templates that a template includes, imports or extends."""
    folder = WORKFLOW / "templates"
    if path.parent != folder:
        return []
    content = path.read_text(encoding="utf-8")
    return [p for p in sorted(folder.iterdir()) if p != path and f'"{p.name}"' in content]


def code(script: str) -> dict[str, str]:
    """Digests of all that `script` runs, by path relative to the workflow's folder."""
    return {p.relative_to(WORKFLOW).as_posix(): digest(p) for p in sources(script)}


def content(paths) -> dict[str, str]:
    """Digests of files that people brought, by path as given, in order of path."""
    return {str(path): digest(path) for path in sorted(map(str, paths))}


def files(path) -> list[str]:
    """Files at or under `path`, in order, without hidden ones; [] if there are none.

    Hidden files are what operating systems and editors leave behind: .DS_Store, ~$list.csv,
    .~lock.list.csv#.
    """
    path = Path(path)
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return [p.as_posix() for p in found if not p.name.startswith((".", "~$"))]
