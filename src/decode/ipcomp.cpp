// Undoing IP payload compression: RFC 3173, with DEFLATE as in RFC 2394.
#include "decode/ipcomp.hpp"

#define ZLIB_CONST  // zlib does not write to its input
#include <zlib.h>

#include <espdump/assert.hpp>
#include <espdump/codes.hpp>

#include <algorithm>
#include <string>

namespace espdump {
namespace {

constexpr std::size_t header_size = 4, cpi_offset = 2;

// Well-known, or agreed upon by IKE; of those Linux and strongSwan offer nothing but DEFLATE.
bool is_deflate(std::uint16_t cpi) { return cpi == 2 || (cpi >= 256 && cpi < 61'440); }

std::string_view trouble(Inflater::Outcome outcome) {
  switch (outcome) {
    case Inflater::Outcome::damaged: return "the compressed bytes are no DEFLATE stream";
    case Inflater::Outcome::endless: return "the DEFLATE stream has no end";
    case Inflater::Outcome::too_long: return "it inflates to more than the 65535 bytes that a packet can have";
    case Inflater::Outcome::whole: break;
  }
  return {};
}

void complain(Packet& packet, std::string text, bool authentic) {
  if (authentic) text += "; the ICV around it verifies, so that its sender made it so";
  packet.add_finding(codes::packet_malformed, "IP Payload Compression: " + text);
}

}  // namespace

void Inflater::End::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  delete stream;
}

// Linux compresses with a window of 2 KiB, others with up to 32 KiB.
bool Inflater::rewind() {
  constexpr int raw_and_any_window = -15;
  if (stream_ != nullptr) return inflateReset(stream_.get()) == Z_OK;
  auto fresh = std::make_unique<z_stream>();
  if (inflateInit2(fresh.get(), raw_and_any_window) != Z_OK) return false;
  stream_.reset(fresh.release());
  space_.resize(largest + 1);
  return true;
}

Inflater::Outcome Inflater::inflate(Bytes deflated) {
  forget();
  const bool ready = rewind();
  ESPDUMP_ASSERT(ready);  // zlib refuses for want of memory only
  stream_->next_in = deflated.data();
  stream_->avail_in = static_cast<uInt>(deflated.size());
  stream_->next_out = space_.data();
  stream_->avail_out = static_cast<uInt>(space_.size());
  const int result = ::inflate(stream_.get(), Z_FINISH);
  used_ = space_.size() - stream_->avail_out;
  if (stream_->avail_out == 0) return Outcome::too_long;
  if (result == Z_STREAM_END) return Outcome::whole;
  return result == Z_BUF_ERROR ? Outcome::endless : Outcome::damaged;
}

void Inflater::forget() noexcept {
  wipe(MutableBytes{space_}.first(used_));
  used_ = 0;
}

std::optional<Unwrapped> decompress(Packet& packet, const Layer& layer, bool authentic, Inflater& inflater) {
  if (layer.cut() || layer.header.size() < header_size || !is_deflate(read_u16(layer.header, cpi_offset)))
    return std::nullopt;
  const auto outcome = inflater.inflate(layer.payload);
  const struct Forgetting {
    Inflater& inflater;
    ~Forgetting() { inflater.forget(); }
  } at_the_end{inflater};
  const Bytes inflated = inflater.inflated();
  if (outcome != Inflater::Outcome::whole) {
    complain(packet, std::string{trouble(outcome)}, authentic);
    return std::nullopt;
  }
  if (inflated.size() < layer.payload.size() + header_size)
    complain(packet, "it has not made the packet smaller, and Linux drops such packets", authentic);
  const MutableBytes out = packet.allocate(inflated.size());
  std::copy(inflated.begin(), inflated.end(), out.begin());
  if (out.empty()) return std::nullopt;
  return Unwrapped{layer.header[0], out, packet.add_buffer(out, Origin::inflated)};
}

}  // namespace espdump
