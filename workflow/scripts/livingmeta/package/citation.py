"""How the review is cited, as CITATION.cff: what GitHub, Zenodo and reference managers read.

Source: schema of Citation File Format 1.2.0 (https://citation-file-format.github.io): cff-version,
message, title and authors are required, and nothing may stand there that it does not name.
"""

from typing import Any

import yaml

from livingmeta.plan import Review

# ASSUME: a review that names no authors is cited by them all the same: the format asks for one.
NOBODY = "The authors of this review"


def cff(review: Review) -> str:
    """The text of CITATION.cff; `review`: that part of the protocol.

    An author written `Family, Given` is a person; any other stands by the name as it is; a
    semicolon parts two. No day is
    given: that of publication is not known before it.
    """
    people = [name.strip() for said in review.authors for name in said.split(";") if name.strip()]
    said: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this review or its data, please cite it as below.",
        "type": "dataset",
        "title": review.title,
        "version": review.version,
        "authors": [_author(name) for name in dict.fromkeys(people)] or [{"name": NOBODY}],
    }
    if review.doi:
        said["doi"] = review.doi
    if review.registration:
        registered = {"type": "other", "value": review.registration}
        said["identifiers"] = [registered | {"description": "Registration of the review"}]
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=1000)


def _author(name: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma and family and given:
        return {"family-names": family, "given-names": given}
    return {"name": name.strip() or NOBODY}
