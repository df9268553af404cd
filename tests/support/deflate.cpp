// Deflates for tests.
#include "support/deflate.hpp"

#include <zlib.h>

#include <stdexcept>

namespace espdump::test {

Octets deflated(const Octets& bytes, int window, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot deflate so");
  Octets in = bytes, out(deflateBound(&stream, in.size()) + 64);
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
  return out;
}

}  // namespace espdump::test
