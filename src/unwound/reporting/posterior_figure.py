"""Prior and posterior of every parameter side by side, and how parameters hang together.

    contraction = 1 - sd(posterior) / sd(prior)      on the axis that is drawn: 0 nothing learned, 1 known exactly

A parameter is drawn on a logarithmic axis when its draws are all positive, spread over more than a factor of four, and
those of the prior are less skewed there: one that may be 0 is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from unwound.core.errors import InputError, Problem
from unwound.reporting.figures import BLUE, FAINT, GREY, drawable, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 4
_POINTS = 200
_LOGARITHMIC = 4.0  # spread of the prior, as a factor, beyond which the axis is logarithmic
_SHORT = 1000.0  # axes that span less than this factor have a number between decades
_SHOWN = (0.5, 99.5)  # percent of the draws within the axis
_TOLD = 0.5  # correlations from this size on are written in dark cells, in white


@dataclass(frozen=True)
class Learned:
    """One parameter: its prior and posterior on the axis that is drawn."""

    name: str
    prior: np.ndarray
    posterior: np.ndarray
    logarithmic: bool

    @property
    def contraction(self) -> float:
        """Share of the prior's spread that is gone; below 0 where the posterior is wider."""
        return 1.0 - float(self.posterior.std() / self.prior.std())


def learned(
    prior: Mapping[str, np.ndarray], posterior: Mapping[str, np.ndarray], names: Sequence[str]
) -> tuple[Learned, ...]:
    """Draws of the parameters `names`, checked, on their axes. Raises `InputError` with all problems at once."""
    problems = []
    for label, draws in (("prior", prior), ("posterior", posterior)):
        for name in names:
            given = np.asarray(draws.get(name, ()), float)
            if given.ndim != 1 or len(given) < 2 or not np.all(np.isfinite(given)) or np.ptp(given) == 0.0:
                rule = "needs two or more finite draws that are not all the same"
                problems.append(Problem(f"{label}, {name}", f"{len(given.ravel())} draws", rule, "leave it out"))
    if problems or not names:
        raise InputError(problems or [Problem("names", 0, "nothing to draw", "name a parameter")])
    return tuple(_learned(name, np.asarray(prior[name], float), np.asarray(posterior[name], float)) for name in names)


def _learned(name: str, prior: np.ndarray, posterior: np.ndarray) -> Learned:
    low, high = np.percentile(prior, _SHOWN)
    positive = min(prior.min(), posterior.min()) > 0.0
    logarithmic = positive and high > _LOGARITHMIC * low and abs(stats.skew(np.log(prior))) < abs(stats.skew(prior))
    return Learned(name, np.log(prior), np.log(posterior), True) if logarithmic else Learned(
        name, prior, posterior, False
    )  # fmt: skip


def posterior_figure(
    prior: Mapping[str, np.ndarray],
    posterior: Mapping[str, np.ndarray],
    names: Sequence[str],
    title: str,
    units: Mapping[str, str] | None = None,
    foot: Sequence[str] = (),
) -> Figure:
    """One small panel per parameter: prior in grey, posterior in blue, the contraction in its corner."""
    pages = learned(prior, posterior, names)
    rows = math.ceil(len(pages) / _COLUMNS)
    with house_style():
        height = 210 + 250 * rows
        figure = new_figure(height=height)
        top, bottom = 1.0 - 90 / height, (100 + 15 * len(foot)) / height
        grid = figure.add_gridspec(
            rows, _COLUMNS, left=0.03, right=0.985, top=top, bottom=bottom, hspace=0.75, wspace=0.16
        )
        for n, page in enumerate(pages):
            axes = figure.add_subplot(grid[n // _COLUMNS, n % _COLUMNS])
            _panel(axes, page, (units or {}).get(page.name, ""))
            if n == 0:
                axes.legend(loc="upper left")
        told = "Density of draws; the number is the share of the prior's spread that is gone (0 nothing learned)."
        head_and_foot(figure, title, (*foot, told))
    return figure


def _panel(axes: Any, page: Learned, unit: str) -> None:
    ends = np.concatenate([np.percentile(page.prior, _SHOWN), np.percentile(page.posterior, _SHOWN)])
    at = np.linspace(ends.min(), ends.max(), _POINTS)
    shown = np.exp(at) if page.logarithmic else at
    axes.fill_between(shown, density(page.prior, at), color=GREY, alpha=0.25, linewidth=0, label="prior")
    axes.plot(shown, density(page.posterior, at), color=BLUE, linewidth=2.0, label="posterior")
    if page.logarithmic:
        _logarithmic(axes, float(np.exp(np.ptp(ends))))
    axes.set_ylim(bottom=0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_title(drawable(f"{page.name} [{unit}]" if unit and unit != "1" else page.name, 34))
    written = f"{page.contraction:.2f}".replace("-", "\N{MINUS SIGN}")
    axes.text(0.99, 1.04, written, transform=axes.transAxes, ha="right", va="bottom", color=BLUE, weight="bold")


def _logarithmic(axes: Any, spread: float) -> None:
    """A logarithmic axis with few, plain numbers: decades, and 3 between them where the axis is short."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0) if spread < _SHORT else (1.0,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def density(draws: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Gaussian kernel density of `draws` at the points `at`, with the bandwidth of Silverman's rule."""
    spread = min(draws.std(ddof=1), float(np.subtract(*np.percentile(draws, (75, 25)))) / 1.349 or math.inf)
    width = 0.9 * spread * len(draws) ** -0.2
    z = (at[:, None] - draws[None, :]) / width
    return np.asarray(np.exp(-0.5 * z**2).mean(axis=1) / (width * math.sqrt(2.0 * math.pi)))


def correlations(posterior: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Correlation matrix of the draws of `names`; logarithms where all draws are positive."""
    columns = [np.asarray(posterior[name], float) for name in names]
    return np.asarray(np.corrcoef([np.log(column) if column.min() > 0.0 else column for column in columns]))


def correlation_figure(
    posterior: Mapping[str, np.ndarray], names: Sequence[str], title: str, foot: Sequence[str] = ()
) -> Figure:
    """The correlation matrix of the posterior as numbers on colors."""
    found = correlations(posterior, names)
    size, letters = len(names), max(len(name) for name in names)
    with house_style():
        side = 60 * size
        left, below = 60 + 9 * letters, 90 + 20 * len(foot) + 9 * letters
        width, height = max(left + side + 60, 900), 80 + side + below
        figure = new_figure(width=width, height=height)
        axes = figure.add_axes((left / width, below / height, side / width, side / height))
        axes.imshow(found, cmap="RdBu", vmin=-1.0, vmax=1.0)
        for row in range(size):
            for column in range(size):
                if row == column:
                    continue
                color = "white" if abs(found[row, column]) >= _TOLD else "black"
                axes.text(column, row, f"{found[row, column]:.2f}".replace("-", "\N{MINUS SIGN}"), ha="center",
                          va="center", size=9, color=color)  # fmt: skip
        axes.set_xticks(range(size), [drawable(name, 40) for name in names], rotation=90)
        axes.set_yticks(range(size), [drawable(name, 40) for name in names])
        axes.tick_params(length=0)
        told = (
            "Pearson correlation of draws, of logarithms where all are positive: blue together, red against each other."
        )
        head_and_foot(figure, title, (*foot, told))
    return figure
