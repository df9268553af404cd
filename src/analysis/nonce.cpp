// nonce.reuse: one key and IV for two different packets, in one SA or across SAs that share the key
// (RFC 3686 section 2.2, RFC 4106 section 2, RFC 7634 section 2).
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <vector>

#include "analysis/analyzers.hpp"
#include "base/bucket_table.hpp"

namespace espdump {
namespace {

// Where a nonce was met.
struct Meeting {
  std::uint64_t nonce = 0;   // keyed hash of key and IV
  std::uint64_t packet = 0;  // digest of the packet that had it
  FrameNumber frame = 0;
  SaNumber sa = 0;
  std::uint16_t file = 0;
};

class NonceAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder&, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.nonce == 0) continue;
      const Meeting* before = seen_.find(record.nonce);
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
  void add(const Packet& packet, const OpenRecord& record, const Meeting& before, Findings& out) {
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

  BucketTable<Meeting, &Meeting::nonce, 64, 1U << 20> seen_;
  FrameList frames_;
  std::vector<SaNumber> sas_;
  bool across_sas_ = false;
};

}  // namespace

std::unique_ptr<Analyzer> make_nonce_analyzer() { return std::make_unique<NonceAnalyzer>(); }

}  // namespace espdump
