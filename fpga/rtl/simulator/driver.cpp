// Streams items through a Verilated network: the program behind the backend `rtl`.
//
// host/accelerator/rtl.py documents the protocol of its standard input and output and its options.
// Compiled once per network with
//   INPUT_WORDS, INPUT_WORD_BYTES, OUTPUT_WORDS, OUTPUT_WORD_BYTES  words of one item, their size.
// The circuit's memory files lie in the folder rtl/ beside this program, so that both can move.
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vcircuit.h"
#include "verilated.h"

namespace {

enum Exit { DONE = 0, WRONG_INPUT = 2, DEADLOCK = 3, BROKEN_CIRCUIT = 4 };

struct Failure : std::runtime_error {
    Exit code;
    Failure(Exit code, const std::string &why) : std::runtime_error(why), code(code) {}
};

struct Options {
    unsigned valid_percent = 100, ready_percent = 100;
    uint64_t seed = 1, max_idle_cycles = 5'000'000, pace_cycles = 0;
    std::string occupancy, depths, data = "rtl";
};

std::map<std::string, unsigned> depths, occupancy;

// "TOP.top.<node>.core..." -> <node>: the instances of the top module carry the nodes' names.
std::string node_of(const std::string &path) {
    std::size_t begin = 0;
    for (int level = 0; level < 2; level++) begin = path.find('.', begin) + 1;
    return path.substr(begin, path.find('.', begin) - begin);
}

}  // namespace

// Called by fifo_model.sv: how deep the queue is to be; 0 = a wire, UINT_MAX = without limit.
extern "C" unsigned fifo_depth(const char *path) {
    const auto found = depths.find(node_of(path));
    return found == depths.end() ? UINT_MAX : found->second;
}

// Called by fifo_probe.sv at the end of the simulation.
extern "C" void fifo_report(const char *path, unsigned largest) {
    unsigned &entry = occupancy[node_of(path)];
    entry = std::max(entry, largest);
}

namespace {

template <class T> void put(T &port, const uint8_t *bytes, std::size_t n) {
    port = 0;
    std::memcpy(&port, bytes, n);
}
template <std::size_t W> void put(VlWide<W> &port, const uint8_t *bytes, std::size_t n) {
    port[W - 1] = 0;
    std::memcpy(&port[0], bytes, n);
}
template <class T> void get(const T &port, uint8_t *bytes, std::size_t n) {
    std::memcpy(bytes, &port, n);
}
template <std::size_t W> void get(const VlWide<W> &port, uint8_t *bytes, std::size_t n) {
    std::memcpy(bytes, &port[0], n);
}

// splitmix64 (Steele, Lea, Flood 2014): a few instructions per clock cycle.
class Dice {
  public:
    explicit Dice(uint64_t seed) : state(seed) {}
    bool falls(unsigned percent) {
        if (percent >= 100) return true;
        uint64_t z = (state += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return ((z ^ (z >> 31)) >> 32) * 100 >> 32 < percent;
    }

  private:
    uint64_t state;
};

struct Stamps {
    uint64_t first_input, last_output;
};

class Simulation {
  public:
    explicit Simulation(const Options &options)
        : options(options), dice(options.seed), top(&context), held(OUTPUT_WORD_BYTES) {
        top.ap_clk = 0;
        top.ap_rst_n = 0;
        top.s_axis_tvalid = 0;
        top.m_axis_tready = 0;
        rest(32);
        top.ap_rst_n = 1;
        cycle = 0;
        rest(16);
    }

    // Streams n items through and collects as many; the circuit keeps its state between calls.
    std::vector<Stamps> run(const std::vector<uint8_t> &input, std::vector<uint8_t> &output, uint64_t n) {
        refuse_surplus();
        const uint64_t inputs = n * INPUT_WORDS, outputs = n * OUTPUT_WORDS;
        std::vector<Stamps> stamps(n);
        uint64_t taken = 0, given = 0, moved = cycle, item_start = cycle;
        bool offered = false;
        while (given < outputs) {
            // AXI-Stream: what has been offered stays until it is taken.
            if (!offered && taken < inputs) {
                offered = due(taken % INPUT_WORDS, item_start) && dice.falls(options.valid_percent);
                if (offered) put(top.s_axis_tdata, &input[taken * INPUT_WORD_BYTES], INPUT_WORD_BYTES);
            }
            top.s_axis_tvalid = offered;
            top.m_axis_tready = dice.falls(options.ready_percent);
            top.eval();
            check_output_held();
            if (offered && top.s_axis_tready) {
                if (taken % INPUT_WORDS == 0) stamps[taken / INPUT_WORDS].first_input = cycle;
                taken++;
                offered = false;
                moved = cycle;
                if (taken % INPUT_WORDS == 0) item_start = std::max(item_start + options.pace_cycles, cycle);
            }
            if (top.m_axis_tvalid && top.m_axis_tready) {
                get(top.m_axis_tdata, &output[given * OUTPUT_WORD_BYTES], OUTPUT_WORD_BYTES);
                given++;
                moved = cycle;
                if (given % OUTPUT_WORDS == 0) stamps[given / OUTPUT_WORDS - 1].last_output = cycle;
            }
            if (cycle - moved > options.max_idle_cycles) refuse_deadlock(taken, inputs, given, outputs);
            clock();
        }
        top.s_axis_tvalid = 0;
        top.m_axis_tready = 0;
        return stamps;
    }

    // Lets the circuit run on and ends; it must have nothing more to say.
    void finish() {
        refuse_surplus();
        top.final();
    }

  private:
    // Rising edge; the falling one is evaluated together with the next inputs.
    void clock() {
        top.ap_clk = 1;
        top.eval();
        context.timeInc(1);
        top.ap_clk = 0;
        cycle++;
    }

    void rest(int cycles) {
        for (int i = 0; i < cycles; i++) {
            top.eval();
            clock();
        }
    }

    bool due(uint64_t word, uint64_t item_start) const {
        return cycle >= item_start + word * options.pace_cycles / INPUT_WORDS;
    }

    void check_output_held() {
        if (waiting) {
            std::vector<uint8_t> now(OUTPUT_WORD_BYTES);
            get(top.m_axis_tdata, now.data(), OUTPUT_WORD_BYTES);
            if (!top.m_axis_tvalid || now != held)
                throw Failure(BROKEN_CIRCUIT, "the circuit withdrew or changed a word in cycle " +
                                                  std::to_string(cycle) + " before it was taken");
        }
        waiting = top.m_axis_tvalid && !top.m_axis_tready;
        if (waiting) get(top.m_axis_tdata, held.data(), OUTPUT_WORD_BYTES);
    }

    void refuse_surplus() {
        top.s_axis_tvalid = 0;
        top.m_axis_tready = 0;
        rest(64);
        top.eval();
        if (top.m_axis_tvalid) throw Failure(BROKEN_CIRCUIT, "the circuit gives more words than its items have");
    }

    [[noreturn]] void refuse_deadlock(uint64_t taken, uint64_t inputs, uint64_t given, uint64_t outputs) const {
        throw Failure(DEADLOCK, "deadlock: no word moved for " + std::to_string(options.max_idle_cycles) +
                                    " cycles; " + std::to_string(taken) + " of " + std::to_string(inputs) +
                                    " input words taken, " + std::to_string(given) + " of " +
                                    std::to_string(outputs) + " output words given");
    }

    const Options &options;
    Dice dice;
    VerilatedContext context;
    Vcircuit top;
    uint64_t cycle = 0;
    bool waiting = false;
    std::vector<uint8_t> held;
};

uint64_t number(const std::string &name, const std::string &text, uint64_t low, uint64_t high) {
    char *end = nullptr;
    errno = 0;
    const unsigned long long value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text[0] == '-' || *end || errno || value < low || value > high)
        throw Failure(WRONG_INPUT, name + " must be a number from " + std::to_string(low) + " to " + std::to_string(high));
    return value;
}

Options read_options(int argc, char **argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        if (i + 1 == argc) throw Failure(WRONG_INPUT, name + " needs a value");
        const std::string value = argv[i + 1];
        if (name == "--valid") options.valid_percent = number(name, value, 1, 100);
        else if (name == "--ready") options.ready_percent = number(name, value, 1, 100);
        else if (name == "--seed") options.seed = number(name, value, 0, UINT64_MAX);
        else if (name == "--max-idle-cycles") options.max_idle_cycles = number(name, value, 1, UINT64_MAX);
        else if (name == "--pace") options.pace_cycles = number(name, value, 0, UINT32_MAX);
        else if (name == "--occupancy") options.occupancy = value;
        else if (name == "--depths") options.depths = value;
        else if (name == "--data") options.data = value;
        else throw Failure(WRONG_INPUT, "unknown option " + name);
    }
    return options;
}

void read_depths(const std::string &path) {
    std::ifstream file(path);
    std::string node;
    unsigned depth;
    while (file >> node >> depth) depths[node] = depth;
    if (!file.eof()) throw Failure(WRONG_INPUT, "cannot read " + path);
}

// The circuit reads its memory files relative to the working directory.
void enter_data_folder(const std::string &folder) {
    std::string place = folder;
    if (place[0] != '/') {
        std::vector<char> self(PATH_MAX);
        const ssize_t length = readlink("/proc/self/exe", self.data(), self.size());
        if (length <= 0) throw Failure(WRONG_INPUT, "cannot find this program's folder");
        const std::string program(self.data(), length);
        place = program.substr(0, program.rfind('/') + 1) + folder;
    }
    if (chdir(place.c_str())) throw Failure(WRONG_INPUT, "no folder " + place);
}

// False at the end of the input, if it ends where `may_end`.
bool read_bytes(void *target, std::size_t n, bool may_end) {
    const std::size_t got = std::fread(target, 1, n, stdin);
    if (got == n) return true;
    if (got == 0 && may_end) return false;
    throw Failure(WRONG_INPUT, "the input ends inside an item");
}

void write_bytes(const void *source, std::size_t n) {
    if (std::fwrite(source, 1, n, stdout) != n) throw Failure(WRONG_INPUT, "nobody takes the output");
}

void serve(Simulation &simulation) {
    uint32_t n;
    while (read_bytes(&n, sizeof n, true)) {
        std::vector<uint8_t> input(uint64_t(n) * INPUT_WORDS * INPUT_WORD_BYTES);
        std::vector<uint8_t> output(uint64_t(n) * OUTPUT_WORDS * OUTPUT_WORD_BYTES);
        read_bytes(input.data(), input.size(), false);
        const std::vector<Stamps> stamps = simulation.run(input, output, n);
        write_bytes(&n, sizeof n);
        write_bytes(output.data(), output.size());
        write_bytes(stamps.data(), stamps.size() * sizeof(Stamps));
        std::fflush(stdout);
    }
    simulation.finish();
}

void write_occupancy(std::FILE *file) {
    const char *separator = "{";
    for (const auto &[node, largest] : occupancy) {
        std::fprintf(file, "%s\n \"%s\": %u", separator, node.c_str(), largest);
        separator = ",";
    }
    std::fputs(occupancy.empty() ? "{}\n" : "\n}\n", file);
    if (std::fclose(file)) throw Failure(WRONG_INPUT, "cannot write the occupancy");
}

}  // namespace

int main(int argc, char **argv) {
    try {
        const Options options = read_options(argc, argv);
        if (!options.depths.empty()) read_depths(options.depths);
        std::FILE *report = nullptr;
        if (!options.occupancy.empty() && !(report = std::fopen(options.occupancy.c_str(), "w")))
            throw Failure(WRONG_INPUT, "cannot write " + options.occupancy);
        enter_data_folder(options.data);
        Simulation simulation(options);
        serve(simulation);
        if (report) write_occupancy(report);
        return DONE;
    } catch (const Failure &failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return failure.code;
    }
}
