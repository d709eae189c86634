// Modules of the library beside their rewritten copies, under the same random stimulus.
// Counts what was compared and what differed; a driver in C++ turns the clock.

module SRLC32E #(parameter logic [31:0]  INIT = 0)
	(output logic  Q, Q31, input logic [4:0]  A, input logic  CE, CLK, D);
	logic [31:0]  Bits = INIT;
	always_ff @(posedge CLK) if(CE)  Bits <= {Bits[30:0], D};
	assign	Q = Bits[A];
	assign	Q31 = Bits[31];
endmodule

// Ready in and valid out must agree in every cycle, words wherever they are valid.
module compare #(int unsigned  W)(
	input	logic  clk, rst,
	input	logic  ready_a, ready_b, valid_a, valid_b, taken,
	input	logic [W-1:0]  word_a, word_b,
	output	int unsigned  words, faults
);
	initial begin words = 0; faults = 0; end
	always_ff @(posedge clk) if(!rst) begin
		if(valid_a && taken)  words <= words + 1;
		if(ready_a != ready_b || valid_a != valid_b || (valid_a && word_a != word_b))
			faults <= faults + 1;
	end
endmodule

module pair_fifo #(int unsigned  DEPTH, W)(
	input	logic  clk, rst, output	int unsigned  words, faults
);
	logic [W-1:0]  idat; logic  ivld, ordy;
	logic [W-1:0]  qa, qb; logic  ra, rb, va, vb;
	// Long stretches of writing and of reading fill and empty it.
	logic [9:0]  Phase = 0;
	always_ff @(posedge clk) begin
		Phase <= Phase + 1;
		idat <= W'($urandom);
		ivld <= $urandom % 8 < (Phase[9]? 7 : 2);
		ordy <= $urandom % 8 < (Phase[9]? 2 : 7);
	end
	fifo_original #(.DEPTH(DEPTH), .DATA_WIDTH(W)) a (.clk, .rst, .idat, .ivld, .irdy(ra),
		.odat(qa), .ovld(va), .ordy, .count(), .maxcount());
	fifo_rewritten #(.DEPTH(DEPTH), .DATA_WIDTH(W)) b (.clk, .rst, .idat, .ivld, .irdy(rb),
		.odat(qb), .ovld(vb), .ordy, .count(), .maxcount());
	compare #(W) c (.clk, .rst, .ready_a(ra), .ready_b(rb), .valid_a(va), .valid_b(vb),
		.taken(ordy), .word_a(qa), .word_b(qb), .words, .faults);
endmodule

module pair_memory(input	logic  clk, rst, output	int unsigned  words, faults);
	logic  ordy; logic [9:0]  qa, qb; logic  va, vb;
	always_ff @(posedge clk)  ordy <= $urandom % 4 != 0;
	memstream_original #(.SETS(1), .DEPTH(37), .WIDTH(10), .INIT_FILE("memory.dat")) a (
		.clk, .rst, .config_ce(1'b0), .config_we(1'b0), .config_address('0), .config_d0('0),
		.config_rack(), .config_q0(), .sidx('0), .svld(1'b0), .srdy(), .ordy, .ovld(va), .odat(qa));
	memstream_rewritten #(.SETS(1), .DEPTH(37), .WIDTH(10), .INIT_FILE("memory.dat")) b (
		.clk, .rst, .config_ce(1'b0), .config_we(1'b0), .config_address('0), .config_d0('0),
		.config_rack(), .config_q0(), .sidx('0), .svld(1'b0), .srdy(), .ordy, .ovld(vb), .odat(qb));
	compare #(10) c (.clk, .rst, .ready_a(1'b0), .ready_b(1'b0), .valid_a(va), .valid_b(vb),
		.taken(ordy), .word_a(qa), .word_b(qb), .words, .faults);
endmodule

module pair_matrix(input	logic  clk, rst, output	int unsigned  words, faults);
	logic [31:0]  weights; logic [7:0]  x; logic  wvld, ivld, ordy;
	logic [55:0]  qa, qb; logic  ra, rb, wa, wb, va, vb;
	// Offered words wait until they are taken, as the protocol asks.
	always_ff @(posedge clk) begin
		if(rst) begin
			wvld <= 0;
			ivld <= 0;
		end
		else begin
			if(!wvld || wa) begin wvld <= $urandom % 8 != 0; weights <= $urandom & ~32'h88888888; end
			if(!ivld || ra) begin ivld <= $urandom % 4 != 0; x <= 8'($urandom); end
		end
		ordy <= $urandom % 4 != 0;
	end
	mvu_vvu_axi_original #(.IS_MVU(1), .VERSION(1), .MW(12), .MH(8), .PE(4), .SIMD(2),
		.ACTIVATION_WIDTH(4), .WEIGHT_WIDTH(4), .ACCU_WIDTH(14), .NARROW_WEIGHTS(1)) a (
		.ap_clk(clk), .ap_clk2x(clk), .ap_rst_n(!rst),
		.s_axis_weights_tdata(weights), .s_axis_weights_tvalid(wvld), .s_axis_weights_tready(wa),
		.s_axis_input_tdata(x), .s_axis_input_tvalid(ivld), .s_axis_input_tready(ra),
		.m_axis_output_tdata(qa), .m_axis_output_tvalid(va), .m_axis_output_tready(ordy));
	mvu_vvu_axi_rewritten #(.IS_MVU(1), .VERSION(1), .MW(12), .MH(8), .PE(4), .SIMD(2),
		.ACTIVATION_WIDTH(4), .WEIGHT_WIDTH(4), .ACCU_WIDTH(14), .NARROW_WEIGHTS(1)) b (
		.ap_clk(clk), .ap_clk2x(clk), .ap_rst_n(!rst),
		.s_axis_weights_tdata(weights), .s_axis_weights_tvalid(wvld), .s_axis_weights_tready(wb),
		.s_axis_input_tdata(x), .s_axis_input_tvalid(ivld), .s_axis_input_tready(rb),
		.m_axis_output_tdata(qb), .m_axis_output_tvalid(vb), .m_axis_output_tready(ordy));
	compare #(56) c (.clk, .rst, .ready_a(ra ^ wa), .ready_b(rb ^ wb), .valid_a(va), .valid_b(vb),
		.taken(ordy), .word_a(qa), .word_b(qb), .words, .faults);
endmodule

module pair_thresholds(input	logic  clk, rst, output	int unsigned  words, faults);
	logic [1:0][8:0]  x; logic  ivld, ordy;
	logic [1:0][3:0]  qa, qb; logic  ra, rb, va, vb;
	always_ff @(posedge clk) begin
		if(rst)  ivld <= 0;
		else if(!ivld || ra) begin ivld <= $urandom % 4 != 0; x <= 18'($urandom); end
		ordy <= $urandom % 4 != 0;
	end
	thresholding_original #(.K(9), .N(15), .C(6), .PE(2), .THRESHOLDS_PATH("t_"), .USE_CONFIG(0)) a (
		.clk, .rst, .cfg_en(1'b0), .cfg_we(1'b0), .cfg_a('0), .cfg_d('0), .cfg_rack(), .cfg_q(),
		.irdy(ra), .ivld, .iset('0), .idat(x), .ordy, .ovld(va), .odat(qa));
	thresholding_rewritten #(.K(9), .N(15), .C(6), .PE(2), .THRESHOLDS_PATH("t_"), .USE_CONFIG(0)) b (
		.clk, .rst, .cfg_en(1'b0), .cfg_we(1'b0), .cfg_a('0), .cfg_d('0), .cfg_rack(), .cfg_q(),
		.irdy(rb), .ivld, .iset('0), .idat(x), .ordy, .ovld(vb), .odat(qb));
	compare #(8) c (.clk, .rst, .ready_a(ra), .ready_b(rb), .valid_a(va), .valid_b(vb),
		.taken(ordy), .word_a(qa), .word_b(qb), .words, .faults);
endmodule

module pairs(input logic  clk, rst, output int unsigned  words [6], output int unsigned  faults [6]);
	pair_fifo #(5, 9) shallow (.clk, .rst, .words(words[0]), .faults(faults[0]));
	pair_fifo #(32, 24) usual (.clk, .rst, .words(words[1]), .faults(faults[1]));
	pair_fifo #(45, 8) two_cells (.clk, .rst, .words(words[2]), .faults(faults[2]));
	pair_memory memory (.clk, .rst, .words(words[3]), .faults(faults[3]));
	pair_matrix matrix (.clk, .rst, .words(words[4]), .faults(faults[4]));
	pair_thresholds thresholds (.clk, .rst, .words(words[5]), .faults(faults[5]));
endmodule
