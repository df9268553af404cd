// A reader does not own its bytes, so it is not made of a vector about to die.
#include <espdump/bytes.hpp>

std::vector<std::uint8_t> make();

std::uint8_t use() {
#ifdef GOOD
  const auto bytes = make();
  espdump::ByteReader reader{espdump::Bytes{bytes}};
#else
  espdump::ByteReader reader{make()};
#endif
  return reader.u8();
}
