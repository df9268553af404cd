#include "base/base64.hpp"

#include <sodium.h>

namespace espdump {

std::string base64(Bytes bytes) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
  out.pop_back();  // the zero behind it
  return out;
}

}  // namespace espdump
