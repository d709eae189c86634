"""The bitstream, by FINN's own flow, for somebody who has Vivado and Vitis HLS.

Untested beyond code generation: no machine of this project has Vivado. The steps are FINN's,
unchanged, on the very graph whose RTL was simulated: partition, code generation, block design
("stitched IP"), then the Zynq shell with one DMA engine on each side (``idma0``, ``odma0``, which
are high-level synthesis), synthesis, placement, routing.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

from qonnx.core.modelwrapper import ModelWrapper

from fpga.boards import Board
from fpga.compile.bundle import Order, folded_graph
from fpga.compile.finn_environment import finn_environment
from fpga.errors import FpgaError
from host.accelerator.bundle import Bitstream, Manifest
from model_zoo.package import sha256

PROGRAMS = ("vivado", "vitis_hls")
DEPENDENCIES = "FINN_DEPS"
GENERATE = ("step_create_dataflow_partition", "step_hw_codegen", "step_hw_ipgen")
SYNTHESISE = ("step_create_stitched_ip", "step_synthesize_bitfile")
ALL_STEPS = (*GENERATE, *SYNTHESISE)
_HASH_LENGTH = 12


def check_tools() -> None:
    """Refuse early when a tool is missing.

    Raises
    ------
    FpgaError
        Naming the first that is missing and what to do.
    """
    for program in PROGRAMS:
        if shutil.which(program) is None:
            raise FpgaError(
                f"{program} is not on the PATH; source settings64.sh of Vivado and Vitis HLS, or "
                "build without --vivado"
            )
    if not Path(os.environ.get(DEPENDENCIES, "")).is_dir() or not os.environ.get(DEPENDENCIES):
        raise FpgaError(
            f"{DEPENDENCIES} names no folder; run `finn deps update` once (board files and the "
            f"library of FINN's DMA engines) and set {DEPENDENCIES} to what it filled"
        )


def check_bundle(order: Order) -> None:
    """Refuse what FINN's flow does not do.

    Raises
    ------
    FpgaError
        For a bundle of several networks.
    """
    if len(order.models) > 1:
        raise FpgaError(
            f"FINN's flow makes a bitstream of one network, {order.name} holds "
            f"{len(order.models)}; build it without --vivado and see bitstreams/README.md"
        )


def synthesise(order: Order, manifest: Manifest, folder: Path) -> Manifest:
    """Make the bitstream of a built bundle of one network and enter it in the manifest.

    Parameters
    ----------
    order, manifest
        What was built.
    folder
        The bundle; FINN works in the folder of the same name with ``-vivado`` behind it.

    Raises
    ------
    FpgaError
        When FINN's flow stops or leaves no bitstream.
    """
    work = (folder.parent / f"{folder.name}-vivado").resolve()
    run_steps(folded_graph(order, order.models[0]), order.board, work, ALL_STEPS, order.log)
    return add_bitstream(manifest, work, folder)


def run_steps(
    graph: ModelWrapper, board: Board, folder: Path, steps: tuple[str, ...], log: Path | None
) -> None:
    """Run steps of FINN's build flow on a folded graph.

    Parameters
    ----------
    graph
        From :func:`fpga.compile.fold_graph.fold`.
    folder
        Takes FINN's reports and ``bitfile/``.
    steps
        :data:`GENERATE` or :data:`ALL_STEPS`.

    Raises
    ------
    FpgaError
        When FINN stops.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "folded.onnx"
    graph.save(str(source))
    kept = os.environ.get(DEPENDENCIES)
    with finn_environment(log, dependencies=Path(kept) if kept else None):
        from finn.builder.build_dataflow import build_dataflow_cfg
        from finn.builder.build_dataflow_config import (
            DataflowBuildConfig,
            DataflowOutputType,
            ShellFlowType,
        )

        outputs = [DataflowOutputType.ESTIMATE_REPORTS]
        if set(SYNTHESISE) <= set(steps):
            outputs += [DataflowOutputType.STITCHED_IP, DataflowOutputType.BITFILE]
        config = DataflowBuildConfig(
            output_dir=str(folder),
            synth_clk_period_ns=board.clock_period_ns,
            board=board.vendor_flow_name,
            shell_flow_type=ShellFlowType.VIVADO_ZYNQ,
            steps=list(steps),
            generate_outputs=outputs,
            standalone_thresholds=True,
            auto_fifo_depths=False,
            enable_instrumentation=False,
            instrumentation_no_dma=False,
            save_intermediate_models=True,
            enable_build_pdb_debug=False,
        )
        status = build_dataflow_cfg(str(source), config)
    if status:
        raise FpgaError(f"FINN's build flow stopped with status {status}; what it said: {log}")


def add_bitstream(manifest: Manifest, built: Path, folder: Path) -> Manifest:
    """Take FINN's ``bitfile/`` into the bundle, under names that carry their hash.

    Parameters
    ----------
    manifest
        Of the bundle.
    built
        Folder of :func:`run_steps`.
    folder
        Of the bundle; its manifest is written anew, status ``built``.

    Raises
    ------
    FpgaError
        When the flow left no bitstream.
    """
    names = {}
    for kind in ("bit", "hwh"):
        source = built / "bitfile" / f"finn-accel.{kind}"
        if not source.is_file():
            raise FpgaError(f"FINN's flow left no {source.name}; see its reports in {built}")
        # Both names carry the hash of the bitstream: pynq looks for the pair by one stem.
        stem = f"{manifest.bundle}-{manifest.board}"
        digest = sha256(built / "bitfile" / "finn-accel.bit")[:_HASH_LENGTH]
        names[kind] = f"{stem}-{digest}.{kind}"
        shutil.copyfile(source, folder / names[kind])
    files = {**manifest.files, **{name: sha256(folder / name) for name in names.values()}}
    fresh = dataclasses.replace(
        manifest,
        status="built",
        bitstream=Bitstream(names["bit"], names["hwh"], synthetic=False),
        files=files,
    )
    fresh.write(folder)
    return fresh
