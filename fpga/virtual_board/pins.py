"""The processor's own pins (GPIO): a service that pynq has since 4.0.0."""

from __future__ import annotations

from typing import Any

import grpc
from pynq.remote import gpio_pb2, gpio_pb2_grpc

from fpga.virtual_board.machine import Journal
from fpga.virtual_board.services import Current

# The controller of a Zynq-7000 with 118 pins, where Linux 6 puts it.
_BASE_PATH = "/sys/class/gpio/gpiochip906"
_PINS = 118


class PinService(gpio_pb2_grpc.GpioServicer):  # type: ignore[misc]
    """Pins keep their level; an input reads what was last put out on the same pin."""

    def __init__(self, machine: Current, journal: Journal) -> None:
        self._machine, self._journal = machine, journal

    def _pin(self, name: str, context: Any) -> tuple[int, str]:
        pins = self._machine().pins
        if name not in pins:
            context.abort(grpc.StatusCode.NOT_FOUND, f"pin {name} not found")
        return pins[name]

    def get_gpio(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Open a pin for reading or writing."""
        machine = self._machine()
        name = machine.new_id("pin")
        machine.pins[name] = (request.index, request.direction)
        self._journal("get_gpio", index=request.index, direction=request.direction, id=name)
        return gpio_pb2.GetGpioResponse(gpio_id=name)

    def read(self, request: Any, context: Any) -> Any:
        """Level of a pin."""
        index, _ = self._pin(request.gpio_id, context)
        return gpio_pb2.GpioReadResponse(value=self._machine().levels.get(index, 0))

    def write(self, request: Any, context: Any) -> Any:
        """Set the level of an output."""
        index, direction = self._pin(request.gpio_id, context)
        if direction != "out":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"pin {index} is an input")
        self._machine().levels[index] = request.value
        return gpio_pb2.GpioWriteResponse()

    def unexport(self, request: Any, context: Any) -> Any:
        """Give the pin back."""
        self._pin(request.gpio_id, context)
        del self._machine().pins[request.gpio_id]
        return gpio_pb2.GpioUnexportResponse()

    def is_exported(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Whether the pin is open."""
        return gpio_pb2.GpioIsExportedResponse(is_exported=request.gpio_id in self._machine().pins)

    def get_gpio_base_path(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Where Linux lists the controller."""
        return gpio_pb2.GetGpioBasePathResponse(base_path=_BASE_PATH)

    def get_gpio_npins(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Pins of the controller."""
        return gpio_pb2.GetGpioNPinsResponse(npins=_PINS)


def add_pin_service(server: grpc.Server, machine: Current, journal: Journal) -> None:
    """Offer the pins."""
    gpio_pb2_grpc.add_GpioServicer_to_server(PinService(machine, journal), server)
