// A Secret has no formatter.
#include <fmt/core.h>

#include <espdump/secret.hpp>

std::string use(const espdump::Secret& secret) {
#ifdef GOOD
  return fmt::format("{}", secret.size());
#else
  return fmt::format("{}", secret);
#endif
}
