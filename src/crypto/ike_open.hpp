// Opening the Encrypted (and Authenticated) payloads SK and SKF (RFC 7296 section 3.14, RFC 5282, RFC 7383).
// Not for two threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <espdump/bytes.hpp>
#include <espdump/ike_keys.hpp>
#include <espdump/result.hpp>

namespace espdump {

class IkeOpener {
 public:
  // Of one generation of keys with the algorithms of `suite`, or of the keys' own where it names no cipher and they do.
  // The secrets must live as long. One direction is enough; what it lacks, open() does not open. Error: algorithm not
  // available or not for IKE SAs, a cipher without integrity, a key of a wrong length, or no direction with its keys.
  static Result<IkeOpener> make(const IkeSuite& suite, const IkeKeys& keys);
  IkeOpener(IkeOpener&&) noexcept;
  IkeOpener& operator=(IkeOpener&&) noexcept;
  ~IkeOpener();

  [[nodiscard]] bool opens(bool from_initiator) const noexcept;

  // How many bytes open() writes; nothing where a body is too short or ends inside a block.
  [[nodiscard]] std::optional<std::size_t> plaintext_size(Bytes body) const noexcept;

  // Verifies and decrypts. `covered` is the message from its header up to `body` (the generic header of the payload,
  // and of SKF the fragment numbers, included); `body` is IV, ciphertext and ICV. `from_initiator`: flag I of the
  // header. Gives the payloads inside, without padding, as the front of `out`; nothing where the ICV does not verify,
  // `out` is then all zeros. `out` has the size that plaintext_size() says.
  // Its last byte is the length of the padding before it. Where a verified body has a length that does not fit, no
  // padding is taken off: what its peer made of it cannot be told, and no payload is to be lost. The result is then
  // one byte shorter than `out`, though out.back() is not 0.
  std::optional<Bytes> open(bool from_initiator, Bytes covered, Bytes body, MutableBytes out) noexcept;

 private:
  struct State;
  explicit IkeOpener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace espdump
