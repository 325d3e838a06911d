"""`unwound outlook`: what a protocol may bring beside pain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.asked import Asked
from unwound.interfaces.output import (
    Driver,
    Json,
    Out,
    Seed,
    Threads,
    command_line,
    note,
    print_json,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from unwound.population.outlook import Outlook, Prices

WIDTH = 120
FEW = 8
"""Sessions that are printed; --json and --out have all."""
SHORT = {"dissociation": "dissoc.", "dizziness": "dizzy", "nausea": "nausea", "vertigo": "vertigo",
         "sedation": "sedat.", "pressure": "BP up"}  # fmt: skip


def outlook(
    path: Annotated[str, typer.Argument(help="A protocol file (.toml).")],
    patients: Annotated[
        int, typer.Option("--patients", min=1, max=20_000, help="How many people with the disorder.")
    ] = 200,
    disorder: Annotated[
        str, typer.Option("--disorder", help="Whom: a disorder of pain, or a population file (.toml).")
    ] = "CRPS-1",
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="H0, H1 or H2 (default: the file's).")] = None,
    driver: Driver = None,
    model: Annotated[str | None, typer.Option("--model", help="Pharmacokinetic model (default: the file's).")] = None,
    until: Annotated[str | None, typer.Option("--until", help='How long to follow, such as "12 weeks".')] = None,
    attack_days: Annotated[
        float | None, typer.Option("--attack-days", help="Attack days in 28 days before treatment.")
    ] = None,
    opioid: Annotated[
        str | None, typer.Option("--opioid", help='Daily opioid at the start (morphine equivalents): "100 mg/d".')
    ] = None,
    opioid_follows: Annotated[
        str | None, typer.Option("--opioid-follows", help='Its fall when pain falls to nothing: "50 %", yours to say.')
    ] = None,
    price_session: Annotated[
        str | None, typer.Option("--price-session", help='Price of an outpatient session: "350 EUR".')
    ] = None,
    price_day: Annotated[
        str | None, typer.Option("--price-day", help='Price of a day in bed: "1500 USD"; there is no default.')
    ] = None,
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Look ahead beside pain: affect, attacks, sensory tests, side effects by session, harm, opioids, money and time.

    People are followed under the protocol and under saline. A harm without a known rate is told as unknown, and nobody
    of many as an upper bound. Examples:

    unwound outlook my_protocol.toml --out ahead

    unwound outlook sprays.toml --disorder migraine --attack-days 15 --price-session "350 EUR"
    """
    from unwound.patient.protocol import Protocol
    from unwound.patient.simulation import Setting
    from unwound.population.outlook import outlook as look_ahead
    from unwound.reporting.publish_outlook import outlook_summary, publish_outlook
    from unwound.reporting.store import ResultFolder

    prices = _prices(attack_days, opioid, opioid_follows, price_session, price_day)
    protocol = Protocol.from_toml(path)
    setting = Setting(
        model=model or protocol.models.pharmacokinetics, hypothesis=hypothesis or protocol.models.hypothesis,
        driver=driver or protocol.models.driver, seed=seed, threads=threads, metabolites=False,
    )  # fmt: skip
    if protocol.co_medication:
        note("note: co_medication changes nothing here; unwound effects and unwound pk use it")
    folder = ResultFolder.reserve(out) if out else None
    title = protocol.title or path
    with progress(title, 3 * patients) as advance:
        found = look_ahead(
            disorder, patients, protocol.regimen, until or protocol.follow_up.duration.text, setting, prices, advance
        )
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_outlook(folder, found, title, seed, command_line())
    if as_json:
        print_json({**outlook_summary(found, title, seed), "written": written})
    else:
        _print(found, title, written)
    if len(found.course.failed()):
        raise typer.Exit(3)


def _prices(
    attack_days: float | None, opioid: str | None, follows: str | None, session: str | None, day: str | None
) -> Prices:
    """What the user says. Raises `InputError` with all problems."""
    from unwound.patient.costs import Price
    from unwound.population.outlook import Prices

    asked = Asked()
    found = Prices(
        session=None if session is None else asked.held(Price.read, None, session, "--price-session"),
        day=None if day is None else asked.held(Price.read, None, day, "--price-day"),
        opioid_mg_per_d=None if opioid is None else asked.number(opioid, "mg/d", "--opioid"),
        opioid_follows=None if follows is None else asked.number(follows, "percent", "--opioid-follows") / 100.0,
        attack_days=attack_days,
    )
    asked.done()
    return found


def _print(found: Outlook, title: str, written: dict[str, str]) -> None:
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY

    typer.echo("; ".join(found.regimen.describe()) or "nothing is given")
    _print_weeks(found, title)
    _print_attacks(found)
    _print_sessions(found)
    safety, costs = found.safety, found.costs
    last = found.course.time_h[-1] / 168.0
    typer.echo(f"liver (enzymes of 3 times the upper limit, within {last:.3g} weeks): {safety.liver.told()}")
    for one in safety.unknown:
        typer.echo(f"{one.what}: {one.told()}")
    for count in safety.counts:
        typer.echo(f"a year of esketamine spray, {count.what}: {count.told()}")
    stopped = 100.0 * float(found.side_effects.stopped[-1])
    typer.echo(f"stopped for an adverse event: {stopped:.2g} %" if stopped >= 0.1 else
               "stopped for an adverse event: below 0.1 %, where nobody has counted")  # fmt: skip
    span = "" if costs.low == costs.high else f" ({costs.low} to {costs.high})"
    typer.echo(
        f"outpatient sessions {costs.outpatient_sessions}, chair time {costs.chair_h:.3g} h, days in bed "
        f"{costs.inpatient_days}; price {costs.total}{span}{'' if costs.counted_in_full else ', days in bed left out'}"
    )
    for text in found.notes:
        typer.echo(f"note: {text}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(evidence.assumptions(found.keys))} of {len(found.keys)} numbers assumed.")
    typer.echo(SIMULATION_ONLY + ".")


def _print_weeks(found: Outlook, title: str) -> None:
    from unwound.reporting.publish_outlook import weekly

    columns = weekly(found)
    names = {
        "week": ("week", "{:.0f}"), "pain_nrs": ("pain\n0-10", "{:.1f}"),
        "pain_nrs_saline": ("under\nsaline", "{:.1f}"),
        "summation_ratio": ("summation\nratio", "{:.2f}"), "summation_z": ("summation\nz", "{:+.2f}"),
        "painful_touch_share": ("painful\ntouch %", "{:.0%}"), "opioid_mg_per_d": ("opioid\nmg/d", "{:.0f}"),
    }  # fmt: skip
    shown = {name: how for name, how in names.items() if name in columns}
    rows = [
        tuple(form.format(columns[name][n]).rstrip("%") for name, (_, form) in shown.items())
        for n in range(len(columns["week"]))
        if n <= 4 or n % 2 == 0 or n == len(columns["week"]) - 1
    ]
    typer.echo(f"{found.course.people} people with {found.disorder}, {found.course.behind}, {found.course.model}")
    header = tuple(label for label, _ in shown.values())
    print_table(title, header, rows, right=tuple(range(len(header))), width=WIDTH)


def _print_attacks(found: Outlook) -> None:
    if found.attacks is None:
        return
    kinds = {"before": "before treatment", "saline": "under saline", "treated": "treated"}
    header = ("attacks", *(f"day {start:.0f}-{start + 27:.0f}" for start in found.attacks.start_d))
    rows: list[tuple[str, ...]] = []
    for name, label in kinds.items():
        both = zip(found.attacks.days[name], found.attacks.per_week[name], strict=True)
        rows.append((label, *(f"{days:.1f}, {attacks:.2f}" for days, attacks in both)))
    print_table("Attack days in 28 days, and attacks a week; mean over people", header, rows, width=WIDTH)


def _print_sessions(found: Outlook) -> None:
    from unwound.reporting.publish_outlook import session_rows

    rows: list[dict[str, Any]] = session_rows(found)
    if not rows:
        return
    kept = rows if len(rows) <= FEW else [*rows[: FEW - 1], rows[-1]]
    cells = [
        (
            f"{row['session']}", f"{row['day']:.3g}", f"{row['pain_nrs']:.1f}", f"{row['unpleasantness_points']:.1f}",
            *(f"{100.0 * row['share'][name]:.1f}" for name in SHORT),
        )
        for row in kept
    ]  # fmt: skip
    header = ("session", "day", "pain", "unpleas-\nantness", *(f"{label}\n%" for label in SHORT.values()))
    print_table(
        "Sessions: affect at its most detached, and side effects", header, cells,
        right=tuple(range(len(header))), width=WIDTH,
    )  # fmt: skip
