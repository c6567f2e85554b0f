"""Living: what differs from a release, why, and what a release keeps."""
