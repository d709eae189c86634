"""From a graph of RTL nodes to SystemVerilog that open tools read."""
