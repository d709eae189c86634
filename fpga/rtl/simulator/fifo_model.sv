// Stands in for finn-rtllib's fifo.sv while depths are being chosen: same ports and the timing of
// its shallow (shift register) form, but the depth is asked of the driver when the simulation
// starts, so that one build measures any choice. 0 = a wire; without limit it holds everything.
module fifo #(
	int unsigned  DEPTH,
	int unsigned  DATA_WIDTH,
	parameter  RAM_STYLE = "auto"
)(
	input	logic  clk,
	input	logic  rst,

	input	logic [DATA_WIDTH-1:0]  idat,
	input	logic  ivld,
	output	logic  irdy,

	output	logic [DATA_WIDTH-1:0]  odat,
	output	logic  ovld,
	input	logic  ordy,

	output	logic [31:0]  count,
	output	logic [31:0]  maxcount
);
	import "DPI-C" function int unsigned fifo_depth(input string path);

	int unsigned  limit;
	initial  limit = fifo_depth($sformatf("%m"));

	// One word waits in the output register, the others in the queue.
	logic [DATA_WIDTH-1:0]  queue[$];
	int unsigned  queued = 0;
	int unsigned  largest = 0;
	logic  room = 1;
	logic  valid = 0;
	logic [DATA_WIDTH-1:0]  front;

	assign	irdy = limit == 0? ordy : room;
	assign	ovld = limit == 0? ivld : valid;
	assign	odat = limit == 0? idat : front;
	assign	count = queued + 32'(valid);
	assign	maxcount = largest;

	always_ff @(posedge clk) begin
		if(rst) begin
			queue = {};
			queued <= 0;
			largest <= 0;
			room <= 1;
			valid <= 0;
		end
		else if(limit != 0) begin
			automatic int unsigned  held = queued;
			automatic logic  filled = valid;
			if(!valid || ordy) begin
				filled = held != 0;
				if(filled) begin
					front <= queue.pop_front();
					held--;
				end
			end
			if(room && ivld) begin
				queue.push_back(idat);
				held++;
			end
			valid <= filled;
			queued <= held;
			room <= held + 1 < limit;
			if(held + 32'(filled) > largest)  largest <= held + 32'(filled);
		end
	end

endmodule : fifo
