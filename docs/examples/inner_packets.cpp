// inner_packets CAPTURE KEYS: prints each packet that came out of ESP, AH or IPComp, and each finding where it is made.
// Exit status 0; 1 if a finding is an error; 2 if something cannot be read; 3 if the capture ends early.
#include <iostream>
#include <string>
#include <vector>

#include <espdump/analysis.hpp>
#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/finding.hpp>
#include <espdump/keystore.hpp>
#include <espdump/packet.hpp>
#include <espdump/path_facts.hpp>
#include <espdump/secret.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>

namespace {

std::string addresses(espdump::Bytes bytes) {
  if (const auto ip = espdump::wire::Ipv4::from(bytes); ip && ip->version() == 4)
    return ip->source().to_string() + " > " + ip->destination().to_string();
  if (const auto ip = espdump::wire::Ipv6::from(bytes); ip && ip->version() == 6)
    return ip->source().to_string() + " > " + ip->destination().to_string();
  return "no IP header";
}

void print_inner(const espdump::Packet& packet) {
  for (const espdump::InnerPacket& inner : packet.inner()) {
    if (!inner.innermost) continue;  // the one inside it comes by itself
    const espdump::OpenRecord& record = packet.ipsec()[inner.record];
    const espdump::Bytes bytes = packet.buffers()[inner.buffer].bytes;
    std::cout << "frame " << packet.frame << " #" << record.sa << ' ' << record.sequence << ": " << addresses(bytes)
              << ", " << bytes.size() << " bytes, ICV " << to_string(record.icv) << '\n';
  }
}

// Whether one of them is an error.
bool print(const espdump::Findings& findings) {
  bool errors = false;
  for (const espdump::Finding& finding : findings) {
    errors = errors || finding.info->severity == espdump::Severity::error;
    std::cout << to_string(finding.info->severity) << ' ' << finding.info->code;
    if (finding.frame != 0) std::cout << " in frame " << finding.frame;
    if (finding.sa != 0) std::cout << " on #" << finding.sa;
    std::cout << ": " << finding.message << '\n';
  }
  return errors;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: inner_packets CAPTURE KEYS\n";
    return 2;
  }
  espdump::forbid_core_dumps();  // before the first key is read
  espdump::Keystore keystore;
  const auto keys = keystore.import_file(argv[2]);
  auto capture = espdump::CaptureReader::open(argv[1]);
  if (!keys || !capture) {
    std::cerr << (keys ? capture.error() : keys.error()).to_string() << '\n';
    return 2;
  }
  for (const auto& problem : keys->problems)
    std::cerr << espdump::Error{problem.text, problem.file, problem.line}.to_string() << '\n';
  keystore.seal();  // from here on it can only be read

  espdump::DecoderOptions options;
  options.keep_inner_packets = true;  // makes whole packets of what transport mode carries, too
  espdump::Decoder decoder{keystore, options};
  espdump::PathFacts paths;
  const auto analyzers = espdump::make_analyzers(paths);
  espdump::Packet packet;  // used again for each frame
  bool errors = false;
  while (const auto frame = capture->next()) {
    decoder.decode(*frame, packet);
    espdump::Findings findings;
    show_to(analyzers, packet, decoder, findings);
    print_inner(packet);
    errors = print(packet.findings()) || errors;  // those of decoding
    errors = print(findings) || errors;           // those of comparing it with others
  }

  espdump::Findings findings;  // about the capture as a whole
  std::vector<espdump::Conclusion> conclusions;
  for (const auto& analyzer : analyzers) analyzer->finish(decoder, findings, conclusions);
  errors = print(findings) || errors;
  for (const espdump::Conclusion& conclusion : conclusions)
    std::cout << conclusion.info->code << ": " << conclusion.what << '\n';
  if (capture->damage()) {
    std::cerr << capture->damage()->to_string() << '\n';
    return 3;
  }
  return errors ? 1 : 0;
}
