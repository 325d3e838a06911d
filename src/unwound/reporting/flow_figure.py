"""The flow of patients through a trial, as CONSORT asks for it: assessed, randomized, lost, analyzed.

Numbers are those of one virtual trial, or means over replicates (then shown with one decimal, and the foot says so).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from unwound.core.errors import InputError, Problem
from unwound.reporting.figures import BLACK, GREY, drawable, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINE, _LETTERS = 0.026, 46  # height of a line as a share of the axes; letters of a line
_PAD = 4.5  # points between text and frame
_EDGE = 0.0086  # the same as a share of the axes


@dataclass(frozen=True)
class ArmFlow:
    """One arm. `lost` maps a reason to a number; what is neither lost nor analyzed is an error of the caller."""

    name: str
    allocated: float
    received: float
    analyzed: float
    lost: Mapping[str, float] = field(default_factory=dict)
    not_analyzed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """A whole trial. `excluded` maps a reason to a number."""

    assessed: float
    arms: Sequence[ArmFlow]
    excluded: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = []
        randomized = sum(arm.allocated for arm in self.arms)
        if abs(self.assessed - sum(self.excluded.values()) - randomized) > 1e-6:
            rule = f"assessed minus excluded must be the {_number(randomized)} who are allocated"
            problems.append(Problem("assessed", _number(self.assessed), rule, "correct excluded or allocated"))
        for arm in self.arms:
            left = arm.allocated - sum(arm.not_analyzed.values())
            if abs(left - arm.analyzed) > 1e-6:
                rule = f"allocated minus not_analyzed is {_number(left)}"
                problems.append(Problem(f"{arm.name}: analyzed", _number(arm.analyzed), rule, "name a reason for each"))
        if not self.arms:
            problems.append(Problem("arms", "()", "a trial has at least one arm", "add an ArmFlow"))
        if problems:
            raise InputError(problems)

    @property
    def randomized(self) -> float:
        """Patients allocated to any arm."""
        return sum(arm.allocated for arm in self.arms)


def flow_figure(flow: Flow, title: str, foot: Sequence[str] = ()) -> Figure:
    """Boxes from top to bottom, one column per arm."""
    with house_style():
        figure = new_figure(width=max(1100, 420 * len(flow.arms)), height=1000)
        axes = figure.add_axes((0.0, 0.07, 1.0, 0.87))
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        _draw(axes, flow)
        head_and_foot(figure, title, tuple(foot))
    return figure


@dataclass(frozen=True)
class _Box:
    """Where a box ended up, in shares of the axes."""

    left: float
    bottom: float


def _draw(axes: Any, flow: Flow) -> None:
    middle = 0.5 if len(flow.arms) > 1 else 0.36
    top = _box(
        axes, middle, 0.97 if flow.excluded else 0.86, [f"Assessed for eligibility (n = {_number(flow.assessed)})"]
    )
    below = _box(axes, middle, 0.70, [f"Randomized (n = {_number(flow.randomized)})"])
    _arrow(axes, (middle, top.bottom), (middle, 0.70 + _EDGE))
    if flow.excluded:
        lines = _reasons("Excluded", flow.excluded)
        half = (top.bottom + 0.70) / 2
        aside = _box(axes, 0.985, half + _LINE * len(lines) / 2, lines, side="right")
        _arrow(axes, (middle, half), (aside.left, half))
    places = [(n + 0.5) / len(flow.arms) for n in range(len(flow.arms))] if len(flow.arms) > 1 else [middle]
    fork = below.bottom - (0.04 if len(places) > 1 else 0.0)
    if len(places) > 1:
        axes.plot([places[0], places[-1]], [fork, fork], color=GREY, linewidth=1.2)
        axes.plot([middle, middle], [below.bottom, fork], color=GREY, linewidth=1.2)
    for place, arm in zip(places, flow.arms, strict=True):
        _arm(axes, place, fork, arm)


def _arm(axes: Any, place: float, start: float, arm: ArmFlow) -> None:
    name, allocated, received = arm.name, _number(arm.allocated), _number(arm.received)
    left_out = _reasons("left out", arm.not_analyzed) if arm.not_analyzed else []
    head = [f"Allocated to {name} (n = {allocated})"]
    if len(head[0]) > _LETTERS:  # the number must not be what is cut
        head = ["Allocated to", f"{name if len(name) <= 34 else name[:33] + '…'} (n = {allocated})"]
    boxes = (
        (0.55, [*head, f"received it (n = {received})"]),
        (0.36, _reasons("Lost to follow-up or stopped", arm.lost)),
        (0.16, [f"Analyzed (n = {_number(arm.analyzed)})", *left_out]),
    )
    for top, lines in boxes:
        _arrow(axes, (place, start), (place, top + _EDGE))
        start = _box(axes, place, top, lines).bottom


def _reasons(head: str, reasons: Mapping[str, float]) -> list[str]:
    lines = [f"{head} (n = {_number(sum(reasons.values()))})"]
    return lines + [f"   {reason} (n = {_number(count)})" for reason, count in reasons.items()]


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"


def _box(axes: Any, x: float, top: float, lines: Sequence[str], side: str = "center") -> _Box:
    """Draws text in a box that hangs from `top`; its middle, or the `side` named, is at `x`."""
    shown = [" " * (len(line) - len(line.lstrip())) + drawable(line.strip(), _LETTERS) for line in lines]
    text = axes.text(
        x, top, "\n".join(shown), ha=side, va="top", multialignment="left", size=10, linespacing=1.4, color=BLACK,
        bbox={"boxstyle": f"round,pad={_PAD / 10}", "facecolor": "white", "edgecolor": GREY, "linewidth": 1.1},
    )  # fmt: skip
    size = text.get_window_extent(axes.figure.canvas.get_renderer())
    pad = _PAD * axes.figure.dpi / 72
    left, bottom = axes.transData.inverted().transform((size.x0 - pad, size.y0 - pad))
    return _Box(float(left), float(bottom))


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", xy=end, xytext=start, zorder=0,
        arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
