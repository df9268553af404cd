#include "report/gateway_files.hpp"

#include "report/text_util.hpp"

namespace espdump {

std::string files_text(const std::vector<GatewayFile>& files, std::string_view ingress, std::string_view egress) {
  std::string out = "\nFILES\n";
  for (const GatewayFile& file : files) {
    const std::string_view side = file.side == "ingress" ? ingress : file.side == "egress" ? egress : file.side;
    out += "  " + padded(side, 8) + terminal_safe(file.name == "-" ? "standard input" : file.name) + "\n";
    if (file.sha256) out += "          SHA-256 " + *file.sha256 + "\n";
  }
  return out;
}

void write_files(const std::vector<GatewayFile>& files, JsonLine& json) {
  json.key("files").begin_list();
  for (const GatewayFile& file : files)
    if (file.side != "keys") json.text(file.name);
  json.end_list();
  json.key("inputs").begin_list();
  for (const GatewayFile& file : files) {
    json.begin();
    json.text("side", file.side);
    json.text("file", file.name);
    if (file.sha256) json.text("sha256", *file.sha256);
    json.end();
  }
  json.end_list();
}

}  // namespace espdump
