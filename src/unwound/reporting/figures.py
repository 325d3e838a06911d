"""The house style of figures, and how a figure becomes bytes.

Figures are matplotlib objects without pyplot. Matplotlib reads its style from settings shared by the whole process,
so building and rendering happen under one lock (`house_style`), from the defaults of matplotlib and never from
the user's own settings: the same result gives the same bytes. PNG and SVG carry the safety sentence and the version
in their metadata and no date. Colors are those of Okabe and Ito, which color-blind readers can tell apart.
"""

from __future__ import annotations

import contextlib
import functools
import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.versions import version

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT, DPI = 1600, 1200, 120  # px, px, px per inch
BLUE, VERMILLION, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, BLACK, GREY, FAINT = "#E69F00", "#1A1A1A", "#666666", "#E6E6E6"

_STYLE = {
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10.5,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "legend.handlelength": 1.8,
    "legend.borderaxespad": 0.0,
    "legend.labelspacing": 0.35,
    "lines.solid_capstyle": "round",
    "svg.hashsalt": "unwound",
    "svg.fonttype": "path",
    "path.simplify": False,
}
_LOCK = threading.RLock()


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's defaults and ours, for this block; the settings of the process come back afterwards."""
    import matplotlib.style

    with _LOCK, matplotlib.style.context(["default", _STYLE]):
        yield


def new_figure(width: int = WIDTH, height: int = HEIGHT) -> Figure:
    """An empty figure of `width` x `height` pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def head_and_foot(figure: Figure, title: str, lines: tuple[str, ...]) -> None:
    """The title above the panels; below them `lines` and the safety sentence, which no figure lacks."""
    width = figure.get_figwidth()
    letters = min(110, int((width - 0.7) / 0.113))  # as many as the page is wide
    figure.text(0.35 / width, 0.985, drawable(title, letters), size=14, weight="bold", va="top")
    text = "\n".join([*(drawable(line, 220) for line in lines), SIMULATION_ONLY + "."])
    figure.text(0.35 / width, 0.008, text, size=9, color="#404040", va="bottom", linespacing=1.35)


def drawable(text: str, limit: int = 110) -> str:
    """`text` as matplotlib can draw it: one line, no formulas, no character the font lacks."""
    known = _letters()
    line = "".join(letter if ord(letter) in known else "?" for letter in one_line(text))
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    return line.replace("$", r"\$").removeprefix("_")  # a label that begins with _ is left out of legends


@functools.cache
def _letters() -> frozenset[int]:
    """What the font of matplotlib can draw."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def one_line(text: str) -> str:
    """`text` without line breaks and without control characters, which XML cannot hold."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def png_bytes(figure: Figure, title: str = "") -> bytes:
    """`figure` as PNG, with its metadata."""
    latin = one_line(title).encode("latin-1", errors="replace").decode("latin-1")
    about = {"Title": latin, "Description": SIMULATION_ONLY, "Software": f"unwound {version()}"}
    return _saved(figure, "png", about)


def svg_text(figure: Figure, title: str = "") -> str:
    """`figure` as SVG, with its metadata; letters are drawn as shapes, so it looks the same everywhere."""
    about = {"Title": one_line(title), "Description": SIMULATION_ONLY, "Creator": f"unwound {version()}"}
    return _saved(figure, "svg", about).decode()


def _saved(figure: Figure, kind: str, about: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    metadata = about if kind == "png" else {**about, "Date": None}
    with house_style():
        figure.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()
