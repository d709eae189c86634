"""The card of a released model, made of ``model.json``: what it is, how it came about, how good."""

from __future__ import annotations

from model_zoo.package import Metric, ReleasedModel

_COLUMNS = (
    ("persons", "persons", "{:.0f}"),
    ("pck_02", "PCK@0.2", "{:.1f}"),
    ("interval_95_low", "from", "{:.1f}"),
    ("interval_95_high", "to", "{:.1f}"),
    ("pck_02_no_hips", "no hips", "{:.1f}"),
    ("pck_02_feet", "feet", "{:.1f}"),
    ("swap_rate", "swapped %", "{:.1f}"),
    ("frames", "frames", "{:.0f}"),
    ("subject_found", "subject found %", "{:.1f}"),
    ("subject_found_low", "from", "{:.1f}"),
    ("subject_found_high", "to", "{:.1f}"),
    ("people_found", "people found %", "{:.1f}"),
    ("false_boxes", "false boxes per frame", "{:.3f}"),
)
_MEASURES = {
    "pose": "PCK@0.2: share of labelled joints (shoulders to ankles) within 0.2 torso lengths of "
    "the label, in per cent; from/to: 95 % interval over persons; feet: toes and heels; swapped: "
    "left/right pairs that fit better exchanged. Measured on the integer form.",
    "person": "Found: a box with an intersection over union of at least 0.5; subject: the patient "
    "of a frame; from/to: 95 % interval over frames; false: a box that is paired with nobody. "
    "Measured on the integer form.",
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
}


def card_text(model: ReleasedModel) -> str:
    """Markdown text of ``card.md``."""
    shape = " x ".join(str(n) for n in model.input.shape)
    parts = [
        f"# {model.name} {model.version}",
        f"Role: {model.role}. Input {shape} {model.input.dtype} ({model.input.layout}, "
        f"{model.input.colour}), output {' x '.join(str(n) for n in model.output.shape)} integers "
        f"({model.output.dtype}). {model.macs / 1e6:.1f} million multiply-accumulates per picture, "
        f"{model.weights:,} weights.",
        _layers(model),
        "## Measured",
        _metrics(model.metrics),
        _MEASURES.get(model.role, "Measured on the integer form."),
        *(f"- {m.dataset}: `{m.command}`{_labels(m)}" for m in model.metrics),
        "## Made from",
        f"Recipe `{model.recipe.file}`, commit `{model.recipe.commit}`, "
        f"{model.recipe.samples:,} pictures seen in training.",
        _data(model),
        "## Limits",
        _LIMITS.get(model.role, "For research."),
        "## Files",
        *(f"- `{name}` sha256 {value}" for name, value in model.files.items() if name != "card.md"),
    ]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def _layers(model: ReleasedModel) -> str:
    rows = [
        "| layer | kernel | stride | channels | weights | activation | sums |",
        "|" + "---|" * 7,
    ]
    for layer in model.layers:
        activation = "raw sums" if layer.output_bits is None else f"{layer.output_bits} bit"
        rows.append(
            f"| {layer.name} | {layer.kernel[0]} x {layer.kernel[1]} | {layer.stride[0]} "
            f"| {layer.channels_in} to {layer.channels_out} | {layer.weight_bits} bit "
            f"| {activation} | {layer.accumulator[0]} to {layer.accumulator[1]} |"
        )
    return "\n".join(rows)


def _metrics(metrics: tuple[Metric, ...]) -> str:
    if not metrics:
        return "Nothing yet."
    shown = [c for c in _COLUMNS if any(m.values.get(c[0]) is not None for m in metrics)]
    rows = [
        "| set | " + " | ".join(title for _, title, _ in shown) + " |",
        "|" + "---|" * (len(shown) + 1),
    ]
    for metric in metrics:
        cells = []
        for key, _, form in shown:
            value = metric.values.get(key)
            cells.append("–" if value is None else form.format(value))
        rows.append(f"| {metric.dataset} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _labels(metric: Metric) -> str:
    return f", labels sha256 {metric.labels_sha256}" if metric.labels_sha256 else ""


def _data(model: ReleasedModel) -> str:
    rows = ["| data | used for | terms |", "|---|---|---|"]
    rows += [f"| {d.name} | {d.use} | {d.terms} |" for d in model.data]
    return "\n".join(rows)
