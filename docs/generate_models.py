"""Writes the parts of the page of the pharmacokinetic models: one per model of the register, from its own record.

`generate.write_all` calls `model_parts`. Nothing is typed here: numbers are rows of the evidence tables, differences
are what the docstring of the model's module says it leaves out or does otherwise, the comparison is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from generate import _cited, _row, docstring, plain

MARKS = ("Source", "Leaves out", "Differs from the paper", "Doubts")
"""What the paragraphs at the end of a module's docstring begin with."""

SYMBOL = re.compile(r"\(((?:[A-Z]\w*|k\w+)(?:/F)?(?: = \w+)?)(?: of the paper)?\)$")
"""The symbol of the paper, where the meaning of a row ends with it."""

MINUTES = (40, 80, 110, 230)


def model_parts() -> dict[str, str]:
    """Name of the file -> text: every model, the generic routes, the comparison."""
    from unwound.pharmacokinetics.register import ROUTED, routed_model

    parts = {f"pk_{name}.md": model_part(routed_model(name)) for name in ROUTED}
    return parts | {"pk_routes.md": routes_part(), "pk_compared.md": models_compared()}


def model_part(model: Any) -> str:
    """What one model says of itself; its equations stand before it on the page."""
    lines = [f"{plain(model.title)}.", "", *(f"- {fact}" for fact in facts(model)), ""]
    lines += ["**Numbers**", "", numbers(rows_of(model.prefix)), "**Differences from the paper**", ""]
    return "\n".join([*lines, *(f"- {difference}" for difference in differences(model)), ""])


def module_of(model: Any) -> str:
    """The module that holds the equations of a model."""
    return type(getattr(model, "model", model)).__module__


def facts(model: Any) -> list[str]:
    """Sampling site, analytes, routes, variability, envelope."""
    from unwound.evidence import all_estimates

    rows = all_estimates()
    forms = {"S": "S-ketamine", "R": "R-ketamine", "racemic": "the racemate, as total ketamine"}
    site = {"unstated": "not stated in what we read"}.get(model.sampling, f"{model.sampling} plasma")
    found = [
        f"Samples: {site}.",
        f"Knows {' and '.join(forms[form] for form in model.enantiomers)}; gives "
        f"{', '.join(analyte.name for analyte in model.analytes)}.",
        f"Routes: {', '.join(model.routes)}."
        + (" All but the vein are generic (see [routes](#routes))." if hasattr(model, "depots") else ""),
        "People differ in: " + (", ".join(f"`{name}`" for name in model.random_effects) or "nothing known") + ".",
    ]
    found += layers(model)
    said, assumed = [], False
    for kind, unit in (("age", "y"), ("weight", "kg"), ("dose", "mg at a time")):
        ends = [rows.get(f"{model.prefix}.{kind}_{end}") for end in ("least", "most")]
        if all(ends):
            said.append(f"{ends[0].value:g} to {ends[1].value:g} {unit}")
            assumed |= any(end.is_assumption for end in ends)
    if said:
        found.append(f"Envelope: {', '.join(said)}{' (assumed)' if assumed else ''}. Outside it a result warns.")
    return found


def layers(model: Any) -> list[str]:
    """Variability beyond that between people: occasions, residual error, uncertainty of typical values."""
    from unwound.pharmacokinetics.residual import residuals_of
    from unwound.pharmacokinetics.uncertainty import known_exactly, uncertain_values

    occasions = ", ".join(f"`{name}`" for name in model.occasion_effects)
    errors = ", ".join(residuals_of(model.prefix, tuple(analyte.name for analyte in model.analytes)))
    sure = ", ".join(f"`{name}`" for name in known_exactly(model))
    unsure = uncertain_values(model)
    uncertainty = f"printed for {len(unsure)}" + (f", not for {sure}" if sure else "")
    return [
        f"From occasion to occasion: {occasions or 'nothing known'}.",
        f"Residual error: {f'of {errors}' if errors else 'none known'}.",
        f"Uncertainty of typical values: {uncertainty if unsure else 'not printed in what we read'}.",
    ]


def rows_of(prefix: str) -> list[Any]:
    """The numbers of a model or of the routes, in the order of the tables; its envelope is said above."""
    from unwound import evidence

    tables = (evidence.table(room) for room in evidence.rooms() if room != "envelopes")
    return [row for table in tables for row in table if row.key.startswith(f"{prefix}.")]


def numbers(rows: Iterable[Any]) -> str:
    """A table of evidence rows, the symbol of the paper first."""
    lines = [":::{list-table}", ":header-rows: 1", ":class: numbers", ":widths: 10 34 9 9 14 9 25", ""]
    lines += _row("symbol", "key and meaning", "value", "unit", "spread", "basis", "source")
    for row in rows:
        about, symbol = row.about, row.key.rsplit(".", 1)[-1]
        if match := SYMBOL.search(about):
            about, symbol = about[: match.start()], match[1]
        elif not re.fullmatch(r"k\d\d", symbol):
            symbol = ""
        source = ", ".join(_cited(key) for key in row.cite) + (f"; {plain(row.where)}" if row.where else "")
        spread = plain(str(row.spread)) if row.spread else ""
        meaning = f"`{row.key}` {plain(about)}".rstrip()
        lines += _row(plain(symbol), meaning, f"{row.value:g}", plain(row.unit), spread, row.basis, source)
    return "\n".join([*lines, ":::", ""])


def differences(model: Any) -> list[str]:
    """What the record itself says it leaves out, does otherwise, is doubted for; and how we came by the numbers."""
    from unwound.pharmacokinetics.envelopes import DOUBTS

    said = paragraphs(docstring(module_of(model)))
    found = [f"{mark}: {own}" for mark in MARKS[1:] if (own := about(model.prefix, said.get(mark, "")))]
    if model.prefix in DOUBTS and DOUBTS[model.prefix] not in " ".join(found):
        found.append(f"Doubt: {DOUBTS[model.prefix]}.")
    rows = rows_of(model.prefix)
    second = sorted({plain(row.where) for row in rows if row.seen == "secondary" and row.where})
    if second:
        found.append(f"Not read in the paper itself: {'; '.join(second)}.")
    if any(row.where == "abstract" for row in rows):
        found.append("Read in its abstract only.")
    assumed = [row.key.removeprefix(f"{model.prefix}.") for row in rows if row.is_assumption]
    if assumed:
        found.append("Assumed by us: " + ", ".join(f"`{key}`" for key in assumed) + ".")
    return found or ["None known."]


def about(name: str, text: str) -> str:
    """The clauses of `text` that speak of the model `name`, or of no model by its name."""
    from unwound.pharmacokinetics.register import ROUTED

    others = [other for other in ROUTED if other != name]
    clauses = [clause for clause in text.rstrip(".").split("; ") if not any(other in clause for other in others)]
    return "; ".join(clauses) + "." if any(clauses) else ""


def paragraphs(doc: str) -> dict[str, str]:
    """The texts of a docstring after its marks, as single lines."""
    parts = re.split(rf"\b({'|'.join(MARKS)}): ", " ".join(doc.replace("``", "`").split()))
    return {mark: plain(text.strip()) for mark, text in zip(parts[1::2], parts[2::2], strict=True)}


def routes_part() -> str:
    """Bioavailability and rate of every route that was not estimated with the model."""
    from unwound.pharmacokinetics.routes import NOT_LINEAR

    lines = [" ".join(docstring("unwound.pharmacokinetics.routes").split()), "", numbers(rows_of("route"))]
    return "\n".join([*lines, *(f"- {route}: {plain(why)}." for route, why in NOT_LINEAR.items()), ""])


def models_compared() -> str:
    """The same 35 mg in every model: computed, in order of the end of the infusion."""
    import numpy as np

    from unwound.core.arrays import jnp
    from unwound.pharmacokinetics.curves import Given, curves
    from unwound.pharmacokinetics.model import Covariates
    from unwound.pharmacokinetics.register import ROUTED, routed_model

    who = Covariates(*(jnp.asarray(x) for x in (70.0, 45.0, 0.0, 0.0, 0.0)))
    rows = []
    for name in ROUTED:
        model = routed_model(name)
        if "intravenous" not in model.routes:
            continue
        form = model.enantiomers[0] if len(model.enantiomers) == 1 else "racemic"
        eta = jnp.zeros(len(model.random_effects))
        doses = [Given(0.0, 35.0, 2 / 3, form, "intravenous")]
        found = curves(model, doses, who, eta, np.array(MINUTES) / 60).concentration
        total = sum(found[analyte.name] for analyte in model.analytes if analyte.is_parent)
        rows.append((float(total[0]), name, model.sampling, form, total))
    head = " | ".join(f"{minute} min" for minute in MINUTES)
    lines = [f"| model | samples | given | {head} |", "|---|---|---|" + "---:|" * len(MINUTES)]
    for _, name, site, form, total in sorted(rows, reverse=True):
        given = {"S": "S-ketamine", "racemic": "racemate"}[form]
        lines.append(f"| [`{name}`](#{name}) | {site} | {given} | {' | '.join(f'{c:.0f}' for c in total)} |")
    return "\n".join([*lines, ""])
