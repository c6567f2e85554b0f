"""Judgement: what people conclude about bias and certainty."""
