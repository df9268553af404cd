// The arena of all keys is never copied.
#include <espdump/secret.hpp>

#include <utility>

espdump::SecretArena use(espdump::SecretArena& arena) {
#ifdef GOOD
  return std::move(arena);
#else
  return arena;
#endif
}
