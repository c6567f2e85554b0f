"""What a word means that not every reader knows, said where it is first used."""

TERMS = {
    "tau2": (
        "τ² says how far the true effects of the studies differ from one another: it is their "
        "variance, on the scale on which effects are pooled. Were it nought, all would have one."
    ),
    "prediction": (
        "A prediction interval says where the true effect in a further study like these may lie. "
        "The confidence interval is about the average alone, and is never wider."
    ),
    "shapley": (
        "A Shapley share is what one change adds to the result, averaged over all orders in which "
        "the changes could have come."
    ),
    "rail": (
        "A guard rail is a rule that keeps an analysis from what so few studies cannot carry, and "
        "says what was done instead."
    ),
}


class FirstUse:
    """Gives what a term means once, on its first use, and "" from then on."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, term: str) -> str:
        if term in self._said:
            return ""
        self._said.add(term)
        return TERMS[term]
