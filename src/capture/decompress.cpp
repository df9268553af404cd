// The table of compressions, and the loop that turns what arrives compressed into what is in it.
#include "capture/decompress.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace espdump::capture {
namespace {

using namespace std::literals;

constexpr std::array table{Compression{"gzip", "\x1f\x8b"sv, "zlib", make_gzip},
                           Compression{"zstd", "\x28\xb5\x2f\xfd"sv, "libzstd", make_zstd},
                           Compression{"zstd", "\x50\x2a\x4d\x18"sv, "libzstd", make_zstd},  // as pzstd begins
                           Compression{"xz", "\xfd\x37zXZ\0"sv, "liblzma", make_xz},
                           Compression{"lz4", "\x04\x22\x4d\x18"sv, "liblz4", make_lz4},
                           Compression{"bzip2", "BZh"sv, "libbz2", make_bzip2}};

constexpr std::size_t most_at_once = 1024 * 1024;  // libraries count in 32 bits

bool begins_with(Bytes bytes, std::string_view magic) {
  const auto same = [](char c, std::uint8_t byte) { return static_cast<std::uint8_t>(c) == byte; };
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin(), same);
}

}  // namespace

std::span<const Compression> all_compressions() noexcept { return table; }

const Compression* find_compression(Bytes first) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Compression& compression) {
    return begins_with(first, compression.magic);
  });
  return found != table.end() ? &*found : nullptr;
}

std::string unpack_command(const Compression& compression, const std::string& file) {
  return fmt::format("unpack it first: {} -dc{} | espdump -", compression.name, file == "-" ? "" : ' ' + file);
}

std::size_t Unpacker::read(MutableBytes room) {
  while (!error_) {
    if (state_ == CodecState::between) skip_padding();
    const Bytes in = packed_.here().first(std::min(packed_.here().size(), most_at_once));
    const bool idle = state_ == CodecState::between && in.empty();
    CodecStep step = idle ? CodecStep{0, 0, state_} : codec_->step(in, room);
    const bool stuck = !in.empty() && step.consumed == 0 && step.produced == 0;
    if (stuck && step.state == CodecState::within) step.state = CodecState::corrupt;
    packed_.skip(step.consumed);
    judge(step.state);
    if (step.produced != 0) return step.produced;
    if (in.empty() && !packed_.need(1)) return ended(), 0;
  }
  return 0;
}

// Tapes and some writers fill up with zeros behind the last member.
void Unpacker::skip_padding() {
  const Bytes here = packed_.here();
  const auto first = std::find_if(here.begin(), here.end(), [](std::uint8_t byte) { return byte != 0; });
  packed_.skip(static_cast<std::size_t>(first - here.begin()));
}

void Unpacker::judge(CodecState state) {
  const CodecState before = std::exchange(state_, state);
  const std::string_view name = compression_.name;
  const std::uint64_t at = packed_.offset();
  if (state == CodecState::corrupt && before == CodecState::between)
    failed(fmt::format("something else follows the compressed stream ({}) at about byte {}", name, at));
  else if (state == CodecState::corrupt)
    failed(fmt::format("compressed stream ({}) is corrupt at about byte {}", name, at));
  else if (state == CodecState::too_large)
    failed(fmt::format("compressed stream ({}) takes more than {} MiB of memory to unpack; {}", name,
                       most_unpacking_memory >> 20, unpack_command(compression_, packed_.name())));
}

void Unpacker::ended() {
  if (packed_.trouble())
    error_ = packed_.trouble();
  else if (state_ == CodecState::within)
    failed(fmt::format("compressed stream ({}) ends early, at byte {}", compression_.name, packed_.offset()));
}

void Unpacker::failed(std::string text) { error_ = packed_.failure(std::move(text)).error; }

}  // namespace espdump::capture
