"""The program that simulates a generated circuit, and how it is built."""
