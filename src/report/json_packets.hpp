// The JSON lines of packets and findings, before they are printed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <espdump/report.hpp>

#include "report/json_line.hpp"

namespace espdump {

class JsonRenderer final : public Renderer {
 public:
  // `files` must outlive it.
  JsonRenderer(bool quiet, const std::vector<std::string>& files) : quiet_(quiet), files_(files) {}

  void packet(const Packet& packet) override;
  void finding(const Finding& finding) override;
  // What was rendered since it was asked for last: lines, each with its newline.
  std::string take() { return std::exchange(text_, {}); }
  // Writes it all.
  void print(Output& output) {
    output.write(text_);
    text_.clear();
  }

 private:
  void ipsec(const Packet& packet);
  void inner(const Packet& packet);
  void quotes(const Packet& packet);
  void ike(const Packet& packet);
  void ike_message(const IkeRecord& record);
  void ike_payloads(const IkeRecord& record);
  void codes(const Packet& packet);

  bool quiet_;
  const std::vector<std::string>& files_;
  JsonLine json_;
  std::string text_;
};

}  // namespace espdump
