"""One self-contained HTML page per run, for a trial or for a simulated protocol.

No script, no network (the page forbids itself both), one inlined figure, styles inside; readable in the dark and on
paper. All text is escaped: a title is data, never markup. The page holds no date, so the same result gives the same
page.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import summary, wording
from unwound.reporting.fitted import averaged_title, cautions_of, fitted_of, fitted_sentences, hypotheses_of, sources_of
from unwound.reporting.methods import accuracy_sentence, effects_methods, fitted_method, methods_of
from unwound.reporting.versions import versions

if TYPE_CHECKING:
    from unwound.patient import Course
    from unwound.patient.acute import AcuteCourse
    from unwound.regimen import Regimen
    from unwound.trials import Row, TrialResult


def trial_report(
    results: Mapping[str, TrialResult],
    rows: Sequence[Row],
    figure_svg: str,
    *,
    command: str = "",
    more: Sequence[tuple[str, str]] = (),
) -> str:
    """The page of a trial under one or several hypotheses (short name -> result).

    `more` are further figures: what each shows, and its SVG.
    """
    rows = [row for row in rows if row.hypothesis in results]
    result = next(iter(results.values()))
    trial = result.trial
    judged = [key for key in evidence.all_estimates() if key.startswith("judgement.")] if trial.cite else []
    keys = [*_union(r.keys for r in results.values()), *judged]
    courses = [r.course for r in results.values()]
    return _page(
        "trial.html.jinja",
        title=trial.title or trial.name,
        trial=trial,
        done=summary.what_was_done(results),
        came_out=[summary.what_came_out(rows, short) for short in results],
        missed=summary.missed_rows(rows, results),
        cautions=summary.cautions(results),
        figure=_data_uri(figure_svg),
        more=[(told, _data_uri(svg)) for told, svg in more],
        groups=_groups(rows, results),
        several=len(results) > 1,
        warnings=_union([str(w) for w in r.limit_warnings] + list(r.course.warnings) for r in results.values()),
        verdicts={short: summary.verdict_sentences(r.course) for short, r in results.items()},
        regimen=trial.told_regimens(),
        accuracy=accuracy_sentence(result.setting.accuracy),
        seed=result.setting.seed,
        replicates=result.replicates,
        **_sources(keys, [trial.cite] if trial.cite else [], courses),
        **_method(courses, command),
    )


@dataclass(frozen=True)
class Told:
    """One course of a report: its name, what was given, and its figure ("" for none)."""

    name: str
    course: Course
    regimen: Regimen
    figure_svg: str = ""


def course_report(
    course: Course,
    regimen: Regimen,
    figure_svg: str,
    *,
    title: str = "",
    command: str = "",
    seed: int | None = None,
    assumed: Sequence[str] = (),
) -> str:
    """The page of a simulated protocol, for one person or many. `assumed` says what was not written, in words."""
    told = Told(title or regimen.title or "Simulated course", course, regimen, figure_svg)
    return courses_report([told], title=told.name, command=command, seed=seed, assumed=assumed)


def courses_report(
    told: Sequence[Told], *, title: str, command: str = "", seed: int | None = None, assumed: Sequence[str] = ()
) -> str:
    """The page of several courses, such as the people of an event table."""
    courses = [one.course for one in told]
    return _page(
        "course.html.jinja",
        title=title,
        sections=[_section(one) for one in told],
        assumed_words=list(assumed),
        cautions=[*cautions_of(fitted_of(courses)), summary.RESET_IS_A_HYPOTHESIS],
        hypotheses=hypotheses_of(courses),
        seed=seed,
        **_sources(_union(course.keys for course in courses), [], courses),
        **_method(courses, command),
    )


def effects_report(
    course: AcuteCourse,
    figure_svg: str,
    *,
    title: str,
    gives: Sequence[str],
    warnings: Sequence[str],
    command: str = "",
) -> str:
    """The page of acute effects."""
    return _page(
        "effects.html.jinja",
        title=title,
        gives=list(gives),
        outcome=summary.effects_outcome(course),
        figure=_data_uri(figure_svg),
        rows=summary.effects_rows(course),
        warnings=list(warnings),
        model=course.model,
        sampling=course.sampling,
        methods=effects_methods(),
        command=command,
        versions=versions(),
        **_sources(list(dict.fromkeys(course.keys)), []),
    )


def _section(told: Told) -> dict[str, Any]:
    header, rows, right = told.course.milestones(told.regimen.end)
    return {
        "name": told.name,
        "people": told.course.people,
        "who": _who(told.course),
        "outcome": summary.course_outcome(told.course, told.regimen),
        "regimen": told.regimen.describe(),
        "figure": _data_uri(told.figure_svg),
        "header": header,
        "rows": rows,
        "right": right,
        "warnings": _union([told.course.warnings]),
        "verdicts": summary.verdict_sentences(told.course),
        "course": told.course,
    }


def _who(course: Course) -> str:
    """Who was followed, as a sentence begins."""
    single = course.people == 1 or course.of_draws
    return "One person without random effects or flares" if single else course.who


def _groups(rows: Sequence[Row], results: Mapping[str, TrialResult]) -> list[dict[str, Any]]:
    """Rows that speak of one published result, side by side over the hypotheses."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        place = (row.arm, row.endpoint, row.window)
        group = groups.setdefault(
            place, {"row": row, "provenance": wording.provenance_text(row.provenance), "simulated": []}
        )
        value, interval = wording.simulated_text(row, results[row.hypothesis])
        group["simulated"].append(
            {"hypothesis": row.hypothesis, "value": value, "interval": interval, "verdict": wording.verdict_text(row)}
        )
    return list(groups.values())


def _sources(keys: Sequence[str], more: Sequence[str], courses: Sequence[Course] = ()) -> dict[str, Any]:
    """What the result rests on: sources, apart what was merely assumed, and what was fitted."""
    cited = {citation.key: citation.text() for citation in sources_of(keys, courses)}
    fitted = fitted_of(courses)
    cited |= {key: evidence.bibliography()[key].text() for key in more if key in evidence.bibliography()}
    told = [] if fitted is None else fitted_sentences(fitted)
    return {"assumptions": evidence.assumptions(keys), "citations": cited, "fitted_words": told}


def _method(courses: Sequence[Course], command: str) -> dict[str, Any]:
    course, fitted = courses[0], fitted_of(courses)
    driver = next((one.driver for one in courses if one.driver), "empirical")
    return {
        "model": course.model,
        "sampling": course.sampling,
        "methods": [
            *methods_of(course.model, hypotheses_of(courses), driver),
            *([] if fitted is None else [fitted_method(averaged_title(fitted))]),
        ],
        "command": command,
        "versions": versions(),
    }


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    """Everything in `lists`, each once, in order of first mention."""
    return list(dict.fromkeys(item for items in lists for item in items))


def _data_uri(svg: str) -> str:
    """A figure as the address of an image: nothing in it can run, and its ids stay its own."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode() if svg else ""


def _printable(value: Any) -> Any:
    """Text without control characters, which HTML does not allow; everything else as it is."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(letter for letter in value if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))


def _page(template: str, **content: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("unwound.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.filters["number"] = wording.number
    return environment.get_template(template).render(simulation_only=SIMULATION_ONLY, **content)
