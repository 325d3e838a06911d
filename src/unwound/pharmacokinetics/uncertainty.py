r"""How well typical values are known: replicates of a model, drawn from the standard errors its source prints.

    SE = printed, or (high - low) / 3.92 of a printed 95 % interval
    theta_r = theta exp(s z_r - s^2/2),    s^2 = ln(1 + (SE / theta)^2),    z_r ~ N(0, 1)

so that the replicates of a value are positive, with the printed value as mean and the printed standard error as
standard deviation. One replicate is one draw of every such value of a model. The standard error of a value is the
spread of its row; where that spread says how people differ, it is that of the row `*_uncertainty`.

Source: those rows. Leaves out: correlations between estimates (printed nowhere we read), uncertainty of variances and
residual errors, of values that the authors fixed, and of the choice of the model itself (see the divergence view).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import named_keys, number_of, root_key, stream
from unwound.core.units import units_of
from unwound.evidence import Estimate, all_estimates

_NORMAL_95 = 2 * 1.959963984540054  # width of a 95 % interval in standard errors
Model = TypeVar("Model")


def standard_error(key: str) -> float | None:
    """Standard error of the value called `key`, in its own unit; None where none is printed."""
    rows = all_estimates()
    for name in (key, f"{key}_uncertainty"):
        row = rows.get(name)
        if row is not None and (error := _error(row)) is not None:
            return error
    return None


def _error(row: Estimate) -> float | None:
    if row.spread is None:
        return None
    if row.spread.kind == "se" and isinstance(row.spread.amount, float):
        return row.spread.amount
    if row.spread.kind == "ci95" and row.spread.interval is not None:
        return (row.spread.interval.high - row.spread.interval.low) / _NORMAL_95
    return None


def uncertain_values(model: Any) -> dict[str, float]:
    """Relative standard error of each typical value of a model that has one, by the name of its field."""
    record = getattr(model, "model", model)
    found = {}
    for name in units_of(type(record)):
        key = f"{model.prefix}.{name}"
        if key in all_estimates() and (error := standard_error(key)) is not None:
            found[name] = error / all_estimates()[key].value
    return found


def known_exactly(model: Any) -> tuple[str, ...]:
    """Fields of a model with a unit of volume, flow, time or rate that have no printed uncertainty."""
    record = getattr(model, "model", model)
    uncertain = uncertain_values(model)
    labels = units_of(type(record))
    return tuple(name for name, label in labels.items() if label in ("L", "L/h", "h", "1/h") and name not in uncertain)


def replicated(model: Model, count: int, seed: int) -> Model:
    """`model` with `count` draws of every uncertain typical value: those fields become arrays (count,).

    Replicate n is the same whatever `count` is, and a value keeps its draws when another one joins.
    """
    root = stream(root_key(seed), f"replicates {model.prefix}")  # type: ignore[attr-defined]
    keys = jax.vmap(lambda n: jax.random.fold_in(root, n))(jnp.arange(count))
    record = getattr(model, "model", model)
    drawn = {
        name: getattr(record, name) * _factors(named_keys(keys, jnp.uint32(number_of(name))), relative)
        for name, relative in uncertain_values(model).items()
    }
    return with_values(model, drawn)


def with_values(model: Model, values: Mapping[str, Any]) -> Model:
    """`model` with other typical values, by the names of its fields."""
    record: Any = getattr(model, "model", model)
    changed = dataclasses.replace(record, **values)
    if record is model:
        return cast(Model, changed)
    whole: Any = model
    return cast(Model, dataclasses.replace(whole, model=changed))


@jax.jit
def _factors(keys: Array, relative: Array) -> Array:
    variance = jnp.log1p(jnp.asarray(relative) ** 2)
    normal = jax.vmap(jax.random.normal)(keys)
    return jnp.exp(jnp.sqrt(variance) * normal - variance / 2.0)
