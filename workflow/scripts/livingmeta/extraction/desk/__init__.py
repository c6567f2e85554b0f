"""The page on which two readings of extraction are settled: its cases, and the page."""
