"""The pages: complete, built without a warning, and saying what the code does."""

import functools
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

import unwound
from unwound.patient import Protocol
from unwound.population.own import OwnPopulation
from unwound.trials import Trial

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not {"generated", "_build"} & set(path.relative_to(DOCS).parts))
FRONT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def generate():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language):
    """(page:line, text) of every block in `language`."""
    found = []
    for page in (*FRONT, *PAGES):
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[1] == language:
                line = text.count("\n", 0, match.start()) + 1
                found.append(pytest.param(match[2], id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def runnable():
    """Python blocks that import what they use; the others are excerpts."""
    return [block for block in blocks("python") if block.values[0].startswith(("import ", "from "))]


# ------------------------------------------------------------------------------------------------ completeness


def test_every_room_has_a_page():
    rooms = {path.parent.name for path in (ROOT / "src" / "unwound").glob("*/__init__.py")}
    assert rooms
    missing = {room for room in rooms if not (DOCS / "rooms" / f"{room}.md").is_file()}
    assert not missing


def test_every_room_is_in_the_drawings():
    rooms = generate().rooms()
    for page in (ROOT / "CONTRIBUTING.md", DOCS / "the-house.md"):
        text = page.read_text(encoding="utf-8")
        assert [room for room in rooms if room not in text] == []


def test_every_mechanism_is_shown_with_its_equations():
    """A module of floor 1 whose docstring holds an equation stands on a page of the rooms."""
    pages = generate()
    shown = "\n".join(page.read_text(encoding="utf-8") for page in sorted((DOCS / "rooms").glob("*.md")))
    for module in pages.modules():
        room = module.split(".")[1]
        has_equation = re.search(r"^    .* = ", pages.docstring(module), re.MULTILINE)
        if room in ("pharmacokinetics", "receptor", "sensitization", "outcomes", "cortex") and has_equation:
            assert f"parts/{module}.md" in shown, module


def commands(app, before=("unwound",)):
    """Every command line of the program, without arguments."""
    for command in app.registered_commands:
        yield " ".join((*before, command.name))
    for group in app.registered_groups:
        yield from commands(group.typer_instance, (*before, group.name))


def test_every_command_is_on_the_page_of_interfaces():
    from unwound.interfaces.cli import app

    page = (DOCS / "rooms" / "interfaces.md").read_text(encoding="utf-8")
    found = list(commands(app))
    assert len(found) >= 9
    assert [command for command in found if f"`{command}" not in page] == []


def test_every_command_shows_its_help_on_the_pages():
    from unwound.interfaces.cli import app

    shown = {" ".join(("unwound", *words)) for words in generate().COMMANDS}
    assert set(commands(app)) <= shown


def test_the_front_door_page_names_what_the_front_door_offers():
    listed = re.findall(r"^\| `(\w+)`", generate().front_door(), re.MULTILINE)
    assert listed == unwound.__all__


# ---------------------------------------------------------------------------------------------------- building


def test_the_pages_build_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(DOCS), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": ""})
    assert done.returncode == 0, done.stderr
    built = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert unwound.SIMULATION_ONLY in built
    fetch = re.compile(r"<(?:script|link|img)\b[^>]*?(?:src|href)=\"(https?:[^\"]+)")
    for page in (tmp_path / "html").rglob("*.html"):
        assert fetch.findall(page.read_text(encoding="utf-8")) == [], page.name


def anchors(page):
    """What `page.md#...` may point to."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*FRONT, *PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_resolve(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http:", "https:", "mailto:")) or "generated/" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.is_file(), f"{target}: no such file"
        assert not anchor or anchor in anchors(linked), f"{target}: no such heading"


# -------------------------------------------------------------------------------------------- what the pages say


def test_the_two_commands_of_the_readme_are_there():
    scripts = re.findall(r"^bash (scripts/\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert scripts[:2] == ["scripts/demo", "scripts/test"]
    for script in scripts:
        assert (ROOT / script).is_file()


@pytest.mark.parametrize("text", blocks("toml"))
def test_protocols_on_the_pages_are_valid_and_safe(text):
    data = tomllib.loads(text)
    if "population" in data:
        assert OwnPopulation.from_dict(data).build().own
        return
    (Trial.from_dict(data) if "arms" in data else Protocol.from_dict(data)).warnings()


@pytest.fixture
def a_reader(tmp_path, monkeypatch):
    """Somebody in a clone who also has an event table of their own."""
    shutil.copytree(ROOT / "examples" / "protocols", tmp_path / "examples" / "protocols")
    (tmp_path / "study.csv").write_text("ID,TIME,AMT,RATE,EVID,WT\n1,0,40,20,1,70\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("code", runnable())
def test_python_on_the_pages_runs(code, a_reader):
    exec(compile(code, "page", "exec"), {"__name__": "page"})


@pytest.mark.parametrize("name", ["Otto_2021.py", "Sigtermans_2009.py"])
def test_examples_from_papers_are_short_run_and_confess(name, tmp_path):
    path = ROOT / "examples" / "from_papers" / name
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    argument = "figure.png" if name.startswith("Otto") else "3"
    done = subprocess.run([sys.executable, path, argument], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Discrepancies:" in done.stdout
    assert unwound.SIMULATION_ONLY in done.stdout
    assert (tmp_path / "figure.png").is_file() == name.startswith("Otto")


def test_the_comparison_of_hypotheses_on_the_page_of_sensitization_is_what_is_computed():
    page = (DOCS / "rooms" / "sensitization.md").read_text(encoding="utf-8")
    protocol = Protocol.from_toml(ROOT / "examples" / "protocols" / "ten_weekdays.toml")
    end = protocol.regimen.end
    for hypothesis in ("H0", "H1", "H2"):
        (row,) = re.findall(rf"^\| {hypothesis} \| ([\d. |]+) \|$", page, re.MULTILINE)
        course = unwound.simulate(protocol.patient, protocol.regimen, setting=unwound.Setting(hypothesis=hypothesis))
        times = [0.0, end, *(end + 168.0 * weeks for weeks in (1, 4, 8))]
        computed = [float(course.pain_nrs[abs(course.time_h - time).argmin(), 0]) for time in times]
        assert [float(cell) for cell in row.split("|")] == pytest.approx(computed, abs=0.051)


@functools.cache
def reenacted():
    """Rows of 500 virtual trials under each hypothesis, as `unwound demo --hypothesis all` finds them."""
    trial = Trial.published("SIG09")
    settings = {h: unwound.Setting(hypothesis=h, seed=1, metabolites=False) for h in ("H0", "H1", "H2")}
    return {h: unwound.rows_of(unwound.conduct(trial, setting, 500)) for h, setting in settings.items()}


@pytest.mark.slow
def test_the_misses_on_the_page_of_limits_are_those_of_the_demo():
    page = (DOCS / "limits.md").read_text(encoding="utf-8")
    for start, endpoint in (("difference over weeks 1 to 12", "P < 0.001"), ("no longer significant at", "P >= 0.05")):
        (cells,) = re.findall(rf"^\| {start}.*?\|.*?\| (.*) \|$", page, re.MULTILINE)
        for (_, rows), cell in zip(reenacted().items(), cells.split(" | "), strict=True):
            (row,) = [row for row in rows if endpoint in row.endpoint]
            assert float(cell.split()[0]) == pytest.approx(100 * row.simulated.mean, abs=1.0)
            assert ("missed" in cell) == (row.passed is False)


@pytest.mark.slow
def test_the_table_of_the_readme_is_that_of_the_demo():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^(S-ketamine|placebo|difference)  +(.+)$", readme, re.MULTILINE)
    assert len(table) >= 8
    for arm, rest in table:
        endpoint, window, observed, simulated, _, verdict, provenance = re.split(r"  +", rest.strip())
        rows = [row for row in reenacted()["H2"] if row.arm == arm and "deviation" not in row.endpoint]
        rows = [row for row in rows if row.endpoint.startswith(endpoint) and window in row.window]
        (row,) = [row for row in rows if observed in row.observed_text]
        assert float(simulated) == pytest.approx(row.simulated.mean, abs=0.02 * max(1.0, abs(row.simulated.mean)))
        assert verdict == {True: "hit", False: "MISSED", None: "not judged"}[row.passed]
        assert provenance == row.provenance
