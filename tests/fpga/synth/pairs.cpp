// Turns the clock of pairs.sv, with a reset now and then, and prints words and faults of each pair.
#include <cstdio>
#include "Vpairs.h"

int main() {
	VerilatedContext context;
	context.randSeed(11);
	Vpairs top{&context};
	for(int cycle = 0; cycle < 40000; cycle++) {
		top.rst = cycle < 8 || (cycle % 9973) < 3;
		top.clk = 0;
		top.eval();
		context.timeInc(1);
		top.clk = 1;
		top.eval();
		context.timeInc(1);
	}
	for(int i = 0; i < 6; i++)  std::printf("%u %u\n", top.words[i], top.faults[i]);
	return 0;
}
