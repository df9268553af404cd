// Gives authentic ESP packets another sequence number, and stays authentic (RFC 4303 sections 2.2 and 3.3).
#include "crypto/esp_renumber.hpp"

#include <algorithm>
#include <utility>

#include "crypto/wiped.hpp"

namespace espdump {
namespace {

constexpr std::size_t header_size = 8, sequence_offset = 4;

std::uint32_t high_half(std::uint64_t number) { return static_cast<std::uint32_t>(number >> 32); }

}  // namespace

Result<EspRenumber> EspRenumber::make(const SecurityAssociation& sa) {
  auto transform = EspTransform::make(sa);
  if (!transform) return Unexpected{transform.error()};
  if (!transform->has_integrity()) return fail("the SA has no integrity");
  if (!transform->can_verify()) return fail(transform->shortcoming());
  EspRenumber out{std::move(*transform), sa.esn};
  if (sa.is_aead()) {
    auto aead = Aead::make(sa.encryption, openssl::Direction::encrypt);
    if (!aead) return Unexpected{aead.error()};
    out.aead_ = std::move(*aead);
    return out;
  }
  auto mac = Mac::make(sa.integrity);
  if (!mac) return Unexpected{mac.error()};
  out.mac_ = std::move(*mac);
  return out;
}

std::optional<std::vector<std::uint8_t>> EspRenumber::renumber(Bytes esp, std::uint64_t from, std::uint64_t to) {
  const auto old = transform_.split(esp);
  if (!old) return std::nullopt;
  std::vector<std::uint8_t> out(esp.begin(), esp.end());
  write_u32(out, sequence_offset, static_cast<std::uint32_t>(to));
  // The low half of what changed stands in the second word of an IV of eight bytes.
  if (aead_ && transform_.iv_size() == Aead::iv_size) {
    write_u32(out, header_size, read_u32(out, header_size) ^ high_half(from ^ to));
    write_u32(out, header_size + 4, read_u32(out, header_size + 4) ^ static_cast<std::uint32_t>(from ^ to));
  }
  const bool good = aead_ ? seal_anew(esp, *old, high_half(from), high_half(to), out)
                          : transform_.verify(*old, high_half(from)) == EspTransform::Outcome::verified &&
                                sign_anew(*transform_.split(out), high_half(to), out);
  return good ? std::optional{std::move(out)} : std::nullopt;
}

bool EspRenumber::seal_anew(Bytes esp, const EspParts& parts, std::uint32_t high, std::uint32_t new_high,
                            MutableBytes out) {
  Wiped plaintext{parts.ciphertext.size()};
  if (transform_.open(parts, high, plaintext.bytes()) != EspTransform::Outcome::verified) return false;
  EspTransform::Derived derived{};
  const SealedBody body = transform_.sealed(*transform_.split(out), new_high, derived);
  const auto at = static_cast<std::size_t>(parts.ciphertext.data() - esp.data());
  return aead_->seal(body, plaintext.bytes(), out.subspan(at, parts.ciphertext.size()),
                     out.last(transform_.icv_size()));
}

bool EspRenumber::sign_anew(const EspParts& parts, std::uint32_t new_high, MutableBytes out) {
  std::array<std::uint8_t, 4> high{};
  write_u32(high, 0, new_high);
  Mac::Value value{};
  if (!mac_->compute(parts.covered, esn_ ? Bytes{high} : Bytes{}, value)) return false;
  std::copy_n(value.begin(), transform_.icv_size(), out.last(transform_.icv_size()).begin());
  return true;
}

}  // namespace espdump
