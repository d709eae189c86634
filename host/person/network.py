"""The surest cue for people: a network that looks at the whole picture, whatever moves in it."""

from __future__ import annotations

from typing import Protocol

from host.accelerator.types import Accelerator
from host.person.decode import Boxes
from host.person.second_look import SecondLook
from host.person.types import Image

DOUBTFUL = 0.15
"""Score from which something is worth a second look."""


class WholePicture(Protocol):
    """What finders need of a picture (see :class:`host.capture.types.Picture`)."""

    @property
    def width(self) -> int:
        """Width in pixels."""

    @property
    def height(self) -> int:
        """Height in pixels."""

    def luma(self) -> Image:
        """uint8[H, W]: its brightness."""

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Image:
        """uint8[y1-y0, x1-x0, 3] RGB of a whole-pixel window."""


class NetworkFinder:
    """Boxes of people from a network of role ``person``.

    Needs no background and no still camera, leaves reflections and pictures of people alone, and
    tells two people apart who stand side by side. Everybody is looked at twice
    (:class:`host.person.second_look.SecondLook`): a walker alone costs two runs of the network.

    Parameters
    ----------
    accelerator
        With a model of role ``person`` whose input is rows x columns x RGB.
    """

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self._looks = SecondLook(accelerator.model, DOUBTFUL)

    def find(self, picture: WholePicture) -> Boxes:
        """People in pixels of the picture, also doubtful ones; the surest first."""
        colours = picture.rgb(0, 0, picture.width, picture.height)
        return self._looks.find(colours, self._accelerator.run)
