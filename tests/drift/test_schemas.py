"""The shipped JSON Schemas are those of the models. After a change on purpose: `scripts/schemas`."""

import json
import pathlib

import pytest

import unwound.interfaces
from unwound.patient import Protocol
from unwound.population.own import OwnPopulation
from unwound.trials import Trial

FOLDER = pathlib.Path(unwound.interfaces.__file__).parent / "schemas"


@pytest.mark.parametrize(("kind", "model"), [("protocol", Protocol), ("trial", Trial), ("population", OwnPopulation)])
def test_the_shipped_schema_is_that_of_the_model(kind, model):
    assert json.loads((FOLDER / f"{kind}.schema.json").read_text()) == model.json_schema()
