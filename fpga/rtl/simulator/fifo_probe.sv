// Tells the driver at the end of a simulation how full each FIFO has been at most.
module fifo_probe(input logic [31:0] largest);
	import "DPI-C" function void fifo_report(input string path, input int unsigned largest);
	final  fifo_report($sformatf("%m"), largest);
endmodule : fifo_probe

bind fifo fifo_probe probe(.largest(32'(maxcount)));
