"""Laws of the cortical circuit: rest without drug, no surge without a preference for interneurons, stability."""

import math

import jax
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unwound.core.units import units_of
from unwound.cortex import Block, Disinhibition, Rates, balance, flow, glutamate, steady_state
from unwound.cortex.disinhibition import losses

share = st.floats(0.0, 1.0)
blocks = st.builds(Block, pyramidal=share, interneuron=share)
circuits = st.builds(
    Disinhibition,
    pyramidal_nmda=share,
    interneuron_nmda=share,
    recurrence=st.floats(0.0, 0.95),
    feedback=st.floats(0.05, 10.0),
    pyramidal_time=st.floats(1.0, 100.0),
    interneuron_time=st.floats(1.0, 100.0),
)
NONE = Block(pyramidal=0.0, interneuron=0.0)


def with_values(p, **values):
    return Disinhibition(**({name: getattr(p, name) for name in units_of(Disinhibition)} | values))


def close(one, other):
    return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)


@given(p=circuits)
def test_without_drug_nothing_changes(p):
    rest = steady_state(NONE, p)
    assert close(rest.pyramidal, 1.0)
    assert close(rest.interneuron, 1.0)
    moving = flow(Rates(pyramidal=1.0, interneuron=1.0), NONE, p)
    assert close(moving.pyramidal, 0.0)
    assert close(moving.interneuron, 0.0)


@given(p=circuits, block=blocks)
def test_the_closed_form_is_at_rest(p, block):
    moving = flow(steady_state(block, p), block, p)
    assert close(moving.pyramidal, 0.0)
    assert close(moving.interneuron, 0.0)


@given(p=circuits, block=blocks)
def test_rates_at_rest_are_never_negative_and_interneurons_never_rise(p, block):
    rest = steady_state(block, p)
    assert float(rest.pyramidal) >= 0.0
    assert 0.0 <= float(rest.interneuron) <= 1.0 + 1e-12


@given(p=circuits, block=blocks, other=st.floats(0.0, 5.0))
def test_no_flow_leads_to_a_negative_rate(p, block, other):
    assert float(flow(Rates(pyramidal=0.0, interneuron=other), block, p).pyramidal) >= 0.0
    assert float(flow(Rates(pyramidal=other, interneuron=0.0), block, p).interneuron) >= 0.0


@given(p=circuits, weight=share, blocked=share)
def test_equal_losses_of_both_classes_make_no_surge(p, weight, blocked):
    equal = with_values(p, pyramidal_nmda=weight, interneuron_nmda=weight)
    block = Block(pyramidal=blocked, interneuron=blocked)
    assert float(glutamate(block, equal)) <= 1.0 + 1e-12
    assert float(balance(block, equal)) <= 1e-12


@given(p=circuits, block=blocks)
def test_the_balance_of_losses_tells_the_sign_of_glutamate(p, block):
    lead = float(balance(block, p))
    assume(abs(lead) > 1e-9)
    assert (float(glutamate(block, p)) > 1.0) == (lead > 0.0)


@given(p=circuits, block=blocks, recurrence=st.floats(0.0, 0.95))
def test_recurrence_changes_the_size_and_never_the_sign(p, block, recurrence):
    assume(abs(float(balance(block, p))) > 1e-9)
    here, there = (float(glutamate(block, one)) - 1.0 for one in (p, with_values(p, recurrence=recurrence)))
    assert (here > 0.0) == (there > 0.0)


@given(p=circuits, blocked=share)
def test_block_of_interneurons_alone_raises_glutamate_and_of_pyramidal_cells_alone_lowers_it(p, blocked):
    assert float(glutamate(Block(pyramidal=0.0, interneuron=blocked), p)) >= 1.0 - 1e-12
    assert float(glutamate(Block(pyramidal=blocked, interneuron=0.0), p)) <= 1.0 + 1e-12


@given(p=circuits, block=blocks)
def test_the_state_at_rest_is_stable(p, block):
    assume(float(losses(block, p)[0]) < 0.99)  # at a loss of all drive the rectifier has its corner at rest
    rest = steady_state(block, p)

    def both(values):
        moving = flow(Rates(pyramidal=values[0], interneuron=values[1]), block, p)
        return jax.numpy.stack([moving.pyramidal, moving.interneuron])

    jacobian = np.asarray(jax.jacfwd(both)(jax.numpy.array([rest.pyramidal, rest.interneuron])))
    assert np.all(np.linalg.eigvals(jacobian).real < 0.0)


@pytest.mark.parametrize("field", ["pyramidal_time", "interneuron_time"])
def test_time_constants_in_seconds_give_rates_per_second(field):
    """ms -> s: the flow per unit of time grows a thousandfold, the state at rest stays."""
    p = Disinhibition(0.6, 0.8, 0.5, 1.0, 20.0, 10.0)
    block, rates = Block(pyramidal=0.2, interneuron=0.4), Rates(pyramidal=0.7, interneuron=0.9)
    seconds = with_values(p, pyramidal_time=0.020, interneuron_time=0.010)
    name = field.removesuffix("_time")
    assert close(getattr(flow(rates, block, seconds), name), 1000.0 * getattr(flow(rates, block, p), name))
    assert close(glutamate(block, seconds), glutamate(block, p))
