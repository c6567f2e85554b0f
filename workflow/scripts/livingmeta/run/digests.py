"""What a result rests on: digests of the code and of the files people brought.

Snakemake compares scripts by date and does not see the modules they import. A rule therefore
carries these digests as a parameter: content decides what runs again, and nothing else does.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from livingmeta import files as storage
from livingmeta.errors import InputError

WORKFLOW = Path(__file__).parents[3]
SCRIPTS = WORKFLOW / "scripts"
IMPORT = re.compile(
    r"^[ \t]*(?:from[ ]+(?P<package>[\w.]+)[ ]+import[ ]+(?P<names>\([^)]*\)|.*)"
    r"|import[ ]+(?P<modules>.*))$",
    flags=re.MULTILINE,
)

HIDDEN = (".", "~$", "~WRL")
# What Explorer, Finder and drives on a network put into a folder, hidden from who looks into it.
_OF_SYSTEMS = frozenset([
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "__macosx", "@eadir",
    "$recycle.bin", "system volume information", "lost+found",
])  # fmt: skip
# What Windows notes beside each download, seen from within WSL (export.ris:Zone.Identifier), and
# what editors keep of a file before it was saved: searches.csv~, #searches.csv#.
_BESIDE = re.compile(r".+zone\.identifier|.+~|#.+#", re.IGNORECASE)
# What a cloud drive leaves of a file that it holds alone: .outcomes.csv.icloud, or this behind it.
ELSEWHERE = re.compile(r"\.(?P<apple>.+)\.icloud|(?P<other>.+)\.(?:nextcloud|owncloud)")


class FilesError(InputError):
    """A file or folder that people brought and that cannot be read."""


def digest(path: Path | str) -> str:
    """The SHA-256 of a file's bytes, read once a process while its dates, size and number stay."""
    stat = os.stat(path)
    seen = (str(path), stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
    if seen not in _KNOWN:
        with open(path, "rb") as file:
            _KNOWN[seen] = hashlib.file_digest(file, "sha256").hexdigest()
    return _KNOWN[seen]


_KNOWN: dict[tuple[str, int, int, int, int], str] = {}


TOOLS = "/".join(("workflow", "tools"))  # in one stretch it would count as a use
QUOTED = re.compile(r'"([\w./-]+)(?=")')  # the closing one may open the next


@cache
def _named() -> dict[str, list[Path]]:
    """Schemas, templates and tools by the name under which code uses them: a schema by its path
    without the ending, as tables.read takes it, a template by the name of its file, as
    `{% include %}` does, tools by their folder, all together. (An example in quotes would count as
    a use.)"""
    schemas, templates, tools = (WORKFLOW / name for name in ("schemas", "templates", "tools"))
    found = {
        p.relative_to(schemas).with_suffix("").as_posix(): [p] for p in schemas.rglob("*.yaml")
    }
    found |= {p.name: [p] for p in templates.iterdir() if p.is_file()}
    return found | {TOOLS: sorted(tools.glob("*.yaml"))}


@cache
def _modules() -> dict[str, list[Path]]:
    """The files behind each name that may be imported: a module, or a package by its `__init__`."""
    found: dict[str, list[Path]] = {}
    for path in SCRIPTS.rglob("*.py"):
        named = path.parent if path.name == "__init__.py" else path.with_suffix("")
        found.setdefault(".".join(named.relative_to(SCRIPTS).parts), []).append(path)
    return {name: sorted(paths, reverse=True) for name, paths in found.items()}


@cache
def _uses(path: Path) -> tuple[Path, ...]:
    """The files that one file names: modules of ours that it imports, schemas and templates.

    Read with a pattern, not parsed: a run with nothing to do would spend a third of its time on
    parsing. A test holds this against what Python really imports.
    """
    text = path.read_text(encoding="utf-8")
    used = sorted(_named().keys() & set(QUOTED.findall(text)))
    found = [path for name in used for path in _named()[name]]
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
            found += _modules().get(".".join(parts[:end]), ())
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

    Links to files and folders are followed: a group keeps its exports on a shared drive. Hidden
    files and folders are what operating systems and editors leave behind: .DS_Store, Thumbs.db,
    desktop.ini, ~$list.csv, .~lock.list.csv#, list.csv:Zone.Identifier, list.csv~.

    Raises FilesError for a link that leads nowhere or back to a folder it lies in, for a file that
    a cloud drive holds alone, and for a file or folder that this person may not read: what it holds
    would be missing without a word.
    """
    path = Path(path)
    if not path.exists():
        _here(path.with_name(f".{path.name}.icloud"))
    found = sorted(_below(path, ())) if path.is_dir() else [path]
    return [p.as_posix() for p in found if _readable(p)]


def table(path: str, known: Collection[str] = ()) -> list[str]:
    """`path` if it is there, and [] where nobody has brought that table yet.

    `known`: what an earlier run or a release has read. Raises FilesError for one of these that is
    gone, and where a file stands there under nearly its name: `Outcomes.csv`, `outcomes.csv.txt`,
    `outcomes.xlsx`.
    """
    if found := files(path):
        return found
    here = Path(path)
    beside = here.parent.glob("*") if here.parent.is_dir() else []
    if near := sorted(p.name for p in beside if alike(p.name, here) and not p.is_dir()):
        raise FilesError(f"{path} is missing; {near[0]} is there: save it as {here.name}.")
    if path in known:
        raise FilesError(
            f"{path} is gone, and an earlier run or release has read it. Put it back; where "
            "nothing of it is meant to stay, leave its first row."
        )
    return []


def filled(paths: Iterable[Path | str]) -> bool:
    """Whether any of these tables holds a row below its first one."""
    rows = (Path(path).read_bytes().splitlines() for path in paths)
    return any(sum(bool(row.strip(b'\xef\xbb\xbf ,;"\t')) for row in of) > 1 for of in rows)


def several(path: str, known: Collection[str] = ()) -> list[str]:
    """The table at `path` and the files beside it whose names go on behind its own: what a page
    downloads is read where it is dropped.

    Raises FilesError as `table` does, save where others stand for a table that nobody brought.
    One of the others may go, once its rows stand in another (run/held.py); not the last one.
    """
    own = Path(path)
    inside = sorted(own.parent.glob("*")) if own.parent.is_dir() else []
    for entry in inside:
        _here(entry)
    further = [p.as_posix() for p in inside if p != own and storage.of_kind(p, path) and files(p)]
    if further and path not in known and not own.exists():
        return further
    found = [*table(path, known), *further]
    gone = sorted(name for name in known if storage.of_kind(name, path))
    if gone and not found:
        raise FilesError(f"{gone[0]} is gone, and an earlier run has read it. Put it back.")
    return found


def alike(name: str, table: Path) -> bool:
    """Whether a file of this name may be meant for a table: case and endings aside."""
    return name.casefold().partition(".")[0] == table.stem


def folder(path: str, known: Collection[str] = ()) -> list[str]:
    """The files under `path`, as `files` has them; FilesError if there are none any more, though
    some of them are `known`."""
    found = files(path)
    if not found and any(name.startswith(f"{path}/") for name in known):
        raise FilesError(
            f"{path} is gone, and an earlier run or release has read files of it. Put it back, or "
            "begin anew in a folder of its own."
        )
    return found


def kept(path: str, known: Collection[str] = ()) -> list[str]:
    """The files under `path`, as `folder` has them, of which none may go; FilesError, naming them,
    for those that are `known` and gone."""
    found = folder(path, known)
    gone = sorted(name for name in known if name.startswith(f"{path}/") and name not in found)
    if gone:
        raise FilesError(
            f"{', '.join(gone)}: gone, and an earlier run or release has read it. Put it back: "
            "what was registered stays."
        )
    return found


def _below(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """The files under `folder`; `above`: the folders it lies in, links resolved."""
    if (real := folder.resolve()) in above:
        raise FilesError(
            f"{folder} is a link back to {real}, a folder it lies in. Remove the link."
        )
    try:
        entries = list(folder.iterdir())
    except PermissionError:
        raise FilesError(f"{folder} cannot be opened. Ask its owner for the right to.") from None
    for entry in entries:
        _here(entry)
        if not _hidden(entry.name):
            if entry.is_dir():
                yield from _below(entry, (*above, real))
            else:
                yield entry


def _here(path: Path) -> None:
    """Raise FilesError for what a cloud drive has left of a file that it holds alone."""
    if (found := ELSEWHERE.fullmatch(path.name)) and path.exists():
        name = path.with_name(found["apple"] or found["other"])
        raise FilesError(
            f"{name} is not on this machine: a cloud drive holds it alone, and has left "
            f"{path.name} in its place. Have the drive download it (and keep it)."
        )


def _hidden(name: str) -> bool:
    of_system = name.lower() in _OF_SYSTEMS or _BESIDE.fullmatch(name)
    return name.startswith(HIDDEN) or bool(of_system)


def _readable(path: Path) -> bool:
    """Whether `path` is a file to be read; raises FilesError if it should be and cannot."""
    if _hidden(path.name):
        return False
    if path.is_symlink() and not path.exists():
        raise FilesError(
            f"{path} is a link to {path.readlink()}, which is not there (a shared drive that is "
            "not connected?). Make it reachable, or remove the link."
        )
    if path.is_file() and not os.access(path, os.R_OK):
        raise FilesError(f"{path} cannot be read. Ask its owner for the right to.")
    return path.is_file()
