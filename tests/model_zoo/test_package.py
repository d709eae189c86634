"""A released model that is damaged or contradicts itself is refused, with the reason."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_zoo import package
from model_zoo.package import (
    CARD,
    GOLDEN_FORM,
    GOLDEN_PAIR,
    Metric,
    PackageError,
    ReleasedModel,
    UnknownModelError,
    load_released,
    released_names,
)
from tests.networks import write_random_release


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReleasedModel:
    return write_random_release(tmp_path_factory.mktemp("released") / "tiny-pose")


@pytest.fixture
def folder(written: ReleasedModel, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written.folder, tmp_path / "tiny-pose"))


def change(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    table = json.loads((folder / "model.json").read_text())
    edit(table)
    (folder / "model.json").write_text(json.dumps(table))


def test_what_is_written_is_read_again(folder: Path) -> None:
    model = load_released(folder)
    model.verify()
    assert model == load_released(str(folder))
    assert json.loads(model.to_json()) == json.loads((folder / "model.json").read_text())
    x, y = model.golden()
    assert x.dtype == np.uint8
    assert y.dtype == np.int32
    assert y.shape == (len(x), *model.output.shape)


def test_models_are_found_by_name(
    written: ReleasedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(package, "RELEASED", written.folder.parent)
    monkeypatch.chdir(tmp_path)
    assert released_names() == ("tiny-pose",)
    assert load_released("tiny-pose").folder == written.folder
    for name in ("huge-pose", "../tiny-pose", ""):
        with pytest.raises(UnknownModelError) as told:
            load_released(name)
        assert told.value.known == ("tiny-pose",)


@pytest.mark.parametrize("name", [GOLDEN_FORM, GOLDEN_PAIR, CARD])
def test_every_listed_file_is_verified(folder: Path, name: str) -> None:
    model = load_released(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(PackageError, match=name):
        model.verify()
    (folder / name).unlink()
    with pytest.raises(PackageError, match=f"{name} is missing"):
        model.verify()


def set_key(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(table: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        target: Any = table
        for key in parents:
            target = target[int(key) if key.isdigit() else key]
        target[last] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (set_key("schema_version", 2), "schema 2"),
        (set_key("colour", "RGB"), "unknown key colour"),
        (lambda t: t.pop("recipe"), "recipe is missing"),
        (set_key("role", "oracle"), "oracle"),
        (set_key("macs", 1), "macs"),
        (set_key("weights", 1.5), "weights"),
        (set_key("input/dtype", "float32"), "float32"),
        (set_key("input/layout", "HW"), "layout"),
        (set_key("output/dtype", "int8"), "exceed int8"),
        (set_key("output/heads/0/kind", "guess"), "guess"),
        (set_key("output/heads/0/channels", [0, 400]), "channel"),
        (set_key("output/heads/0/scale", [0.1, 0.2]), "2 values of scale"),
        (set_key("output/heads/0/scale", [-0.1]), "scale not > 0"),
        (set_key("output/heads/0/sub_cells", 5), "sub-cells"),
        (set_key("layers/1/channels_in", 9), "layer trunk.1"),
        (set_key("layers/1/weights", 9), "layer trunk.1"),
        (set_key("layers/1/output_bits", None), "trunk.2"),
        (set_key("keypoints", ["nose", "tail"]), "keypoints"),
        (lambda t: t["files"].update({"../other/x": "0"}), "no file name"),
        (lambda t: t["files"].pop(GOLDEN_PAIR), f"{GOLDEN_PAIR} is not listed"),
        (set_key("name", 7), "name is 7"),
    ],
)
def test_contradictions_are_refused(
    folder: Path, edit: Callable[[dict[str, Any]], None], reason: str
) -> None:
    change(folder, edit)
    with pytest.raises(PackageError, match=reason):
        load_released(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_broken_description_is_refused(folder: Path, text: str) -> None:
    (folder / "model.json").write_text(text)
    with pytest.raises(PackageError, match=r"model\.json"):
        load_released(folder)


def test_a_golden_pair_of_another_shape_is_refused(folder: Path) -> None:
    x, y = load_released(folder).golden()
    np.savez(folder / GOLDEN_PAIR, input=x[:, :-1], output=y)
    with pytest.raises(PackageError, match=r"golden\.npz"):
        load_released(folder).golden()
    (folder / GOLDEN_PAIR).write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(PackageError, match="cannot be read"):
        load_released(folder).golden()


def test_values_keep_their_none(written: ReleasedModel, folder: Path) -> None:
    metric = Metric("standing_test", {"pck_02": 70.25, "pck_02_feet": None}, "evaluate", "ab")
    (folder / "model.json").write_text(dataclasses.replace(written, metrics=(metric,)).to_json())
    assert load_released(folder).metrics == (metric,)
