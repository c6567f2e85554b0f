"""Document: the report as a Word file and as PDF."""
