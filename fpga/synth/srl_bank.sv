// Addressable shift register of W bits and D words: what Vivado makes of the library's arrays that
// carry SHREG_EXTRACT. One cell for each bit and 32 words; Yosys does not find them by itself.
module srl_bank #(
	int unsigned  W,
	int unsigned  D,
	localparam int unsigned  ABITS = D > 1? $clog2(D) : 1
)(
	input	logic  clk,
	input	logic  ce,
	input	logic [ABITS-1:0]  a,
	input	logic [W-1:0]  d,
	output	logic [W-1:0]  q
);
	localparam int unsigned  CELLS = (D + 31) / 32;
	localparam int unsigned  SBITS = CELLS > 1? $clog2(CELLS) : 1;
	uwire [4:0]  place = 5'(a);
	uwire [SBITS-1:0]  cell_ = CELLS > 1? SBITS'(a >> 5) : '0;
	for(genvar  i = 0; i < W; i++) begin : genBit
		uwire [CELLS:0]  link;
		uwire [CELLS-1:0]  out;
		assign	link[0] = d[i];
		for(genvar  c = 0; c < CELLS; c++) begin : genCell
			SRLC32E srl (.CLK(clk), .CE(ce), .A(place), .D(link[c]), .Q(out[c]), .Q31(link[c+1]));
		end
		assign	q[i] = out[cell_];
	end
endmodule : srl_bank
