"""The protocol of a review, `config/config.yaml`: read, checked against its schema, completed."""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from livingmeta import contradictions, courses, taken
from livingmeta.errors import InputError

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"


class ProtocolError(InputError):
    """A protocol that cannot be run: `problems` lists what is wrong, one sentence each."""


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is an error, not the last one's victory, and numbers are
    those people write: 010 is not 8, 1:30 is not 90."""


def _mapping(loader, node):
    seen: dict[Any, int] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if key in seen:
            twice = f"line {line}: '{key}' stands already on line {seen[key]}; it may stand once"
            raise ProtocolError([twice])
        seen[key] = line
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


def _finite(loader, node):
    number = yaml.SafeLoader.construct_yaml_float(loader, node)
    if not math.isfinite(number):
        line = node.start_mark.line + 1
        raise ProtocolError([f"line {line}: {node.value} is no number to reckon with"])
    return number


def _text(loader, node):
    if not node.style and node.value[:1] in tuple("\u201c\u201d\u201e\u2018\u2019"):
        line = f"line {node.start_mark.line + 1}"
        raise ProtocolError([f'{line}: {node.value}; write straight quotation marks (") around it'])
    return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in kinds if not tag.endswith((":int", ":float"))]
    for first, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9]\d*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?((0|[1-9]\d*)\.\d*|\.\d+|\d+(\.\d*)?(?=[eE]))([eE][-+]?\d+)?$"),
    list("-+.0123456789"),
)

# What `report.forest` may name that is no column of studies.csv.
FOREST = ("arms", "patients", "route")

# What the reader of YAML says, and what it means to the person who wrote the file.
_SAID = {
    r"character '\\t'": "a tab stands here. Indent with spaces",
    "could not find expected ':'": "a colon is missing here or on the line above",
    "mapping values are not allowed": (
        "a colon is missing on the line above, or this line is indented too far, or a value holds "
        "a colon and needs quotes around it"
    ),
    "expected <block end>": (
        "this line is indented differently from those it belongs with, or a quotation mark "
        "stands within a value"
    ),
    "unindent|block mapping|block collection": (
        "this line is indented differently from those it belongs with"
    ),
    "quoted scalar|unexpected end of stream": "a quotation mark is left open",
    "special characters": "bytes that are not text. Write the file anew with a text editor",
    "alias|alphabetic or numeric": "a value that begins with * or & needs quotes around it",
    "cannot start any token": "a value that begins with this character needs quotes around it",
}
# ASSUME: no protocol of a review has as many values; a few lines of YAML can stand for billions.
_MOST_VALUES = 100_000


def _values(node: Any, known: dict[int, int]) -> int:
    """How many values a YAML node stands for, once all that it points to is written out.

    `known`: values by the id of nodes already counted. What holds itself counts as too many.
    """
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1  # until it is counted: what is met again holds itself
        parts = node.value if isinstance(node.value, list) else []
        parts = [p for part in parts for p in (part if isinstance(part, tuple) else (part,))]
        known[id(node)] = 1 + sum(_values(part, known) for part in parts)
    return known[id(node)]


def _broken(error: Any, path: Path) -> ProtocolError:
    """A file that is no YAML, in words for its author."""
    if isinstance(error, UnicodeDecodeError):
        line = error.object[: error.start].count(b"\n") + 1
        return ProtocolError([f"{path}, line {line}: not UTF-8 text. Save the file as UTF-8."])
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark else ""
    what = getattr(error, "problem", None) or str(error)
    meant = next((words for said, words in _SAID.items() if re.search(said, what)), "")
    what = " ".join(what.split())
    told = f"{meant} ({what})" if meant else f"{what}. Look for a missing space, quote or colon"
    return ProtocolError([f"{path}{where}: not readable as YAML: {told}."])


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _finite)


def read(path: Path | str) -> dict:
    """The protocol at `path` as a dict, not yet checked.

    Raises ProtocolError for a missing file and for broken YAML, with the line.
    """
    path = Path(path)
    if not path.exists():
        near = [f"{other.name} is there: rename it." for other in path.parent.glob("config.y*ml*")]
        begin = "`snakemake --directory FOLDER new` makes FOLDER a review."
        raise ProtocolError([f"{path} is missing; {(near or [begin])[0]}"])
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        if node and _values(node, {}) > _MOST_VALUES:
            raise ProtocolError([f"more than {_MOST_VALUES} values, or one that holds itself"])
        found = loader.construct_document(node) if node else None
    except ProtocolError as error:
        raise ProtocolError([f"{path}, {problem}." for problem in error.problems]) from None
    except RecursionError:
        raise ProtocolError([f"{path}: lists or keys within one another, too deep."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _broken(error, path) from None
    if not isinstance(found, dict):
        raise ProtocolError([f"{path}: it must hold keys such as review: and syntheses:."])
    return found


def alone(path: Path | str, given: Mapping[str, Any]) -> dict:
    """The protocol at `path`, as `read` gives it; `given`: what the command line says of it.

    Raises ProtocolError if `given` says anything else: archive and later runs know the file alone.
    """
    found = read(path)
    if given not in ({}, found):
        raise ProtocolError(
            [
                f"--config or --configfile gives {', '.join(map(str, given))}, which {path} does "
                f"not hold. Write into {path} what is to count, and leave the option out: what "
                "only a command says would stand in no archive; the next run would not know it."
            ]
        )
    return found


@cache
def _schema() -> dict:
    # The loader in C: every start of a run reads this, a tenth of a second in plain Python.
    return yaml.load(SCHEMA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def complete(protocol: dict, path: str = "config/config.yaml") -> dict:
    """The protocol with the schema's defaults filled in, and its survival curves (`measure: SURV`)
    under `courses`, apart from the syntheses of one effect a study.

    Raises ProtocolError with every breach: unknown keys with the nearest known one, wrong values
    with what would be right, names that the protocol uses but does not define.
    """
    protocol = courses.together(protocol)
    schema = _schema()
    problems = [*_keys_without_quotes(protocol), *_breaches(protocol, schema, schema, ())]
    if not problems:
        protocol = courses.apart(taken.filled(_filled(protocol, schema, schema)))
        problems = [*contradictions.found(protocol), *courses.problems(protocol)]
    if problems:
        raise ProtocolError([f"{path}: {problem}" for problem in problems])
    return protocol


def _breaches(value, schema, root, path):
    """What is wrong with `value` under `schema`, in sentences; the schema's own rules decide."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator({**schema, "$defs": root["$defs"]})
    for error in sorted(validator.iter_errors(value), key=lambda e: [str(p) for p in e.path]):
        yield from _sentences(error, root)


def _sentences(error, root):
    where = ".".join(str(part) for part in error.absolute_path) or "the protocol"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
                hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}."
                yield f"unknown key '{key}' in {where}; {hint}"
    elif error.validator == "required":
        other = [str(k) for k in error.instance if k not in error.schema.get("properties", {})]
        missing = [key for key in error.validator_value if key not in error.instance]
        # A key that is nearly one of these is told as unknown, with the one meant.
        missing = [key for key in missing if not difflib.get_close_matches(key, other, cutoff=0.5)]
        if missing:
            yield f"{where} lacks {', '.join(missing)}."
    elif error.validator == "enum":
        words = {str(word).casefold(): word for word in error.validator_value}
        close = difflib.get_close_matches(str(error.instance).casefold(), words, n=1)
        hint = f" (perhaps {words[close[0]]})" if close else ""
        allowed = ", ".join(map(str, error.validator_value))
        yield f"{where} is '{error.instance}'; it must be one of {allowed}{hint}."
    elif error.validator == "oneOf" and error.context:
        meant = _branch(error.validator_value, error.instance, root)
        inner = [e for e in error.context if e.schema_path[0] == meant]
        for one in inner:
            yield from _sentences(one, root)
        if not inner:
            yield f"{where} is '{error.instance}'; it must be {error.schema['title']}."
    elif error.validator == "pattern" and "propertyNames" not in error.schema_path:
        yield f"{where} is '{error.instance}'; it must be: {error.schema['description']}"
    elif error.validator == "pattern":
        yield (
            f"the name '{error.instance}' in {where} must be of lower-case letters, digits and "
            "hyphens, 80 at most: files are named after it."
        )
    elif error.validator == "type":
        kinds = error.validator_value
        kinds = " or ".join(kinds) if isinstance(kinds, list) else kinds
        quotes = _unquoted(error.instance) if "string" in kinds else ""
        yield f"{where} is '{error.instance}'; it must be of type {kinds}{quotes}."
    else:
        yield f"{where}: {error.message}."


def _unquoted(value: Any) -> str:
    """What to do about a word that YAML takes for something else, or ""."""
    if isinstance(value, bool):
        words = "yes or on" if value else "no or off"
        return f": put quotes around it (YAML reads {words} as {str(value).lower()})"
    return "" if value is None or isinstance(value, list | dict) else ": put quotes around it"


def _keys_without_quotes(value: Any, path: str = "the protocol") -> Iterator[str]:
    """Names of arms, outcomes, reasons and the like that YAML does not take for text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield (
                    f"the name '{key}' in {path} is not text{_unquoted(key) or ': write a name'}."
                )
            yield from _keys_without_quotes(inner, f"{path}.{key}".removeprefix("the protocol."))


def _branch(options: list[dict[str, Any]], value: Any, root: dict[str, Any]) -> int | None:
    """Which of several alternatives a person meant by a mapping: the one whose required keys are
    there, or the first that is a mapping at all; None where none is, or `value` is none.
    """
    named = [i for i, option in enumerate(options) if "$ref" in option]
    if not named or not isinstance(value, dict):
        return None
    for i in named:
        wanted = root["$defs"][options[i]["$ref"].rsplit("/", 1)[1]]["required"]
        if set(wanted) <= set(value):
            return i
    return named[0]


def _filled(value, schema, root):
    """`value` with the defaults of `schema`, at every depth."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "oneOf" in schema and isinstance(value, dict):
        meant = _branch(schema["oneOf"], value, root)
        return value if meant is None else _filled(value, schema["oneOf"][meant], root)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        filled = {}
        for key in [*value, *(k for k in known if k not in value)]:
            inner = known.get(key, rest if isinstance(rest, dict) else {})
            if key in value:
                filled[key] = _filled(value[key], inner, root)
            elif "default" in inner:
                filled[key] = _filled(inner["default"], inner, root)
        return filled
    if isinstance(value, list):
        return [_filled(item, schema.get("items", {}), root) for item in value]
    return value


def must_be_columns(
    wanted: Iterable[str], columns: Iterable[str], path: str = "config/config.yaml"
) -> None:
    """Hold `report.forest` (`wanted`) to what it may name: FOREST and the `columns` of studies.

    Raises ProtocolError for each other name, with the nearest known one and all it may be.
    """
    known = [*FOREST, *(column for column in columns if column not in FOREST)]
    problems = []
    for name in wanted:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f" (did you mean {close[0]}?)" if close else ""
            problems.append(
                f"{path}: report.forest names '{name}', which is no column of studies.csv{hint}; "
                f"it may be {', '.join(known)}."
            )
    if problems:
        raise ProtocolError(problems)


def with_defaults(part_: dict) -> dict:
    """A slice of a protocol, such as a release froze it, with the defaults of keys that came to
    the schema since: a key nobody could set then is no change of the protocol."""
    schema = _schema()
    known = {key: rule for key, rule in schema["properties"].items() if key in part_}
    return taken.filled(_filled(part_, {**schema, "properties": known}, schema))


def filled(whole: dict) -> dict:
    """A whole protocol that was completed before, with the defaults of keys that came since."""
    return taken.filled(_filled(whole, _schema(), _schema()))


def part(protocol: dict, *keys: str) -> dict:
    """The named top-level keys of a protocol: the narrow slice that a rule depends on."""
    return {key: protocol[key] for key in keys}


def each(syntheses: dict, *keys: str) -> dict:
    """The named keys of each synthesis, in the protocol's order."""
    return {name: part(synthesis, *keys) for name, synthesis in syntheses.items()}
