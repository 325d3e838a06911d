"""Nothing leaves the range of what is possible: amounts stay above zero, gains between 0 and 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import MECHANISMS, disposition, flow_points_inwards, jnp
from unwound.patient.simulation import Setting, simulate_people
from unwound.pharmacokinetics import modes_of
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: m.name)
@given(data=st.data())
@settings(max_examples=30)
def test_on_the_boundary_every_flow_points_inwards(mechanism, data):
    state, stimulus, p = (data.draw(s) for s in (mechanism.states, mechanism.stimuli, mechanism.parameters))
    assert flow_points_inwards(mechanism, state, stimulus, p)


@given(disposition(2))
@settings(max_examples=50)
def test_no_concentration_is_ever_negative(p):
    modes = modes_of(p)
    assert float(modes.gain.min()) >= 0
    assert float(modes.rate.min()) > 0
    after_bolus = jnp.sum(modes.gain[:, None] * jnp.exp(-modes.rate[:, None] * jnp.linspace(0, 50, 40)), axis=0)
    assert float(after_bolus.min()) >= 0


@pytest.mark.parametrize("hypothesis", ["H0", "H1", "H2"])
def test_every_state_of_every_course_stays_in_its_range(hypothesis):
    dose = Infusion(
        drug="ketamine", enantiomer="S", rate="1 mg/kg/h", duration="20 h", repeat={"count": 3, "days": "daily"}
    )
    regimen = compile_regimen(Regimen(setting="icu", doses=(dose,)))
    ids = np.arange(64)
    at = np.arange(0, 40) * 6.0
    course = simulate_people(sample(5, ids, "CRPS-1"), ids, regimen, at, Setting(hypothesis=hypothesis, seed=5))
    assert not course.verdicts.any()
    for name, values in course.states.items():
        assert values.min() >= 0, name
        assert values.max() <= 1, name
    for values in course.concentration_ng_per_mL.values():
        assert values.min() >= 0
    assert 0 <= course.pain_nrs.min() <= course.pain_nrs.max() <= 10
