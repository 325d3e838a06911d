r"""One nerve cell of the dorsal horn: an exponential integrate-and-fire cell with synapses and a plateau current.

    C dV/dt = gL (EL - V) + gL D exp((V - VT)/D) - gA V - gN B(V) V - gNK V
              - gI h (V - EI) - gP x (V - EP) - gK m (V - EK) - w + noise
    B(V) = 1 / (1 + exp(-V/VMg) [Mg]/KMg)
    dgN/dt: difference of two exponentials, peak 1 per arrival;  dgA/dt, dgI/dt, dgNK/dt: one exponential
    dCa/dt = -Ca/tauCa + kCa I_N        dx/dt = (Ca^2/(1 + Ca^2) - x)/tauP        output cells only
    dw/dt = -w/tauw
    V >= Vspike:  spike, V = Vreset for the refractory time, w += bad, Ca += dCa

What arrives at gN is scaled by u (1 - b): u is the up-regulation of NMDA receptors and b the block of those synapses
(`trapping`). h scales inhibition, EI is its chloride reversal, m the opioid tone. Conductances decay exactly within a
step; V, Ca and x take an explicit step.

Source: the cell and its numbers are assumptions (dorsal_horn.csv); jahr1990 (block by Mg2+). Leaves out: dendrites, ion
currents of spikes, release probability, synaptic depression.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit

STEEPEST = 10.0
"""Exponents of the spike are cut here, far beyond the spike itself: an explicit step must not overflow."""


class Membrane(Record):
    """The cell without synapses."""

    capacitance: Scalar = unit("pF")  # C
    leak: Scalar = unit("nS")  # gL
    rest: Scalar = unit("mV")  # EL
    threshold: Scalar = unit("mV")  # VT
    steepness: Scalar = unit("mV")  # D
    spike: Scalar = unit("mV")  # Vspike
    reset: Scalar = unit("mV")  # Vreset
    refractory: Scalar = unit("ms")
    adaptation: Scalar = unit("pA")  # bad
    adaptation_time: Scalar = unit("ms")  # tauw


class Synapse(Record):
    """Kinetics of the four synaptic conductances; excitation reverses at 0 mV."""

    ampa_time: Scalar = unit("ms")
    nmda_rise: Scalar = unit("ms")
    nmda_decay: Scalar = unit("ms")
    inhibitory_time: Scalar = unit("ms")
    neurokinin_time: Scalar = unit("ms")
    magnesium: Scalar = unit("mM")  # [Mg]
    magnesium_dissociation: Scalar = unit("mM")  # KMg
    magnesium_slope: Scalar = unit("mV")  # VMg
    opioid_conductance: Scalar = unit("nS")  # gK
    potassium: Scalar = unit("mV")  # EK
    presynaptic_opioid: Scalar = unit("1")  # share of C-fiber release that full opioid tone takes away


class Plateau(Record):
    """The calcium-activated current of output cells."""

    conductance: Scalar = unit("nS")  # gP
    reversal: Scalar = unit("mV")  # EP
    time: Scalar = unit("ms")  # tauP
    calcium_time: Scalar = unit("ms")  # tauCa
    calcium_per_charge: Scalar = unit("1/pA/ms")  # kCa
    calcium_per_spike: Scalar = unit("1")  # dCa


class Condition(Record):
    """What is done to the circuit, or has become of it. Numbers, or arrays of one per condition."""

    nmda: Scalar = unit("1")  # u
    block: Scalar = unit("1")  # b, at the start
    inhibition: Scalar = unit("1")  # h
    chloride: Scalar = unit("mV")  # EI
    opioid: Scalar = unit("1")  # m
    substance_p: Scalar = unit("1")  # scales NK1 conductances
    binding: Scalar = unit("1/s")  # k C: how fast the drug enters open receptors; 0: the block stays as it is
    unbinding: Scalar = unit("1/s")  # k K(0): how fast it leaves open ones at 0 mV
    unbinding_voltage: Scalar = unit("mV")  # RT/(delta F): unbinding grows e-fold with it


class Cells(Record):
    """State of many cells; every field has one number per cell."""

    voltage: Scalar = unit("mV")  # as the last step left it: at or above Vspike, the cell fires now
    adaptation: Scalar = unit("pA")
    ampa: Scalar = unit("nS")
    nmda_slow: Scalar = unit("nS")
    nmda_fast: Scalar = unit("nS")
    inhibitory: Scalar = unit("nS")
    neurokinin: Scalar = unit("nS")
    calcium: Scalar = unit("1")
    plateau: Scalar = unit("1")
    waiting: Scalar = unit("ms")  # what is left of the refractory time


class Kinds(Record):
    """Which cells have what: 1 or 0 per cell."""

    output: Scalar = unit("1")  # plateau and calcium
    opioid: Scalar = unit("1")  # opioid receptors on the cell itself


class Physiology(Record):
    """Everything that does not change between conditions."""

    membrane: Membrane
    synapse: Synapse
    plateau: Plateau


class Arrivals(Record):
    """Conductance that spikes open in this step."""

    ampa: Scalar = unit("nS")
    nmda: Scalar = unit("nS")
    inhibitory: Scalar = unit("nS")
    neurokinin: Scalar = unit("nS")


def at_rest(shape: tuple[int, ...], p: Membrane) -> Cells:
    """Cells that nothing has happened to."""
    none = jnp.zeros(shape)
    return Cells(none + p.rest, none, none, none, none, none, none, none, none, none)


def unblocked(voltage: Scalar, p: Synapse) -> Array:
    """B(V): the share of NMDA receptors that Mg2+ leaves free."""
    return 1.0 / (1.0 + jnp.exp(-voltage / p.magnesium_slope) * p.magnesium / p.magnesium_dissociation)


def nmda_peak(p: Synapse) -> Array:
    """Factor that gives the difference of two exponentials a peak of 1."""
    ratio = p.nmda_rise / p.nmda_decay
    return 1.0 / (ratio ** (ratio / (1.0 - ratio)) - ratio ** (1.0 / (1.0 - ratio)))


def nmda_current(cells: Cells, p: Synapse) -> Array:
    """I_N [pA], inward positive."""
    return (cells.nmda_fast - cells.nmda_slow) * unblocked(cells.voltage, p) * cells.voltage


def membrane_current(cells: Cells, nmda: Scalar, noise: Scalar, c: Condition, kinds: Kinds, p: Physiology) -> Array:
    """C dV/dt [pA]."""
    v, m, s, plateau = cells.voltage, p.membrane, p.synapse, p.plateau
    spike = m.leak * m.steepness * jnp.exp(jnp.minimum((v - m.threshold) / m.steepness, STEEPEST))
    synaptic = nmda - (cells.ampa + cells.neurokinin) * v - cells.inhibitory * c.inhibition * (v - c.chloride)
    slow = plateau.conductance * kinds.output * cells.plateau * (v - plateau.reversal)
    opioid = s.opioid_conductance * kinds.opioid * c.opioid * (v - s.potassium)
    return m.leak * (m.rest - v) + spike + synaptic - slow - opioid - cells.adaptation + noise


def step(
    cells: Cells, arrivals: Arrivals, noise: Scalar, c: Condition, kinds: Kinds, p: Physiology, dt: float
) -> tuple[Cells, Array]:
    """The cells `dt` [ms] later, and which of them fire now (1 or 0). `noise` is a current [pA].

    A cell that the last step took to `Vspike` fires at the start of this one: so the new voltages are computed once
    and kept, where a test at the end would make the compiler compute them anew for everything that a spike changes.
    """
    m, s, plateau = p.membrane, p.synapse, p.plateau
    hit = cells.voltage >= m.spike
    fired = hit.astype(cells.voltage.dtype)
    nmda = arrivals.nmda * nmda_peak(s)
    cells = Cells(
        voltage=jnp.where(hit, m.reset, cells.voltage),
        adaptation=cells.adaptation + fired * m.adaptation,
        ampa=cells.ampa * jnp.exp(-dt / s.ampa_time) + arrivals.ampa,
        nmda_slow=cells.nmda_slow * jnp.exp(-dt / s.nmda_decay) + nmda,
        nmda_fast=cells.nmda_fast * jnp.exp(-dt / s.nmda_rise) + nmda,
        inhibitory=cells.inhibitory * jnp.exp(-dt / s.inhibitory_time) + arrivals.inhibitory,
        neurokinin=cells.neurokinin * jnp.exp(-dt / s.neurokinin_time) + arrivals.neurokinin,
        calcium=cells.calcium + kinds.output * fired * plateau.calcium_per_spike,
        plateau=cells.plateau,
        waiting=jnp.where(hit, m.refractory, jnp.maximum(cells.waiting - dt, 0.0)),
    )
    inward = nmda_current(cells, s)
    moved = cells.voltage + dt * membrane_current(cells, inward, noise, c, kinds, p) / m.capacitance
    held = cells.waiting > 0.5 * dt  # half a step: repeated subtraction does not end at exactly 0
    entering = -cells.calcium / plateau.calcium_time + plateau.calcium_per_charge * jnp.maximum(inward, 0.0)
    gate = cells.calcium**2 / (1.0 + cells.calcium**2)
    after = Cells(
        voltage=jnp.where(held, m.reset, moved),
        adaptation=cells.adaptation * jnp.exp(-dt / m.adaptation_time),
        ampa=cells.ampa,
        nmda_slow=cells.nmda_slow,
        nmda_fast=cells.nmda_fast,
        inhibitory=cells.inhibitory,
        neurokinin=cells.neurokinin,
        calcium=cells.calcium + kinds.output * dt * entering,
        plateau=cells.plateau + kinds.output * dt * (gate - cells.plateau) / plateau.time,
        waiting=cells.waiting,
    )
    return after, fired
