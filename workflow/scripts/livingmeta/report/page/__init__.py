"""Page: the report as HTML."""
