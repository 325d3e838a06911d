"""The front door: what `import unwound` offers, and what it does not drag in."""

import ast
import pathlib
import subprocess
import sys

import pytest

import unwound

STUB = pathlib.Path(unwound.__file__).with_suffix(".pyi")


def test_every_name_of_the_front_door_can_be_used():
    for name in unwound.__all__:
        assert getattr(unwound, name) is not None


def test_the_type_stub_names_the_same_things():
    tree = ast.parse(STUB.read_text())
    stubbed = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert stubbed == set(unwound.__all__)


def test_there_are_about_thirty_names():
    assert 25 <= len(unwound.__all__) <= 35


def test_a_name_that_is_not_there_is_refused_by_name():
    with pytest.raises(AttributeError, match="no name 'reset'"):
        unwound.reset  # noqa: B018  the access is the test


@pytest.mark.parametrize(
    "statement",
    [
        "import unwound",
        "import unwound.evidence; unwound.evidence.estimate('otto2021.clearance')",
        "import unwound.regimen",
        "from typer.testing import CliRunner; from unwound.interfaces.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "assert CliRunner().invoke(app, ['demo', '--help']).exit_code == 0",
    ],
)
def test_light_things_do_not_load_jax_pandas_or_pyarrow(statement):
    code = f"{statement}; import sys; heavy = {{'jax', 'pandas', 'pyarrow', 'matplotlib'}} & set(sys.modules); "
    code += "assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_story_of_the_docstring_runs(tmp_path):
    regimen = unwound.Regimen.from_toml_text(
        'setting = "monitored"\n[[doses]]\nkind = "infusion"\ndrug = "ketamine"\nenantiomer = "S"\n'
        'rate = "20 mg/h"\nduration = "4 h"\nrepeat = { count = 10, days = "weekdays" }\n'
    )
    person = unwound.Person(weight="70 kg", pain="7 points")
    course = unwound.simulate(person, regimen, until="12 weeks")
    assert course.at(0.0)[0] == pytest.approx(7.0)
    assert 30 < course.relief_days(regimen.end)[0] < 38
    assert {"protected_switch.threshold", "empirical.half_block_mass"} <= {e.key for e in course.assumptions()}
    assert any(c.key == "otto2021" for c in course.citations())
    assert course.simulation_only == unwound.SIMULATION_ONLY
