// What stands in for ipsec_mb.cpp in builds without libipsec-mb.
#include "crypto/ipsec_mb.hpp"

namespace espdump::ipsec_mb {

Status usable() {
  return fail(
      "libipsec-mb is not available: this build has none; build espdump again, for x86-64, with libipsec-mb-dev "
      "installed");
}

std::unique_ptr<AeadKey> keyed_aead(Primitive, Bytes) { return nullptr; }

std::unique_ptr<CbcKey> keyed_cbc(Primitive, Bytes) { return nullptr; }

std::string version() { return {}; }

}  // namespace espdump::ipsec_mb
