"""Small chains of layers for the tests of the search."""

from fpga.fold.geometry import LayerGeometry


def make_chain(height, width, channels, *, kernel=3, head=None):
    """Layers of (channels, stride) pairs behind a picture of three channels."""
    layers, size, before = [], (height, width), 3
    plan = [(c, s, kernel, 8 if i == 0 else 4, 4) for i, (c, s) in enumerate(channels)]
    if head is not None:
        plan.append((head, 1, 1, 6, None))
    for i, (out, stride, k, weight_bits, output_bits) in enumerate(plan):
        pad = k // 2
        after = tuple((n + 2 * pad - k) // stride + 1 for n in size)
        layers.append(
            LayerGeometry(
                name=f"trunk.{i}",
                size_in=size,
                size_out=after,
                channels_in=before,
                channels_out=out,
                kernel=(k, k),
                stride=(stride, stride),
                padding=(pad, pad),
                input_bits=8 if i == 0 else 4,
                input_signed=False,
                weight_bits=weight_bits,
                accumulator_bits=19 if i == 0 else 14,
                output_bits=output_bits,
            )
        )
        size, before = after, out
    return tuple(layers)
