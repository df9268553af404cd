// What a read that does not fit leaves behind.
#include <espdump/bytes.hpp>

namespace espdump {

void ByteReader::miss(std::size_t size) {
  if (shortfall_) return;
  const auto cause = size <= claimed_remaining() ? Shortfall::Cause::capture : Shortfall::Cause::packet;
  shortfall_ = Shortfall{offset_, size, cause == Shortfall::Cause::packet ? claimed_remaining() : remaining(), cause};
}

}  // namespace espdump
