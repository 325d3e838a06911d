"""`unwound export`: one file, whole or not at all, and nothing unsafe in it."""

import json

import pytest
from typer.testing import CliRunner

from unwound.core.errors import InputError, StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.interfaces.export import app

pytest.importorskip("libsbml")
DRIP = ["--drug", "S-ketamine", "--dose", "20 mg/h for 4 h"]


def run(*words):
    """What a command prints on stdout; its error is raised."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_model_goes_to_a_file_or_to_stdout(tmp_path):
    file = tmp_path / "otto.xml"
    said = run("sbml", "--model", "otto2021", *DRIP, "--with-memory", "H2", "--out", str(file))
    assert SIMULATION_ONLY in said
    text = file.read_text(encoding="utf-8")
    assert "memory_synaptic_gain" in text
    assert run("sbml", "--model", "otto2021", *DRIP, "--with-memory", "H2") == text
    assert [path.name for path in tmp_path.iterdir()] == ["otto.xml"]


def test_a_file_is_replaced_only_when_asked(tmp_path):
    file = tmp_path / "otto.cpp"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"the file exists.*--force"):
        run("mrgsolve", "--model", "otto2021", "--out", str(file))
    assert file.read_text(encoding="utf-8") == "mine"
    run("mrgsolve", "--model", "otto2021", "--out", str(file), "--force")
    assert file.read_text(encoding="utf-8").startswith("$PROB")
    with pytest.raises(InputError, match="this is a folder"):
        run("mrgsolve", "--out", str(tmp_path))
    with pytest.raises(StoreError):
        run("mrgsolve", "--out", str(tmp_path / "nowhere" / "x.cpp"))


def test_a_protocol_file_is_read(tmp_path):
    file = tmp_path / "spray.toml"
    dose = 'kind = "bolus"\ndrug = "ketamine"\nenantiomer = "S"\nroute = "nasal"\namount = "56 mg"\n'
    file.write_text(f'[patient]\nage = "71 y"\n\n[[doses]]\n{dose}', encoding="utf-8")
    found = json.loads(run("sbml", str(file), "--model", "perezruixo2021", "--json"))
    assert found["simulation_only"] == SIMULATION_ONLY
    assert "A_nose" in found["text"]
    assert "71 years" in found["text"]


def test_the_dose_of_a_spray_decides_its_share():
    one, three = (
        run("mrgsolve", "--model", "perezruixo2021", "--route", "nasal", "--dose", f"{n} mg") for n in (28, 84)
    )
    assert "LATER_DEVICE_FACTOR*2.0" in three
    assert "LATER_DEVICE_FACTOR*2.0" not in one


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sbml"], "a file or a dose is needed"),
        (["sbml", "--dose", "35 mg"], "S-ketamine"),
        (["sbml", "--drug", "esketamine", "--dose", "20 mg/kg/h for 4 h"], "hard limit"),
        (["sbml", "--model", "otto", *DRIP], "no such pharmacokinetic model"),
        (["mrgsolve", "--route", "nosal"], "no input by this route"),
        (["mrgsolve", "--dose", "28"], "a number without a unit"),
    ],
)
def test_wrong_words_are_refused(words, says):
    with pytest.raises(InputError, match=says):
        run(*words)
