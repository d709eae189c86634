"""The boards that circuits are built for: one data file each."""

from fpga.boards.board import Board, Resources, board_names, load_board

__all__ = ["Board", "Resources", "board_names", "load_board"]
