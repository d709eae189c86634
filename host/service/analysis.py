"""What a worker does with a recording: the pipeline, by the service's own words."""

from __future__ import annotations

from pathlib import Path

from host.gait.types import Person
from host.pipeline import analyze_file
from host.service.records import Subject
from host.settings import load_settings


def analyze(source: Path, out: Path, settings_file: Path | None, subject: Subject) -> None:
    """Analyse ``source`` into the new folder ``out`` (see :func:`host.pipeline.analyze_file`)."""
    person = Person(height_m=subject.height_m, age_years=subject.age, sex=subject.sex)
    analyze_file(source, out, load_settings(settings_file), person)
