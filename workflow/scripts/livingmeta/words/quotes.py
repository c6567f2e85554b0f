"""What is said of quotes, and of texts that cannot be read."""

# What of a number a person has to look up, by what became of its quote.
UNLIKE = {
    "value-not-in-quote": "its quote holds another number ({quote})",
    "not-found": "its quote stands in no text of the study that is held ({quote})",
}
# Why a held text has no words to look a quote up in.
WHY = {
    "scan": "a PDF of pictures of pages, without text: run it through OCR",
    "encrypted": "it wants a password: save it without one",
    "broken": "the file is broken, or not of the kind that its name says: get it anew",
    "no-pdf-reader": "no reader of PDF is installed: pip install pypdfium2",
    "unknown-kind": "not of a kind that is read: PDF, XML, HTML, Word (.docx) or .txt",
}
# What became of a quote, beside its number.
STATES = {
    "found": "the quote stands in the held text{page}",
    "not-found": "the quote stands in no text of the study that is held",
    "value-not-in-quote": "the quote holds another number",
    "no-text": "no text of the study is held",
    "unread": "the held text cannot be read",
    "no-quote": "",
}
LONGEST = 80


def further_pages(name: str, count: int) -> str:
    """What is said of pages with figures that are not offered to be digitised."""
    pages = "1 more page" if count == 1 else f"{count} more pages"
    return f"{name}: {pages} with figures; of these take a screenshot."


def shortened(quote: str) -> str:
    """A quote as a list shows it."""
    line = " ".join(quote.split())
    return f"“{line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}”"
