"""Report: its content, in order."""
