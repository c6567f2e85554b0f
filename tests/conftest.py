"""What holds for all tests."""

from hypothesis import settings

# No test asserts a time, and machines are busy.
settings.register_profile("livingmeta", deadline=None)
settings.load_profile("livingmeta")
