import csv
from collections import defaultdict

import numpy as np
import pytest

from host.gait.norms import cutoffs, norm_for, source_citation
from host.gait.norms.tables import read_table
from host.gait.parameters.table import NAMES
from host.gait.types import Person


def test_a_woman_of_72_against_her_age():
    norm = norm_for("cadence", 93.0, Person(age_years=72, sex="f"))
    assert (norm.mean, norm.sd) == (113, 20)
    assert norm.z == pytest.approx(-1.0)
    assert "Hollman" in norm.source
    assert norm.source.endswith("[2nd]")


def test_swing_is_what_stance_leaves():
    person = Person(age_years=84.9, sex="m")
    stance, swing = (norm_for(f"{n}_percent", 50.0, person) for n in ("stance", "swing"))
    assert stance.mean + swing.mean == pytest.approx(100)
    assert stance.sd == swing.sd


def test_no_table_no_norm():
    assert norm_for("cadence", 100.0, Person(age_years=101, sex="f")) is None
    assert norm_for("cadence", 100.0, Person(age_years=70)) is None
    assert norm_for("stride_time", 1.1, Person(age_years=70, sex="f")) is None


def test_a_mean_without_spread_is_no_norm():
    assert norm_for("walking_speed", 1.2, Person(age_years=65, sex="f")) is None
    assert norm_for("walking_speed", 1.2, Person(age_years=72, sex="f")).sd == 0.20


def test_every_row_names_a_known_source_and_parameter():
    keys = {row["key"] for row in read_table("sources.csv")}
    for name in ("spatiotemporal.csv", "cutoffs.csv"):
        assert {row["source"] for row in read_table(name)} <= keys
    assert {row["parameter"] for row in read_table("spatiotemporal.csv")} <= set(NAMES)
    assert {row["mark"] for row in read_table("sources.csv")} <= {"V", "2nd"}


def test_ages_do_not_overlap():
    taken = set()
    for row in read_table("spatiotemporal.csv"):
        for age in range(int(row["age_from"]), int(row["age_to"]) + 1):
            key = (row["parameter"], row["sex"], age)
            assert key not in taken
            taken.add(key)


def test_two_steps_are_a_stride_and_speed_fits():
    rows = {
        (r["parameter"], r["sex"], r["age_from"]): float(r["mean"])
        for r in read_table("spatiotemporal.csv")
    }
    for (name, sex, age), step in rows.items():
        if name != "step_length":
            continue
        assert rows["stride_length", sex, age] == pytest.approx(2 * step, abs=0.02)
        if int(age) >= 70:
            speed = step * rows["cadence", sex, age] / 60
            assert rows["walking_speed", sex, age] == pytest.approx(speed, abs=0.05)


def test_cutoffs_carry_their_source():
    found = cutoffs("walking_speed")
    assert {c.value for c in found if c.kind.endswith("substantial_change")} == {0.10}
    assert all(c.source == source_citation("perera2006") for c in found if "substantial" in c.kind)
    assert cutoffs("step_width") == ()


def test_no_number_of_the_tables_lacks_its_source_and_no_source_is_left_over():
    used = {
        row["source"] for name in ("spatiotemporal.csv", "cutoffs.csv") for row in read_table(name)
    }
    assert {row["key"] for row in read_table("sources.csv")} == used | {"fukuchi2018"}


def test_walkers_of_a_shippable_data_set_lie_about_the_norms():
    """Fukuchi et al. 2018, 43 people at their comfortable speed, on a treadmill.

    There people take quicker and shorter steps than over ground: within two SD on the average.
    """
    people = defaultdict(list)
    for row in read_table("wbds_speed_steplength_cadence.csv"):
        people[row["Subject"]].append(row)
    z = defaultdict(list)
    for rows in people.values():
        rows.sort(key=lambda row: float(row["Speed"]))
        speeds, usual = [float(row["Speed"]) for row in rows], float(rows[0]["SpeedComf"])
        person = Person(age_years=float(rows[0]["Age"]), sex=rows[0]["Gender"].lower())
        for name, column in (("cadence", "Cadence"), ("step_length", "StepLength")):
            value = np.interp(usual, speeds, [float(row[column]) for row in rows])
            z[name].append(norm_for(name, float(value), person).z)
    assert len(z["cadence"]) == 43
    assert 0 < np.mean(z["cadence"]) < 2
    assert -2 < np.mean(z["step_length"]) < 0


def test_norms_agree_with_another_laboratory(shared):
    """Bovi et al. 2011, 20 adults at natural speed; their steps are shorter by 1.2 SD."""
    path = shared / "data/gait/norms/bovi2011_parameters.csv"
    with path.open(encoding="utf-8", newline="") as file:
        bovi = {
            row["parameter"]: float(row["mean"])
            for row in csv.DictReader(file)
            if (row["group"], row["task"]) == ("adult_22_72", "Natural")
        }
    pairs = {
        "cadence": "Cadence [steps / min]",
        "step_length": "Step length [m]",
        "stride_length": "Stride length [m]",
        "stance_percent": "Stance time [%GC]",
        "double_support_percent": "Double support [% cycle]",
    }
    for name, theirs in pairs.items():
        both = [norm_for(name, bovi[theirs], Person(age_years=45, sex=sex)).z for sex in "fm"]
        limit = 1.3 if name.endswith("length") else 0.5
        assert abs(np.mean(both)) < limit, (name, both)
