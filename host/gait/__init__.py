"""From keypoints over time to events, parameters, curves and their quality.

One entry: :func:`host.gait.analyse.analyse_gait`. The stages, each seeing only the one before:
``track`` (even time grid) -> ``body`` (size) -> ``bouts`` -> ``view`` -> ``events`` -> ``strides``
-> ``parameters`` and ``curves`` -> ``quality``.
"""
