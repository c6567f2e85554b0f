"""Risk of bias as people judged it: read by each tool's words, told what is wrong, settled."""

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import plan, protocol, tables
from livingmeta.extraction.workbook import brought
from livingmeta.figures.colours import COLOURS
from livingmeta.judgement import apart, assessments, risk_of_bias, tools
from livingmeta.judgement.certainty import LEVELS, LOWERING, OVERALL, WORDS, reach

STUDIES = ["ahn-2015", "bauer-2016", "costa-2017"]
OUTCOMES = {"survival": ("Overall survival",), "fever": ("Fever",), "fever-or": ()}
COLUMNS = ["study_id", "outcome", "tool", "domain", "judgement", "score", "support", "assessor"]


ALONE = "one assessor"


def row(**cells):
    usual = {"study_id": "ahn-2015", "tool": "RoB 2", "domain": "overall"}
    return dict.fromkeys(COLUMNS, "") | usual | cells


def read(tmp_path, *rows, cut_offs=None):
    path = tmp_path / "risk_of_bias.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)
    table = tables.read(path, "data/risk_of_bias")
    return assessments.held(table, STUDIES, OUTCOMES, cut_offs)


def refused(tmp_path, *rows):
    with pytest.raises(tables.TableError) as error:
        read(tmp_path, *rows)
    return error.value.problems


def test_one_study_may_be_judged_otherwise_for_each_outcome(tmp_path):
    found = read(
        tmp_path,
        row(outcome="survival", domain="Randomisation", judgement="low", assessor="ab"),
        row(outcome="Fever", domain="D1", judgement="HIGH", assessor="ab"),
        row(outcome="survival", domain="Overall", judgement="Some Concerns", assessor="ab"),
    )
    said = found.set_index(["outcome", "domain"])
    assert said.loc[("survival", "D1"), "judgement"] == "low"
    assert said.loc[("fever", "D1"), "judgement"] == "high"
    assert said.loc[("survival", "overall"), "light"] == "some concerns"
    assert said.loc[("fever", "overall"), "state"] == "missing"
    assert not found.duplicated(["study_id", "outcome", "tool", "domain"]).any()
    tables.write(found, tmp_path / "out.csv", "extraction/risk_of_bias")


@pytest.mark.parametrize(
    ("wrong", "column", "said"),
    [
        ({"judgement": "some concern"}, "judgement", "did you mean some concerns?"),
        ({"judgement": "-"}, "judgement", "one of low, some concerns, high"),
        (
            {"domain": "D1: Missing outcome data", "judgement": "low"},
            "domain",
            "no domain of RoB 2",
        ),
        ({"domain": "-", "judgement": "low"}, "domain", "no domain of RoB 2"),
        ({"judgement": "moderate"}, "judgement", "one of low, some concerns, high"),
        ({"judgement": ""}, "judgement", "empty; for RoB 2 it must be one of"),
        ({"domain": "Randomisatoin"}, "domain", "did you mean D1?"),
        ({"tool": "ROB II", "judgement": "low"}, "tool", "known: "),
        ({"tool": "ROBINS", "judgement": "low"}, "tool", "did you mean ROBINS-I?"),
        ({"study_id": "ahn-2051", "judgement": "low"}, "study_id", "did you mean ahn-2015?"),
        ({"outcome": "fewer", "judgement": "low"}, "outcome", "did you mean fever?"),
        ({"tool": "NOS", "score": "10"}, "score", "NOS has whole points, 9 at most"),
        ({"tool": "NOS", "domain": "D2", "score": "3"}, "score", "Comparability of NOS has"),
        ({"tool": "NOS", "judgement": "good"}, "judgement", "write them into score"),
        ({"tool": "NOS"}, "score", "it is required"),
        ({"tool": "NOS", "score": "8", "outcome": "fever"}, "outcome", "leave outcome empty"),
        ({"judgement": "low", "score": "2"}, "score", "leave score empty"),
        ({"tool": "JBI", "domain": "Q1", "judgement": "yes", "score": "0"}, "score", "counts 1"),
    ],
)
def test_each_kind_of_fault_is_told_once_with_its_rows(tmp_path, wrong, column, said):
    study = {"study_id": "bauer-2016"} if "study_id" not in wrong else {"outcome": "survival"}
    problems = refused(tmp_path, row(**wrong), row(**(wrong | study)))
    [mine] = [problem for problem in problems if f"column {column}:" in problem]
    assert "rows 2, 3" in mine
    assert said in mine


@pytest.mark.parametrize(
    ("tool", "domain", "written", "meant"),
    [
        ("RoB 2.0", "Domain 1", "Low risk", ("D1", "low")),
        ("RoB 2", "D2: Deviations from the intended interventions", "red", ("D2", "high")),
        (
            "RoB 2",
            "Domain 3: Risk of bias due to missing outcome data",
            "!",
            ("D3", "some concerns"),
        ),
        ("RoB 2", "Overall bias", "High risk of bias", ("overall", "high")),
        ("ROBINS-I", "D1", "Serious risk", ("D1", "serious")),
        ("RoB 1", "Incomplete outcome data (attrition bias)", "unclear risk", ("D5", "unclear")),
        ("RoB 1", "Other bias", "?", ("D7", "unclear")),
        ("QUIPS", "Attrition", "+", ("D2", "low")),
    ],
)
def test_words_signs_and_colours_of_a_tool_are_read(tmp_path, tool, domain, written, meant):
    [found] = (
        read(tmp_path, row(tool=tool, domain=domain, judgement=written))
        .query("said != ''")
        .to_dict("records")
    )
    assert (found["domain"], found["judgement"]) == meant


@given(st.permutations([*WORDS]).map(lambda names: names[:5]), st.data())
def test_no_judgement_that_grade_allows_is_doubted(domains, data):
    judged = {name: data.draw(st.sampled_from(WORDS[name])) for name in domains if name != OVERALL}
    low, high = reach(judged)
    assert 0 <= low <= high < len(LEVELS)
    for name in set(judged) & set(LOWERING):
        assert reach(judged | {name: WORDS[name][0]})[1] >= high


def test_one_assessor_judges_once(tmp_path):
    twice = [
        row(domain=d, judgement=j, assessor=a)
        for d, j, a in [("D1", "low", "AB"), ("Randomisation process", "high", "ab ")]
    ]
    [problem] = refused(tmp_path, *twice)
    assert "row 3" in problem
    assert "stands already on row 2" in problem


def test_two_assessors_are_compared_and_consensus_settles(tmp_path):
    same = [row(judgement="low", assessor=who) for who in ("ab", "cd")]
    apart = [row(judgement=j, assessor=who) for j, who in (("low", "ab"), ("high", "cd"))]
    [agreed] = read(tmp_path, *same).to_dict("records")
    assert (agreed["state"], agreed["light"], agreed["assessor"]) == ("agreed", "low", "ab; cd")
    [conflict] = read(tmp_path, *apart).to_dict("records")
    assert (conflict["state"], conflict["judgement"], conflict["light"]) == ("conflict", "", "")
    assert (conflict["said"], conflict["rows"]) == ("low (ab); high (cd)", "2, 3")
    settled = row(judgement="some concerns", assessor="Consensus")
    [found] = read(tmp_path, *apart, settled).to_dict("records")
    assert (found["state"], found["light"]) == ("consensus", "some concerns")


@pytest.mark.parametrize(
    ("rows", "states"),
    [
        # (outcome, judgement, assessor), and what stands of each outcome
        ([("", "high", "ab"), ("fever", "low", "cd")], {"": "one assessor", "fever": "conflict"}),
        ([("", "low", "ab"), ("fever", "low", "cd")], {"": "one assessor", "fever": "agreed"}),
        # an exception of one's own
        ([("", "high", "ab"), ("fever", "low", "ab")], dict.fromkeys(("", "fever"), ALONE)),
        (
            [("", "high", "ab"), ("", "high", "cd"), ("fever", "low", "cd")],
            {"": "agreed", "fever": ALONE},
        ),
        ([("", "high", ""), ("fever", "low", "")], dict.fromkeys(("", "fever"), ALONE)),
        (
            [("", "high", "ab"), ("fever", "low", "cd"), ("fever", "low", "consensus")],
            {"": ALONE, "fever": "consensus"},
        ),
        (
            [
                ("", "low", "ab"),
                ("", "high", "ef"),
                ("", "high", "consensus"),
                ("fever", "low", "cd"),
            ],
            {"": "consensus", "fever": "conflict"},
        ),
        # a synthesis of fever
        (
            [("fever", "high", "ab"), ("fever-or", "low", "cd")],
            {"fever": ALONE, "fever-or": "conflict"},
        ),
        (
            [("survival", "high", "ab"), ("fever", "low", "cd")],
            dict.fromkeys(("survival", "fever"), ALONE),
        ),
    ],
)
def test_two_assessors_at_two_levels_are_compared(tmp_path, rows, states):
    path = tmp_path / "risk_of_bias.csv"
    cells = [row(outcome=o, judgement=j, assessor=a) for o, j, a in rows]
    pd.DataFrame(cells, columns=COLUMNS).to_csv(path, index=False)
    judged = assessments.known(tables.read(path, "data/risk_of_bias"), STUDIES, OUTCOMES)
    within = {"fever-or": "fever"}
    found = assessments.settled(judged, {}, within=within)
    assert dict(zip(found["outcome"], found["state"], strict=True)) == states
    conflicts = [one for one in states if states[one] == "conflict"]
    for case, outcome in zip(apart.cases(judged, found, within), conflicts, strict=True):
        assert (case["fixed"]["outcome"], len(case["sides"])) == (outcome, 2)
    tables.write(found, tmp_path / "out.csv", "extraction/risk_of_bias")


def test_each_assessor_may_have_a_file(tmp_path):
    rows = {
        "": [row(judgement="low", assessor="ab"), row(domain="D1", judgement="low", assessor="ab")],
        "-cd": [row(judgement="high"), row(domain="D1", judgement="low")],
    }

    def read_all(until="leave-out", **more):
        for name, some in (rows | more).items():
            path = tmp_path / f"risk_of_bias{name.replace('_', '-')}.csv"
            pd.DataFrame(some, columns=COLUMNS).to_csv(path, index=False)
        paths = sorted(map(str, tmp_path.glob("*.csv")))
        table = brought.together({"risk_of_bias": paths}).risk_of_bias
        records = assessments.known(table, STUDIES, OUTCOMES)
        return records, assessments.settled(records, {}, until)

    records, found = read_all()
    found = found.set_index("domain")
    assert found["state"].to_dict() == {"D1": "agreed", "overall": "conflict"}
    assert found.loc["overall", "said"] == "low (ab); high (cd)"
    assert found.loc["overall", "rows"] == "2, 2 of risk_of_bias-cd.csv"
    # Until it is settled one's judgement counts, and it is still to be settled.
    whole = read_all(until="CD")[1].set_index("domain").loc["overall"]
    assert (whole["light"], whole["state"]) == ("high", "conflict")
    agreement = {r["field"]: (r["agree"], r["compared"]) for r in apart.agree(records)}
    assert agreement == {"all": (1, 2), "RoB 2": (1, 2)}
    (case,) = apart.cases(records, found.reset_index())
    assert [side["by"] for side in case["sides"]] == ["ab", "cd"]
    assert case["rules"]["judgement"]["allowed"] == ["low", "some concerns", "high"]
    settled = case["fixed"] | {"judgement": "some concerns", "assessor": "consensus"}
    records, found = read_all(_consensus=[row(**settled)])
    assert found.set_index("domain").loc["overall", "light"] == "some concerns"
    assert apart.cases(records, found) == []
    # What was downloaded twice counts once; another judgement of the same person is a slip.
    assert len(read_all(**{"_consensus (1)": [row(**settled)]})[0]) == 5
    with pytest.raises(tables.TableError, match=r"'low'.*Make them one"):
        read_all(**{"_cd (2)": [row(judgement="low")]})


def test_points_of_two_assessors_are_settled_too(tmp_path):
    rows = [
        row(tool="NOS", domain="D1", score=str(n), assessor=who) for n, who in ((4, "a"), (3, "b"))
    ]
    path = tmp_path / "risk_of_bias.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)
    table = tables.read(path, "data/risk_of_bias")
    judged = assessments.known(table, STUDIES, OUTCOMES)
    (case,) = apart.cases(judged, assessments.settled(judged, {}))
    assert (case["edit"], case["differs"]) == (["score", "support"], ["score"])
    assert case["rules"]["score"] == {"filled": True, "maximum": 4, "type": "integer"}


def test_points_add_up_and_have_lights_by_cut_offs_alone(tmp_path):
    stars = [row(tool="NOS", domain=d, score=str(n)) for d, n in (("D1", 4), ("D2", 1), ("D3", 2))]
    whole = read(tmp_path, *stars).iloc[-1]
    assert (whole["state"], whole["score"], whole["maximum"]) == ("summed", 7, 9)
    assert whole["light"] == ""
    for least, light in ((7, "low"), (8, "some concerns"), (9, "high")):
        cut = {"NOS": {"low": least, "some concerns": 7 if least < 9 else 8}}
        assert read(tmp_path, *stars, cut_offs=cut).iloc[-1]["light"] == light
    some = read(tmp_path, *stars[:2]).iloc[-1]
    assert (some["state"], pd.isna(some["score"])) == ("missing", True)
    answers = [
        row(tool="JBI", domain=f"Q{i}", judgement="yes" if i < 8 else "unclear")
        for i in range(1, 11)
    ]
    assert read(tmp_path, *answers).iloc[-1]["score"] == 7


def test_the_nearest_judgement_counts_for_a_synthesis(tmp_path):
    judged = read(
        tmp_path,
        row(judgement="high"),
        row(outcome="fever", judgement="low"),
        row(outcome="fever-or", judgement="some concerns"),
        row(domain="D1", judgement="high"),
        row(study_id="bauer-2016", tool="RoB 2", judgement="low"),
        row(study_id="bauer-2016", tool="NOS", score="7"),
        row(study_id="bauer-2016", tool="ROBINS-I", judgement="serious"),
    )
    asked = {
        name: plan.Synthesis.of({"outcome": outcome})
        for name, outcome in (
            ("fever-or", "fever"),
            ("fever-rr", "fever"),
            ("survival-hr", "survival"),
        )
    }
    words = risk_of_bias.words(judged, asked)
    assert [words[name]["ahn-2015"] for name in asked] == ["some concerns", "low", "high"]
    assert words["fever-or"]["bauer-2016"] == "low (RoB 2), serious (ROBINS-I)"
    rows = risk_of_bias.of_synthesis(judged, "fever-or", "fever")
    mine = rows[rows["study_id"] == "ahn-2015"].set_index("domain")["judgement"]
    assert mine.to_dict() == {"overall": "some concerns", "D1": "high"}


def test_tools_have_words_in_order_with_colour_and_sign_or_points():
    assert set(tools.every()) == {
        *("RoB 2", "ROBINS-I", "ROBINS-I V2", "RoB 1", "QUIPS"),
        *("NOS", "MINORS", "MINORS one group", "JBI case series"),
    }
    for tool in tools.every().values():
        assert tool.judges in ("result", "study")
        signs = [one.sign for one in tool.judgements]
        assert len(set(signs)) == len(signs)
        assert all(one.colour in COLOURS for one in tool.judgements)
        assert all((domain.points > 0) == tool.in_points for domain in tool.domains)
        own = tools.names(tool.domains)
        assert set(own.values()) == {domain.id for domain in tool.domains}
    most = {tool.name: tool.most for tool in tools.every().values() if tool.in_points}
    assert most == {"NOS": 9, "MINORS": 24, "MINORS one group": 16, "JBI case series": 10}


def test_the_protocol_knows_the_words_and_the_tools_of_points():
    schema = yaml.safe_load(protocol.SCHEMA.read_text())
    words = schema["$defs"]["risk_of_bias"]["properties"]["overall"]["items"]["enum"]
    assert sorted(words) == sorted(tools.words())
    known = schema["properties"]["risk_of_bias"]["properties"]["cut_offs"]["properties"]
    assert set(known) == {tool.name for tool in tools.every().values() if tool.in_points}
