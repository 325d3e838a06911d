"""The examples that reproduce published kinetics: short, running, confessing."""

import pathlib
import subprocess
import sys

import pytest

import unwound

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "from_papers"
FIGURES = {"PerezRuixo_2021": False, "Simons_2022": True, "Kamp_2020_Koeppel_1990": True}


@pytest.mark.parametrize("name", FIGURES)
def test_the_example_is_short_runs_and_ends_with_its_discrepancies(name, tmp_path):
    path = FOLDER / f"{name}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    done = subprocess.run([sys.executable, path, "figure.png"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    _, discrepancies = done.stdout.split("Discrepancies:\n")
    assert discrepancies.count("\n- ") + 1 >= 5
    assert discrepancies.endswith(f"{unwound.SIMULATION_ONLY}.\n")
    assert (tmp_path / "figure.png").is_file() == FIGURES[name]
