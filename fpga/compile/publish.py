"""``python -m fpga publish``: what a built bundle leaves in the repository.

The folding, from which everything can be built again, and the manifest, which says what was built
and measured. RTL, simulators and synthesis logs stay in the build folder; a bitstream goes along.
Of a network that is not released only the folding and the counted resources are kept: its integers
are not those that ship.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from fpga.compile.folding_choice import COMMITTED
from fpga.compile.replace import refuse_other, replace
from fpga.errors import FpgaError
from fpga.synth.result import SYNTHESIS
from host.accelerator.bundle import FOLDING, MANIFEST, Manifest, load_manifest
from model_zoo.package import GOLDEN_FORM, PackageError, load_released


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("publish", help="enter a built bundle", description=__doc__)
    p.add_argument("bundle", type=Path, help="built bundle, such as build/fpga/NAME-BOARD")
    p.add_argument("--out", type=Path, help="folder (default: bitstreams/BUNDLE-BOARD)")


def run(args: argparse.Namespace) -> int:
    """Publish one bundle; returns the exit status."""
    console = Console(stderr=True, file=sys.stderr, highlight=False)
    manifest = load_manifest(args.bundle)
    out = args.out or COMMITTED / f"{manifest.bundle}-{manifest.board}"
    for name in publish(manifest, out):
        console.print(str(out / name))
    return 0


def publish(manifest: Manifest, out: Path) -> tuple[str, ...]:
    """Copy what is kept of a bundle.

    Parameters
    ----------
    manifest
        Of a built bundle, with its folder.
    out
        Replaced as a whole when it exists and holds a bundle.

    Returns
    -------
    Names of the files written.

    Raises
    ------
    FpgaError
        When the bundle was not proven in simulation, or ``out`` holds something else.
    PackageError
        When a file of the bundle differs from its hash.
    """
    if manifest.status == "generated":
        raise FpgaError(
            f"{manifest.bundle} was not simulated; build it again without --no-simulator"
        )
    refuse_other(out)
    manifest.verify()
    manifest = _without_synthetic_pair(manifest)
    names = [FOLDING, *sorted(set(manifest.files) - {FOLDING})]
    if not _is_released(manifest):
        names = [name for name in names if name in (FOLDING, SYNTHESIS)]
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    fresh.chmod(0o755)
    try:
        for name in names:
            shutil.copyfile(manifest.folder / name, fresh / name)
        if _is_released(manifest):
            circuits = tuple(dataclasses.replace(c, simulator=None) for c in manifest.networks)
            kept = dataclasses.replace(manifest, networks=circuits)
            kept.write(fresh)
            names.append(MANIFEST)
        replace(out, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return tuple(names)


def _without_synthetic_pair(manifest: Manifest) -> Manifest:
    """A pair that only a virtual board loads is made anew where it is needed."""
    pair = manifest.bitstream
    if pair is None or not pair.synthetic:
        return manifest
    files = {k: v for k, v in manifest.files.items() if k not in (pair.bit, pair.hwh)}
    return dataclasses.replace(manifest, bitstream=None, files=files)


def _is_released(manifest: Manifest) -> bool:
    """Whether every network's integers are those of the released model of that name."""
    for circuit in manifest.networks:
        try:
            model = load_released(circuit.model)
        except PackageError:
            return False
        if model.files[GOLDEN_FORM] != circuit.golden_form_sha256:
            return False
    return True
