import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpga.boards import load_board
from fpga.errors import FpgaError
from fpga.fold.estimate import (
    efficiency,
    estimate_network,
    interval_cycles,
    network_cost,
)
from fpga.fold.geometry import chain as geometry
from fpga.fold.options import layer_options, threshold_pe
from fpga.fold.search import STREAM_LOSS, Budget, FoldingSearch, Wish
from tests.fpga.fold.chains import make_chain

BOARD = load_board("pynq-z2")
SHA = "0" * 64


@st.composite
def chains(draw):
    channels = draw(
        st.lists(
            st.tuples(st.sampled_from([4, 6, 8, 12, 16, 20]), st.sampled_from([1, 2])),
            min_size=1,
            max_size=3,
        )
    )
    height, width = draw(st.sampled_from([(8, 8), (16, 12), (13, 9)]))
    return make_chain(height, width, channels, head=draw(st.sampled_from([None, 6, 23])))


@st.composite
def budgets(draw):
    return Budget(
        dsp=draw(st.integers(4, 120)),
        bram18=draw(st.integers(0, 60)),
        lut=draw(st.integers(2000, 30000)),
    )


def measure(chain, network):
    estimates = estimate_network(chain, network, BOARD.dsp_type)
    return interval_cycles(estimates), network_cost(estimates)


def search(chain, budget, rate=None):
    try:
        found = FoldingSearch(BOARD, budget).run((Wish("n", chain, SHA, rate),))
    except FpgaError:
        return None
    return found.networks["n"]


@settings(max_examples=25, deadline=None)
@given(chains(), budgets())
def test_every_folding_fits_its_layers_and_the_budget(chain, budget):
    network = search(chain, budget)
    if network is None:
        return
    network.check(chain)
    _, cost = measure(chain, network)
    assert cost.dsp <= budget.dsp
    assert cost.bram18 <= budget.bram18
    assert cost.lut_sites <= budget.lut


@settings(max_examples=20, deadline=None)
@given(chains(), budgets(), st.integers(0, 40), st.integers(0, 30), st.integers(0, 9000))
def test_more_budget_is_never_slower(chain, budget, dsp, bram18, lut):
    small = search(chain, budget)
    large = search(chain, Budget(budget.dsp + dsp, budget.bram18 + bram18, budget.lut + lut))
    if small is None:
        return
    assert large is not None
    assert measure(chain, large)[0] <= measure(chain, small)[0]


@settings(max_examples=20, deadline=None)
@given(chains(), st.integers(100, 60000))
def test_a_rate_is_reached_or_refused(chain, rate):
    budget = Budget.of(BOARD)
    network = search(chain, budget, float(rate))
    if network is None:
        fastest = search(chain, budget)
        assert fastest is not None
        cycles = measure(chain, fastest)[0]
        assert BOARD.clock_mhz * 1e6 / cycles / (1 + STREAM_LOSS) < rate
        return
    cycles, _ = measure(chain, network)
    assert BOARD.clock_mhz * 1e6 / cycles / (1 + STREAM_LOSS) >= rate


def test_the_labels_find_what_trying_everything_finds():
    chain = make_chain(8, 8, [(4, 1), (8, 2)], head=6)
    finder = FoldingSearch(BOARD, Budget(dsp=14, bram18=6, lut=4000))
    network = search(chain, finder.budget)
    cycles, cost = measure(chain, network)
    reachable = []
    for tried in range(cycles // 4, cycles + 1):
        options, before = [], None
        for layer in chain:
            options.append(layer_options(layer, tried, before, BOARD.dsp_type))
            before = (threshold_pe(layer, tried) or 1) * (layer.output_bits or 0)
        for combination in itertools.product(*options):
            sums = [
                sum(getattr(o.cost, what) for o in combination)
                for what in ("dsp", "bram18", "lut_sites")
            ]
            if all(
                n <= limit
                for n, limit in zip(sums, dataclasses.astuple(finder.budget), strict=True)
            ):
                reachable.append((tried, sums[0]))
    assert min(reachable) == (cycles, cost.dsp)


def test_no_layer_option_is_beaten_by_another():
    layer = make_chain(16, 12, [(16, 1), (16, 1)])[1]
    options = layer_options(layer, 20000, 4, BOARD.dsp_type)
    assert len(options) > 1
    for one, other in itertools.permutations(options, 2):
        pairs = [
            (getattr(one.cost, what), getattr(other.cost, what))
            for what in ("dsp", "bram18", "lut_sites")
        ]
        assert not all(a <= b for a, b in pairs)


def test_the_window_keeps_up_with_the_matrix_unit():
    layer = make_chain(16, 12, [(16, 1), (16, 1)])[1]
    options = layer_options(layer, 5000, 4, BOARD.dsp_type)
    assert options
    for option in options:
        folding = option.folding
        assert folding.window_simd >= min(folding.simd, layer.channels_in)
        assert folding.padding_simd * layer.input_bits % 8 == 0


def test_networks_of_a_bundle_share_the_budget():
    chain = make_chain(16, 12, [(8, 1), (16, 2)], head=6)
    alone = search(chain, Budget(24, 20, 12000))
    both = FoldingSearch(BOARD, Budget(24, 20, 12000)).run(
        (Wish("a", chain, SHA), Wish("b", chain, SHA))
    )
    costs = [measure(chain, n)[1] for n in both.networks.values()]
    assert sum(c.dsp for c in costs) <= 24
    assert sum(c.lut_sites for c in costs) <= 12000
    slowest = max(measure(chain, n)[0] for n in both.networks.values())
    assert slowest >= measure(chain, alone)[0]


def test_idle_multipliers_decide_when_a_rate_is_given():
    chain = make_chain(16, 12, [(8, 1), (16, 2)], head=6)
    network = search(chain, Budget.of(BOARD), 2000.0)
    cycles, cost = measure(chain, network)
    used = efficiency(sum(x.macs for x in chain), cycles, cost.dsp)
    least = FoldingSearch(BOARD)._most_cycles(Wish("n", chain, SHA, 2000.0))
    assert cycles <= least
    for slower in range(cycles, least + 1, max(1, (least - cycles) // 8)):
        rate = BOARD.clock_mhz * 1e6 / slower / (1 + STREAM_LOSS) / 2
        other = search(chain, Budget.of(BOARD), max(2000.0, rate))
        c, k = measure(chain, other)
        assert efficiency(sum(x.macs for x in chain), c, k.dsp) <= used + 1e-9


def test_refusals_name_the_reason():
    chain = make_chain(16, 12, [(8, 1), (16, 2)], head=6)
    with pytest.raises(FpgaError, match=r"layer trunk\.\d needs \d+"):
        FoldingSearch(BOARD).run((Wish("n", chain, SHA, 1e6),))
    with pytest.raises(FpgaError, match=r"at least \d+ of 2 DSP"):
        FoldingSearch(BOARD, Budget(2, 60, 30000)).run((Wish("n", chain, SHA, 2000.0),))
    with pytest.raises(FpgaError, match="or none of them"):
        FoldingSearch(BOARD).run((Wish("a", chain, SHA, 100.0), Wish("b", chain, SHA)))


def test_temporal_chains_fold_like_pictures(tiny_temporal):
    layers = geometry(tiny_temporal)
    assert not any(layer.has_padding for layer in layers)
    network = search(layers, Budget.of(BOARD), 2000.0)
    network.check(layers)
    assert BOARD.clock_mhz * 1e6 / measure(layers, network)[0] >= 2000
    assert not any("padding" in node for node in network.fifos)
