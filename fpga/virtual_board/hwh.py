"""The hardware description (``.hwh``) beside a bitstream: which block sits at which address.

Written with what pynq's parser insists on and no more; read for the address map, of a real design
as well.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from fpga.boards import Board
from fpga.errors import FpgaError

_AXI = "xilinx.com:interface:aximm:1.0"
BLOCK_BYTES = 0x10000


@dataclass(frozen=True)
class Block:
    """A block with registers.

    Attributes
    ----------
    instance
        Name in the design, such as ``idma0``.
    vlnv
        Vendor, library, name and version; "" where the description does not tell.
    base, size
        Range of addresses in bytes.
    """

    instance: str
    vlnv: str
    base: int
    size: int


@dataclass(frozen=True)
class Processor:
    """The processor of a family as Vivado describes it."""

    module: str
    vlnv: str
    port: str
    base: int
    parameters: dict[str, str]


def _zynq_7000() -> Processor:
    parameters = {}
    for clock in range(4):
        # 1000 MHz of the IO PLL through 5 and 2 for clock 0; the others are off.
        parameters[f"PCW_FPGA_FCLK{clock}_ENABLE"] = "1" if clock == 0 else "0"
        parameters[f"PCW_FCLK{clock}_PERIPHERAL_DIVISOR0"] = "5" if clock == 0 else "1"
        parameters[f"PCW_FCLK{clock}_PERIPHERAL_DIVISOR1"] = "2" if clock == 0 else "1"
        parameters[f"PCW_FCLK{clock}_PERIPHERAL_CLKSRC"] = "IO PLL"
    vlnv = "xilinx.com:ip:processing_system7:5.5"
    return Processor("processing_system7", vlnv, "M_AXI_GP0", 0x40000000, parameters)


def _ultrascale() -> Processor:
    parameters = {"C_MAXIGP0_DATA_WIDTH": "128", "C_SAXIGP2_DATA_WIDTH": "128"}
    for clock in range(4):
        # 1499.985 MHz of the IO PLL through 15 for clock 0; the others are off.
        control = f"PSU__CRL_APB__PL{clock}_REF_CTRL__"
        parameters[f"PSU__FPGA_PL{clock}_ENABLE"] = "1" if clock == 0 else "0"
        parameters[f"{control}DIVISOR0"] = "15"
        parameters[f"{control}DIVISOR1"] = "1"
        parameters[f"{control}SRCSEL"] = "IOPLL"
        parameters[f"{control}ACT_FREQMHZ"] = "99.999001"
    vlnv = "xilinx.com:ip:zynq_ultra_ps_e:3.5"
    return Processor("zynq_ultra_ps_e", vlnv, "M_AXI_HPM0_FPD", 0xA0000000, parameters)


def processor(board: Board) -> Processor:
    """The processor of a board: Zynq-7000 (32 bit) or Zynq UltraScale+ (64 bit)."""
    return _zynq_7000() if board.image.architecture == "armhf" else _ultrascale()


def description(
    board: Board, design: str, blocks: list[Block], parameters: dict[str, dict[str, str]]
) -> str:
    """Text of a ``.hwh``.

    Parameters
    ----------
    board
        Which gives part and processor.
    design
        Name of the top module.
    blocks
        Blocks with registers.
    parameters
        Of each block, by instance; a name that is no block becomes a clocking block without
        registers, as FINN's shell has one.
    """
    system = processor(board)
    root = ET.Element("EDKSYSTEM", EDWVERSION="1.2", VIVADOVERSION="")
    ET.SubElement(root, "SYSTEMINFO", ARCH=system.module, NAME=design, DEVICE=board.part)
    ET.SubElement(root, "EXTERNALPORTS")
    ET.SubElement(root, "EXTERNALINTERFACES")
    modules = ET.SubElement(root, "MODULES")
    ps = _module(modules, "zynq_ps", system.vlnv, system.parameters)
    ps.set("MODTYPE", system.module)
    _interface(ps, system.port, "MASTER")
    memory = ET.SubElement(ps, "MEMORYMAP")
    for block in blocks:
        ET.SubElement(
            memory,
            "MEMRANGE",
            ADDRESSBLOCK="Reg",
            BASENAME="C_BASEADDR",
            BASEVALUE=f"0x{block.base:08X}",
            HIGHNAME="C_HIGHADDR",
            HIGHVALUE=f"0x{block.base + block.size - 1:08X}",
            INSTANCE=block.instance,
            MASTERBUSINTERFACE=system.port,
            MEMTYPE="REGISTER",
            SLAVEBUSINTERFACE="s_axi_control",
        )
        module = _module(modules, block.instance, block.vlnv, parameters.get(block.instance, {}))
        _interface(module, "s_axi_control", "SLAVE")
    for instance in parameters.keys() - {block.instance for block in blocks}:
        module = _module(modules, instance, "xilinx.com:ip:clk_wiz:6.0", parameters[instance])
        ET.SubElement(module, "BUSINTERFACES")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _module(
    modules: ET.Element, instance: str, vlnv: str, parameters: dict[str, str]
) -> ET.Element:
    kind = vlnv.split(":")[2]
    module = ET.SubElement(
        modules, "MODULE", FULLNAME=f"/{instance}", INSTANCE=instance, MODTYPE=kind, VLNV=vlnv
    )
    table = ET.SubElement(module, "PARAMETERS")
    for name, value in sorted(parameters.items()):
        ET.SubElement(table, "PARAMETER", NAME=name, VALUE=value)
    ET.SubElement(module, "PORTS")
    return module


def _interface(module: ET.Element, name: str, kind: str) -> None:
    interfaces = ET.SubElement(module, "BUSINTERFACES")
    interface = ET.SubElement(interfaces, "BUSINTERFACE", NAME=name, TYPE=kind, VLNV=_AXI)
    ET.SubElement(interface, "PORTMAPS")


def address_map(text: str) -> dict[str, Block]:
    """Every block with registers of a ``.hwh``, by instance.

    Raises
    ------
    FpgaError
        When the text is no hardware description.
    """
    try:
        root = ET.fromstring(text)
        vlnv = {m.get("INSTANCE", ""): m.get("VLNV", "") for m in root.iter("MODULE")}
        blocks = {}
        for entry in root.iter("MEMRANGE"):
            if entry.get("MEMTYPE") != "REGISTER":
                continue
            name, base = entry.attrib["INSTANCE"], int(entry.attrib["BASEVALUE"], 16)
            size = int(entry.attrib["HIGHVALUE"], 16) - base + 1
            blocks[name] = Block(name, vlnv.get(name, ""), base, size)
    except (ET.ParseError, KeyError, ValueError) as error:
        raise FpgaError(f"the hardware description cannot be read: {error!r}") from error
    return blocks
