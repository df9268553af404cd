#include "partial/section.hpp"

#include <zlib.h>

namespace espdump::partial {

Stream compress(const std::array<Stream, columns>& streams) {
  constexpr int level = 4;
  Stream out;
  for (const Stream& column : streams) {
    uLongf size = compressBound(static_cast<uLong>(column.size()));
    Stream packed(size);
    if (compress2(packed.data(), &size, column.data(), static_cast<uLong>(column.size()), level) != Z_OK) size = 0;
    put_number(out, column.size());
    put_number(out, size);
    out.insert(out.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
  }
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

}  // namespace espdump::partial
