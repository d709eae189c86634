// Cells of Xilinx parts that the circuit instantiates itself, as black boxes with their parameters
// (Xilinx UG479, UG953): for counting, their insides do not matter. Yosys' own library declares
// them too, but read_slang loses the parameters there.

(* blackbox *)
module LUT6_2 #(parameter logic [63:0]  INIT = 0)
	(output logic  O5, O6, input logic  I0, I1, I2, I3, I4, I5);
endmodule

(* blackbox *)
module SRLC32E #(parameter logic [31:0]  INIT = 0)
	(output logic  Q, Q31, input logic [4:0]  A, input logic  CE, CLK, D);
endmodule

(* blackbox *)
module DSP48E1 #(
	parameter  A_INPUT = "DIRECT", B_INPUT = "DIRECT", USE_DPORT = "FALSE", USE_MULT = "MULTIPLY",
	parameter  USE_SIMD = "ONE48", AUTORESET_PATDET = "NO_RESET",
	parameter logic [47:0]  MASK = 0, PATTERN = 0,
	parameter  SEL_MASK = "MASK", SEL_PATTERN = "PATTERN", USE_PATTERN_DETECT = "NO_PATDET",
	parameter int  ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1,
	parameter int  CARRYINREG = 1, CARRYINSELREG = 1, CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1,
	parameter int  OPMODEREG = 1, PREG = 1,
	parameter logic [3:0]  IS_ALUMODE_INVERTED = 0, parameter logic  IS_CARRYIN_INVERTED = 0,
	parameter logic  IS_CLK_INVERTED = 0, parameter logic [4:0]  IS_INMODE_INVERTED = 0,
	parameter logic [6:0]  IS_OPMODE_INVERTED = 0
)(
	output logic [29:0]  ACOUT, output logic [17:0]  BCOUT, output logic  CARRYCASCOUT, MULTSIGNOUT,
	output logic [47:0]  PCOUT, output logic  OVERFLOW, PATTERNBDETECT, PATTERNDETECT, UNDERFLOW,
	output logic [3:0]  CARRYOUT, output logic [47:0]  P,
	input logic [29:0]  ACIN, input logic [17:0]  BCIN, input logic  CARRYCASCIN, MULTSIGNIN,
	input logic [47:0]  PCIN, input logic  CLK, input logic [3:0]  ALUMODE,
	input logic [2:0]  CARRYINSEL, input logic [4:0]  INMODE, input logic [6:0]  OPMODE,
	input logic [29:0]  A, input logic [17:0]  B, input logic [47:0]  C, input logic  CARRYIN,
	input logic [24:0]  D, input logic  CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN,
	input logic  CECTRL, CED, CEINMODE, CEM, CEP, RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC,
	input logic  RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP
);
endmodule

(* blackbox *)
module DSP48E2 #(
	parameter  AMULTSEL = "A", A_INPUT = "DIRECT", BMULTSEL = "B", B_INPUT = "DIRECT",
	parameter  PREADDINSEL = "A", USE_MULT = "MULTIPLY", USE_SIMD = "ONE48", USE_WIDEXOR = "FALSE",
	parameter  XORSIMD = "XOR24_48_96", AUTORESET_PATDET = "NO_RESET", AUTORESET_PRIORITY = "RESET",
	parameter logic [47:0]  RND = 0, MASK = 0, PATTERN = 0,
	parameter  SEL_MASK = "MASK", SEL_PATTERN = "PATTERN", USE_PATTERN_DETECT = "NO_PATDET",
	parameter int  ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1,
	parameter int  CARRYINREG = 1, CARRYINSELREG = 1, CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1,
	parameter int  OPMODEREG = 1, PREG = 1,
	parameter logic [3:0]  IS_ALUMODE_INVERTED = 0, parameter logic  IS_CARRYIN_INVERTED = 0,
	parameter logic  IS_CLK_INVERTED = 0, parameter logic [4:0]  IS_INMODE_INVERTED = 0,
	parameter logic [8:0]  IS_OPMODE_INVERTED = 0, parameter logic  IS_RSTALLCARRYIN_INVERTED = 0,
	parameter logic  IS_RSTALUMODE_INVERTED = 0, IS_RSTA_INVERTED = 0, IS_RSTB_INVERTED = 0,
	parameter logic  IS_RSTCTRL_INVERTED = 0, IS_RSTC_INVERTED = 0, IS_RSTD_INVERTED = 0,
	parameter logic  IS_RSTINMODE_INVERTED = 0, IS_RSTM_INVERTED = 0, IS_RSTP_INVERTED = 0
)(
	output logic [29:0]  ACOUT, output logic [17:0]  BCOUT, output logic  CARRYCASCOUT, MULTSIGNOUT,
	output logic [47:0]  PCOUT, output logic  OVERFLOW, PATTERNBDETECT, PATTERNDETECT, UNDERFLOW,
	output logic [3:0]  CARRYOUT, output logic [47:0]  P, output logic [7:0]  XOROUT,
	input logic [29:0]  ACIN, input logic [17:0]  BCIN, input logic  CARRYCASCIN, MULTSIGNIN,
	input logic [47:0]  PCIN, input logic  CLK, input logic [3:0]  ALUMODE,
	input logic [2:0]  CARRYINSEL, input logic [4:0]  INMODE, input logic [8:0]  OPMODE,
	input logic [29:0]  A, input logic [17:0]  B, input logic [47:0]  C, input logic  CARRYIN,
	input logic [26:0]  D, input logic  CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN,
	input logic  CECTRL, CED, CEINMODE, CEM, CEP, RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC,
	input logic  RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP
);
endmodule
