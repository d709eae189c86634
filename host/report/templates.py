"""Pages from templates: values are escaped, unknown names refused, words in the spoken language."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from host import text


def templates(folder: Path, **more: object) -> Environment:
    """The templates of a folder; they can say what :mod:`host.text` can say, and ``more``."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=text.sentence,
        number=text.number,
        quantity=text.quantity,
        unit_text=text.unit_text,
        listed=text.listed,
        data_words=text.data_words,
        spoken=text.spoken,
        **more,
    )
    environment.filters["capitalize_first"] = lambda words: words[:1].upper() + words[1:]
    return environment
