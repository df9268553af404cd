// nonce.reuse: one key and IV for two different packets, in one SA or across SAs that share the key
// (RFC 3686 section 2.2, RFC 4106 section 2, RFC 7634 section 2).
#include <fmt/format.h>

#include <espdump/codes.hpp>

#include <vector>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

// Where a nonce was met. Remembers the latest 1,048,576 at most, fewer while there are fewer.
class NonceTable {
 public:
  struct Entry {
    std::uint64_t nonce = 0;   // keyed hash of key and IV; 0: an empty slot
    std::uint64_t packet = 0;  // digest of the packet that had it
    FrameNumber frame = 0;
    SaNumber sa = 0;
    std::uint16_t file = 0;
  };

  // The entry with that nonce, or null; valid until remember().
  [[nodiscard]] const Entry* find(std::uint64_t nonce) const noexcept {
    if (slots_.empty()) return nullptr;
    const Entry& slot = slots_[nonce % slots_.size()];
    return slot.nonce == nonce ? &slot : nullptr;
  }

  void remember(const Entry& entry) {
    if (slots_.size() < largest && remembered_ >= slots_.size() / 2) grow();
    ++remembered_;
    slots_[entry.nonce % slots_.size()] = entry;
  }

 private:
  static constexpr std::size_t smallest = 64, largest = 1U << 20;

  void grow() {
    std::vector<Entry> wider(slots_.empty() ? smallest : slots_.size() * 4);
    for (const Entry& old : slots_)
      if (old.nonce != 0) wider[old.nonce % wider.size()] = old;
    slots_ = std::move(wider);
  }

  std::vector<Entry> slots_;
  std::size_t remembered_ = 0;
};

class NonceAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder&, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.nonce == 0) continue;
      const NonceTable::Entry* before = seen_.find(record.nonce);
      if (before != nullptr && before->packet != record.digest) add(packet, record, *before, out);
      if (before == nullptr) seen_.remember({record.nonce, record.digest, packet.frame, record.sa, packet.file});
    }
  }

  void finish(const Decoder&, Findings&, std::vector<Conclusion>& conclusions) override {
    if (frames_.count() == 0) return;
    Conclusion out{&codes::nonce_reuse, sas_, {}, {}, {}};
    out.what = fmt::format("{}, {}", count_of(frames_.count(), "packet"), frames_.to_string());
    out.why = across_sas_ ? "The SAs share a key, and their senders use equal IVs under it."
                          : "The sender used IVs again under the same key, as after a restart that kept the key.";
    conclusions.push_back(std::move(out));
  }

 private:
  void add(const Packet& packet, const OpenRecord& record, const NonceTable::Entry& before, Findings& out) {
    frames_.add(packet.frame, packet.file);
    add_sa(sas_, before.sa);
    add_sa(sas_, record.sa);
    across_sas_ = across_sas_ || before.sa != record.sa;
    const std::string where = before.sa == record.sa ? std::string{} : fmt::format(" of #{}", before.sa);
    out.push_back(
        {&codes::nonce_reuse,
         packet.frame,
         packet.file,
         record.sa,
         fmt::format("the IV is that of frame {}{}, under the same key, for another packet", before.frame, where),
         {}});
  }

  NonceTable seen_;
  FrameList frames_;
  std::vector<SaNumber> sas_;
  bool across_sas_ = false;
};

}  // namespace

std::unique_ptr<Analyzer> make_nonce_analyzer() { return std::make_unique<NonceAnalyzer>(); }

}  // namespace espdump
