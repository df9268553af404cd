// The report on a gateway as JSON lines; docs/gateway.md is the contract.
#include <fmt/core.h>

#include <array>
#include <map>

#include <espdump/codes.hpp>

#include "report/gateway_report.hpp"
#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

class Writer {
 public:
  Writer(const GatewayView& view, Output& out) : view_(view), report_(view.report), out_(out) {}

  void run() {
    for (std::size_t index = 0; index < report_.violations.size(); ++index) finding(index);
    for (const GatewaySa& sa : report_.sas)
      if (sa.reordering.packets != 0) reordered(sa);
    for (const GatewaySa& sa : report_.sas)
      if (sa.packets != 0) association(sa);
    summary();
  }

 private:
  template <typename Fill>
  void line(std::string_view type, Fill fill) {
    json_.start_line(type);
    fill(json_);
    out_.write(json_.end_line());
  }

  [[nodiscard]] std::size_t captures(std::string_view side) const {
    std::size_t count = 0;
    for (const GatewayFile& file : view_.files) count += file.side == side ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::string_view name(std::string_view side, std::size_t which) const {
    for (const GatewayFile& file : view_.files)
      if (file.side == side && which-- == 0) return file.name;
    return {};
  }

  void place(JsonLine& json, std::string_view side, FrameNumber frame, std::uint16_t file) {
    json.number(std::string{side} + "_frame", frame);
    if (captures(side) > 1) json.text(std::string{side} + "_file", name(side, file));
  }
  void place_in(JsonLine& json, RecordIndex in) {
    const GatewayRecord& record = view_.ingress.records()[in];
    place(json, "ingress", record.frame, record.file);
  }
  void place_out(JsonLine& json, RecordIndex out) {
    const GatewayRecord& record = view_.egress.records()[out];
    place(json, "egress", record.frame, record.file);
  }

  void head(JsonLine& json, const FindingInfo& info) {
    json.text("code", info.code);
    json.text("severity", to_string(info.severity));
    ++counts_[info.code];
  }

  void finding(std::size_t index) {
    const GatewayViolation& it = report_.violations[index];
    line("finding", [&](JsonLine& json) {
      head(json, *it.info);
      if (it.in != no_record) place_in(json, it.in);
      if (it.fault == GatewayFault::plaintext) {
        const ClearPacket& clear = view_.egress.clear()[it.out];
        place(json, "egress", clear.frame, clear.file);
      } else if (it.fragment_frame != 0) {
        place(json, "egress", it.fragment_frame, it.fragment_file);
      } else if (it.out != no_record) {
        place_out(json, it.out);
      }
      packet(json, it);
      json.text("message", gateway_message(view_, index));
      json.text("remedy", it.info->remedy);
    });
  }

  void packet(JsonLine& json, const GatewayViolation& it) {
    const bool came = it.in != no_record;
    if (!came && it.fault == GatewayFault::plaintext) return;
    const GatewayRecord& record = came ? view_.ingress.records()[it.in] : view_.egress.records()[it.out];
    const GatewayFlow& flow = came ? view_.ingress.flow_of(it.in) : view_.egress.flow_of(it.out);
    if (record.ike) return;
    if (came && flow.sa != 0) json.number("sa", flow.sa);
    json.text("spi", fmt::format("0x{:08x}", flow.spi));
    json.number("seq", record.sequence);
    if (came) json.text("class", to_string(it.of));
    if (it.repeats != no_record) json.number("repeats_ingress_frame", view_.ingress.records()[it.repeats].frame);
  }

  void reordered(const GatewaySa& sa) {
    line("finding", [&](JsonLine& json) {
      head(json, codes::gateway_reordered);
      place_in(json, sa.reordering.in);
      place_out(json, sa.reordering.out);
      if (sa.number != 0) json.number("sa", sa.number);
      json.number("packets", sa.reordering.packets);
      json.number("places", sa.reordering.most_places);
      json.signed_number("nanoseconds", sa.reordering.most_time);
      json.text("message", fmt::format("packets overtaken: {}, by up to {} others", sa.reordering.packets,
                                       sa.reordering.most_places));
      json.text("remedy", codes::gateway_reordered.remedy);
    });
  }

  void latency(JsonLine& json, const GatewayLatency& it) {
    if (it.count == 0) return;
    json.key("latency_ns");
    json.begin();
    json.signed_number("min", it.least);
    json.signed_number("median", it.median);
    json.signed_number("p99", it.slow);
    json.signed_number("max", it.most);
    json.end();
  }

  void association(const GatewaySa& sa) {
    line("sa", [&](JsonLine& json) {
      const GatewayFlow& flow = view_.ingress.flows()[sa.flow];
      if (sa.number != 0) json.number("id", sa.number);
      json.text("src", flow.source.to_string());
      json.text("dst", flow.destination.to_string());
      json.text("spi", fmt::format("0x{:08x}", flow.spi));
      json.text("protocol", "esp");
      json.boolean("known", sa.association != nullptr);
      if (sa.association != nullptr) {
        json.text("suite", suite_name(*sa.association));
        json.boolean("esn", sa.association->esn);
        json.number("window", sa.window);
      }
      json.number("packets", sa.packets);
      json.number("verified", sa.verified);
      json.number("good", sa.classes[static_cast<std::size_t>(GatewayClass::good)]);
      json.number("forwarded", sa.forwarded);
      json.number("stopped", sa.stopped);
      json.number("leaked", sa.leaked);
      json.number("dropped", sa.dropped);
      json.number("open", sa.open);
      json.number("reordered", sa.reordering.packets);
      latency(json, sa.latency);
    });
  }

  void clock(JsonLine& json) {
    constexpr std::array<std::string_view, 4> bases{"none", "one", "two-way", "fastest"};
    const GatewayClock& it = report_.pairs.clock;
    json.key("clock");
    json.begin();
    json.text("basis", bases[static_cast<std::size_t>(it.basis)]);
    json.signed_number("offset_ns", it.shift);
    json.signed_number("uncertainty_ns", it.uncertainty);
    json.key("drift_ppm");
    json.real(it.drift * 1e6);
    json.end();
  }

  void exercised(JsonLine& json) {
    const std::vector<GatewaySample> samples = gateway_samples(report_);
    json.key("exercised");
    json.begin();
    for (const GatewaySample& sample : samples)
      if (sample.count != 0) json.number(sample.key, sample.count);
    json.end();
    json.key("no_evidence");
    json.begin_list();
    for (const GatewaySample& sample : samples)
      if (sample.count == 0) json.text(sample.key);
    json.end_list();
  }

  [[nodiscard]] std::uint64_t faults(GatewayFault fault) const {
    std::uint64_t count = 0;
    for (const GatewayViolation& it : report_.violations) count += it.fault == fault ? 1 : 0;
    return count;
  }

  void verdicts(JsonLine& json) {
    json.key("counts");
    json.begin();
    json.number("forwarded", report_.forwarded);
    json.number("stopped", report_.stopped);
    json.number("leaked", faults(GatewayFault::leaked) + faults(GatewayFault::leaked_fragment));
    json.number("dropped", faults(GatewayFault::dropped));
    json.number("modified", faults(GatewayFault::changed) + faults(GatewayFault::header_changed));
    json.number("duplicated", faults(GatewayFault::duplicated));
    json.number("injected", faults(GatewayFault::injected));
    json.number("plaintext", faults(GatewayFault::plaintext));
    json.number("reordered", report_.reordering.packets);
    json.number("verified", report_.verified);
    json.number("backward", report_.backward_in);
    json.number("ike", report_.ike_in);
    json.number("captured_twice", report_.pairs.twice_in + report_.pairs.twice_out);
    json.end();
    constexpr std::array<std::string_view, gateway_doubts> names{
        "no_key",  "unproven_key", "no_sa",        "cut",     "before_window", "outside",
        "silence", "not_captured", "capture_loss", "overlap", "checksum",      "too_large"};
    json.key("not_judged");
    json.begin();
    for (std::size_t i = 0; i < names.size(); ++i)
      if (report_.doubts[i] != 0) json.number(names[i], report_.doubts[i]);
    json.end();
  }

  void losses(JsonLine& json) {
    json.key("loss");
    json.begin();
    json.key("sizes");
    json.begin_list();
    for (const GatewayLoss::Size& size : report_.loss.sizes) {
      json.begin();
      json.number("from", size.least);
      json.number("to", size.most);
      json.number("packets", size.packets);
      json.number("dropped", size.dropped);
      json.end();
    }
    json.end_list();
    json.key("bursts");
    json.begin();
    for (const auto& [length, count] : report_.loss.bursts) json.number(std::to_string(length), count);
    json.end();
    json.end();
  }

  void texts(JsonLine& json, std::string_view name, const std::vector<std::string>& list) {
    json.key(name);
    json.begin_list();
    for (const std::string& one : list) json.text(one);
    json.end_list();
  }

  void patterns(JsonLine& json) {
    json.key("hints");
    json.begin_list();
    for (const GatewayHint& hint : report_.hints) {
      json.begin();
      json.text("name", hint.name);
      json.text("message", hint.text);
      json.end();
    }
    json.end_list();
    json.key("what_if");
    json.begin_list();
    for (const GatewayWhatIf& what : report_.what_ifs) {
      json.begin();
      json.number("window", what.window);
      json.number("leaked", what.leaked);
      json.number("dropped", what.dropped);
      json.end();
    }
    json.end_list();
  }

  void summary() {
    line("summary", [&](JsonLine& json) {
      write_files(view_.files, json);
      write_origin(view_.origin, json);
      json.number("frames", view_.ingress.frames() + view_.egress.frames());
      json.number("esp", report_.esp_in);
      json.number("ike", report_.ike_in);
      verdicts(json);
      exercised(json);
      clock(json);
      latency(json, report_.latency);
      losses(json);
      texts(json, "header_changes", report_.header_notes);
      patterns(json);
      json.key("findings");
      json.begin();
      for (const auto& [code, count] : counts_) json.number(code, count);
      json.end();
      texts(json, "reasons", report_.reasons);
      texts(json, "notes", report_.notes);
      if (report_.swapped) json.boolean("swapped", true);
      json.boolean("truncated", view_.truncated);
      json.text("verdict", to_string(report_.verdict));
    });
  }

  const GatewayView& view_;
  const GatewayReport& report_;
  std::map<std::string_view, std::uint64_t> counts_;
  JsonLine json_;
  Output& out_;
};

}  // namespace

void gateway_json(const GatewayView& view, Output& out) { Writer{view, out}.run(); }

}  // namespace espdump
