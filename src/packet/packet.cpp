// The packet: layers, buffers and the arena they live in.
#include <espdump/packet.hpp>

#include <algorithm>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t first_block = 4 * 1024, usual_block = 64 * 1024;  // most packets fit into the first

}  // namespace

void Arena::find_room(std::size_t size) {
  while (current_ < blocks_.size() && blocks_[current_].size - blocks_[current_].used < size) ++current_;
  if (current_ != blocks_.size()) return;
  const std::size_t wanted = std::max(size, blocks_.empty() ? first_block : usual_block);
  blocks_.push_back({std::unique_ptr<std::uint8_t[]>{new std::uint8_t[wanted]}, wanted, 0});  // not zeroed
}

void Arena::reset() noexcept {
  for (Block& block : blocks_) {
    wipe({block.bytes.get(), block.used});
    block.used = 0;
  }
  // One huge packet must not cost memory for the rest of the run.
  std::size_t kept = 0;
  while (kept < blocks_.size() && kept < 2 && blocks_[kept].size <= usual_block) ++kept;
  blocks_.resize(kept);
  current_ = 0;
}

void Packet::reset() noexcept {
  frame = 0;
  file = 0;
  interface = 0;
  time = {};
  link_type = 0;
  wire_length = 0;
  reassembled = false;
  quoted_ipsec.reset();
  quoted_frame = 0;
  buffers_.clear();
  layers_.clear();
  kinds_ = 0;
  ipsec_.clear();
  ike_.clear();
  inner_.clear();
  findings_.clear();
  arena_.reset();
}

std::size_t Packet::add_inner(const InnerPacket& inner) {
  if (inner.inside != InnerPacket::none) inner_[inner.inside].innermost = false;
  inner_.push_back(inner);
  return inner_.size() - 1;
}

void Packet::add_finding(const FindingInfo& info, std::string message, SaNumber sa, std::string remedy) {
  findings_.push_back({&info, frame, file, sa, std::move(message), std::move(remedy)});
}

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return {};
}

std::string_view to_string(IpsecProtocol protocol) noexcept {
  switch (protocol) {
    case IpsecProtocol::esp: return "esp";
    case IpsecProtocol::ah: return "ah";
    case IpsecProtocol::ipcomp: return "comp";
  }
  return {};
}

std::string_view to_string(SaMode mode) noexcept {
  switch (mode) {
    case SaMode::transport: return "transport";
    case SaMode::tunnel: return "tunnel";
    case SaMode::beet: return "beet";
    case SaMode::iptfs: return "iptfs";
    case SaMode::other: return "other";
    case SaMode::unknown: return "unknown";
  }
  return {};
}

std::string_view to_string(IcvVerdict verdict) noexcept {
  switch (verdict) {
    case IcvVerdict::ok: return "ok";
    case IcvVerdict::bad: return "bad";
    case IcvVerdict::unchecked: return "unchecked";
    case IcvVerdict::none: return "none";
  }
  return {};
}

}  // namespace espdump
