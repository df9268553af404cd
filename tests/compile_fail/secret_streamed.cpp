// A Secret does not go into a stream.
#include <espdump/secret.hpp>

#include <ostream>

void use(std::ostream& out, const espdump::Secret& secret) {
#ifdef GOOD
  out << secret.size();
#else
  out << secret;
#endif
}
