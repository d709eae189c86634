"""Write ``docs/hardware.md`` and its plot from the committed foldings and synthesis counts.

``make hardware`` reads ``bitstreams/*/{folding,synthesis}.json``; nothing in the page is
typed by hand but the words and the figures of others, which carry their source.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from fpga.boards import Board, load_board
from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost, total
from fpga.fold.estimate import efficiency, estimate_network, interval_cycles, network_cost
from fpga.fold.folding import Folding, read_folding
from fpga.fold.geometry import chain
from fpga.fold.search import SHARE, FoldingSearch, Wish
from fpga.synth.result import KINDS, SYNTHESIS, NetworkCount, Synthesis, read_synthesis
from fpga.synth.table import by_kind, sums
from host.accelerator.bundle import FOLDING
from model_zoo.package import QONNX_FORM, ReleasedModel, load_released, released_names, sha256
from tools.hardware_plot import Bar, draw

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = ROOT / "bitstreams"
PAGE = ROOT / "docs" / "hardware.md"
PLOT = "images/hardware.svg"
TEXT = Path(__file__).with_name("hardware.txt")
FITTED = "gait-pose-s"
"""The network whose nodes gave the cost model its first constants; it has a table of its own."""
OTHER_BOARDS = ("pynq-z1", "ultra96-v2", "kv260", "zcu104")


@dataclass(frozen=True)
class Bundle:
    """What is committed of one bundle."""

    name: str
    board: Board
    folding: Folding
    synthesis: Synthesis


def main() -> None:
    """Read, write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    args = parser.parse_args()
    bundles = read_bundles(BUNDLES)
    page = TEXT.read_text(encoding="utf-8").format(
        share=f"{SHARE:.0%}",
        plot=PLOT,
        networks=networks(bundles),
        parts=parts(bundles),
        errors_fitted=errors(bundles, fitted=True),
        errors_others=errors(bundles, fitted=False),
        commands="\n".join(f"    {b.synthesis.command}" for b in bundles),
        boards=other_boards(),
    )
    args.out.write_text(page, encoding="utf-8")
    picture = args.out.parent / PLOT
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(draw([bar(b) for b in bundles], SHARE), encoding="utf-8")


def read_bundles(folder: Path) -> list[Bundle]:
    """All bundles that have been counted; a count of another folding is refused.

    Raises
    ------
    FpgaError
        When a count does not belong to the folding beside it.
    """
    bundles = []
    for path in sorted(folder.glob(f"*/{SYNTHESIS}")):
        synthesis = read_synthesis(path)
        folding = path.with_name(FOLDING)
        if sha256(folding) != synthesis.folding_sha256:
            raise FpgaError(f"{path.parent.name}: counted with another folding; count it again")
        board = load_board(synthesis.board)
        name = path.parent.name.removesuffix(f"-{board.name}")
        bundles.append(Bundle(name, board, read_folding(folding), synthesis))
    return sorted(bundles, key=lambda b: (len(b.folding.networks), b.name))


def networks(bundles: list[Bundle]) -> str:
    """One row per network: speed, latency, use of the multipliers."""
    head = (
        "bundle, board|network|MMAC|frames/s|cycles|latency|LUT + memory|FF|RAMB18|DSP|use of 4/DSP"
    )
    rows = [head.split("|")]
    for bundle in bundles:
        for name, network in bundle.synthesis.networks.items():
            rows.append(
                [
                    f"{bundle.name}, {bundle.board.name}",
                    name + (" (random weights)" if network.version == "0.0.0" else ""),
                    "-" if network.macs is None else f"{network.macs / 1e6:.0f}",
                    *_speed(bundle, network),
                    *_costs(network.counted()),
                    _use(network),
                ]
            )
    return _table(rows)


def _speed(bundle: Bundle, network: NetworkCount) -> list[str]:
    if network.interval_cycles is None or network.latency_cycles is None:
        return ["not simulated"] * 3
    clock_hz = bundle.board.clock_mhz * 1e6
    return [
        f"{clock_hz / network.interval_cycles:.0f}",
        f"{network.interval_cycles:,}",
        f"{network.latency_cycles / clock_hz * 1e3:.2f} ms",
    ]


def _use(network: NetworkCount) -> str:
    if network.macs is None or network.interval_cycles is None:
        return "-"
    return f"{efficiency(network.macs, network.interval_cycles, network.counted().dsp):.1%}"


def parts(bundles: list[Bundle]) -> str:
    """One row per bundle and source of the numbers, against the part."""
    rows = [["bundle, board", "by", "LUT + memory", "FF", "RAMB18", "DSP"]]
    for bundle in bundles:
        counts = bundle.synthesis.networks.values()
        where = f"{bundle.name}, {bundle.board.name}"
        counted, have = bundle.synthesis.counted(), bundle.board.resources
        rows.append([where, "Yosys count", *_costs(counted)])
        taken = (counted.lut_sites, counted.ff, counted.bram18, counted.dsp)
        whole = (have.lut, have.ff, have.bram18, have.dsp)
        shares = [f"{n / m:.1%}" for n, m in zip(taken, whole, strict=True)]
        rows.append(["", "of the part", *shares])
        ours = [n.estimated() for n in counts]
        if None not in ours:
            rows.append(["", "our estimate", *_costs(total([c for c in ours if c is not None]))])
        finn = total([n.finn() for n in counts])
        rows.append(["", "FINN's estimate", f"{finn.lut:,}", "-", str(finn.bram18), str(finn.dsp)])
    return _table(rows)


def errors(bundles: list[Bundle], *, fitted: bool) -> str:
    """Error of our estimate for every kind of node, over the networks of all bundles.

    Parameters
    ----------
    fitted
        Of the network that the constants were fitted to, or of all others.
    """
    rows = [["kind", "nodes", "LUT", "LUTRAM", "FF", "RAMB18", "DSP"]]
    every = [
        node
        for bundle in bundles
        for name, network in bundle.synthesis.networks.items()
        if (name == FITTED) == fitted
        for node in network.nodes
    ]
    together = NetworkCount("", None, None, None, tuple(every))
    groups = [(KINDS[kind], nodes) for kind, nodes in by_kind(together).items()]
    for name, nodes in [*groups, ("all", every)]:
        counted, ours, _ = sums(nodes)
        if ours is None:
            continue
        pairs = [
            (counted.lut, ours.lut),
            (counted.lutram, ours.lutram),
            (counted.ff, ours.ff),
            (counted.bram18, ours.bram18),
            (counted.dsp, ours.dsp),
        ]
        rows.append([name, str(len(nodes)), *[_error(c, e) for c, e in pairs]])
    return _table(rows)


def _error(counted: int, estimated: int) -> str:
    if not counted:
        return "-" if not estimated else f"0, not {estimated}"
    return f"{counted:,} ({(estimated - counted) / counted:+.1%})"


def other_boards() -> str:
    """Fastest foldings of the released networks on the other boards, by estimate alone."""
    rows = [["board", "network", "MHz", "frames/s", "LUT + memory", "FF", "RAMB18", "DSP"]]
    models = [load_released(name) for name in released_names()]
    for name in OTHER_BOARDS:
        board = load_board(name)
        for model in models:
            rows.append([board.name, model.name, f"{board.clock_mhz:g}", *_fastest(model, board)])
    return _table(rows)


def _fastest(model: ReleasedModel, board: Board) -> list[str]:
    layers = chain(model)
    wish = Wish(model.name, layers, model.files[QONNX_FORM])
    network = FoldingSearch(board).run((wish,)).networks[model.name]
    estimates = estimate_network(layers, network, board.dsp_type)
    rate = board.clock_mhz * 1e6 / interval_cycles(estimates)
    return [f"{rate:.0f}", *_costs(network_cost(estimates))]


def bar(bundle: Bundle) -> Bar:
    """Shares of the part, counted and estimated."""
    estimates = [n.estimated() for n in bundle.synthesis.networks.values()]
    known = [c for c in estimates if c is not None]
    ours = total(known) if len(known) == len(estimates) else None
    counted = bundle.synthesis.counted()
    return Bar(
        label=f"{bundle.name}, {bundle.board.title}",
        counted=_shares(counted, bundle.board),
        estimated=None if ours is None else _shares(ours, bundle.board),
    )


def _shares(cost: Cost, board: Board) -> dict[str, float]:
    have = board.resources
    return {
        "LUT": cost.lut_sites / have.lut,
        "FF": cost.ff / have.ff,
        "RAMB18": cost.bram18 / have.bram18,
        "DSP": cost.dsp / have.dsp,
    }


def _costs(cost: Cost) -> list[str]:
    return [f"{cost.lut:,} + {cost.lutram:,}", f"{cost.ff:,}", str(cost.bram18), str(cost.dsp)]


def _table(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
