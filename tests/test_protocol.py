"""The protocol: defaults filled in, every breach named with what would be right."""

import copy

import pytest
import yaml

from livingmeta import protocol
from livingmeta.analyses import of, slug
from livingmeta.living import check
from running import ROOT, SMALL

GOOD = yaml.safe_load((SMALL / "config" / "config.yaml").read_text())


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("**/config/config.yaml")), ids=lambda p: p.parts[-3]
)
def test_every_protocol_of_the_repository_is_complete(path):
    full = protocol.complete(protocol.read(path))
    assert full["syntheses"]


def test_defaults_are_filled_in_at_every_depth():
    full = protocol.complete(copy.deepcopy(GOOD))
    assert full["review"]["version"] == "1.0"
    assert full["syntheses"]["survival-hr"]["model"] == "auto"
    assert full["syntheses"]["survival-hr"]["time"] is None
    assert full["syntheses"]["fever-or"]["sensitivity"] == [
        {"tau2": "DL", "interval": "wald", "prediction": "k-1"}
    ]
    assert full["published"]["results"] == []
    assert full["time_unit"] == "months"


ALIKE = [
    [{"tau2": "DL"}, {"tau2": "DL", "interval": "wald"}],
    [{"method": "peto"}, {"method": "peto", "scale": 1}],
    [{"method": "selection"}, {"method": "selection", "steps": [0.025]}],
    [
        {"method": "selection", "steps": [0.5, 0.05]},
        {"method": "selection", "steps": [0.05, 0.5]},
    ],
    [
        {"method": "bayesian", "variant": "log-normal", "scale": 1.5},
        {"method": "bayesian", "variant": "log-normal", "scale": 1, "shape": 5},
    ],
    [{"method": "robust", "cluster": "the site"}, {"method": "robust", "cluster": "the_site"}],
]
APART = [
    [{"method": "selection"}, {"method": "selection", "steps": [0.05, 0.5]}],
    [{"method": "selection", "steps": [0.05]}, {"method": "selection", "steps": [0.05, 0.5]}],
    [{"method": "bayesian"}, {"method": "bayesian", "scale": 1}],
    [{"tau2": "DL"}, {"tau2": "DL", "prediction": "k-2"}, {"tau2": "DL", "interval": "hksj"}],
    [{"method": "glmm", "variant": "UM.RS"}, {"method": "glmm", "variant": "CM.EL"}],
    [{"method": "glmm"}, {"method": "glmm", "variant": "UM.RS"}],
    [{"method": "robust", "cluster": "site"}, {"method": "multilevel", "cluster": "site"}],
    [{"method": "robust", "cluster": "site"}, {"method": "robust", "cluster": "centre"}],
]


def _with(analyses):
    given = copy.deepcopy(GOOD)
    given["syntheses"]["fever-or"]["sensitivity"] = analyses
    return given


@pytest.mark.parametrize("analyses", ALIKE)
def test_two_analyses_that_would_have_one_name_stop_the_run(analyses):
    with pytest.raises(protocol.ProtocolError, match=r"fever-or.sensitivity: analyses 1 and 2 "):
        protocol.complete(_with(analyses))
    # The names that pooling gives them are indeed one id of a number.
    assert len({slug(of(a).name) for a in analyses}) == 1


# One computation, though pooling would give it two names.
ONE = [
    [{"method": "glmm"}, {"method": "glmm", "variant": "UM.FS"}],
    [{"method": "trim-and-fill", "variant": "L0"}, {"method": "trim-and-fill"}],
    [{"method": "selection"}, {"method": "selection", "variant": "stepfun"}],
    [{"method": "peto"}, {"method": "peto", "variant": "UM.RS"}],
    [{"method": "peto"}, {"method": "peto", "cluster": "site"}],
    [{"method": "bayesian"}, {"method": "bayesian", "shape": 2}],
    [
        {"method": "bayesian", "variant": "log-normal"},
        {"method": "bayesian", "variant": "log-normal", "shape": 1},
    ],
]


@pytest.mark.parametrize("analyses", ONE)
def test_one_analysis_written_in_two_ways_stops_the_run(analyses):
    with pytest.raises(protocol.ProtocolError, match=r"analyses 1 and 2 .* are the same, or"):
        protocol.complete(_with(analyses))


def test_each_pair_of_analyses_that_are_one_is_named():
    asked = [{"method": "glmm"}, {"tau2": "DL"}, {"method": "glmm", "variant": "UM.FS"}]
    with pytest.raises(protocol.ProtocolError, match="analyses 1 and 3 ") as caught:
        protocol.complete(_with(asked))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("analyses", APART)
def test_analyses_that_differ_in_an_option_are_told_apart(analyses):
    protocol.complete(_with(analyses))
    named = [slug(of(a).name) for a in analyses if "method" in a]
    assert len(set(named)) == len(named)


def test_the_usual_steps_leave_the_name_as_it_was():
    assert of({"method": "selection", "steps": [0.025]}).name == "selection model"
    assert (
        of({"method": "selection", "steps": [0.5, 0.05]}).name == "selection model steps 0.05, 0.5"
    )


def test_a_pinned_model_gets_its_defaults():
    given = copy.deepcopy(GOOD)
    given["syntheses"]["fever-or"]["model"] = {"tau2": "PM"}
    model = protocol.complete(given)["syntheses"]["fever-or"]["model"]
    assert model == {"tau2": "PM", "interval": "wald", "prediction": "k-1"}


def test_a_method_of_another_kind_gets_no_defaults_of_a_model():
    given = copy.deepcopy(GOOD)
    given["syntheses"]["fever-or"]["sensitivity"] = [{"method": "glmm", "variant": "CM.EL"}]
    full = protocol.complete(given)["syntheses"]["fever-or"]
    assert full["sensitivity"] == [{"method": "glmm", "variant": "CM.EL"}]


def test_completing_twice_changes_nothing():
    once = protocol.complete(copy.deepcopy(GOOD))
    assert protocol.complete(copy.deepcopy(once)) == once


BREACHES = [
    (
        lambda p: p["syntheses"]["fever-or"].update(several="aggregate"),
        "several: aggregate and correlation go together",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(thresholds=[-0.2]),
        "syntheses.fever-or.thresholds: -0.2; a ratio is above 0",
    ),
    (
        lambda p: p["syntheses"]["survival-1y"].update(thresholds=[50]),
        "syntheses.survival-1y.thresholds: 50; a proportion lies between 0 and 1, so 50% is 0.5",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(information_size={"difference": 1}),
        "syntheses.fever-or.information_size.difference: 1 is no effect at all",
    ),
    (
        lambda p: p["syntheses"]["survival-1y"].update(information_size={"difference": 0.1}),
        "syntheses.survival-1y.information_size: measure PLO compares nothing",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(information_size={"power": 0.8}),
        "syntheses.fever-or.information_size lacks difference",
    ),
    (lambda p: p.update(synthesis={}), "unknown key 'synthesis' in the protocol; did you mean"),
    (lambda p: p.pop("arms"), "the protocol lacks arms"),
    (
        lambda p: p["review"].update(titel="x"),
        "unknown key 'titel' in review; did you mean 'title'",
    ),
    (lambda p: p["syntheses"]["fever-or"].update(measure="or"), "must be one of OR, RR"),
    (lambda p: p["syntheses"]["fever-or"].update(time="12 months"), "it must be of type number"),
    (lambda p: p["syntheses"]["fever-or"].update(model="REML"), "it must be auto or a model, as"),
    (
        lambda p: p["syntheses"]["fever-or"].update(moderators=["age", [None]]),
        "moderators.1 is '[None]'; it must be the name of a column",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(moderators=[{"age": 1}]),
        "moderators.0 is '{'age': 1}'; it must be the name of a column",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(sensitivity=["peto"]),
        "sensitivity.0 is 'peto'; it must be a model, as {tau2: REML}, a method",
    ),
    (lambda p: p["syntheses"]["fever-or"].update(model={"tau2": "RML"}), "(perhaps REML)"),
    (lambda p: p["syntheses"]["fever-or"].update(model={"tau": "DL"}), "unknown key 'tau'"),
    (
        lambda p: p["syntheses"]["fever-or"].update(sensitivity=[{"method": "glm"}]),
        "(perhaps glmm)",
    ),
    (
        lambda p: p["syntheses"]["fever-or"].update(sensitivity=[{"method": "peto", "tau": 1}]),
        "unknown key 'tau'",
    ),
    (lambda p: p["syntheses"].update({"Fever OR": {}}), "lower-case letters, digits and hyphens"),
    (lambda p: p["syntheses"].update({"y" * 81: {}}), "80 at most: files are named after it"),
    (lambda p: p["outcomes"].update({"y" * 240: {}}), "80 at most"),
    (lambda p: p["syntheses"]["fever-or"].update(arms=["drug"]), "measure OR needs 2 arms"),
    (lambda p: p["syntheses"]["survival-1y"].update(arms=["drug", "none"]), "needs 1 arm,"),
    (lambda p: p["syntheses"]["fever-or"].update(arms=["drug", "nune"]), "did you mean 'none'"),
    (
        lambda p: p.update(
            published={"results": [{"synthesis": "fever", "label": "", "estimate": 1}]}
        ),
        "published.results: 'fever' is not defined in this protocol; did you mean 'fever-or'",
    ),
    (
        lambda p: p.update(
            published={
                "results": [
                    {"synthesis": "fever-or", "label": label, "estimate": 1}
                    for label in ("OR,  all", "OR, some", "or, all")
                ]
            }
        ),
        "published.results: 1 and 3 are both of fever-or and labelled 'OR,  all'; remove one",
    ),
]


@pytest.mark.parametrize(("breach", "says"), BREACHES, ids=[b[1] for b in BREACHES])
def test_a_breach_is_named(breach, says):
    given = copy.deepcopy(GOOD)
    breach(given)
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.complete(given, "config/config.yaml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("config/config.yaml: ")


QUOTES = ": put quotes around it"
UNQUOTED = [
    ("arms: {no: {label: x}}", f"the name 'False' in arms is not text{QUOTES} (YAML reads no or"),
    ("outcomes: {1: {label: x, kind: binary}}", f"the name '1' in outcomes is not text{QUOTES}."),
    ("screening: {reasons: {on: x}}", "the name 'True' in screening.reasons is not text"),
    ("screening: {reasons: {a: yes}}", f"of type string{QUOTES} (YAML reads yes or on as true)."),
    ("review: {version: 1.10}", f"review.version is '1.1'; it must be of type string{QUOTES}."),
    ("published: {searched_to: 2024-01-10}", f"'2024-01-10'; it must be of type string{QUOTES}."),
    ("review: {title: }", "review.title is 'None'; it must be of type string."),
]


@pytest.mark.parametrize(("content", "says"), UNQUOTED, ids=[u[0] for u in UNQUOTED])
def test_what_yaml_takes_for_something_else_than_text_is_named(tmp_path, content, says):
    path = tmp_path / "config.yaml"
    path.write_text(content)
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.complete(protocol.read(path))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("12", 12), ("-1", -1), ("0", 0), ("0.05", 0.05), (".5", 0.5), ("1e-3", 0.001)),
        *(
            ("010", "010"),
            ("1_000", "1_000"),
            ("1:30", "1:30"),
            ("0x10", "0x10"),
            ("1.2.3", "1.2.3"),
        ),
        *(("true", True), ("2.", 2.0), ("-0.25", -0.25), ("1.5E2", 150.0)),
    ],
)
def test_numbers_are_those_that_people_write(tmp_path, written, read):
    path = tmp_path / "config.yaml"
    path.write_text(f"a: {written}\n")
    found = protocol.read(path)["a"]
    assert found == read
    assert type(found) is type(read)


LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9)
)
UNREADABLE = [
    ("review:\n\ttitle: x\n", "line 2: not readable as YAML: a tab stands here"),
    ("review\n  title: x\n", "line 2: not readable as YAML: a colon is missing on the line above"),
    ("review:\n  title x\n  pico: y\n", "line 3: not readable as YAML: a colon is missing"),
    ("review:\n  title: x\n pico: y\n", "line 3: not readable as YAML: this line is indented"),
    ("review:\n  title: x\n   pico: y\n", "or this line is indented too far"),
    ("review:\n  title: A: b\n", "or a value holds a colon and needs quotes"),
    ('review:\n  title: "x\nother: 1\n', "a quotation mark is left open"),
    ("review:\n  title: *new*\n", "begins with * or & needs quotes"),
    ("review:\n  title: @x\n", "line 2: not readable as YAML: a value that begins with this"),
    ("review:\n  title: x\x00\n", "bytes that are not text"),
    ("review:\n  title: \u00e9\n".encode("cp1252"), "line 2: not UTF-8 text. Save the file as"),
    (LAUGHS, "more than 100000 values"),
    ("a: &a [*a]\n", "or one that holds itself"),
    ("a: " + "[" * 5000, "too deep"),
    ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
    ("a:\n  b: 1.0e+400\n", "line 2: 1.0e+400 is no number to reckon with"),
    ("a: [1, -1e999]\n", "line 1: -1e999 is no number to reckon with"),
    ("review: 1\nreview: 2\n", "line 2: 'review' stands already on line 1"),
]


@pytest.mark.parametrize(("content", "says"), UNREADABLE, ids=[u[1] for u in UNREADABLE])
def test_a_file_that_cannot_be_read_is_explained(tmp_path, content, says):
    path = tmp_path / "config.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.read(path)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400


def test_every_key_of_the_schema_is_described():
    schema = yaml.safe_load(protocol.SCHEMA.read_text())

    def bare(node, path):
        for key, inner in node.get("properties", {}).items():
            if not inner.get("description"):
                yield ".".join([*path, key])
            yield from bare(inner, [*path, key])
        rest = node.get("additionalProperties")
        if isinstance(rest, dict):
            yield from bare(rest, [*path, "*"])
        if isinstance(node.get("items"), dict):
            yield from bare(node["items"], [*path, "*"])

    assert list(bare(schema, [])) == []
    assert list(bare(schema["$defs"]["model"], ["model"])) == []


ARMS_MADE = {
    "one alone": ({"both": ["drug"]}, "arms.both.joins: drug alone; name two arms or more"),
    "of no arm": ({"both": ["drug", "drgu"]}, "'drgu' is not defined in this protocol"),
    "of itself": ({"both": ["drug", "both"]}, "arms.both.joins: both is made of others itself"),
    "of one that is": (
        {"both": ["drug", "none"], "all": ["both", "drug"]},
        "arms.all.joins: both is made of others itself",
    ),
}


def _made_of(joins):
    """A good protocol with further arms, each made of others."""
    given = copy.deepcopy(GOOD)
    given["arms"] |= {name: {"label": name, "joins": of} for name, of in joins.items()}
    return given


@pytest.mark.parametrize("what", ARMS_MADE)
def test_arms_made_of_others_are_made_of_printed_ones(what):
    joins, said = ARMS_MADE[what]
    with pytest.raises(protocol.ProtocolError, match=said):
        protocol.complete(_made_of(joins))


def test_no_arm_is_compared_with_a_part_of_itself():
    given = _made_of({"both": ["drug", "none"]})
    assert protocol.complete(given)["arms"]["both"]["joins"] == ["drug", "none"]
    given["syntheses"]["fever-or"]["arms"] = ["both", "none"]
    with pytest.raises(protocol.ProtocolError, match="have the patients of none in common"):
        protocol.complete(given)


@pytest.mark.parametrize("name", ["fever-or", "survival-1y"])
def test_a_shared_arm_may_be_one_of_two_or_alone(name):
    given = _made_of({})
    given["syntheses"][name]["shared_control"] = "join"
    assert protocol.complete(given)["syntheses"][name]["shared_control"] == "join"


@pytest.mark.parametrize("part", ["arms", "outcomes"])
def test_a_label_that_is_the_key_of_another_is_refused(part):
    """Who writes it in a table means one, and would get the other."""
    given = copy.deepcopy(GOOD)
    first, second = list(given[part])[:2]
    given[part][first]["label"] = second.upper()
    with pytest.raises(protocol.ProtocolError) as refused:
        protocol.complete(given)
    said = f"{part}.{first}.label is '{second.upper()}', the key of {part}.{second}; change one"
    assert said in str(refused.value)
    given[part][first]["label"] = first.upper()
    assert protocol.complete(given)[part][first]["label"] == first.upper()


def test_a_column_of_the_forest_plot_that_no_study_has_is_told_with_those_that_there_are():
    protocol.must_be_columns(["arms", "route", "site"], ["label", "site"])
    with pytest.raises(protocol.ProtocolError) as refused:
        protocol.must_be_columns(["arms", "Site", "dose"], ["label", "site"])
    first, second = refused.value.problems
    assert "report.forest names 'Site'" in first
    assert "(did you mean site?)" in first
    assert "names 'dose', which is no column of studies.csv; it may be arms, patients" in second
    assert second.endswith("route, label, site.")


def test_the_columns_of_the_forest_plot_are_held_to_the_tables_before_a_run(tmp_path):
    table = tmp_path / "studies.csv"
    table.write_text("study_id,records,label,dose\na,r,A 2015,3\n")
    check.forest(["arms", "dose", "year"], [str(table)], [])
    check.forest(["arms", "patients"], ["not read at all"], [])
    check.forest(["dose"], [], [])  # nobody has brought a study yet
    with pytest.raises(protocol.ProtocolError, match=r"'doze'.*did you mean dose.*enrolled_from"):
        check.forest(["doze"], [str(table)], [])
