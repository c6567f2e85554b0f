"""Small changes of a Python file: what `mutants.py` draws from.

Comparisons are turned round or moved by their boundary, arithmetic, and/or, not and signs swapped,
numbers and booleans changed, conditions forced to either side, statements dropped. Annotations,
f-strings, decorators, docstrings and texts are left alone: they compute nothing, or a change of
them is found at once.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPPOSITE = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.MatMult: ast.Mult,
}  # fmt: skip
EVERYWHERE = (0, 10**9)
LOGIC = {ast.And: ast.Or, ast.Or: ast.And}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: bytes `start` to `end` become `after`.

    `first` to `last` are the lines of the statement that holds it (of a compound one: its head);
    outside functions they are all lines of the file.
    """

    file: str
    line: int
    first: int
    last: int
    start: int
    end: int
    kind: str
    before: str
    after: str


def swapped(node: ast.AST) -> Iterator[tuple[str, ast.AST, str]]:
    """(kind, the node that is replaced, its new text) of every change of one node."""
    match node:
        case ast.Compare():
            for kind, table in (("comparison", OPPOSITE), ("boundary", BOUNDARY)):
                for i, op in enumerate(node.ops):
                    if type(op) in table:
                        ops = [*node.ops[:i], table[type(op)](), *node.ops[i + 1 :]]
                        yield kind, node, ast.unparse(ast.Compare(node.left, ops, node.comparators))
        case ast.BinOp() if not any(is_text(n) for n in (node.left, node.right)):
            if type(node.op) in ARITHMETIC:
                other = ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
                yield "arithmetic", node, ast.unparse(other)
            if not isinstance(node.op, ast.BitAnd | ast.BitOr):
                yield "sign", node, f"-({ast.unparse(node)})"
        case ast.BoolOp():
            other = ast.BoolOp(LOGIC[type(node.op)](), node.values)
            yield "and/or", node, ast.unparse(other)
        case ast.UnaryOp(op=ast.Not()):
            yield "not", node, ast.unparse(node.operand)
        case ast.UnaryOp(op=ast.Invert()):
            yield "not", node, ast.unparse(node.operand)
        case ast.UnaryOp(op=ast.USub()):
            yield "sign", node, ast.unparse(node.operand)
        case ast.Constant(value=bool()):
            yield "constant", node, str(not node.value)
        case ast.Constant(value=int()):
            yield "constant", node, str(node.value + 1)
        case ast.Constant(value=float()):
            yield "constant", node, repr(node.value * 1.1 if node.value else 0.1)
        case ast.IfExp():
            yield "branch", node, ast.unparse(node.body)
            yield "branch", node, ast.unparse(node.orelse)
        case ast.If():
            for value in ("True", "False"):
                yield "branch", node.test, value
            yield "not", node.test, f"not ({ast.unparse(node.test)})"
        case ast.While():
            yield "branch", node.test, "False"
        case ast.comprehension():
            for test in node.ifs:
                yield "branch", test, "True"


def is_text(node: ast.AST) -> bool:
    """Whether a node is text as it stands: what adds it is no arithmetic."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def dropped(body: list[ast.stmt], known: set[str]) -> Iterator[ast.stmt]:
    """Statements of a block that can go without leaving a name unknown; `known` grows."""
    for node in body:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
                yield node
            case ast.Assign():
                names = {t.id for t in node.targets if isinstance(t, ast.Name)}
                plain = all(isinstance(t, ast.Name) for t in node.targets)
                held = all(isinstance(t, ast.Subscript | ast.Attribute) for t in node.targets)
                if held or (plain and names <= known):
                    yield node
                known |= names
        for part in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield from dropped(getattr(node, part, []), known)


def inner(node: ast.AST, lines: tuple[int, int]) -> Iterator[tuple[ast.AST, tuple[int, int]]]:
    """A node and all below it that computes, each with the first and last line of its statement."""
    if isinstance(node, ast.stmt) and lines != EVERYWHERE:
        body = getattr(node, "body", None)
        lines = (node.lineno, max(node.lineno, body[0].lineno - 1) if body else node.end_lineno)
    yield node, lines
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "pattern"):
            continue
        inside = isinstance(node, ast.FunctionDef) and name == "body"
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from inner(child, (0, 0) if inside else lines)


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every change of one file, in the order of its text."""
    text = (root / file).read_bytes()
    tree = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    changes = []
    for node, lines in inner(tree, EVERYWHERE):
        changes += [(*change, lines) for change in swapped(node)]
        if isinstance(node, ast.FunctionDef):
            args = node.args
            known = {a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
            gone = dropped(node.body, known)
            changes += [("dropped", one, "pass", (one.lineno, one.end_lineno)) for one in gone]
    found = set()
    for kind, node, after, (first, last) in changes:
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        after = after if kind == "dropped" else f"({after})"
        before = text[start:end].decode()
        found.add(Mutant(file, node.lineno, first, last, start, end, kind, before, after))
    return sorted(found, key=lambda m: (m.start, m.end, m.kind, m.after))


def changed(text: bytes, mutant: Mutant) -> bytes:
    """The text of a file with the change made."""
    return text[: mutant.start] + mutant.after.encode() + text[mutant.end :]


def another(text: bytes, mutant: Mutant) -> bool:
    """Whether the changed file is Python at all, and another program than before."""
    try:
        return ast.dump(ast.parse(changed(text, mutant))) != ast.dump(ast.parse(text))
    except SyntaxError:
        return False
