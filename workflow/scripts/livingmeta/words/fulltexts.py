"""Words for full texts."""

# What does not fit of a full text, by its code in screening/fulltexts.csv.
AT_ODDS = {
    "decided": "decided at full text, though fulltexts.csv says that nobody could get the report; "
    "the decision counts",
    "obtained": "called not retrieved, though it is obtained; it counts as not retrieved",
    "digest": "the file held is not the one whose SHA-256 fulltexts.csv has",
    "unknown": "no record has this name",
    "shared": "several records have this name",
}
