"""The remote procedures of PYNQ.remote, answered by a :class:`~fpga.virtual_board.machine.Machine`.

Message classes come from the installed pynq (3.1.2 or 4.0.0); nothing is generated or copied here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc
from pynq.remote import (
    buffer_pb2,
    buffer_pb2_grpc,
    mmio_pb2,
    mmio_pb2_grpc,
    remote_device_pb2,
    remote_device_pb2_grpc,
)

from fpga.virtual_board.dma import DmaError
from fpga.virtual_board.machine import Journal, Machine, RefusedError
from fpga.virtual_board.memory import OutOfMemoryError

_T = TypeVar("_T")
_CHUNK_BYTES = 1 << 20
_WORD_BYTES = 4
_TEXT_BYTES = 80
# The value of a register is int32 on the wire in pynq 3.1.2 and uint32 in 4.0.0.
_DATA = mmio_pb2.ReadResponse.DESCRIPTOR.fields_by_name["data"]
SIGNED = _DATA.type == _DATA.TYPE_INT32

Current = Callable[[], Machine]
"""The machine that is powered now: a restart puts a new one in its place."""


def _known(call: Callable[[], _T], context: Any, what: str) -> _T:
    """Answer NOT_FOUND for an unknown id, as the real server does."""
    try:
        return call()
    except KeyError:
        return context.abort(grpc.StatusCode.NOT_FOUND, f"{what} not found")


class DeviceService(remote_device_pb2_grpc.RemoteDeviceServicer):  # type: ignore[misc]
    """Files and the fpga manager."""

    def __init__(self, machine: Current, journal: Journal) -> None:
        self._machine, self._journal = machine, journal

    def set_bitstream_attrs(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Partial bitstreams are not modelled."""
        self._journal("set_bitstream_attrs", name=request.binfile_name, partial=request.partial)
        return remote_device_pb2.SetBitstreamAttrsResponse(status=not request.partial)

    def existsfile(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Whether a file is there."""
        exists = request.file_path in self._machine().files
        self._journal("existsfile", path=request.file_path, exists=exists)
        return remote_device_pb2.ExistsFileResponse(exists=exists)

    def readfile(self, request: Any, context: Any) -> Iterator[Any]:
        """Content of a file."""
        files, path = self._machine().files, request.file_path
        self._journal("readfile", path=path)
        data = _known(lambda: files[path], context, path)
        for at in range(0, len(data), _CHUNK_BYTES):
            yield remote_device_pb2.ReadFileResponse(data=data[at : at + _CHUNK_BYTES])

    def writefile(self, requests: Iterator[Any], context: Any) -> Any:
        """Store a file; the reply has no room for a text, so a refusal ends the call."""
        path, parts = "", []
        for request in requests:
            path = request.file_path
            parts.append(request.data)
        data = b"".join(parts)
        text = data.decode("utf-8", "replace") if len(data) < _TEXT_BYTES else None
        self._journal("writefile", path=path, bytes=len(data), text=text)
        try:
            self._machine().write_file(path, data)
        except RefusedError as error:
            self._journal("refused", path=path, reason=str(error))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return remote_device_pb2.WriteFileResponse()


class RegisterService(mmio_pb2_grpc.MmioServicer):  # type: ignore[misc]
    """Registers, one 32-bit word a call."""

    def __init__(self, machine: Current, journal: Journal) -> None:
        self._machine, self._journal = machine, journal

    def get_mmio(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Open a range of addresses; nothing is touched yet."""
        name = self._machine().open_window(request.base_addr, request.length)
        self._journal("get_mmio", base=hex(request.base_addr), length=request.length, id=name)
        return mmio_pb2.GetMmioResponse(status=True, mmio_id=name)

    def read(self, request: Any, context: Any) -> Any:
        """One register; the reply holds 32 bits, whatever length was asked for."""
        machine, window = self._machine(), request.mmio_id
        try:
            address, value = _known(
                lambda: machine.read(window, request.offset), context, f"register range {window}"
            )
        except RefusedError as error:
            self._journal("refused", reason=str(error))
            return mmio_pb2.ReadResponse(status=False, msg=str(error))
        self._journal("read", address=hex(address), value=hex(value))
        if SIGNED and value >> 31:
            value -= 1 << 32
        return mmio_pb2.ReadResponse(status=True, data=value)

    def write(self, request: Any, context: Any) -> Any:
        """One register; of longer data only the first word arrives, as in pynq 3.1's server."""
        machine, window = self._machine(), request.mmio_id
        value = int.from_bytes(request.data[:_WORD_BYTES], "little")
        try:
            address = _known(
                lambda: machine.write(window, request.offset, value),
                context,
                f"register range {window}",
            )
        except (RefusedError, DmaError) as error:
            self._journal("refused", reason=str(error))
            return mmio_pb2.WriteResponse(status=False, msg=str(error))
        self._journal("write", address=hex(address), value=hex(value), bytes=len(request.data))
        return mmio_pb2.WriteResponse(status=True)


class BufferService(buffer_pb2_grpc.RemoteBufferServicer):  # type: ignore[misc]
    """Buffers in the board's memory.

    Parameters
    ----------
    machine, journal
        As in the other services.
    halve
        Whether the next buffer gets half of its bytes: a fault on purpose.
    """

    def __init__(self, machine: Current, journal: Journal, halve: Callable[[], bool]) -> None:
        self._machine, self._journal, self._halve = machine, journal, halve

    def allocate(self, request: Any, context: Any) -> Any:
        """A new buffer. The client overlooks the reply's text, so a failure ends the call."""
        size = request.size // 2 if self._halve() else request.size
        try:
            name = self._machine().memory.allocate(size)
        except OutOfMemoryError as error:
            return context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
        self._journal("allocate", asked=request.size, bytes=size, id=name)
        return buffer_pb2.AllocateResponse(buffer_id=name)

    def _buffer(self, name: str, context: Any) -> Any:
        return _known(lambda: self._machine().memory.buffer(name), context, f"buffer {name}")

    def write(self, requests: Iterator[Any], context: Any) -> Any:
        """Replace the content from the start."""
        at, name = 0, ""
        for request in requests:
            name = request.buffer_id
            data = self._buffer(name, context).data
            end = at + len(request.data)
            if end > len(data):
                reason = f"{end} bytes for a buffer of {len(data)}"
                self._journal("refused", reason=reason)
                return buffer_pb2.BufferWriteResponse(msg=reason)
            data[at:end] = request.data
            at = end
        self._journal("buffer_write", id=name, bytes=at)
        return buffer_pb2.BufferWriteResponse()

    def read(self, request: Any, context: Any) -> Iterator[Any]:
        """The whole content."""
        data = bytes(self._buffer(request.buffer_id, context).data)
        self._journal("buffer_read", id=request.buffer_id, bytes=len(data))
        for at in range(0, len(data), _CHUNK_BYTES):
            yield buffer_pb2.BufferReadResponse(data=data[at : at + _CHUNK_BYTES])

    def flush(self, request: Any, context: Any) -> Any:
        """Nothing to do: the model has no cache."""
        self._buffer(request.buffer_id, context)
        self._journal("flush", id=request.buffer_id)
        return buffer_pb2.FlushResponse()

    def invalidate(self, request: Any, context: Any) -> Any:
        """Nothing to do: the model has no cache."""
        self._buffer(request.buffer_id, context)
        self._journal("invalidate", id=request.buffer_id)
        return buffer_pb2.InvalidateResponse()

    def physical_address(self, request: Any, context: Any) -> Any:
        """Where the circuit finds the buffer."""
        address = self._buffer(request.buffer_id, context).address
        self._journal("physical_address", id=request.buffer_id, address=hex(address))
        return buffer_pb2.AddressResponse(address=address)

    def virtual_address(self, request: Any, context: Any) -> Any:
        """The same: the model has no address translation."""
        return self.physical_address(request, context)

    def cacheable(self, request: Any, context: Any) -> Any:
        """Always, as in the real server."""
        self._buffer(request.buffer_id, context)
        return buffer_pb2.CacheableResponse(cacheable=True)

    def freebuffer(self, request: Any, context: Any) -> Any:
        """Give the memory back."""
        name = request.buffer_id
        _known(lambda: self._machine().memory.free(name), context, f"buffer {name}")
        self._journal("freebuffer", id=name)
        return buffer_pb2.FreeBufferResponse()


def add_services(
    server: grpc.Server, machine: Current, journal: Journal, halve: Callable[[], bool]
) -> None:
    """Offer everything that the installed pynq knows."""
    remote_device_pb2_grpc.add_RemoteDeviceServicer_to_server(
        DeviceService(machine, journal), server
    )
    mmio_pb2_grpc.add_MmioServicer_to_server(RegisterService(machine, journal), server)
    buffer_pb2_grpc.add_RemoteBufferServicer_to_server(
        BufferService(machine, journal, halve), server
    )
    try:
        from fpga.virtual_board.pins import add_pin_service
    except ImportError:  # pynq 3.1.2 has no such service
        return
    add_pin_service(server, machine, journal)
