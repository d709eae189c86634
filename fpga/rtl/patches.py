"""What is changed in copies of finn-rtllib (finn-plus 1.6.1) so that open tools read the circuit.

The behaviour stays the same; the proof is the simulation of every built network against its golden
pair. Changes that only a synthesis tool needs stand in ``fpga/synth``.
"""

from __future__ import annotations

from fpga.rtl.patching import Edit, Patch

_LEAVES = """localparam int unsigned  L = $clog2(N);  // Number of levels with reductions

	// Leaves below a node of the tree; nodes are counted as in a heap, N-1 ... 2N-2 are leaves.
	function automatic int unsigned leaves_below(input int unsigned  node);
		int unsigned  first, last, count;
		first = node;
		last = node;
		count = 0;
		for(int unsigned  level = 0; level <= L; level++) begin
			if(first <= 2*N-2 && last >= N-1) begin
				count = count + (last < 2*N-2? last : 2*N-2) - (first > N-1? first : N-1) + 1;
			end
			first = 2*first + 1;
			last = 2*last + 2;
		end
		return  count;
	endfunction : leaves_below
"""

_ADDRESS_BITS = """// Memory Space Decomposition
	localparam int unsigned  ABITS_ALL = $clog2(DEPTH_REQ);
	localparam int unsigned  ABITS_REST =
		ABITS_ALL > MIN_ABITS? $clog2(DEPTH_REQ - 2**(ABITS_ALL-1)) : ABITS_ALL;
	localparam bit  ABITS_SPLIT = (ABITS_ALL > MIN_ABITS) && (ABITS_REST < ABITS_ALL - 1);
	localparam int unsigned  ABITS_LO = ABITS_SPLIT? ABITS_ALL - 1 : ABITS_ALL;
	localparam int unsigned  ABITS_HI = !ABITS_SPLIT? 0 : ABITS_REST < 1? 1 : ABITS_REST;
"""

PATCHES = (
    Patch(
        file="add_multi.sv",
        sha256="245c88f80677355afd487f9cb69d71b85c4873eceae5bb828b1dcac43ca71f94",
        reason="Verilator 5.048 refuses a constant function declared inside a generate block that "
        "returns a table; a function of the module counts the leaves of one node instead",
        edits=(
            Edit(
                "localparam int unsigned  L = $clog2(N);  // Number of levels with reductions\n",
                _LEAVES,
            ),
            Edit(
                "		// Compute the count of decendents",
                "",
                end="LEAF_LOAD = init_leaf_loads();\n",
            ),
            Edit("LEAF_LOAD[i]", "leaves_below(i)"),
            Edit("LEAF_LOAD[LIDX]", "leaves_below(LIDX)"),
            Edit("LEAF_LOAD[RIDX]", "leaves_below(RIDX)"),
        ),
    ),
    Patch(
        file="fifo.sv",
        sha256="88ad786a5885c7994c7e2d26e1ef2ffdf688310e941feaa0651332da49ec58c4",
        reason="Verilator 5.048 refuses a constant function that returns an unpacked struct; the "
        "two widths are parameters of their own instead",
        edits=(
            Edit(
                "// Memory Space Decomposition\n	typedef struct {",
                _ADDRESS_BITS,
                end="ABITS      = INIT_ABITS();\n",
            ),
            Edit("ABITS.lo", "ABITS_LO", times=12),
            Edit("ABITS.hi", "ABITS_HI", times=15),
        ),
    ),
    Patch(
        file="dwc_axi.sv",
        sha256="42f1594aad22a1ed1b20cf33975550c9c8f6d3759222a6e05cde535c2fbdeb23",
        reason="the adapter always asks the converter core for the generic barrel shifter; with a "
        "vector of one word, where one width divides the other, the core takes its small "
        "serialiser or deserialiser: same function and rate (32:1 of 13 bits: 438 LUT, not 3,459)",
        edits=(
            Edit(
                ".N(IBITS * OBITS)",
                ".N(IBITS % OBITS == 0? IBITS : OBITS % IBITS == 0? OBITS : IBITS * OBITS)",
            ),
        ),
    ),
)
"""By file; a library file without a patch is taken as it is."""
