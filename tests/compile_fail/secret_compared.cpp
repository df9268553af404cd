// Secrets are compared in constant time or not at all.
#include <espdump/secret.hpp>

bool use(const espdump::Secret& one, const espdump::Secret& two) {
#ifdef GOOD
  return same_secret(one, two);
#else
  return one == two;
#endif
}
