// consumer CAPTURE KEYS: decodes with the installed library; fails unless some packet's ICV verifies.
#include <cstdint>
#include <iostream>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  espdump::Keystore keystore;
  const auto report = keystore.import_file(argv[2]);
  keystore.seal();
  auto capture = espdump::CaptureReader::open(argv[1]);
  if (!report || !capture) {
    std::cerr << "cannot read " << argv[1] << " or " << argv[2] << '\n';
    return 2;
  }

  espdump::Decoder decoder{keystore};
  espdump::Packet packet;
  while (const auto frame = capture->next()) decoder.decode(*frame, packet);

  std::uint64_t verified = 0;
  for (const auto& sa : decoder.statistics()) verified += sa.icv_ok;
  std::cout << verified << " packets verified\n";
  return verified == 0 ? 1 : 0;
}
