"""Mechanisms beside the switch, wired to blood and to pain."""

import dataclasses

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, UnknownName
from unwound.evidence import all_estimates
from unwound.patient import Setting, simulate_people
from unwound.patient.engine import Answers
from unwound.patient.full_wiring import FullWiring, widened
from unwound.patient.setting import outcomes_from_evidence
from unwound.patient.wiring import wiring_of
from unwound.pharmacokinetics.kinetics import Reading
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen
from unwound.sensitization.full_memory import FullMemory, Hill
from unwound.sensitization.mechanisms import NAMES, mechanisms_of

IDS = np.arange(4)
PEOPLE = dataclasses.replace(
    sample(8, IDS, "CRPS-1"),
    duration=np.full(4, 100.0), input_factor=np.ones(4), latent_factor=np.ones(4), placebo_size=np.zeros(4),
)  # fmt: skip
ALL = tuple(NAMES)
WEEKS = np.arange(5) * 168.0


def silent(wiring):
    """The same wiring in full, with every gain at zero."""
    return FullWiring(
        wiring.switch, wiring.driver, wiring.slow, wiring.felt, wiring.flares, mechanisms_of(), Hill(),
        jnp.zeros(()), (),
    )  # fmt: skip


def course(treated, **said):
    dose = Infusion(drug="ketamine", enantiomer="S", rate="20 mg/h", duration="100 h")
    regimen = compile_regimen(Regimen(setting="icu", doses=(dose,)))
    setting = Setting(seed=8, flares=False, metabolites=False, **said)
    return simulate_people(PEOPLE, IDS, regimen, WEEKS, setting, np.full(4, treated))


def test_nothing_asked_is_the_wiring_itself():
    for hypothesis in ("H0", "H1", "H2"):
        plain = wiring_of(hypothesis)
        assert widened(plain) is plain


@pytest.mark.parametrize("hypothesis", ["H1", "H2"])
def test_with_every_gain_at_zero_a_person_starts_moves_and_hurts_as_under_the_switch(hypothesis):
    plain = wiring_of(hypothesis).of(PEOPLE)
    full = silent(wiring_of(hypothesis)).of(PEOPLE)
    core, wide = plain.start(PEOPLE).state, full.start(PEOPLE).state
    np.testing.assert_allclose(wide.gain, core.gain, atol=1e-12)
    readings, z = (Reading(jnp.full(4, 0.1), jnp.zeros((0, 4))),), (jnp.full(4, 0.3),)
    flare = jnp.full(4, 0.02)
    a, b = plain.flow(core, readings, z, flare), full.flow(wide, readings, z, flare)
    np.testing.assert_allclose((b.gain, b.latent), (a.gain, a.latent), rtol=1e-9, atol=1e-12)
    two = jax.tree.map(lambda x: jnp.stack([x, x * 0.9]), (readings, z))
    pain = outcomes_from_evidence().pain
    flares = jnp.stack([jnp.zeros(4), flare])
    states = [jax.tree.map(lambda x: jnp.stack([x, 0.5 * x]), state) for state in (core, wide)]
    drives = [w.drive(Answers(*two, s), flares, pain) for w, s in zip((plain, full), states, strict=True)]
    np.testing.assert_allclose(drives[1], drives[0], rtol=1e-12)


@pytest.mark.parametrize("hypothesis", ["H1", "H2"])
def test_long_in_pain_and_without_drug_nobody_moves_whatever_is_on(hypothesis):
    rest = course(0.0, hypothesis=hypothesis, mechanisms=ALL, opioid_tone=0.3)
    assert not rest.verdicts.any()
    assert set(rest.states) >= {"receptor_number", "disinhibition", "glia", "descending_control", "tolerance"}
    for name, values in rest.states.items():
        np.testing.assert_allclose(values, values[[0]] + np.zeros((5, 1)), atol=1e-8, err_msg=name)
    np.testing.assert_allclose(rest.pain_nrs, rest.pain_nrs[[0]] + np.zeros((5, 1)), atol=1e-7)


def test_a_course_says_which_mechanisms_were_on_and_lists_their_assumptions():
    done = course(1.0, mechanisms=("descending",))
    assert done.mechanisms == ("descending",)
    assert done.behind == "H2 with descending"
    assert "off in fits" in done.warnings[0]
    assert {"descending.repair", "descending.time"} <= set(done.keys)
    assert all(key in all_estimates() for key in done.keys)
    control = done.states["descending_control"]
    assert (control[1:].max(axis=0) > control[0] + 0.1).all()  # repaired under protection
    header, rows, _ = done.milestones(100.0)
    assert header[-1] == "descending\ncontrol"
    assert len(rows[0]) == len(header)


def test_a_state_that_is_off_is_not_shown():
    states = widened(wiring_of("H2"), ("glia",)).of(PEOPLE)
    full = FullMemory(**{name: jnp.ones((2, 4)) for name in FullMemory.__dataclass_fields__})
    shown = states.states(Answers((Reading(jnp.zeros((2, 4)), jnp.zeros((0, 2, 4))),), (jnp.zeros((2, 4)),), full))
    assert set(shown) == {"synaptic_gain", "latent_memory", "protection", "block", "glia"}


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"name": "H0", "mechanisms": ("glia",)}, "H0 has no switch"),
        ({"name": "H2", "opioid_tone": 0.3}, "which is off"),
        ({"name": "H1", "mechanisms": ("opioid",), "opioid_tone": 1.5}, "between 0 and 1"),
    ],
)
def test_what_cannot_act_is_refused(said, rule):
    with pytest.raises(InputError, match=rule):
        widened(wiring_of(said.pop("name")), **said)


def test_an_unknown_mechanism_is_refused_with_the_names():
    with pytest.raises(UnknownName, match="receptors"):
        widened(wiring_of("H2"), ("receptor",))
