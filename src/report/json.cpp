// JSON lines, one object each; docs/output.md is the contract.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <espdump/report.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/format.h>

#include <utility>

#include "report/packet_view.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

class Json {
 public:
  Json& key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
  }
  // Paths may be any bytes; JSON is UTF-8.
  void text(std::string_view value) {
    const std::string clean = valid_utf8(value);
    writer_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }
  void number(std::uint64_t value) { writer_.Uint64(value); }
  void boolean(bool value) { writer_.Bool(value); }
  void begin() { writer_.StartObject(); }
  void end() { writer_.EndObject(); }
  void begin_list() { writer_.StartArray(); }
  void end_list() { writer_.EndArray(); }

  void text(std::string_view name, std::string_view value) { key(name).text(value); }
  void number(std::string_view name, std::uint64_t value) { key(name).number(value); }
  void boolean(std::string_view name, bool value) { key(name).boolean(value); }

  void start_line(std::string_view type) {
    buffer_.Clear();
    writer_.Reset(buffer_);
    begin();
    text("type", type);
  }
  void end_line(Output& output) {
    end();
    output.write({buffer_.GetString(), buffer_.GetSize()});
    output.write("\n");
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

std::string spi_text(std::uint32_t spi) { return fmt::format("0x{:08x}", spi); }

class JsonReporter final : public Reporter {
 public:
  JsonReporter(Output& output, bool quiet, std::vector<std::string> files)
      : output_(output), quiet_(quiet), files_(std::move(files)) {}

  void packet(const Packet& packet) override {
    if (quiet_) return;
    json_.start_line("packet");
    json_.number("frame", packet.frame);
    if (files_.size() > 1) json_.text("file", files_[packet.file]);
    json_.text("time", packet.time.to_string());
    json_.number("length", packet.wire_length);
    if (const auto outer = outer_endpoints(packet)) {
      json_.text("src", outer->source.to_string());
      json_.text("dst", outer->destination.to_string());
    }
    json_.key("layers").begin_list();
    for (const Layer& layer : packet.layers())
      if (!layer.quoted) json_.text(layer.protocol->name);
    json_.end_list();
    ipsec(packet);
    inner(packet);
    ike(packet);
    codes(packet);
    json_.end_line(output_);
  }

  void finding(const Finding& finding) override {
    json_.start_line("finding");
    json_.text("code", finding.info->code);
    json_.text("severity", to_string(finding.info->severity));
    if (finding.frame != 0) json_.number("frame", finding.frame);
    if (finding.frame != 0 && files_.size() > 1) json_.text("file", files_[finding.file]);
    if (finding.sa != 0) json_.number("sa", finding.sa);
    json_.text("message", finding.message);
    json_.text("remedy", finding.remedy.empty() ? finding.info->remedy : std::string_view{finding.remedy});
    json_.end_line(output_);
  }

  void end(const Decoder& decoder, const std::vector<Conclusion>&, const FindingLog& log,
           const Summary& summary) override {
    const std::vector<SaStatistics> seen = decoder.statistics();
    for (const SaStatistics& sa : seen) association(sa);
    unused(decoder, seen);
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
    json_.end_line(output_);
  }

 private:
  void ipsec(const Packet& packet) {
    if (packet.ipsec().empty()) return;
    json_.key("ipsec").begin_list();
    for (const OpenRecord& record : packet.ipsec()) {
      json_.begin();
      json_.text("protocol", to_string(record.protocol));
      json_.text("src", record.source.to_string());
      json_.text("dst", record.destination.to_string());
      json_.text("spi", spi_text(record.spi));
      json_.number("seq", record.sequence);
      if (record.sa != 0) json_.number("sa", record.sa);
      json_.text("icv", to_string(record.icv));
      json_.boolean("decrypted", record.decrypted);
      if (record.encapsulation != Encapsulation::none)
        json_.text("encapsulation", record.encapsulation == Encapsulation::udp ? "udp" : "tcp");
      if (record.next_header) json_.number("next_header", *record.next_header);
      json_.end();
    }
    json_.end_list();
  }

  void inner(const Packet& packet) {
    const auto inner = inner_endpoints(packet);
    if (!inner) return;
    json_.key("inner").begin();
    json_.text("src", inner->source.to_string());
    json_.text("dst", inner->destination.to_string());
    json_.text("protocol", inner->protocol);
    json_.number("length", inner->length);
    if (inner->source_port) json_.number("sport", *inner->source_port);
    if (inner->destination_port) json_.number("dport", *inner->destination_port);
    json_.end();
  }

  void ike(const Packet& packet) {
    const auto message = packet.find<wire::Ikev2>();
    if (!message) return;
    json_.key("ike").begin();
    json_.text("initiator_spi", fmt::format("{:016x}", message->initiator_spi()));
    json_.text("responder_spi", fmt::format("{:016x}", message->responder_spi()));
    const std::string_view name = wire::ike_exchange_name(message->major_version(), message->exchange());
    json_.text("exchange", name.empty() ? fmt::format("{}", message->exchange()) : std::string{name});
    json_.number("message_id", message->message_id());
    json_.boolean("response", message->is_response());
    json_.boolean("decrypted", false);
    json_.end();
  }

  void codes(const Packet& packet) {
    json_.key("findings").begin_list();
    for (const Finding& finding : packet.findings()) json_.text(finding.info->code);
    json_.end_list();
  }

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

  void association(const SaStatistics& sa) {
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
    json_.end_line(output_);
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
      json_.end_line(output_);
    }
  }

  Output& output_;
  bool quiet_;
  std::vector<std::string> files_;
  Json json_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Output& output, bool quiet, std::vector<std::string> files) {
  return std::make_unique<JsonReporter>(output, quiet, std::move(files));
}

}  // namespace espdump
