"""What the counts of a flow diagram are: those of a review in flow.json, those of an update in
changes.json, as whoever makes, draws and prints them reads them."""

from typing import NotRequired, TypedDict


class Source(TypedDict):
    """A database, or another source, as searched on one day. Releases of before `source`, its
    kind, was kept do not have it."""

    database: str
    source: NotRequired[str]
    searched_on: str
    records: int


class Identified(TypedDict):
    """What the searches brought; `records` with what could not be read."""

    databases: list[Source]
    records: int


class Removed(TypedDict):
    """What was removed before screening; an update has no `automation`."""

    duplicates: int
    automation: NotRequired[int]
    unreadable: int


class Reason(TypedDict):
    """Reports excluded at full text for one reason, by its code."""

    reason: str
    reports: int


class Retrieval(TypedDict):
    """Reports sought by what the log and the folder of full texts say; `outstanding`: nothing says
    yet that anybody has them."""

    retrieved: int
    not_retrieved: int
    outstanding: int


class ExcludedAtFullText(TypedDict):
    """`reports` in all, and by reason, the most frequent first."""

    reports: int
    reasons: list[Reason]


class Sizes(TypedDict):
    """Studies, and the reports on them."""

    studies: int
    reports: int


class Included(Sizes):
    """What is included, and what of reports and studies names none of the other."""

    reports_without_study: int
    studies_without_included_report: int


class Ways(TypedDict):
    """The counts of either way of finding records."""

    databases_and_registers: "Counts"
    other_methods: "Counts"


class Counts(TypedDict):
    """flow.json: the whole review. What awaits something is told by why it does; `via` is there
    where other methods than databases and registers found something. Releases of before the log of
    full texts was read have no `retrieval`, nor has either way in `via`."""

    identified: Identified
    removed_before_screening: Removed
    records: int
    awaiting_screening: dict[str, int]
    screened: int
    excluded_title_abstract: int
    sought: int
    not_retrieved: int
    awaiting_assessment: int
    assessed: int
    excluded_full_text: ExcludedAtFullText
    awaiting_classification: dict[str, int]
    included: Included
    retrieval: NotRequired[Retrieval]
    via: NotRequired[Ways]


class Previous(Sizes):
    """What an earlier version included."""

    version: str


class Stream(TypedDict):
    """Where the records stand that an update looked at."""

    records: int
    awaiting_screening: int
    excluded_title_abstract: int
    not_retrieved: int
    awaiting_assessment: int
    excluded_full_text: ExcludedAtFullText
    awaiting_classification: int
    reports_included: int


class UpdateCounts(Stream):
    """The flow of an update: what was included before, what came in addition, and the whole."""

    previous: Previous
    identified: Identified
    removed_before_screening: Removed
    new_records: int
    awaiting_before: int
    decided_again: int
    new: Sizes
    no_longer_included: Sizes
    included: Sizes
