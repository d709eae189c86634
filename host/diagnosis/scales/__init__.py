"""Clinical scales: which of their items the measurements say something about, and what.

Each scale is a data file of this folder with its source and rights; see ``README.md``.
"""

from host.diagnosis.scales.confirm import Confirmation, Total, known_item, last_words, totals
from host.diagnosis.scales.definition import Scale, ScaleItem, known_scales
from host.diagnosis.scales.suggest import suggest
from host.diagnosis.scales.total import confirmed_total

__all__ = [
    "Confirmation",
    "Scale",
    "ScaleItem",
    "Total",
    "confirmed_total",
    "known_item",
    "known_scales",
    "last_words",
    "suggest",
    "totals",
]
