"""A PYNQ board that is a program: unmodified pynq and FINN drivers take it for a real one.

Start it in the board environment, then point pynq at it before its first import::

    .venv-board/bin/python -m fpga virtual-board build/fpga/gait-pose-s-pynq-z2
    PYNQ_REMOTE_DEVICES=127.0.0.1 .venv-board/bin/python your_client.py

In a test (each board gets a loopback address of its own; see :class:`VirtualBoard`)::

    from fpga.virtual_board import VirtualBoard

    with VirtualBoard(bundle, ["--compute", "emulation"]) as board:
        ...  # connect to board.address
        board.inject("never-done:after=2")

The way of a call: ``server`` (network and its faults) -> ``services`` (PYNQ.remote's procedures) ->
``machine`` (files, loading, address map) -> ``dma`` and ``circuit`` (engines and the flow between
them) -> ``compute`` (golden form, or the simulated circuit). ``pair`` makes the synthetic ``.bit``
and ``.hwh`` of a bundle that Vivado has not built.
"""

from fpga.virtual_board.process import VirtualBoard

__all__ = ["VirtualBoard"]
