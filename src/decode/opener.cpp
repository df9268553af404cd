// The two kinds of opener: ESP takes a packet from its cipher, AH leaves it where it stands.
#include "decode/opener.hpp"

#include <espdump/wire/ah.hpp>

#include <utility>

#include "decode/taped_opener.hpp"

namespace espdump {
namespace {

bool is_counter_mode(const SecurityAssociation& sa) {
  return sa.is_aead() || (sa.encryption.info != nullptr && sa.encryption.info->primitive == Primitive::aes_ctr);
}

class EspOpener final : public Opener {
 public:
  EspOpener(EspTransform transform, bool counter_mode)
      : transform_(std::move(transform)), counter_mode_(counter_mode) {}

  [[nodiscard]] bool has_integrity() const override { return transform_.has_integrity(); }
  [[nodiscard]] bool can_verify() const override { return transform_.can_verify(); }
  [[nodiscard]] bool can_open() const override { return transform_.can_decrypt(); }
  [[nodiscard]] std::string shortcoming() const override { return transform_.shortcoming(); }
  void assume_icv(std::size_t size) override { transform_.assume_icv(size); }
  [[nodiscard]] bool decrypts() const override { return true; }
  [[nodiscard]] bool has_authentic_contents() const override { return transform_.is_aead(); }

  [[nodiscard]] std::optional<std::size_t> plaintext_size(const SealedPacket& packet) const override {
    return transform_.body_size(packet.bytes);
  }

  [[nodiscard]] std::string wrong_size(const SealedPacket& packet) const override {
    const std::size_t size = packet.bytes.size();
    std::string out = std::to_string(size) + " bytes of ESP";
    if (size < transform_.minimum_size())
      out += ", but this SA's packets have at least " + std::to_string(transform_.minimum_size());
    else
      out += " do not hold whole blocks of " + std::to_string(transform_.block_size()) + " bytes";
    if (!transform_.has_integrity())
      out += "; the key file gives the SA no integrity algorithm, and packets that carry an ICV look so";
    return out;
  }

  [[nodiscard]] bool reaches_icv(const SealedPacket& packet) const override {
    return packet.bytes.size() >= header_size + transform_.iv_size() + transform_.icv_size();
  }
  [[nodiscard]] std::optional<Bytes> counter_iv(const SealedPacket& packet) const override {
    return counter_mode_ ? std::optional{packet.bytes.subspan(header_size, transform_.iv_size())} : std::nullopt;
  }

  [[nodiscard]] std::vector<Field> own_fields(const SealedPacket& packet) const override {
    const std::size_t icv = transform_.icv_size();
    return {
        {"sequence number", 4, 4}, {"IV", header_size, transform_.iv_size()}, {"ICV", packet.bytes.size() - icv, icv}};
  }

  Outcome verify(const SealedPacket& packet, std::uint32_t seq_high) override {
    const auto parts = transform_.split(packet.bytes);
    return parts ? transform_.verify(*parts, seq_high) : Outcome::bad_icv;
  }
  Outcome open(const SealedPacket& packet, std::uint32_t seq_high, MutableBytes out) override {
    const auto parts = transform_.split(packet.bytes);
    return parts ? transform_.open(*parts, seq_high, out) : Outcome::bad_icv;
  }
  void expect() const noexcept override { transform_.expect(); }
  [[nodiscard]] std::optional<EspTrailer> contents(const SealedPacket&, Bytes plaintext) const override {
    return read_trailer(plaintext);
  }

 private:
  static constexpr std::size_t header_size = 8;  // SPI and sequence number

  EspTransform transform_;
  bool counter_mode_;
};

class AhOpener final : public Opener {
 public:
  explicit AhOpener(AhTransform transform) : transform_(std::move(transform)) {}

  [[nodiscard]] bool has_integrity() const override { return true; }
  [[nodiscard]] bool can_verify() const override { return true; }
  [[nodiscard]] bool can_open() const override { return true; }
  [[nodiscard]] std::string shortcoming() const override { return {}; }
  void assume_icv(std::size_t) override {}  // it has one always
  [[nodiscard]] bool decrypts() const override { return false; }
  [[nodiscard]] bool has_authentic_contents() const override { return true; }

  [[nodiscard]] std::optional<std::size_t> plaintext_size(const SealedPacket& packet) const override {
    return !packet.datagram.bytes.empty() && transform_.fits(header_length(packet)) ? std::optional<std::size_t>{0}
                                                                                    : std::nullopt;
  }

  [[nodiscard]] std::string wrong_size(const SealedPacket& packet) const override {
    const std::string length = "an AH header of " + std::to_string(header_length(packet)) + " bytes";
    if (!plaintext_size(packet))
      return length + ", which is no length for this SA's ICV of " + std::to_string(transform_.icv_size());
    const bool under_ipv6 = is_under_ipv6(packet);
    const std::size_t wanted = transform_.linux_length(under_ipv6);
    return length + "; a Linux receiver with this SA drops it, as it wants " + std::to_string(wanted) +
           (under_ipv6                       ? ", a multiple of 8 under IPv6"
            : wanted > header_length(packet) ? ": it lacks `flag align4`, which the sender has"
                                             : ": it has `flag align4`, which the sender lacks");
  }

  [[nodiscard]] bool reaches_icv(const SealedPacket& packet) const override {
    return !packet.datagram.bytes.empty() && transform_.suits_linux(header_length(packet), is_under_ipv6(packet));
  }
  [[nodiscard]] std::optional<Bytes> counter_iv(const SealedPacket&) const override { return std::nullopt; }

  [[nodiscard]] std::vector<Field> own_fields(const SealedPacket&) const override {
    return {{"sequence number", wire::Ah::sequence_offset, 4}, {"ICV", wire::Ah::icv_offset, transform_.icv_size()}};
  }

  Outcome verify(const SealedPacket& packet, std::uint32_t seq_high) override {
    return transform_.verify(packet.datagram, seq_high) ? Outcome::verified : Outcome::bad_icv;
  }
  Outcome open(const SealedPacket& packet, std::uint32_t seq_high, MutableBytes) override {
    return verify(packet, seq_high);
  }
  [[nodiscard]] std::optional<EspTrailer> contents(const SealedPacket& packet, Bytes) const override {
    const auto ah = wire::Ah::over(packet.bytes);
    return EspTrailer{packet.bytes.subspan(ah.length()), 0, ah.next_header()};
  }

 private:
  static std::size_t header_length(const SealedPacket& packet) { return wire::Ah::over(packet.bytes).length(); }
  static bool is_under_ipv6(const SealedPacket& packet) { return packet.datagram.bytes[0] >> 4 == 6; }

  AhTransform transform_;
};

}  // namespace

Result<std::unique_ptr<Opener>> Opener::make(const SecurityAssociation& sa, CryptoBackend backend) {
  if (sa.protocol == IpsecProtocol::ah) {
    auto transform = AhTransform::make(sa);
    if (!transform) return Unexpected{transform.error()};
    return std::unique_ptr<Opener>{std::make_unique<AhOpener>(std::move(*transform))};
  }
  auto transform = EspTransform::make(sa, backend);
  if (!transform) return Unexpected{transform.error()};
  return std::unique_ptr<Opener>{std::make_unique<EspOpener>(std::move(*transform), is_counter_mode(sa))};
}

Result<std::shared_ptr<Opener>> Openers::of(const SecurityAssociation& sa) {
  if (const auto known = shared_.find(&sa); known != shared_.end()) return known->second;
  auto made = Opener::make(sa, backend_);
  if (!made) return fail(made.error().text);
  std::shared_ptr<Opener> out = taped(std::move(*made), sa, tape_);
  if (out->has_integrity()) shared_.emplace(&sa, out);
  return out;
}

}  // namespace espdump
