"""What Yosys needs changed in the library's files, on copies and for counting only.

Two kinds: the front end refuses something that others accept; or Vivado would use shift-register
cells (the array carries ``SHREG_EXTRACT``) where Yosys builds flip-flops and multiplexers. A test
runs each rewritten module beside the original with random stimulus: equal in every cycle.
"""

from __future__ import annotations

from fpga.rtl.patching import Edit, Patch

_QUEUE = "look-up tables as shift registers, as the attribute asks; Yosys does not make them itself"

REWRITES = (
    Patch(
        file="fifo.sv",
        sha256="002908949cf30b1f8a11acb4946fc0540f2e94667500f2a413019365a76e0823",
        reason=f"no `default_nettype inside a module for slang; {_QUEUE}",
        edits=(
            Edit("`default_nettype none", ""),
            Edit("`default_nettype wire", ""),
            Edit(
                '(* SHREG_EXTRACT = "yes" *) dat_t  A[DEPTH_IMPL];',
                "uwire dat_t  a_word;\n"
                "		srl_bank #(.W(DATA_WIDTH), .D(DEPTH_IMPL)) a_srl (\n"
                "			.clk, .ce(push), .a(Ptr[$left(Ptr)-1:0]), .d(idat), .q(a_word)\n"
                "		);",
            ),
            Edit("always_ff @(posedge clk) begin\n			if(push)  A <=", "", end="end\n"),
            Edit("B <= A[Ptr[$left(Ptr)-1:0]];", "B <= a_word;"),
        ),
    ),
    Patch(
        file="memstream.sv",
        sha256="dca7be8a6315d0fd0f0af10970af320c0d01f8739404a75ffd66c431c6dc441f",
        reason=f"Yosys knows the attribute ram_style in small letters only; {_QUEUE}",
        edits=(
            Edit("(* RAM_STYLE = RAM_STYLE *)", "(* ram_style = RAM_STYLE *)"),
            Edit(
                '(* SHREG_EXTRACT = "yes" *)\n		data_t  OSrl[FULL_CREDIT-1];',
                "uwire data_t  o_word;",
            ),
            Edit(
                "always_ff @(posedge clk) begin\n			if(Rs3)  OSrl <=",
                "srl_bank #(.W(WIDTH), .D(FULL_CREDIT-1)) o_srl (\n"
                "			.clk, .ce(Rs3), .d(Dat3), .q(o_word),\n"
                "			.a(OPtr[$clog2(FULL_CREDIT)-1:0])\n"
                "		);\n",
                end="end\n",
            ),
            Edit("ODat <= OSrl[OPtr];", "ODat <= o_word;"),
        ),
    ),
    Patch(
        file="mvu_vvu_axi.sv",
        sha256="f4c91ae7cbb2887c92b034c2364481e9d40e31313bbd1aff82491c1350388dab",
        reason=_QUEUE,
        edits=(
            Edit(
                '(* SHREG_EXTRACT = "YES" *)\n		output_t  OBuf[0:MAX_IN_FLIGHT];',
                "uwire output_t  o_word;",
            ),
            Edit(
                "always_ff @(posedge ap_clk) begin\n			if(ovld)  OBuf <=",
                "srl_bank #(.W(PE*ACCU_WIDTH), .D(MAX_IN_FLIGHT+1)) o_srl (\n"
                "			.clk(ap_clk), .ce(ovld), .d(odat), .q(o_word),\n"
                "			.a(OPtr[$left(OPtr)-1:0])\n"
                "		);\n",
                end="end\n",
            ),
            Edit("OReg <= OBuf[OPtr[$left(OPtr)-1:0]];", "OReg <= o_word;"),
        ),
    ),
    Patch(
        file="mvu.sv",
        sha256="4c6c11482fe3e8b569b6249469a302f9cb9bf89978d007ff1d0153511762b068",
        reason="a delay in an initial block, which watches simulations only, stops slang",
        edits=(
            Edit(
                "	if(1) begin : blkRecoveryWatch",
                "",
                end="end : blkRecoveryWatch\n",
            ),
        ),
    ),
    Patch(
        file="thresholding.sv",
        sha256="706ca3232e5daab15374b9645f4a3696bd39787e6578f2905aa697f059f57772",
        reason=f"the slice is reversed in the first stage, which slang refuses; {_QUEUE}",
        edits=(
            Edit(
                "p.ptr[M-1:SN+1] < 2**stage - SCOPE_REDUCE",
                "(p.ptr[M-1:0] >> (SN+1)) < 2**stage - SCOPE_REDUCE",
            ),
            Edit(
                "logic        [PE-1 : 0][M-1 : 0]  ADat[A_DEPTH];",
                "logic [PE-1:0][M-1:0]  a_in;\n"
                "		uwire [PE-1:0][M-1:0]  a_word;\n"
                "		always_comb begin\n"
                "			foreach(pipe[pe])  a_in[pe] = pipe[pe][M].ptr[M-1:0];\n"
                "		end",
            ),
            Edit(
                "				foreach(pipe[pe])  ADat[0][pe]",
                "",
                end="ADat[i] <= ADat[i-1];\n",
            ),
            Edit(
                "		always_ff @(posedge clk) begin\n			if(rst)  APtr <= '1;",
                "		srl_bank #(.W(PE*M), .D(A_DEPTH)) a_srl (\n"
                "			.clk, .ce(aload), .a(APtr[$left(APtr)-1:0]), .d(a_in), .q(a_word)\n"
                "		);\n"
                "		always_ff @(posedge clk) begin\n			if(rst)  APtr <= '1;",
            ),
            Edit("BDat <= ADat[APtr];", "BDat <= a_word;"),
        ),
    ),
    Patch(
        file="vpc.sv",
        sha256="b0b2b20405d897212723e77067d7507778d8be0ecbe29836259e3b95daef626b",
        reason="no `default_nettype inside a module for slang",
        edits=(Edit("`default_nettype none", ""), Edit("`default_nettype wire", "")),
    ),
)
"""By file, for the texts that ``fpga/rtl`` writes; a file without a rewrite is taken as it is."""
