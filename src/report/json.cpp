// JSON lines, one object each; docs/output.md is the contract.
#include <espdump/report.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "analysis/ike_lives.hpp"
#include "analysis/path_mtu.hpp"
#include "report/ike_view.hpp"
#include "report/json_line.hpp"
#include "report/json_packets.hpp"
#include "report/kernel_section.hpp"
#include "report/path_json.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

std::string spi_text(std::uint32_t spi) { return fmt::format("0x{:08x}", spi); }

class JsonReporter final : public Reporter {
 public:
  JsonReporter(Output& output, bool quiet, std::vector<std::string> files)
      : output_(output), quiet_(quiet), files_(std::move(files)) {}

  void packet(const Packet& packet) override {
    own_.packet(packet);
    own_.print(output_);
  }
  void finding(const Finding& finding) override {
    own_.finding(finding);
    own_.print(output_);
  }

  void expect(const Packet&) override {}
  [[nodiscard]] std::unique_ptr<Renderer> renderer() const override {
    return std::make_unique<JsonRenderer>(quiet_, files_);
  }
  void print(Renderer& rendered) override { static_cast<JsonRenderer&>(rendered).print(output_); }

  void end(const Decoder& decoder, const std::vector<Conclusion>&, const FindingLog& log,
           const Summary& summary) override {
    const std::vector<SaStatistics> seen = decoder.statistics();
    const PathMtus mtus{summary.paths, decoder};
    for (const SaStatistics& sa : seen) association(sa, summary.paths, mtus);
    unused(decoder, seen);
    const std::vector<const IkeSa*> ike_sas = decoder.ike_sas();
    for (const IkeSa* sa : ike_sas) ike_sa(*sa, ike_sas, seen);
    if (summary.kernel_stats)
      write_kernel_check(check_kernel(*summary.kernel_stats, seen, decoder.untracked_packets()), json_, output_);
    json_.start_line("summary");
    json_.key("files").begin_list();
    for (const std::string& file : summary.files) json_.text(file);
    json_.end_list();
    json_.number("frames", summary.frames);
    json_.number("esp", summary.esp);
    json_.number("ah", summary.ah);
    json_.number("ike", summary.ike);
    json_.number("decrypted", summary.decrypted);
    json_.key("findings").begin();
    for (const auto& [code, count] : log.counts()) json_.number(code, count);
    json_.end();
    json_.boolean("truncated", summary.truncated);
    output_.write(json_.end_line());
  }

 private:
  void suite(const SecurityAssociation& sa, SaMode mode) {
    json_.text("mode", to_string(mode));
    if (sa.encryption.info != nullptr) json_.text("encryption", sa.encryption.info->xfrm);
    const AlgorithmUse& checked = sa.is_aead() ? sa.encryption : sa.integrity;
    if (sa.integrity.info != nullptr) json_.text("integrity", sa.integrity.info->xfrm);
    if (checked.info != nullptr) json_.number("icv_bits", checked.icv_bits);
  }

  void identity(const IpAddress& source, const IpAddress& destination, std::uint32_t spi, IpsecProtocol protocol) {
    json_.text("src", source.to_string());
    json_.text("dst", destination.to_string());
    json_.text("spi", spi_text(spi));
    json_.text("protocol", to_string(protocol));
  }

  void association(const SaStatistics& sa, const PathFacts& paths, const PathMtus& mtus) {
    json_.start_line("sa");
    json_.number("id", sa.number);
    identity(sa.source, sa.destination, sa.spi, sa.protocol);
    if (sa.association != nullptr) suite(*sa.association, sa.mode);
    if (sa.encapsulation != Encapsulation::none)
      json_.text("encapsulation", sa.encapsulation == Encapsulation::udp ? "udp" : "tcp");
    json_.boolean("known", sa.association != nullptr);
    if (sa.association != nullptr) {
      json_.boolean("esn", sa.association->esn);
      json_.number("replay_window", sa.association->replay_window);
    }
    if (sa.nat) json_.boolean("nat", true);
    if (!sa.key_error.empty()) json_.text("problem", sa.key_error);
    counts(sa);
    write_paths(sa.number, paths, mtus, files_, json_);
    output_.write(json_.end_line());
  }

  void counts(const SaStatistics& sa) {
    json_.number("packets", sa.packets);
    json_.number("bytes", sa.bytes);
    json_.number("decrypted", sa.decrypted);
    if (sa.dummies != 0) json_.number("dummies", sa.dummies);
    json_.number("icv_ok", sa.icv_ok);
    json_.number("icv_bad", sa.icv_bad);
    json_.number("unchecked", sa.packets - sa.icv_ok - sa.icv_bad - sa.unauthenticated);
    json_.number("replayed", sa.replayed);
    json_.number("stale", sa.stale);
    json_.number("lost", sa.lost);
    json_.number("reordered", sa.reordered);
    json_.number("capture_duplicates", sa.capture_duplicates);
    json_.number("first_frame", sa.first_frame);
    json_.number("last_frame", sa.last_frame);
    if (sa.first_sequence) json_.number("first_seq", *sa.first_sequence);
    if (sa.last_sequence) json_.number("last_seq", *sa.last_sequence);
    json_.key("kernel").begin();
    json_.number("replay_window", sa.kernel.replay_window);
    json_.number("replay", sa.kernel.replay);
    json_.number("failed", sa.kernel.failed);
    json_.end();
  }

  // Loaded SAs that no packet used.
  void unused(const Decoder& decoder, const std::vector<SaStatistics>& seen) {
    const auto loaded = decoder.keystore().associations();
    std::vector<bool> used(loaded.size());
    for (const SaStatistics& sa : seen)
      if (const auto* one = sa.association != nullptr ? decoder.loaded(*sa.association) : nullptr; one != nullptr)
        used[static_cast<std::size_t>(one - loaded.data())] = true;
    std::uint64_t number = seen.size();
    for (std::size_t index = 0; index < loaded.size(); ++index) {
      if (used[index]) continue;
      const SecurityAssociation& sa = loaded[index];
      json_.start_line("sa");
      json_.number("id", ++number);
      identity(sa.source, sa.destination, sa.spi, sa.protocol);
      suite(sa, sa.mode);
      if (sa.encapsulation != Encapsulation::none)
        json_.text("encapsulation", sa.encapsulation == Encapsulation::udp ? "udp" : "tcp");
      json_.boolean("known", true);
      json_.boolean("esn", sa.esn);
      json_.number("replay_window", sa.replay_window);
      json_.number("packets", 0);
      json_.number("bytes", 0);
      output_.write(json_.end_line());
    }
  }

  void requests(std::string_view name, const IkeRequests& requests) {
    json_.key(name).begin();
    json_.number("count", requests.count);
    json_.number("answered", requests.answered);
    json_.number("sent_again", requests.sent_again);
    if (requests.count != 0) json_.number("last_message_id", requests.last_id);
    json_.number("missing", requests.missing);
    json_.number("window", requests.window);
    json_.number("at_once", requests.at_once);
    json_.end();
  }

  void ike_sa(const IkeSa& sa, const std::vector<const IkeSa*>& all, const std::vector<SaStatistics>& seen) {
    json_.start_line("ike_sa");
    json_.number("id", sa.number);
    json_.text("name", ike_sa_name(sa.number));
    json_.text("initiator_spi", fmt::format("{:016x}", sa.initiator_spi));
    json_.text("responder_spi", fmt::format("{:016x}", sa.responder_spi));
    json_.number("version", sa.major_version);
    json_.text("initiator", sa.initiator.to_string());
    json_.text("responder", sa.responder.to_string());
    json_.number("initiator_port", sa.initiator_port);
    json_.number("responder_port", sa.responder_port);
    json_.text("state", to_string(sa.state));
    json_.boolean("decrypted", sa.has_keys);
    if (!sa.chosen.transforms.empty()) json_.text("proposal", chosen_text(sa.chosen));
    if (sa.nat.checked) {
      json_.key("nat").begin();
      json_.boolean("initiator", sa.nat.initiator);
      json_.boolean("responder", sa.nat.responder);
      json_.end();
    }
    if (sa.initiator_id) json_.text("initiator_id", *sa.initiator_id);
    if (sa.responder_id) json_.text("responder_id", *sa.responder_id);
    if (sa.rekeyed_from != 0) json_.number("rekeyed_from", sa.rekeyed_from);
    if (sa.rekeyed_to != 0) json_.number("rekeyed_to", sa.rekeyed_to);
    if (sa.collided_with != 0) json_.number("collided_with", sa.collided_with);
    if (const IkeSa* twin = twin_of(sa, all)) json_.number("duplicate_of", twin->number);
    if (const std::uint32_t lifetime = auth_lifetime(sa); lifetime != 0) json_.number("auth_lifetime", lifetime);
    json_.number("messages", sa.messages);
    json_.number("retransmissions", sa.retransmissions);
    json_.number("first_frame", sa.first_frame);
    json_.number("last_frame", sa.last_frame);
    if (sa.major_version == 2) {
      requests("initiator_requests", sa.by_initiator);
      requests("responder_requests", sa.by_responder);
    }
    json_.key("children").begin_list();
    for (const IkeChild& child : sa.children) ike_child(child, seen);
    json_.end_list();
    output_.write(json_.end_line());
  }

  void ike_child(const IkeChild& child, const std::vector<SaStatistics>& seen) {
    json_.begin();
    json_.text("protocol", child.protocol == wire::ike_protocol::ah ? "ah" : "esp");
    json_.text("initiator", child.initiator.to_string());
    json_.text("responder", child.responder.to_string());
    json_.text("initiator_spi", spi_text(child.initiator_spi));
    json_.text("responder_spi", spi_text(child.responder_spi));
    json_.text("mode", to_string(child.mode));
    if (child.asked_mode != child.mode) json_.text("mode_asked", to_string(child.asked_mode));
    json_.text("proposal", chosen_text(child.chosen));
    selectors("initiator_ts", child.initiator_selectors);
    selectors("responder_ts", child.responder_selectors);
    if (child.narrowed()) {
      selectors("initiator_ts_asked", child.asked_initiator_selectors);
      selectors("responder_ts_asked", child.asked_responder_selectors);
    }
    json_.boolean("esn", child.esn);
    json_.boolean("pfs", child.pfs);
    json_.boolean("derived", child.derived);
    if (child.in_udp) json_.text("encapsulation", "udp");
    if (child.rekeys != 0) json_.text("rekeys", spi_text(child.rekeys));
    if (child.collided) json_.boolean("collided", true);
    json_.number("made_frame", child.made_frame);
    json_.text("made", child.made.to_string());
    if (child.end != IkeChildEnd::none) {
      json_.number("ended_frame", child.ended_frame);
      json_.text("ended", child.ended.to_string());
    }
    json_.key("sas").begin_list();
    for (const SaStatistics* sa : sas_of(child, seen)) json_.number(sa->number);
    json_.end_list();
    json_.end();
  }

  void selectors(std::string_view name, const std::vector<wire::TrafficSelector>& list) {
    json_.key(name).begin_list();
    for (const wire::TrafficSelector& selector : list) json_.text(wire::to_string(selector));
    json_.end_list();
  }

  Output& output_;
  bool quiet_;
  std::vector<std::string> files_;
  JsonLine json_;
  JsonRenderer own_{quiet_, files_};
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Output& output, bool quiet, std::vector<std::string> files) {
  return std::make_unique<JsonReporter>(output, quiet, std::move(files));
}

}  // namespace espdump
