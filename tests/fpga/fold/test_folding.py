import dataclasses
import json

import pytest

from fpga.errors import FpgaError
from fpga.fold.folding import Folding, LayerFolding, NetworkFolding, read_folding
from fpga.fold.geometry import chain
from model_zoo.package import load_released


@pytest.fixture(scope="module")
def layers():
    return chain(load_released("gait-pose-s"))


def folding_of(layers, **first):
    folded = {
        layer.name: LayerFolding(
            pe=layer.channels_out,
            simd=layer.channels_in,
            window_simd=layer.channels_in if layer.has_window else None,
            padding_simd=layer.channels_in if layer.has_padding else None,
            threshold_pe=1 if layer.output_bits else None,
        )
        for layer in layers
    }
    if first:
        name = layers[0].name
        folded[name] = dataclasses.replace(folded[name], **first)
    return NetworkFolding("0" * 64, 600.0, folded, {"trunk_1_padding": 96, "head_matrix_width": 32})


def test_geometry_of_the_released_network(layers):
    model = load_released("gait-pose-s")
    assert [x.size_out for x in layers[:3]] == [(64, 48), (32, 24), (32, 24)]
    assert layers[-1].size_out == model.output.shape[:2]
    assert sum(x.macs for x in layers) == model.macs
    assert sum(x.weights for x in layers) == model.weights
    assert layers[0].padding == (1, 1)
    assert layers[0].size_padded == (130, 98)
    assert not layers[-1].has_window
    assert not layers[-1].has_padding
    assert layers[-1].nodes() == ("head_matrix",)
    # -4605..3915 needs 14 bits in two's complement; the head is widened to its output type
    assert layers[1].accumulator_bits == 14
    assert layers[-1].accumulator_bits == 16


def test_accumulator_bits_at_the_edges_of_a_width():
    model = load_released("gait-pose-s")
    for low, high, bits in ((-4096, 0, 13), (-4097, 0, 14), (0, 4095, 13), (0, 4096, 14)):
        changed = dataclasses.replace(model.layers[1], accumulator=(low, high))
        altered = dataclasses.replace(model, layers=(model.layers[0], changed, *model.layers[2:]))
        assert chain(altered)[1].accumulator_bits == bits


def test_strides_of_a_whole_kernel_have_no_padding():
    model = load_released("gait-pose-s")
    layer = dataclasses.replace(
        model.layers[0],
        kernel=(1, 3),
        stride=(1, 3),
        channels_in=46,
        channels_out=8,
        weights=3 * 46 * 8,
        macs=9 * 3 * 46 * 8,
        output_bits=None,
        accumulator=(-30000, 30000),
    )
    temporal = dataclasses.replace(
        model,
        role="gait",
        keypoints=(),
        input=dataclasses.replace(model.input, shape=(27, 46), dtype="int8", layout="TC"),
        output=dataclasses.replace(
            model.output,
            shape=(9, 8),
            layout="TC",
            heads=(
                dataclasses.replace(
                    model.output.heads[0], kind="vector", channels=(0, 8), sub_cells=1
                ),
            ),
        ),
        layers=(layer,),
        macs=layer.macs,
        weights=layer.weights,
    )
    (only,) = chain(temporal)
    assert only.padding == (0, 0)
    assert only.size_in == (1, 27)
    assert only.size_out == (1, 9)
    assert only.input_signed
    assert only.nodes() == ("trunk_0_window", "trunk_0_matrix")


def test_a_layer_that_no_padding_explains_is_named():
    model = load_released("gait-pose-s")
    odd = dataclasses.replace(model.layers[1], macs=model.layers[1].weights * 17)
    altered = dataclasses.replace(
        model,
        layers=(model.layers[0], odd, *model.layers[2:]),
        macs=model.macs - model.layers[1].macs + odd.macs,
    )
    with pytest.raises(FpgaError, match=r"trunk\.1: 17 output pixels"):
        chain(altered)


def test_a_folding_survives_its_file(tmp_path, layers):
    folding = Folding("pynq-z2", 100.0, {"gait-pose-s": folding_of(layers)})
    path = folding.write(tmp_path / "new")
    assert read_folding(path) == folding
    assert read_folding(path.parent) == folding
    folding.networks["gait-pose-s"].check(layers)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"pe": 5}, "pe is 5"),
        ({"simd": 4}, "simd is 4"),
        ({"window_simd": 2}, "window_simd is 2"),
        ({"padding_simd": None}, "padding_simd is None"),
        ({"threshold_pe": 0}, "threshold_pe is 0"),
    ],
)
def test_a_number_that_does_not_divide_is_named(layers, change, what):
    with pytest.raises(FpgaError, match=rf"layer trunk\.0: {what}"):
        folding_of(layers, **change).check(layers)


def test_other_layers_and_unknown_nodes_are_refused(layers):
    with pytest.raises(FpgaError, match="the network has"):
        folding_of(layers).check(layers[1:])
    stray = dataclasses.replace(folding_of(layers), fifos={"trunk_0_windows": 32})
    with pytest.raises(FpgaError, match="trunk_0_windows"):
        stray.check(layers)


def test_damaged_files_are_refused(tmp_path, layers):
    folding = Folding("pynq-z2", 100.0, {"gait-pose-s": folding_of(layers)})
    path = folding.write(tmp_path)
    table = json.loads(path.read_text())
    for key, value in (("schema_version", 2), ("board", 7), ("networks", {})):
        path.write_text(json.dumps({**table, key: value}))
        with pytest.raises(FpgaError):
            read_folding(path)
    path.write_text("{")
    with pytest.raises(FpgaError, match="cannot be read"):
        read_folding(path)
    with pytest.raises(FpgaError, match="cannot be read"):
        read_folding(tmp_path / "absent")
