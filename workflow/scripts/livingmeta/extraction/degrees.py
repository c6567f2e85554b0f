"""The degrees of freedom of a test, as a quote has them: F(1, 45), F[2;108], chi-squared (df = 2).

A test of more than one (of an F in the numerator) compares more than two arms.
"""

from __future__ import annotations

import re
import unicodedata

_DF = r"(?:d\.?\s?f\.?|degrees\s+of\s+freedom)"
_OPEN, _THEN = r"[_(\[{<\s]*", r"\s*(?:[,;/:|]|and|&)\s*"
_OF_F = (
    # F(2, 108), F[2;108], F_{2,108}, F2,108, F (df = 2, 108)
    re.compile(rf"\bF\s*{_OPEN}(?:{_DF}\s*[=:]?\s*)?(\d+)(?P<then>{_THEN})(?P<second>\d+)"),
    # F(2), F[2]
    re.compile(rf"\bF\s*_?\s*[(\[{{<]\s*(?:{_DF}\s*[=:]?\s*)?(\d+)\s*[)\]}}>]"),
    # df = 2, 108; 2 and 108 degrees of freedom
    re.compile(rf"\b{_DF}\s*[=:(\[]*\s*(\d+){_THEN}\d+", re.IGNORECASE),
    re.compile(rf"\b(\d+){_THEN}\d+\s*{_DF}", re.IGNORECASE),
)
_OF_CHI_SQUARED = (
    re.compile(
        rf"(?:χ|\bchi|\bx)\s?-?\s?(?:2|\^2|squared?)?\s*_?\s*[(\[{{]\s*(?:{_DF}\s*[=:]?\s*)?(\d+)"
        r"\s*[,;)\]}]",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_DF}\s*[=:]?\s*(\d+)", re.IGNORECASE),
    re.compile(rf"\b(\d+)\s*{_DF}", re.IGNORECASE),
)
_PATTERNS = {"f": _OF_F, "log-rank-chi2": _OF_CHI_SQUARED}


def of_test(statistic: str, said: str, value: float) -> int | None:
    """The degrees of freedom that a quote or note tells of an F (its first) or a chi-squared.

    None where it tells none; `value`: the test's own, which `F 7,712` may be.
    """
    plain = unicodedata.normalize("NFKC", said)
    for pattern in _PATTERNS.get(statistic, ()):
        for found in pattern.finditer(plain):
            parts = found.groupdict()
            is_value = (
                "," in (parts.get("then") or "")
                and float(f"{found[1]}.{parts['second']}") == value
                and "=" not in plain[found.end() : found.end() + 4]
            )
            if not is_value:
                return int(found[1])
    return None
