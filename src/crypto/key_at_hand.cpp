// Whether a key file gives the key of an algorithm.
#include "crypto/key_at_hand.hpp"

namespace espdump {

Status key_at_hand(const AlgorithmUse& use) {
  if (use.state == KeyState::hidden && use.info == nullptr)
    return fail("the key file tells the length of the ICV, but neither its algorithm nor its key");
  if (use.state == KeyState::hidden)
    return fail("the key file hides the key; take `sudo ip xfrm state` again without `nokeys`");
  if (use.state == KeyState::unusable || use.info == nullptr)
    return fail("the key file has no usable key for it; the message about its line says why");
  return Nothing{};
}

}  // namespace espdump
