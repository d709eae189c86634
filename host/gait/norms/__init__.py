"""Reference values by age, sex and speed, each with its source; see ``README.md``."""

from host.gait.norms.curves import curve_reference, shape_reference
from host.gait.norms.tables import Cutoff, cutoff, cutoffs, norm_for, source_citation

__all__ = [
    "Cutoff",
    "curve_reference",
    "cutoff",
    "cutoffs",
    "norm_for",
    "shape_reference",
    "source_citation",
]
