"""Counting the resources of a built circuit with open tools (Yosys), without the vendor's."""
