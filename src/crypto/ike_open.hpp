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
  // Of one generation of keys with the algorithms of `suite`, which go before those that the keys name. The secrets
  // must live as long. Error: algorithm not available, a key is missing or of a wrong length.
  static Result<IkeOpener> make(const IkeSuite& suite, const IkeKeys& keys);
  IkeOpener(IkeOpener&&) noexcept;
  IkeOpener& operator=(IkeOpener&&) noexcept;
  ~IkeOpener();

  // How many bytes open() writes; nothing where a body is too short or ends inside a block.
  [[nodiscard]] std::optional<std::size_t> plaintext_size(Bytes body) const noexcept;

  // Verifies and decrypts. `covered` is the message from its header up to `body` (the generic header of the payload,
  // and of SKF the fragment numbers, included); `body` is IV, ciphertext and ICV. `from_initiator`: flag I of the
  // header. Gives the payloads inside, without padding, as the front of `out`; nothing where the ICV does not verify,
  // `out` is then all zeros. `out` has the size that plaintext_size() says.
  std::optional<Bytes> open(bool from_initiator, Bytes covered, Bytes body, MutableBytes out) noexcept;

 private:
  struct State;
  explicit IkeOpener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace espdump
