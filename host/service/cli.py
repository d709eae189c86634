"""``footfall serve``: the box for a clinic, on this machine."""

from __future__ import annotations

import ipaddress
import logging
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from host.codes import ErrorCode
from host.errors import MachineError
from host.service.api import Service, create_app
from host.service.file_records import FileRecords
from host.service.folders import default_data_dir
from host.service.guard import LOOPBACK_HOSTS
from host.service.supervisor import AnalysisOptions, Supervisor
from host.service.upload import MB, Limits
from host.settings import load_settings
from host.text import sentence

SHUTDOWN_S = 5
"""Requests under way may end within this time."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8400,
    data_dir: Annotated[Path | None, typer.Option(help="Where recordings are kept.")] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
    max_upload_mb: Annotated[float, typer.Option(min=1, help="Largest recording.")] = 2000,
    reserve_mb: Annotated[float, typer.Option(min=0, help="Disk space kept free.")] = 1000,
    deadline_s: Annotated[float, typer.Option(min=1, help="Longest analysis.")] = 1800,
) -> None:
    """Serve recordings and diagnoses over HTTP; nothing leaves this machine."""
    load_settings(settings)  # a mistake in it is told now, not by each analysis
    limits = Limits(round(max_upload_mb * MB), round(reserve_mb * MB))
    options = AnalysisOptions(settings_file=settings, deadline_s=deadline_s)
    run(host, port, data_dir or default_data_dir(), limits, options)


def run(host: str, port: int, data_dir: Path, limits: Limits, options: AnalysisOptions) -> None:
    """Serve until told to stop.

    Raises
    ------
    MachineError
        ``ADDRESS_UNAVAILABLE``, ``DATA_DIR_IN_USE``, ``OUTPUT_NOT_WRITABLE``, ``DISK_FULL``.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    with _listen(host, port) as listener:
        records = FileRecords(data_dir)
        service = Service(records, Supervisor(records, options), limits)
        app = create_app(service, LOOPBACK_HOSTS if _is_loopback(host) else None)
        name = f"[{host}]" if ":" in host else host
        address = f"{name}:{listener.getsockname()[1]}"
        console = Console(stderr=True)
        console.print(sentence("serve.listens", address=address, folder=data_dir), soft_wrap=True)
        if not _is_loopback(host):
            console.print(sentence("serve.open_net"), style="yellow", soft_wrap=True)
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # create_server repeats the address there
        raise MachineError(
            ErrorCode.ADDRESS_UNAVAILABLE, address=f"{host}:{port}", reason=reason
        ) from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
