"""The library behind the workflow: pure functions for each stage of a review.

Nothing is imported here: re-exporting would tie every rule to every module.
"""
