"""What comes of comparing two records, and how they stand to each other but for their titles."""

from dataclasses import dataclass

from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME, UNKNOWN


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two records are the same report (else: perhaps), by which rule, how surely."""

    same: bool
    rule: str
    score: float


def doubt(rule: str, score: float = 0.5) -> Verdict:
    """A pair for a person to settle."""
    return Verdict(False, rule, score)


@dataclass(frozen=True, slots=True)
class Place:
    """How two records stand to each other but for their titles.

    `apart`: years between them, 0 where unknown; `words`: in the shorter title; the rest SAME,
    UNKNOWN or DIFFERENT.
    """

    apart: int
    authors: int
    page: int
    volume: int
    issue: int
    words: int

    @property
    def sure(self) -> bool:
        """One page of one volume. Each issue of some journals begins anew on page 1, with an
        editorial, so a short title has to have its issue too."""
        here = self.volume == SAME or (self.volume == UNKNOWN and self.apart == 0)
        return self.page == SAME and here and (self.issue != DIFFERENT or self.words >= 6)

    @property
    def against(self) -> list[str]:
        """What speaks against one report, were the titles the same."""
        differ = (
            ("year", self.apart > 1),
            ("issue", self.issue == DIFFERENT),
            ("volume", self.volume == DIFFERENT),
            ("pages", self.page == DIFFERENT),
        )
        return [name for name, differs in differ if differs]

    @property
    def in_issue(self) -> bool:
        """One issue, the page not known to be another."""
        return self.issue == SAME and self.apart == 0 and DIFFERENT not in (self.page, self.volume)
