"""Panels of the bistable memory: phase portrait, flow of the gain, and how long a block must last to reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import BLACK, BLUE, FAINT, GREEN, GREY, ORANGE, PINK, VERMILLION
from unwound.sensitization import equilibria as rest
from unwound.sensitization.relapse import remission_latent
from unwound.sensitization.reset import reset_times, shortest_reset

if TYPE_CHECKING:
    from unwound.patient.reset_map import ResetMap
    from unwound.sensitization import Switch

_HALO = "#FFFFFF"


def phase_portrait(axes: Any, found: ResetMap) -> None:
    """Gain against latent memory without drug: flow, nullclines, resting states, separatrix, and one regimen."""
    p = found.switch
    assert p is not None
    latent, gain = np.meshgrid(np.linspace(0.0, 1.02, 121), np.linspace(0.0, 0.8, 121))
    up = np.asarray(rest.rate(gain, rest.frozen_drive(latent, p), p))
    right = (np.minimum(gain / p.latent_saturation, 1.0) - latent) / p.latent_time
    axes.streamplot(latent, gain, right, up, color="#C9CED6", linewidth=0.8, density=1.3, arrowsize=0.8, zorder=1)
    _nullclines(axes, p)
    border = _stable_manifold(p)
    if border is not None:
        axes.plot(*border, color=BLACK, linewidth=1.8, linestyle=(0, (4, 2)), label="separatrix", zorder=4)
        axes.fill_between(border[0], 0.0, border[1], color=GREEN, alpha=0.10, linewidth=0, zorder=0)
    for at, stable in _resting_states(p):
        face = BLACK if stable else _HALO
        axes.plot(*at, "o", color=BLACK, markerfacecolor=face, markersize=7.5, zorder=7, clip_on=False)
    _course(axes, found)
    edge = remission_latent(p)
    if edge is not None and 0.0 < edge < 1.0:
        axes.axvline(edge, color=GREY, linewidth=0.9, linestyle=":", zorder=2)
        left = edge > 0.6
        axes.text(
            edge + (-0.01 if left else 0.01), 0.785, f"remission below L = {edge:.2f}", fontsize=9, color=GREY,
            va="top", ha="right" if left else "left",
        )  # fmt: skip
    axes.set_xlim(0.0, 1.02)
    axes.set_ylim(0.0, 0.8)
    axes.set_xlabel("latent memory L")
    axes.set_ylabel("synaptic gain S")
    axes.set_title("b  Phase portrait without drug, and one regimen", loc="left", pad=10)
    legend = axes.legend(loc="upper left", bbox_to_anchor=(0.01, 0.72), fontsize=8.5)
    legend.set_frame_on(True)
    legend.get_frame().set(facecolor="white", edgecolor="none", alpha=0.85)


def _nullclines(axes: Any, p: Switch) -> None:
    gains = np.linspace(1e-6, rest.highest_gain(p) * (1 - 1e-9), 4000)
    latent = (np.asarray(rest.holding_drive(gains, p)) - p.input) / p.latent_gain
    inside = (latent >= 0.0) & (latent <= 1.02)
    shown = np.where(inside, latent, np.nan)
    axes.plot(shown, gains, color=BLUE, linewidth=2.0, label="S at rest", zorder=3)
    line = np.linspace(0.0, 1.0, 200)
    axes.plot(line, p.latent_saturation * line, color=ORANGE, linewidth=2.0, label="L at rest", zorder=3)
    axes.plot([1.0, 1.0], [p.latent_saturation, 0.8], color=ORANGE, linewidth=2.0, zorder=3)


def _resting_states(p: Switch) -> list[tuple[tuple[float, float], bool]]:
    """((L, S), stable) of every resting state of both: roots along the line on which L is at rest."""
    gains = np.linspace(0.0, 0.8, 40001)
    latent = np.minimum(gains / p.latent_saturation, 1.0)
    flow = np.asarray(rest.rate(gains, rest.frozen_drive(latent, p), p))
    crossing = np.flatnonzero(np.sign(flow[:-1]) * np.sign(flow[1:]) < 0)
    return [((float(latent[n]), float(gains[n])), bool(flow[n] > 0.0)) for n in crossing]


def _stable_manifold(p: Switch) -> tuple[np.ndarray, np.ndarray] | None:
    """The separatrix in the plane (L, S): the saddle's slow way in, followed backward in time to both sides."""
    saddles = [at for at, stable in _resting_states(p) if not stable]
    if not saddles:
        return None
    (latent, gain) = saddles[0]

    def back(at: np.ndarray) -> np.ndarray:
        flow = float(rest.rate(at[1], rest.frozen_drive(at[0], p), p))
        return -np.array([(min(at[1] / p.latent_saturation, 1.0) - at[0]) / p.latent_time, flow])

    sides, step = [], 0.25  # days
    for push in (-5e-3, 5e-3):
        border = rest.separatrix(float(rest.frozen_drive(latent + push, p)), p)
        at = np.array([latent + push, gain if border is None else border])
        way = [at]
        for _ in range(16000):
            k1 = back(at)
            k2 = back(at + 0.5 * step * k1)
            at = at + step * k2
            if not (0.0 <= at[0] <= 1.02 and 0.0 <= at[1] <= 0.8):
                break
            way.append(at)
        sides.append(np.array(way))
    both = np.concatenate([sides[0][::-1], sides[1]])
    order = np.argsort(both[:, 0])
    return both[order, 0], both[order, 1]


def _course(axes: Any, found: ResetMap) -> None:
    example = found.example
    L, S = example.states["latent_memory"], example.states["synaptic_gain"]
    axes.plot(L, S, color=_HALO, linewidth=4.0, zorder=5)
    name = f"{example.rate_mg_h:g} mg/h for {example.days:g} d"
    axes.plot(L, S, color=VERMILLION, linewidth=2.0, label=name, zorder=6)
    for day, word in ((0.0, "start"), (example.days, "end of infusion")):
        place = int(np.argmin(np.abs(example.time_d - day)))
        axes.plot(L[place], S[place], "s", color=VERMILLION, markersize=6, markeredgecolor=_HALO, zorder=8)
        axes.annotate(
            word, (L[place], S[place]), xytext=(-8, 5), textcoords="offset points", ha="right", fontsize=9,
            color=VERMILLION, zorder=9,
        )  # fmt: skip


def _drives(found: ResetMap) -> list[tuple[float, str, str]]:
    """(drive, color, what to call it): one of each class, the saddle-node, and the person's own."""
    p = found.switch
    assert p is not None
    between = rest.bistable_range(p)
    own = float(rest.frozen_drive(found.asked.latent, p))
    if between is None:
        return [(own, VERMILLION, f"{own:.3f}: this person")]
    low, high = between
    low = max(low, 0.0)
    shown = [
        (0.85 * low, GREEN, "only silence"), (low + 0.45 * (high - low), BLUE, "both"),
        (low + 0.8 * (high - low), PINK, "both"), (high, GREY, "saddle-node"),
        (own, VERMILLION, "this person"),
    ]  # fmt: skip
    return [(drive, color, f"d = {drive:.3f}: {word}") for drive, color, word in shown if drive > 0.0]


def flow_of_gain(axes: Any, found: ResetMap) -> None:
    """f(S) for drives of every class: where it crosses zero falling the gain rests, rising it parts the ways."""
    p = found.switch
    assert p is not None
    gains = np.linspace(0.0, 0.8, 1200)
    axes.axhline(0.0, color=GREY, linewidth=0.9, zorder=1)
    low = 0.0
    for drive, color, words in _drives(found):
        flow = np.asarray(rest.rate(gains, drive, p))
        low = min(low, float(flow[gains < 0.72].min()))
        axes.plot(gains, flow, color=color, linewidth=1.9, label=words, zorder=3)
        for one in rest.equilibria(drive, p):
            face = color if one.stable else _HALO
            axes.plot(one.gain, 0.0, "o", color=color, markerfacecolor=face, markersize=6.5, zorder=5)
    top = max(float(np.asarray(rest.rate(gains, drive, p)).max()) for drive, _, _ in _drives(found))
    axes.set_xlim(0.0, 0.8)
    axes.set_ylim(1.25 * low, 1.7 * top)
    axes.set_xlabel("synaptic gain S")
    axes.set_ylabel("rate of change of S (1/d)")
    axes.set_title("c  Flow of the gain without drug, at a latent memory that is held", loc="left", pad=10)
    axes.legend(loc="upper left", fontsize=9, ncols=2, columnspacing=1.4)


def depth_and_duration(axes: Any, found: ResetMap) -> None:
    """How long a block must last to reset for good, for drives at which both states exist."""
    p = found.switch
    assert p is not None
    axes.set_title("d  How long a block must last to reset, by theory", loc="left", pad=10)
    axes.set_xlabel("depth of the block B, drug and protection together")
    axes.set_ylabel("days to the separatrix")
    axes.set_yscale("log")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.7, 60.0)
    axes.set_yticks((1, 2, 5, 10, 20, 50), ("1", "2", "5", "10", "20", "50"))
    axes.minorticks_off()
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    between = rest.bistable_range(p)
    if between is None:
        axes.text(0.5, 0.5, "no switch with these numbers", transform=axes.transAxes, ha="center")
        return
    low, high = max(between[0], 0.0), between[1]
    for share, color in ((0.3, GREEN), (0.6, BLUE), (0.85, PINK), (0.97, VERMILLION)):
        drive = low + share * (high - low)
        depth = rest.critical_block(drive, p)
        assert depth is not None
        blocks = depth + (1.0 - 1e-6 - depth) * np.linspace(0.0, 1.0, 80)[1:] ** 3
        axes.plot(blocks, reset_times(blocks, drive, p), color=color, linewidth=2.0, label=f"d = {drive:.3f}", zorder=3)
        axes.axvline(depth, color=color, linewidth=0.9, linestyle=":", zorder=1)
        axes.axhline(shortest_reset(drive, p), xmin=0.85, color=color, linewidth=0.9, linestyle=":", zorder=1)
    words = "dotted: the critical depth, below which\nno duration resets, and the shortest\ntime, that of a full block"
    axes.text(0.985, 0.6, words, transform=axes.transAxes, ha="right", va="center", fontsize=9, color=GREY)
    axes.legend(loc="upper right", title="drug-free drive", fontsize=9, title_fontsize=9)
