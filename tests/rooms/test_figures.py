"""Figures and tables of a small trial, sentence by sentence."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.core.verdicts import Verdict
from unwound.patient import Person, Setting, simulate
from unwound.regimen import Regimen
from unwound.reporting import TrialBands, course_figure, png_bytes, svg_text, trial_figure
from unwound.reporting.bands import band_over
from unwound.reporting.figures import drawable
from unwound.reporting.frames import (
    course_columns,
    patients_columns,
    people_columns,
    rows_columns,
    tables_of,
    visits_columns,
)
from unwound.reporting.observed import observed_points, p_sentences
from unwound.reporting.schedule import schedule_of
from unwound.reporting.store import ResultFolder, read
from unwound.trials import Trial, conduct, rows_of

HOSTILE = "$x^ \x00<script>alert(1)</script> _{ \N{CJK UNIFIED IDEOGRAPH-4E2D}\n--> & 'quoted'"
PROTOCOL = """
title = "Two infusions and a bolus"
setting = "monitored"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "0.15 mg/kg/h"
duration = "4 h"
repeat = { count = 2, every = "24 h" }

[[doses]]
kind = "bolus"
drug = "ketamine"
enantiomer = "S"
amount = "5 mg"
start = "48 h"
"""


@pytest.fixture(scope="module")
def result():
    return conduct(Trial.published("SIG09"), Setting(seed=3), replicates=8)


@pytest.fixture(scope="module")
def rows(result):
    return rows_of(result)


@pytest.fixture(scope="module")
def linear():
    return conduct(Trial.published("SIG09"), Setting(hypothesis="H0", seed=3), replicates=2)


@pytest.fixture(scope="module")
def regimen():
    return Regimen.from_toml_text(PROTOCOL)


@pytest.fixture(scope="module")
def course(regimen):
    return simulate(Person(), regimen, "3 weeks")


@pytest.fixture(scope="module")
def figure(result, rows):
    return trial_figure({"H2": result}, rows)


def panel(figure, letter):
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(letter))


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text)]


def test_published_points_stand_where_they_were_published(figure, result, rows):
    drawn = {
        (float(c[0].get_xdata()[0]), float(c[0].get_ydata()[0])): c[2][0].get_segments()[0]
        for c in panel(figure, "a").containers
    }
    expected = {(0.0, 7.2): 0.3, (0.0, 6.9): 0.3, (1.0, 2.68): 0.51, (1.0, 5.45): 0.48}
    assert set(drawn) == set(expected)
    for (week, nrs), error in expected.items():
        np.testing.assert_allclose(drawn[week, nrs], [[week, nrs - error], [week, nrs + error]])
    assert {point.recalled for point in observed_points(result.trial, rows) if point.week == 0} == {True}
    assert {point.recalled for point in observed_points(result.trial, rows) if point.week == 1} == {False}


def test_recalled_points_are_hollow(figure):
    faces = {c[0].get_xdata()[0]: c[0].get_markerfacecolor() for c in panel(figure, "a").containers}
    assert faces[0] == "none"
    assert faces[1] != "none"


def test_a_p_value_without_a_difference_is_a_sentence_and_not_a_point(figure, rows):
    sentences = p_sentences(rows, "H2", 8)
    assert len(sentences) == 2
    assert "P=0.07 (P ≥ 0.05 in" in sentences[1]
    assert not any(" 0 %" in sentence or "100 %" in sentence for sentence in sentences)
    assert set(sentences) <= set(texts(figure))


def test_the_mean_lies_in_its_band(result):
    bands = TrialBands(result)
    for arm in ("S-ketamine", "placebo"):
        for band in (bands.of(arm, "pain_nrs"), bands.trial_mean(arm)):
            assert (band.p05 <= band.p50).all()
            assert (band.p50 <= band.p95).all()
            assert (band.p05 <= band.mean).all()
            assert (band.mean <= band.p95).all()


def test_trial_means_spread_less_than_patients(result):
    bands = TrialBands(result)
    patients, trials = bands.of("placebo", "pain_nrs"), bands.trial_mean("placebo")
    assert (trials.p95 - trials.p05 < patients.p95 - patients.p05).all()
    np.testing.assert_allclose(trials.mean, patients.mean, rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 20, 21, 97])
def test_quantiles_are_those_of_numpy(count):
    values = np.random.default_rng(count).normal(size=(5, count)).astype(np.float32)
    band = band_over(values)
    expected = np.percentile(values, (5, 50, 95), axis=-1)
    np.testing.assert_allclose([band.p05, band.p50, band.p95], expected, rtol=1e-5, atol=1e-7)


def test_people_with_a_failed_verdict_are_left_out(result):
    verdicts, pain = result.course.verdicts.copy(), result.course.pain_nrs.copy()
    verdicts[3], pain[:, 3] = Verdict.NOT_FINITE, np.nan
    broken = dataclasses.replace(result, course=dataclasses.replace(result.course, verdicts=verdicts, pain_nrs=pain))
    bands = TrialBands(broken)
    assert np.isfinite(bands.of("S-ketamine", "pain_nrs").mean).all()
    assert np.isfinite(bands.trial_mean("S-ketamine").p95).all()
    assert any("1 failed computation" in text for text in texts(trial_figure({"H2": broken}, ())))


def test_a_trial_of_which_nothing_is_left_is_still_drawn(result):
    verdicts = np.full_like(result.course.verdicts, Verdict.NOT_FINITE)
    broken = dataclasses.replace(result, course=dataclasses.replace(result.course, verdicts=verdicts))
    assert png_bytes(trial_figure({"H2": broken}, ()))


def test_responders_and_others_are_told_apart(figure, result):
    labels = [text.get_text() for text in panel(figure, "b").get_legend().get_texts()]
    share = np.asarray(result.people.non_nmda_share)[:20]
    assert labels == [f"responders ({(share < 0.5).sum()})", f"non-responders ({(share >= 0.5).sum()})"]
    assert len(panel(figure, "b").lines) == 20


def test_the_concentration_names_its_sampling_site(figure):
    assert any("venous plasma" in axes.get_ylabel() and "ng/mL" in axes.get_ylabel() for axes in figure.axes)


def test_the_footer_says_what_was_drawn(figure):
    foot = "\n".join(texts(figure))
    for part in (SIMULATION_ONLY, "otto2021", "H2", "seed 3", "8 replicates", "points and P values = published"):
        assert part in foot


def test_hypotheses_stand_side_by_side(result, linear, rows):
    figure = trial_figure({"H0": linear, "H2": result}, [*rows_of(linear), *rows])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert {"a1  H0: pain by arm", "a2  H2: pain by arm", "d1  H0: slow states"} <= set(titles)
    assert len(panel(figure, "a1").containers) == len(panel(figure, "a2").containers) == 4


@pytest.mark.parametrize("save", [png_bytes, svg_text])
def test_the_same_result_gives_the_same_bytes(save, result, rows):
    first, second = (save(trial_figure({"H2": result}, rows), "title") for _ in range(2))
    assert first == second


def test_figures_carry_the_safety_sentence_and_version(figure):
    from PIL import Image

    with Image.open(io.BytesIO(png_bytes(figure, "A title – not latin ①"))) as image:
        assert image.size == (1600, 1200)
        assert image.text["Description"] == SIMULATION_ONLY
        assert image.text["Software"].startswith("unwound ")
        assert "Creation Time" not in image.text
    svg = svg_text(figure, "A title")
    assert f">{SIMULATION_ONLY}<" in svg
    assert "unwound 0." in svg
    assert "<dc:date>" not in svg
    ElementTree.fromstring(svg)


def test_the_settings_of_matplotlib_are_left_alone(result):
    import matplotlib

    with matplotlib.rc_context({"font.size": 31.0, "axes.titlelocation": "right"}):
        before = dict(matplotlib.rcParams)
        one = svg_text(trial_figure({"H2": result}, ()))
        assert dict(matplotlib.rcParams) == before
    assert one == svg_text(trial_figure({"H2": result}, ()))


def test_a_hostile_title_is_drawn_as_text(course):
    svg = svg_text(course_figure(course, HOSTILE), HOSTILE)
    assert "<script" not in svg
    assert "\x00" not in svg
    ElementTree.fromstring(svg)
    assert drawable("_arm") == "arm"
    assert drawable("a$b") == r"a\$b"
    assert len(drawable("x" * 500)) == 110


def test_a_course_of_one_person_is_drawn(course, regimen):
    figure = course_figure(course, "One person", regimen, seed=0)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["a  Pain", "", "b  Doses and blood", "c  Slow states under H2"]
    (line,) = panel(figure, "a").lines[-1:]
    np.testing.assert_allclose(line.get_ydata(), course.pain_nrs[:, 0], rtol=1e-6)


def test_a_course_of_many_people_is_a_band(result):
    figure = course_figure(result.course, "Many")
    labels = [text.get_text() for text in panel(figure, "a").get_legend().get_texts()]
    assert labels == ["5-95 % of people", "median"]
    assert any("480 people" in text for text in texts(figure))


def test_the_pump_runs_when_the_regimen_says_so(regimen):
    schedule = schedule_of(regimen)
    assert schedule.running() == [(0.0, 4.0), (24.0, 28.0)]
    assert schedule.unit == "mg/kg/h"
    assert schedule.rates.max() == pytest.approx(0.15)
    assert schedule.boluses.tolist() == [48.0]
    assert schedule.end_h == 48.0


def test_a_titration_is_drawn_on_its_way_to_the_ceiling():
    schedule = schedule_of(Trial.published("SIG09").regimen)
    assert schedule.running() == [(0.0, 100.0)]
    assert schedule.rates[0] == pytest.approx(0.072)
    assert schedule.rates[-1] == pytest.approx(0.432)
    assert (np.diff(schedule.rates) >= 0).all()


def test_tables_have_equal_columns_and_no_nan(result, rows):
    for name, (columns, units) in tables_of({"H2": result}, rows).items():
        assert len({len(values) for values in columns.values()}) == 1, name
        assert set(units) <= set(columns), name
        for column, values in columns.items():
            floats = [v for v in values if v is not None] if isinstance(values, list) else values
            if np.asarray(floats).dtype.kind == "f":
                assert np.isfinite(np.asarray(floats)).all(), (name, column)


def test_units_are_in_the_names_of_columns(result, course):
    columns = {**patients_columns(result)[0], **course_columns(course)[0], **people_columns(course)[0]}
    expected = {"weight_kg", "age_y", "dose_total_mg", "peak_ng_per_mL", "rate_reached_mg_per_kg_per_h", "time_h"}
    assert expected <= set(columns)
    assert {"s_ketamine_ng_per_mL", "s_norketamine_ng_per_mL", "pain_nrs"} <= set(columns)


def test_a_rating_after_dropout_is_null(result, rows, tmp_path):
    missing = np.isnan(result.ratings).sum()
    assert missing > 0
    columns, _ = visits_columns(result)
    assert sum(value is None for value in columns["rating_nrs"]) == missing
    with ResultFolder.reserve(tmp_path / "run") as folder:
        for name, frame in tables_of({"H2": result}, rows).items():
            folder.write_table(name, *frame)
        folder.describe(command="test", seed=3, specification={})
    table = read(tmp_path / "run").table("visits_H2")
    assert np.isnan(table["rating_nrs"].astype(float)).sum() == missing
    assert table["week"].dtype == np.int8
    assert len(read(tmp_path / "run").table("rows")["arm"]) == len(rows)


def test_visits_keep_replicate_patient_and_week_in_place(result):
    columns, _ = visits_columns(result)
    for place in (0, 17, 900, len(columns["week"]) - 1):
        expected = result.ratings[columns["week"][place], columns["replicate"][place], columns["patient"][place]]
        found = columns["rating_nrs"][place]
        assert found == expected if found is not None else np.isnan(expected)
        patient = columns["patient"][place]
        assert columns["arm"][place] == ("S-ketamine" if patient < 30 else "placebo")


def test_rows_without_a_verdict_stay_without_one(rows):
    columns, _ = rows_columns(rows)
    assert columns["pass"] == [row.passed for row in rows]
    assert columns["simulated_mean"][-1] is None


def test_importing_the_room_draws_nothing():
    code = (
        "import sys, unwound.reporting as r; r.trial_figure; "
        "print([m for m in ('jax', 'matplotlib', 'jinja2', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
