"""How a network is trained, as its recipe says it; no torch."""

from __future__ import annotations

import importlib
import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from model_zoo.chain import ChainSpec
from model_zoo.skeleton import N_KEYPOINTS

RECIPES = Path(__file__).parent / "recipes"


def architecture(name: str) -> Any:
    """Module of ``model_zoo.<role>`` that describes the network ``name``."""
    return importlib.import_module(f"model_zoo.{role_of(name)}.{name.replace('-', '_')}")


def role_of(name: str) -> str:
    """Role that the recipe of ``name`` says; ``pose`` where it says none."""
    return str(read_recipe(name).get("role", "pose"))


def read_recipe(name: str, variant: Path | None = None) -> dict[str, Any]:
    """Content of ``recipes/<name>.toml``; ``variant`` is a file with sections that differ.

    Raises
    ------
    FileNotFoundError
        When there is no such recipe or variant.
    """
    path = RECIPES / f"{name}.toml"
    if not path.is_file():
        of_networks = [p.stem for p in RECIPES.glob("*.toml") if "\n[float]" in p.read_text()]
        raise FileNotFoundError(f"no recipe {name}, only {', '.join(sorted(of_networks))}")
    recipe = tomllib.loads(path.read_text())
    for key, value in (tomllib.loads(variant.read_text()) if variant else {}).items():
        recipe[key] = {**recipe.get(key, {}), **value} if isinstance(value, dict) else value
    return recipe


def network_spec(name: str, recipe: dict[str, Any]) -> ChainSpec:
    """Layers of the network; ``[network]`` of a recipe may ask for others.

    ``weight_bits``, ``head_bits``, ``activation_bits``; ``deeper``: so many more layers like the
    last one of the trunk; ``sub_cells`` and ``offsets``: the head of a pose network
    (:mod:`quantize.loss`, :mod:`quantize.offset_loss`).
    """
    spec: ChainSpec = architecture(name).SPEC
    wanted = recipe.get("network", {})
    first, *others = spec.trunk
    bits = {"weight_bits": wanted["weight_bits"]} if "weight_bits" in wanted else {}
    others += [spec.trunk[-1]] * wanted.get("deeper", 0)
    trunk = (first, *(replace(layer, **bits) for layer in others))
    head = replace(spec.head, weight_bits=wanted.get("head_bits", spec.head.weight_bits))
    if "sub_cells" in wanted:
        maps = N_KEYPOINTS * (3 if wanted.get("offsets") else 1)
        head = replace(head, channels_out=maps * wanted["sub_cells"] ** 2)
    activation_bits = wanted.get("activation_bits", spec.activation_bits)
    return replace(spec, trunk=trunk, head=head, activation_bits=activation_bits)


def learning_rate_share(stage: dict[str, Any], step: int, done: float) -> float:
    """Part of the stage's learning rate: a linear rise over ``warmup_steps``, a cosine at the end.

    ``done`` is the share of the stage's time that is over.
    """
    rise = min(1.0, (step + 1) / stage["warmup_steps"])
    into_decay = max(0.0, (done - 1 + stage["decay_share"]) / stage["decay_share"])
    return rise * (0.5 + 0.5 * math.cos(math.pi * into_decay)) + 1e-4
