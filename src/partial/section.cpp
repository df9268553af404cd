#include "partial/section.hpp"

#include <zlib.h>

#include "base/file_digest.hpp"

namespace espdump::partial {
namespace {

void put_u32(Stream& out, std::uint32_t number) {
  out.resize(out.size() + 4);
  write_u32(out, out.size() - 4, number);
}
void put_u64(Stream& out, std::uint64_t number) {
  put_u32(out, static_cast<std::uint32_t>(number >> 32U));
  put_u32(out, static_cast<std::uint32_t>(number));
}

}  // namespace

void put_column(Stream& out, const Stream& column) {
  constexpr int level = 4;
  uLongf size = compressBound(static_cast<uLong>(column.size()));
  Stream packed(size);
  if (compress2(packed.data(), &size, column.data(), static_cast<uLong>(column.size()), level) != Z_OK) size = 0;
  put_number(out, column.size());
  put_number(out, size);
  out.insert(out.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
}

Stream compress(const std::array<Stream, columns>& streams) {
  Stream out;
  for (const Stream& column : streams) put_column(out, column);
  return out;
}

std::optional<std::array<Stream, columns>> decompress(Bytes payload) {
  std::array<Stream, columns> out;
  bool failed = false;
  Cursor cursor{payload, failed};
  std::uint64_t all = 0;
  for (Stream& column : out) {
    const std::uint64_t size = cursor.number(), packed = cursor.number();
    all += size;
    if (size > most_section || all > most_section) return std::nullopt;
    const Bytes bytes = cursor.take(static_cast<std::size_t>(packed));
    if (failed) return std::nullopt;
    column.resize(static_cast<std::size_t>(size));
    auto length = static_cast<uLongf>(size);
    const int result = uncompress(column.data(), &length, bytes.data(), static_cast<uLong>(bytes.size()));
    if (result != Z_OK || length != size) return std::nullopt;
  }
  return out;
}

void put_start(Stream& out) {
  out.insert(out.end(), magic.begin(), magic.end());
  put_u32(out, version);
}

void put_section(Stream& out, std::uint32_t type, const Stream& payload) {
  put_u32(out, type);
  put_u64(out, payload.size());
  put_u64(out, lasting_hash(payload));
  out.insert(out.end(), payload.begin(), payload.end());
}

}  // namespace espdump::partial
