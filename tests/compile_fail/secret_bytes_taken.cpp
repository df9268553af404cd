// A Secret does not turn into bytes by itself.
#include <espdump/secret.hpp>

espdump::Bytes use(const espdump::Secret& secret) {
#ifdef GOOD
  return reveal(secret);
#else
  return secret;
#endif
}
