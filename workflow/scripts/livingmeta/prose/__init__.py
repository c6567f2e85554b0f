"""What people write for the report, in data/raw/prose: read, and held to what a report can set."""
