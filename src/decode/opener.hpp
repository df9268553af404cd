// What the receive path asks of an SA, be it of ESP or of AH: do the sizes fit, is it authentic, what is inside.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

#include "crypto/ah_verify.hpp"
#include "crypto/esp_open.hpp"

namespace espdump {

struct Tape;

// One packet as it is opened: of ESP or AH as the SA is.
struct SealedPacket {
  Bytes bytes;            // from the SPI (ESP) or the next header (AH) to the end, as far as captured
  AhDatagram datagram{};  // AH: what its ICV is made of; empty where that cannot be
};

// The transform of one SA. Not for two threads at once.
class Opener {
 public:
  using Outcome = EspTransform::Outcome;

  // The one that the SA's protocol asks for. Error: algorithm not available, key unusable.
  static Result<std::unique_ptr<Opener>> make(const SecurityAssociation& sa,
                                              CryptoBackend backend = CryptoBackend::openssl);
  virtual ~Opener() = default;
  Opener() = default;
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

  // Its packets carry an ICV; the second: and its key is there.
  [[nodiscard]] virtual bool has_integrity() const = 0;
  [[nodiscard]] virtual bool can_verify() const = 0;
  // What it carries can be taken out, as far as keys are concerned.
  [[nodiscard]] virtual bool can_open() const = 0;
  // Which of the two cannot be done, and why; empty where that is nothing.
  [[nodiscard]] virtual std::string shortcoming() const = 0;
  // Takes packets of an SA without integrity to end in so many bytes of an ICV, which nobody can verify; 0: as said.
  virtual void assume_icv(std::size_t size) = 0;
  // Contents come out of a cipher: with a wrong key they are noise, unless the ICV covers them as they are.
  [[nodiscard]] virtual bool decrypts() const = 0;
  [[nodiscard]] virtual bool has_authentic_contents() const = 0;

  // How many bytes open() yields; nothing where the packet's sizes are none of this SA's.
  [[nodiscard]] virtual std::optional<std::size_t> plaintext_size(const SealedPacket& packet) const = 0;
  // What is wrong with them then.
  [[nodiscard]] virtual std::string wrong_size(const SealedPacket& packet) const = 0;
  // Whether a Linux receiver gets as far as computing an ICV.
  [[nodiscard]] virtual bool reaches_icv(const SealedPacket& packet) const = 0;

  // The IV of a cipher whose security ends where an IV comes twice under one key; empty where it is implicit (RFC
  // 8750). Nothing for other ciphers.
  [[nodiscard]] virtual std::optional<Bytes> counter_iv(const SealedPacket& packet) const = 0;

  // Both for packets whose sizes are right; open() wants can_open(). `out` has the size of the plaintext and is all
  // zeros on bad_icv.
  virtual Outcome verify(const SealedPacket& packet, std::uint32_t seq_high) = 0;
  virtual Outcome open(const SealedPacket& packet, std::uint32_t seq_high, MutableBytes out) = 0;
  // The runs of bytes that belong to ESP or AH itself, in which damage can be repaired by trying.
  struct Field {
    std::string_view name;
    std::size_t offset = 0, size = 0;  // from the first byte of ESP or AH
  };
  [[nodiscard]] virtual std::vector<Field> own_fields(const SealedPacket& packet) const = 0;

  // Asks for the key, before a packet is opened.
  virtual void expect() const noexcept {}

  // What an opened packet carries; nothing where its trailer is impossible.
  [[nodiscard]] virtual std::optional<EspTrailer> contents(const SealedPacket& packet, Bytes plaintext) const = 0;
};

// Those of a run: one for each SA, however many flows may be of it. An SA without integrity has one in each flow, which
// may learn from its packets that they end in an ICV.
class Openers {
 public:
  // The tape must outlive it.
  Openers(CryptoBackend backend, const Tape& tape) : backend_(backend), tape_(tape) {}
  // Error: as make().
  Result<std::shared_ptr<Opener>> of(const SecurityAssociation& sa);

 private:
  CryptoBackend backend_;
  const Tape& tape_;
  std::unordered_map<const SecurityAssociation*, std::shared_ptr<Opener>> shared_;
};

}  // namespace espdump
