"""What is said of machines that vote."""

from livingmeta.words.settling import STAGES


def second_look(stage: str, machine: str) -> str:
    """What is said of a record that people excluded and a machine would include."""
    return f"{STAGES[stage]}: excluded by people, and {machine} would include it"


def undeclared(reviewer: str) -> str:
    """What is said of a reviewer who is named like a machine."""
    return (
        f"{reviewer} is named like a machine, nobody says what it is, and its decisions count as "
        "a person's"
    )
