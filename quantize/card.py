"""The card of a released model, made of ``model.json``: what it is, how it came about, how good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model_zoo.package import Layer, Metric, ReleasedModel
from quantize.markdown import table

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("persons", "persons", "{:.0f}"),
    ("pck_02", "PCK@0.2", "{:.1f}"),
    ("interval_95_low", "from", "{:.1f}"),
    ("interval_95_high", "to", "{:.1f}"),
    ("pck_02_no_hips", "no hips", "{:.1f}"),
    ("pck_02_feet", "feet", "{:.1f}"),
    ("swap_rate", "swapped %", "{:.1f}"),
    ("swap_rate_side", "swapped, side view %", "{:.1f}"),
    ("mirror_consistency", "same when mirrored %", "{:.1f}"),
    ("left_right_gap", "left/right gap", "{:.1f}"),
    ("legs_bias_mm", "legs bias mm", "{:.0f}"),
    ("legs_sd_mm", "legs SD mm", "{:.0f}"),
    ("feet_bias_mm", "feet bias mm", "{:.0f}"),
    ("feet_sd_mm", "feet SD mm", "{:.0f}"),
    ("frames", "frames", "{:.0f}"),
    ("subject_found", "subject found %", "{:.1f}"),
    ("subject_found_low", "from", "{:.1f}"),
    ("subject_found_high", "to", "{:.1f}"),
    ("people_found", "people found %", "{:.1f}"),
    ("false_boxes", "false boxes per frame", "{:.3f}"),
    ("poses", "poses", "{:.0f}"),
    ("mpjpe_mm", "MPJPE mm", "{:.1f}"),
    ("p_mpjpe_mm", "P-MPJPE mm", "{:.1f}"),
    ("noisy_mpjpe_mm", "with errors: MPJPE mm", "{:.1f}"),
    ("noisy_p_mpjpe_mm", "with errors: P-MPJPE mm", "{:.1f}"),
    ("walks", "walks", "{:.0f}"),
    ("contact_f1", "contact F1", "{:.3f}"),
    ("contact_bias_ms", "bias ms", "{:+.0f}"),
    ("contact_sd_ms", "SD ms", "{:.0f}"),
    ("contact_mae_ms", "MAE ms", "{:.0f}"),
    ("off_f1", "foot off F1", "{:.3f}"),
    ("off_bias_ms", "bias ms", "{:+.0f}"),
    ("off_sd_ms", "SD ms", "{:.0f}"),
    ("off_mae_ms", "MAE ms", "{:.0f}"),
)
"""Key, title and form of the figures that cards and the leaderboard show, where they are known."""
_MEASURES = {
    "pose": "PCK@0.2: share of labelled joints (shoulders to ankles) within 0.2 torso lengths of "
    "the label, in per cent; from/to: 95 % interval over persons; feet: toes and heels; swapped: "
    "left/right pairs that fit better exchanged. Measured on the integer form.",
    "person": "Found: a box with an intersection over union of at least 0.5; subject: the patient "
    "of a frame; from/to: 95 % interval over frames; false: a box that is paired with nobody. "
    "Measured on the integer form; from 0.1.4 on everybody is looked at twice, as by the host: "
    "2.5 runs of the network a frame.",
    "lift": "MPJPE: mean distance of the points relative to the middle of the hips, in the "
    "camera's frame, the body's size known; P-MPJPE: after the best rotation, shift and scale. "
    "From exact points of the picture; with errors: from points with the errors that gait-pose-s "
    "makes. HumanEva: twelve joints, shoulders to ankles. Measured on the integer form.",
    "gait": "Initial contacts and foot offs of this network alone, within 0.1 s of the truth: "
    "harmonic mean of hits found and found ones that are true, errors without any offset taken "
    "away. Measured on the integer form; the tables beside other methods: docs/validation.md.",
}
_TERMS = {
    "mirror_consistency": "Same when mirrored: points that stay within 0.1 torso when the network "
    "sees the mirror image.",
    "left_right_gap": "Left/right gap: largest difference of PCK between left and right of a pair.",
    "legs_sd_mm": "Bias and SD: largest bias of a joint, and the joints' standard deviation, along "
    "x or y at the person's depth, over points within 0.2 torso; legs: hip, knee and ankle.",
}
_LIMITS = {
    "pose": "For research. One person per crop, seen from the height of a person. The photographs "
    "show few people who are old, use a walking aid or are seen plainly from the side; these come "
    "from rendered walkers. Toes and heels were learned from renders and machine-made labels "
    "only. Left and right legs are exchanged at times: use the host's side stage over time.",
    "person": "For research. People between a fifth of the picture's height and all of it, walking "
    "or standing; smaller ones are missed. Rooms, mirrors and posters were learned from renders; "
    "real people from photographs of single persons set side by side. Two people who cover each "
    "other give one box at times: the host's tracker goes on by their keypoints.",
    "lift": "For research. Walking people, upright or stooped, from 2 to 9 m and 0.8 to 2.4 m "
    "height; sitting, lying and climbing were not learned. Hips are the key points of our body "
    "model. Depth is surer from the side than from the front or back. Metres need the person's "
    "height. A camera that looks down tilts the answer.",
    "gait": "For research. Walking people seen more or less from the side (up to 45 degrees were "
    "learned), who walk in one direction; no running, stairs, or walking aids. Patterns of "
    "impaired walking were learned from simulations, recorded walks from healthy people. What "
    "counts as contact is the renderer's: the first touch of heel, sole or toes. Each source of "
    "points needs its own offset (host/gait/sources.json); sources without heels and toes are "
    "less exact.",
}
_KEPT_OUT = (
    "Not learned from: HumanEva, the walking clips and laboratory recordings by which "
    "docs/validation.md judges, and all sets under Measured."
)
_DATA_NOTES = {
    "pose": _KEPT_OUT + " Some of these sets are for research use: so are the weights. What clean "
    "terms cost is told by a variant that learned from renders alone: *renders alone* in "
    'docs/leaderboard.md, and "What the photographs\' terms cost" in docs/models.md.',
    "person": _KEPT_OUT + " Some of these sets are for research use: so are the weights.",
}


def card_text(model: ReleasedModel) -> str:
    """Markdown text of ``card.md``."""
    shape = " x ".join(str(n) for n in model.input.shape)
    parts = [
        f"# {model.name} {model.version}",
        f"Role: {model.role}. Input {shape} {model.input.dtype} ({model.input.layout}, "
        f"{_order(model)}), output {' x '.join(str(n) for n in model.output.shape)} integers "
        f"({model.output.dtype}). {model.macs / 1e6:.1f} million multiply-accumulates per "
        f"{_item(model)}, {model.weights:,} weights.",
        _layers(model),
        "## Measured",
        _metrics(model.metrics),
        explained(model.role, [m.values for m in model.metrics]),
        *(f"- {m.dataset}: `{m.command}`{_labels(m)}" for m in model.metrics),
        "## Made from",
        f"Recipe `{model.recipe.file}`, commit `{model.recipe.commit}`, "
        f"{model.recipe.samples:,} {_item(model)}s seen in training.",
        _data(model),
        *([_DATA_NOTES[model.role]] if model.role in _DATA_NOTES else []),
        "## Limits",
        _LIMITS.get(model.role, "For research."),
        "## Files",
        *(f"- `{name}` sha256 {value}" for name, value in model.files.items() if name != "card.md"),
    ]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def _order(model: ReleasedModel) -> str:
    """How the channels stand, or how fast moments follow each other."""
    rate = model.input.rate_hz
    return str(model.input.colour) if rate is None else f"{rate:g} moments per second"


def _item(model: ReleasedModel) -> str:
    return "picture" if model.input.rate_hz is None else "window"


def _layers(model: ReleasedModel) -> str:
    head = ("layer", "kernel", "stride", "channels", "weights", "activation", "sums")
    rows = [
        (
            layer.name,
            f"{layer.kernel[0]} x {layer.kernel[1]}",
            _stride(layer),
            f"{layer.channels_in} to {layer.channels_out}",
            f"{layer.weight_bits} bit",
            "raw sums" if layer.output_bits is None else f"{layer.output_bits} bit",
            f"{layer.accumulator[0]} to {layer.accumulator[1]}",
        )
        for layer in model.layers
    ]
    return table(head, rows)


def _stride(layer: Layer) -> str:
    rows, columns = layer.stride
    return str(rows) if rows == columns else f"{rows} x {columns}"


def _metrics(metrics: tuple[Metric, ...]) -> str:
    if not metrics:
        return "Nothing yet."
    return figure_table(("set",), [((m.dataset,), m.values) for m in metrics])


def figure_table(
    names: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], Mapping[str, float | None]]]
) -> str:
    """A table: named cells, then the figures of :data:`COLUMNS` that any row has."""
    shown = [c for c in COLUMNS if any(values.get(c[0]) is not None for _, values in rows)]
    lines = []
    for cells, values in rows:
        figures = [(values.get(key), form) for key, _, form in shown]
        told = ["–" if value is None else form.format(value) for value, form in figures]
        lines.append((*cells, *told))
    return table((*names, *(title for _, title, _ in shown)), lines)


def explained(role: str, rows: Sequence[Mapping[str, float | None]]) -> str:
    """What the columns of a table of figures say."""
    parts = [_MEASURES.get(role, "Measured on the integer form.")]
    parts += [told for key, told in _TERMS.items() if any(r.get(key) is not None for r in rows)]
    return " ".join(parts)


def _labels(metric: Metric) -> str:
    return f", labels sha256 {metric.labels_sha256}" if metric.labels_sha256 else ""


def _data(model: ReleasedModel) -> str:
    return table(("data", "used for", "terms"), [(d.name, d.use, d.terms) for d in model.data])
