"""Run the dorsal horn over a design of conditions, fit the emulator, and write the data that ship with the package.

    design    scrambled Sobol points in the box (scipy), each run with several seeds and averaged
    fit       least squares with L-BFGS (scipy), one small monotone network per read-out
    error     five-fold cross-validation: root mean square error as a share of the range

Usage: ``python scripts/make_dorsal_horn_emulator.py [--points 736] [--seeds 2]`` (about half an hour on two cores).
The runs are kept in ``build/horn_design.npz`` and reused when nothing has changed.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from rich.progress import track
from scipy.optimize import minimize
from scipy.stats import qmc

from unwound.core.arrays import jax, jnp
from unwound.dorsal_horn.circuit import horn
from unwound.dorsal_horn.emulator import BOX, INPUTS, READOUTS, Network, direction, fingerprint, scaled
from unwound.dorsal_horn.stimulation import (
    Bench,
    at_rest_and_brushed,
    conditions,
    ectopic_discharge,
    of_outputs,
    train,
)
from unwound.dorsal_horn.wiring import OUTPUTS

ROOT = pathlib.Path(__file__).parents[1]
PLACE = ROOT / "src" / "unwound" / "dorsal_horn" / "data" / "emulator.json"
KEPT = ROOT / "build" / "horn_design.npz"
HIDDEN, SECOND, FOLDS, STIMULI, CHUNK = 12, 8, 5, 16, 64
DESIGN_SEED = 20261126
SHRINK = 1e-4
"""Penalty on the squares of the weights: keeps the functions smooth between the points."""


def design(points: int) -> np.ndarray:
    """(points, inputs); corners of the box are added, so that nothing is extrapolated."""
    low, high = (np.array([BOX[name][side] for name in INPUTS]) for side in (0, 1))
    balanced = 1 << (points - 1).bit_length()  # of a power of 2, as the sequence wants; the first of them are used
    inside = qmc.Sobol(len(INPUTS), seed=DESIGN_SEED).random(balanced)[:points]
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * len(INPUTS), indexing="ij"), axis=-1).reshape(-1, len(INPUTS))
    return low + (high - low) * np.concatenate([corners, inside])


def run(x: np.ndarray, seed: int) -> np.ndarray:
    """(points, read-outs) of the circuit itself."""
    states = {"nmda": x[:, 0], "block": 0.0, **{name: x[:, n] for n, name in enumerate(INPUTS) if n}}
    condition, bench = conditions(states), Bench(horn(seed), seed)
    counts = of_outputs(train(condition, bench, 1.0, STIMULI))
    touch = of_outputs(at_rest_and_brushed(condition, bench, rest=500.0))
    ectopic = of_outputs(ectopic_discharge(condition, bench, 1.0, 4000.0))
    found = {}
    for output in OUTPUTS:
        a, c = counts[output][:, 0:-1:2], counts[output][:, 1:-1:2]
        one = {
            "first": c[:, 0], "eighth": c[:, 7], "last": c[:, -1], "total": c.sum(axis=1), "a_first": a[:, 0],
            "after": counts[output][:, -1], "brush": touch[output][:, 1],
            "train_rate": (a + c).sum(axis=1) / STIMULI, "ectopic_rate": ectopic[output],
        }  # fmt: skip
        found |= {f"{name}_{output}": numbers for name, numbers in one.items()}
    return np.stack([found[name] for name in READOUTS], axis=-1)


def runs(points: int, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """The design and what the circuit did, averaged over seeds; from the kept file when nothing has changed."""
    mark = f"{fingerprint()} {points} {seeds} {sorted(BOX.items())} {list(READOUTS)}"
    if KEPT.exists():
        with np.load(KEPT) as held:
            if str(held["mark"]) == mark:
                return held["x"], held["y"]
    x = design(points)
    pieces = [(first, seed) for seed in range(seeds) for first in range(0, len(x), CHUNK)]
    y = np.zeros((seeds, len(x), len(READOUTS)))
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda piece: run(_padded(x, piece[0]), piece[1]), pieces)
        for (first, seed), numbers in track(zip(pieces, done, strict=True), "running the circuit", len(pieces)):
            y[seed, first : first + CHUNK] = numbers[: len(x) - first]
    KEPT.parent.mkdir(exist_ok=True)
    np.savez(KEPT, x=x, y=y.mean(axis=0), mark=mark)
    return x, y.mean(axis=0)


def _padded(x: np.ndarray, first: int) -> np.ndarray:
    """One chunk, always of one length: one compiled program."""
    return x[np.minimum(np.arange(first, first + CHUNK), len(x) - 1)]


SIZES = (HIDDEN * len(INPUTS), HIDDEN, SECOND * HIDDEN, SECOND, SECOND, 1)


def signs_of(readout: str) -> np.ndarray:
    """Direction of every input; 0 leaves the sign of its weights free."""
    return np.array([direction(readout, name) for name in INPUTS])


def network(theta: jnp.ndarray, signs: np.ndarray, low: float, high: float) -> Network:
    """Free numbers -> weights of one sign where there is a direction."""
    W, a, U, c, v, v0 = jnp.split(theta, np.cumsum(SIZES)[:-1].tolist())
    W = W.reshape(HIDDEN, -1)
    return Network(
        into=jnp.where(signs == 0.0, W, jax.nn.softplus(W) * signs), into_bias=a,
        between=jax.nn.softplus(U.reshape(SECOND, HIDDEN)), between_bias=c, out=jax.nn.softplus(v), out_bias=v0[0],
        low=jnp.asarray(low), high=jnp.asarray(high),
    )  # fmt: skip


@jax.jit
def _objective(theta: jnp.ndarray, signs: np.ndarray, x: jnp.ndarray, y: jnp.ndarray, used: jnp.ndarray) -> jnp.ndarray:
    one = network(theta, signs, 0.0, 1.0)
    off = jax.vmap(one)(x) - y
    return jnp.sum(used * off**2) / jnp.sum(used) + SHRINK * jnp.mean(theta**2)


_slope = jax.jit(jax.value_and_grad(_objective))


def fit(signs: np.ndarray, x: np.ndarray, y: np.ndarray, used: np.ndarray, seed: int) -> np.ndarray:
    """The free numbers of one read-out; `y` from 0 to 1."""
    start = np.random.default_rng(seed).normal(-0.5, 0.7, sum(SIZES))
    found = minimize(
        lambda theta: [np.asarray(one, float) for one in _slope(theta, signs, x, y, used)], start, jac=True,
        method="L-BFGS-B", options={"maxiter": 1500, "maxfun": 2000},
    )  # fmt: skip
    best: np.ndarray = found.x
    return best


def main() -> None:
    """Run, fit, validate, write."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--points", type=int, default=736)
    ask.add_argument("--seeds", type=int, default=2)
    given = ask.parse_args()
    x, y = runs(given.points, given.seeds)
    xs, fold = np.asarray(scaled(x)), np.random.default_rng(0).integers(FOLDS, size=len(x))
    networks, errors = {}, {}
    for place, name in enumerate(track(READOUTS, "fitting")):
        low, high = float(y[:, place].min()), float(y[:, place].max())
        span = high - low if high > low else 1.0
        signs = signs_of(name)
        share, off = (y[:, place] - low) / span, np.zeros(len(x))
        for k in range(FOLDS):
            theta = fit(signs, xs, share, (fold != k).astype(float), k)
            off[fold == k] = (
                np.asarray(jax.vmap(network(jnp.asarray(theta), signs, 0.0, 1.0))(xs[fold == k])) - share[fold == k]
            )
        errors[name] = float(np.sqrt(np.mean(off**2)))
        best = network(jnp.asarray(fit(signs, xs, share, np.ones(len(x)), FOLDS)), signs, low, low + span)
        networks[name] = {key: np.round(np.asarray(one), 7).tolist() for key, one in vars(best).items()}
        print(f"{name:28s} {low:8.2f} to {high:8.2f}   error {100 * errors[name]:.2f} % of range", flush=True)
    record = {
        "made_by": "scripts/make_dorsal_horn_emulator.py", "circuit": fingerprint(), "points": len(x),
        "circuit_seeds": given.seeds, "design_seed": DESIGN_SEED, "folds": FOLDS, "box": BOX, "readouts": READOUTS,
    }  # fmt: skip
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps({"record": record, "errors": errors, "networks": networks}, indent=1) + "\n")


if __name__ == "__main__":
    main()
