"""The review as an RO-Crate 1.1: one file to deposit, with a digest of every file in it.

Sources: RO-Crate Metadata Specification 1.1 (https://w3id.org/ro/crate/1.1); `sha256` is a term of
schema.org that the context of version 1.1 does not hold yet, so it is added to it.
"""

import hashlib
import json
import mimetypes
import subprocess
from collections.abc import Mapping
from pathlib import Path

from livingmeta.archive import zipped
from livingmeta.plan import Review

METADATA = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".ris": "application/x-research-info-systems",
    ".nbib": "text/plain",
    ".md": "text/markdown",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def metadata(
    review: Review,
    inputs: Mapping[str, bytes | Path],
    outputs: Mapping[str, bytes | Path],
    *,
    searched_to: str,
    lock: bytes,
    commit: str,
) -> dict:
    """The content of ro-crate-metadata.json.

    `review`: that part of the protocol. `inputs`, `outputs`: by path within the crate, the content
    or the place of the file.
    `searched_to`: day of the last search, or "". `lock`: content of requirements.txt, or b"" where
    there is none. `commit`: of the workflow's code, or "" where it is not in git.
    """
    people = [
        {"@id": f"#author-{i}", "@type": "Person", "name": name}
        for i, name in enumerate(review.authors, start=1)
    ]
    software = [
        {
            "@id": "#livingmeta",
            "@type": "SoftwareApplication",
            "name": "livingmeta",
            **({"softwareVersion": commit} if commit else {}),
            **({"softwareRequirements": {"@id": "#requirements"}} if lock else {}),
        }
    ]
    if lock:
        versions = "requirements.txt, the exact versions of all that it runs on"
        lock_file = {"@id": "#requirements", "@type": "CreativeWork", "name": versions}
        software.append({**lock_file, "sha256": _of(lock)[1]})
    names = [f"https://doi.org/{review.doi}"] * bool(review.doi)
    names += [review.registration] * bool(review.registration)
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "The run that made the results from what people brought",
        "instrument": {"@id": "#livingmeta"},
        "object": _ids(inputs),
        "result": _ids(outputs),
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": review.title,
        "description": _description(review),
        "version": review.version,
        # ASSUME: the day that a version stands for is that of its last search. The day of the run
        # would make the same review another file every day; whoever publishes it may put theirs.
        **({"datePublished": searched_to} if searched_to else {}),
        "license": "To be named by the authors before this is published.",
        "hasPart": _ids({**inputs, **outputs}),
        "mentions": {"@id": "#run"},
        **({"author": [{"@id": person["@id"]} for person in people]} if people else {}),
        **({"identifier": names if len(names) > 1 else names[0]} if names else {}),
    }
    about = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    files = [_file(path, content) for path, content in sorted({**inputs, **outputs}.items())]
    return {"@context": CONTEXT, "@graph": [about, root, *people, *software, run, *files]}


def bundle(described: dict, files: Mapping[str, bytes | Path]) -> bytes:
    """The crate as a ZIP file: its metadata and `files`, as for `metadata`."""
    words = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    return zipped({METADATA: words.encode(), **files})


def places(paths: list[str]) -> dict[str, Path]:
    """Files given relative to the review's folder, by their path with forward slashes."""
    return {Path(path).as_posix(): Path(path) for path in sorted(map(str, paths))}


def commit(folder: Path) -> str:
    """The commit of the code in `folder`, with `+changes` where it was edited since; "" where
    there is no git or no commit."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        edited = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{head}+changes" if edited else head


def _git(folder, *words):
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _description(review: Review) -> str:
    question = review.question
    parts = [question.population, question.intervention, question.comparator]
    return "; ".join(part for part in parts if part)


def _ids(files):
    return [{"@id": path} for path in sorted(files)]


def _file(path, content):
    suffix = Path(path).suffix.lower()
    kind = TYPES.get(suffix) or mimetypes.guess_type(path, strict=True)[0]
    size, digest = _measured(content) if isinstance(content, Path) else _of(content)
    return {
        "@id": path,
        "@type": "File",
        "name": Path(path).name,
        "contentSize": str(size),
        **({"encodingFormat": kind} if kind else {}),
        "sha256": digest,
    }


def _of(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()


def _measured(place: Path) -> tuple[int, str]:
    """Size and digest of a file, which is never held whole."""
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return place.stat().st_size, digest
