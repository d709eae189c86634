"""Analyse the shipped walk and put the results beside its truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from host.demo.compare import ContactMatch, Row, Truth, compare, match_contacts
from host.gait.types import Person
from host.pipeline import Progress, analyze_file, silent
from host.report.assessment import Assessment

CLIP = Path(__file__).with_name("walk.mp4")
TRUTH = Path(__file__).with_name("walk.truth.json")


@dataclass(frozen=True)
class Demonstration:
    """What came out, and how far it is from the truth."""

    assessment: Assessment
    rows: tuple[Row, ...]
    contacts: ContactMatch


def run_demo(out: Path, progress: Progress = silent) -> Demonstration:
    """Analyse the walk as any other video, told of the walker's height, age and sex.

    Parameters
    ----------
    out
        Folder to write, as of :func:`host.pipeline.analyze_file`, which also says what is raised.
    progress
        Told of long work.
    """
    truth = Truth.read(TRUTH)
    person = Person(truth.stature_m, truth.age_years, truth.sex)
    assessment = analyze_file(CLIP, out, person=person, progress=progress)
    return Demonstration(
        assessment=assessment,
        rows=compare(assessment.parameters, truth),
        contacts=match_contacts(assessment.events, truth),
    )
