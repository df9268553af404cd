// nonce.reuse: one key and IV for two different packets, in one SA or across SAs that share the key, as decoding found.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <vector>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

class NonceAnalyzer final : public Analyzer {
 public:
  NonceAnalyzer() : Analyzer(signs::irregular) {}

  void on_packet(const Packet& packet, const Decoder&, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec())
      if (record.nonce_frame != 0) add(packet, record, out);
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
  void add(const Packet& packet, const OpenRecord& record, Findings& out) {
    frames_.add(packet.frame, packet.file);
    add_sa(sas_, record.nonce_sa);
    add_sa(sas_, record.sa);
    across_sas_ = across_sas_ || record.nonce_sa != record.sa;
    const std::string where = record.nonce_sa == record.sa ? std::string{} : fmt::format(" of #{}", record.nonce_sa);
    out.push_back(
        {&codes::nonce_reuse,
         packet.frame,
         packet.file,
         record.sa,
         fmt::format("the IV is that of frame {}{}, under the same key, for another packet", record.nonce_frame, where),
         {}});
  }

  FrameList frames_;
  std::vector<SaNumber> sas_;
  bool across_sas_ = false;
};

}  // namespace

std::unique_ptr<Analyzer> make_nonce_analyzer() { return std::make_unique<NonceAnalyzer>(); }

}  // namespace espdump
