"""Effects: from printed numbers to one effect and its sampling variance a study."""
