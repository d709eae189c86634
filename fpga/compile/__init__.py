"""From the QONNX form of a released network to a graph of RTL nodes."""
