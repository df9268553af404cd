// pcap-filter(7) expressions, by libpcap's compiler and interpreter.
#include <espdump/capture.hpp>

#include <pcap/pcap.h>

#include <algorithm>

#include "capture/link_type.hpp"

namespace espdump {
namespace {

constexpr std::uint32_t link_type_null = 0, link_type_ethernet = 1, link_type_loop = 108;
constexpr int snap_length = 262144;

struct ProgramDeleter {
  void operator()(bpf_program* program) const {
    pcap_freecode(program);
    delete program;
  }
};
using Program = std::unique_ptr<bpf_program, ProgramDeleter>;

struct HandleDeleter {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};

Result<Program> compile_for(const std::string& expression, std::uint32_t link_type) {
  const std::unique_ptr<pcap_t, HandleDeleter> handle{pcap_open_dead(capture::dlt_of(link_type), snap_length)};
  if (!handle) return fail("libpcap has no memory for a filter");
  Program program{new bpf_program{}};
  if (pcap_compile(handle.get(), program.get(), expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0) return program;
  const std::string words = pcap_geterr(handle.get());
  return fail("filter expression \"" + expression + "\": " + words);
}

}  // namespace

struct PacketFilter::State {
  struct Entry {
    std::uint32_t link_type;
    Program program;  // null: the expression makes no sense here
  };
  std::string expression;
  std::vector<Entry> entries{};

  const bpf_program* program(std::uint32_t link_type) {
    const auto known =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.link_type == link_type; });
    if (known != entries.end()) return known->program.get();
    auto compiled = compile_for(expression, link_type);
    entries.push_back({link_type, compiled ? std::move(*compiled) : Program{}});
    return entries.back().program.get();
  }
};

PacketFilter::PacketFilter(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketFilter::PacketFilter(PacketFilter&&) noexcept = default;
PacketFilter& PacketFilter::operator=(PacketFilter&&) noexcept = default;
PacketFilter::~PacketFilter() = default;

Result<PacketFilter> PacketFilter::compile(const std::string& expression) {
  auto ethernet = compile_for(expression, link_type_ethernet);
  if (!ethernet && !compile_for(expression, link_type_raw)) return Unexpected{ethernet.error()};
  return PacketFilter{std::make_unique<State>(State{expression})};
}

Result<PacketFilter> PacketFilter::compile(const std::string& expression, std::uint32_t link_type) {
  if (auto program = compile_for(expression, link_type); !program) return Unexpected{program.error()};
  return PacketFilter{std::make_unique<State>(State{expression})};
}

bool PacketFilter::matches(std::uint32_t link_type, Bytes bytes, std::size_t wire_length) {
  // NULL has its protocol number in the byte order of the machine that captured; LOOP is the big-endian form.
  if (link_type == link_type_null && bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0) link_type = link_type_loop;
  const bpf_program* program = state_->program(link_type);
  if (program == nullptr) return false;
  const pcap_pkthdr header{{}, static_cast<bpf_u_int32>(bytes.size()), static_cast<bpf_u_int32>(wire_length)};
  static constexpr std::uint8_t nothing = 0;  // an empty span may have no address, which libpcap does not expect
  return pcap_offline_filter(program, &header, bytes.empty() ? &nothing : bytes.data()) != 0;
}

}  // namespace espdump
