"""What the project shows to the outside: versions in step, paths that exist, whole forms."""

import datetime
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from running import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FORMS = sorted(p for p in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if p.stem != "config")


def read(name: str):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked() -> dict[str, str]:
    text = (ROOT / "requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def test_the_version_and_its_day_are_the_same_everywhere():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert heads[0] == "Unreleased"
    version, day = re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", heads[1]).groups()
    cited = read("CITATION.cff")
    assert project()["version"] == cited["version"] == version
    assert cited["date-released"] == datetime.date.fromisoformat(day)


def test_the_citation_is_whole():
    cited = read("CITATION.cff")
    wanted = (
        "cff-version message title abstract type authors version date-released license keywords"
    )
    assert set(wanted.split()) <= set(cited)
    assert cited["license"] == project()["license"]
    assert cited["title"] == project()["name"]


def test_pre_commit_runs_the_locked_versions():
    own = {"ruff-pre-commit": "ruff", "snakefmt": "snakefmt"}
    found = {}
    for repo in read(".pre-commit-config.yaml")["repos"]:
        if repo["repo"] == "local":
            # What runs from the environment of `make` is the locked one.
            assert all(hook["entry"].startswith(".venv/bin/") for hook in repo["hooks"])
        else:
            found[own[repo["repo"].rsplit("/", 1)[1]]] = repo["rev"]
    assert found == {name: f"v{locked()[name]}" for name in own.values()}


def test_pre_commit_does_what_make_format_does():
    recipe = (ROOT / "Makefile").read_text().split("\nformat:")[1].split("\n\n")[0]
    tools = re.findall(r"\$\(BIN\)/(\S+)(?: (check|format))?", recipe)
    repos = read(".pre-commit-config.yaml")["repos"]
    hooks = [hook["id"] for repo in repos for hook in repo["hooks"]]
    assert hooks == ["-".join(filter(None, tool)) for tool in tools]


def test_the_workflow_on_github_may_only_read_and_uses_commands_of_the_readme():
    flow = read(".github/workflows/tests.yml")
    assert flow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in flow["jobs"].values())
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", s["uses"]) for s in steps if "uses" in s)
    goals = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    commands = [step["run"] for step in steps if "run" in step]
    for command in commands:
        goal = re.fullmatch(r"make ?([a-z-]*)(?: PYTHON=python)?", command)
        shown = command.removeprefix(".venv/bin/") in (ROOT / "README.md").read_text()
        assert shown or goal.group(1) in ["", *goals.group(1).split()], command
    assert "make test PYTHON=python" in commands
    versions = flow["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert f">={versions[0]}" == project()["requires-python"]


def test_the_entry_in_the_catalog_has_the_keys_that_it_reads():
    usage = read(".snakemake-workflow-catalog.yml")["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    conda = any("conda:" in p.read_text() for p in (ROOT / "workflow/rules").glob("*.smk"))
    assert usage["software-stack-deployment"]["conda"] == conda


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_an_issue_form_is_whole(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(form) == {"name", "description", "labels", "body"}
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["type"] in ("input", "textarea") for part in asked)
    assert all(part["attributes"]["label"] for part in asked)
    assert len({part["id"] for part in asked}) == len(asked) > 0
    assert any(part.get("validations", {}).get("required") for part in asked)


def test_there_is_a_form_for_each_thing_people_come_with():
    assert {p.stem for p in FORMS} == {"wrong-number", "crash", "file-not-read", "idea"}


def outputs() -> str:
    """Paths under results/ that rules name, and those of the README's table, one a line."""
    rules = [ROOT / "Snakefile", ROOT / "batch.smk", *(ROOT / "workflow/rules").glob("*.smk")]
    found = re.findall(r'"(results/[^"]+)"', "\n".join(p.read_text() for p in rules))
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("| in `results/` |")[1]
    for line in table.split("\n\n")[0].splitlines():
        names = re.findall(r"`([^`]+)`", line.split("|")[1]) if line.startswith("| `") else []
        folder = names[0].rsplit("/", 1)[0] + "/" if names and "/" in names[0] else ""
        found += [f"results/{name if '/' in name else folder + name}" for name in names]
    return "\n".join(found) + "\n"


def named(page: Path) -> list[str]:
    """Paths that a page names: in links, and in code whatever has a slash or ends like our code."""
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    words = [word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split()]
    paths = [w for w in words if re.fullmatch(r"\.?[\w.-]*(/[\w.-]*)+|[\w-]+\.(py|md|smk)", w)]
    # Made at run time, by benchmarks, or put in by whoever reads: nothing to look for.
    # An arm against another is no path.
    made = ("path/to/", ".snakemake/", ".venv/", "results/benchmarks/", "local/control")
    return [*links, *(path for path in paths if not path.startswith(made))]


def test_the_reader_of_pages_sees_links_and_code(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("[x](docs/a.md#b) `python a/b.py` `c.md` `path/to/x` `w.x`\n")
    assert named(page) == ["docs/a.md", "a/b.py", "c.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_path_that_a_page_names_exists(page):
    library = ROOT / "workflow/scripts/livingmeta"
    inside = [ROOT / "workflow" / name for name in ("schemas", "rules")]
    places = [
        ROOT,
        page.parent,
        library.parent,
        library,
        ROOT / "workflow",
        *inside,
        ROOT / "tests",
    ]
    ours = {path.name for path in library.rglob("*.py")}
    # What people bring: files that the page on it or a rule names.
    told = [ROOT / "config/README.md", ROOT / "workflow/rules/common.smk"]
    brought = "\n".join(path.read_text(encoding="utf-8") for path in told)
    # `{synthesis}` and its like stand for a word.
    made = [re.sub(r"\\{\w+\\}", r"[\\w-]+", re.escape(line)) for line in outputs().splitlines()]
    missing = []
    for name in named(page):
        path = "results/" + name.removeprefix("results/")
        exists = name in ours or any((place / name).exists() for place in places)
        produced = any(re.fullmatch(line, path.rstrip("/")) for line in made)
        produced |= path.endswith("/") and any(line.startswith(path) for line in made)
        known = name.startswith("data/raw/") and name.rstrip("/") in brought
        if not (exists or produced or known):
            missing.append(name)
    assert missing == []
