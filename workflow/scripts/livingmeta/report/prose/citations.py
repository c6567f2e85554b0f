"""Numbers of the works that a report names: the page, the Word file and the PDF have the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from livingmeta.errors import InternalError
from livingmeta.references import vancouver
from livingmeta.references.works import Group, Work

OTHERS = Group("cited", "Cited in the text and for the methods")


class Citations:
    """The works of a report and their numbers: first what the review has on file, in its groups;
    then what the text cites besides, as it comes."""

    def __init__(self, groups: Iterable[Group], others: Mapping[str, Work]) -> None:
        self._groups = list(groups)
        self._others = others
        self._cited: list[Work] = []
        self._numbers: dict[str, list[int]] = {}
        self._before = 0
        for group in self._groups:
            for work in group.works:
                self._before += 1
                for key in work.keys:
                    self._numbers.setdefault(key, []).append(self._before)

    @property
    def known(self) -> list[str]:
        """Every key that may be cited."""
        return [*self._numbers, *(key for key in self._others if key not in self._numbers)]

    def __call__(self, keys: Iterable[str] | str) -> Markup:
        """The numbers of the works that these keys name, as links to them: `[3, 7]`."""
        keys = [keys] if isinstance(keys, str) else keys
        found = dict.fromkeys(number for key in keys for number in self._of(key))
        links = (
            Markup('<a href="#ref-{0}">{0}</a>').format(str(number)) for number in sorted(found)
        )
        return Markup('<span class="cite" data-raw>[{}]</span>').format(Markup(", ").join(links))

    def _of(self, key: str) -> list[int]:
        if key not in self._numbers:
            if key not in self._others:
                raise InternalError(f"the report cites '{key}', which nobody knows")
            work = self._others[key]
            # A work of a file may be one that the review has on file already.
            known = [self._numbers[name] for name in work.keys if name in self._numbers]
            if not known:
                self._cited.append(work)
            numbers = known[0] if known else [self._before + len(self._cited)]
            for name in (key, *work.keys):
                self._numbers[name] = numbers
        return self._numbers[key]

    def _numbered(self) -> Iterator[tuple[int, Group]]:
        first = 1
        for group in (*self._groups, replace(OTHERS, works=self._cited)):
            if group.works:
                yield first, group
            first += len(group.works)

    def listed(self) -> list[dict[str, Any]]:
        """The groups with their works as a page prints them; asked for once all is cited."""
        return [
            {
                "name": group.name,
                "title": group.title,
                "folded": group.folded,
                "first": first,
                "works": [
                    {
                        "anchor": f"ref-{number}",
                        "pieces": vancouver.pieces(work.item),
                        "note": work.note,
                        "flag": work.flag,
                        "why": group.name == "excluded",
                    }
                    for number, work in enumerate(group.works, start=first)
                ],
            }
            for first, group in self._numbered()
        ]

    def items(self) -> list[dict[str, Any]]:
        """All of them as CSL-JSON, in the order of their numbers; asked for once all is cited."""
        found = []
        for first, group in self._numbered():
            for number, work in enumerate(group.works, start=first):
                said = {"citation-number": number, "keyword": group.title}
                note = "; ".join(filter(None, (work.flag, work.note)))
                found.append(work.item | said | ({"note": note} if note else {}))
        return found
