// That work done ahead is used where it fits, and changes nothing where it does not.
#include <espdump/pre_decoder.hpp>

#include <espdump/codes.hpp>

#include <algorithm>
#include <optional>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// A decoder and a pre-decoder, with one frame at a time between them.
class Ahead {
 public:
  explicit Ahead(const std::vector<SaText>& sas) {
    std::string text;
    for (const SaText& sa : sas) text += dump_text(sa);
    REQUIRE(store_.import_text("xfrm.txt", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
    store_.seal();
    decoder_.emplace(store_);
    ahead_.emplace(*decoder_);
  }

  void prepare(const Octets& frame) {
    bytes_ = frame;
    ahead_->catch_up();
    ahead_->prepare(
        {++number_, 0, 0, Timestamp{static_cast<std::int64_t>(number_) * 1'000'000}, 1, bytes_, bytes_.size()}, packet_,
        done_);
  }
  const Packet& decode() {
    decoder_->decode(done_, packet_);
    return packet_;
  }
  const Packet& both(const Octets& frame) {
    prepare(frame);
    return decode();
  }
  // Whoever still looks at the frame finds other bytes.
  void spoil_frame() { bytes_.back() ^= 1U; }

 private:
  Keystore store_;
  std::optional<Decoder> decoder_;
  std::optional<PreDecoder> ahead_;
  Octets bytes_;
  Packet packet_;
  PreDecoded done_;
  FrameNumber number_ = 0;
};

const SaText sa{};

}  // namespace

TEST_CASE("pre-decoder: the first packet of an SA is opened in its turn, the next ones ahead") {
  Ahead ahead{{sa}};
  ahead.prepare(esp_frame(sa, 1));
  ahead.spoil_frame();
  CHECK(ahead.decode().ipsec().at(0).icv == IcvVerdict::bad);
  CHECK(ahead.both(esp_frame(sa, 2)).ipsec().at(0).icv == IcvVerdict::ok);
  ahead.prepare(esp_frame(sa, 3));
  ahead.spoil_frame();
  const Packet& packet = ahead.decode();
  CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(layer_names(packet) == "ethernet ipv4 esp ipv4 icmp");
  CHECK(packet.layers()[4].outer == 3);
  REQUIRE(packet.inner().size() == 1);
  CHECK(octets(packet.buffers()[packet.inner()[0].buffer].bytes) == inner_v4(3));
}

TEST_CASE("pre-decoder: another SA behind the SPI, or another cycle of numbers, is found in its turn") {
  SaText other = sa;
  other.algorithms = other_gcm;
  Ahead generations{{sa, other}};
  const std::vector<const SaText*> senders{&sa, &sa, &other, &other, &sa, &other, &sa};
  for (std::size_t i = 0; i < senders.size(); ++i)
    CHECK(generations.both(esp_frame(*senders[i], i + 1)).ipsec().at(0).decrypted);
  SaText esn = sa;
  esn.esn = true;
  Ahead cycles{{esn}};
  for (const std::uint64_t number :
       {0xffff'fffdULL, 0xffff'fffeULL, 0x1'0000'0001ULL, 0xffff'ffffULL, 0x1'0000'0002ULL}) {
    const Packet& packet = cycles.both(esp_frame(esn, number));
    CHECK(packet.ipsec().at(0).decrypted);
    CHECK(packet.ipsec()[0].sequence == number);
  }
}

TEST_CASE("pre-decoder: forged, cut short and malformed packets, and other frames, are judged as without") {
  Ahead ahead{{sa}};
  ahead.both(esp_frame(sa, 1));
  CHECK(ahead.both(forged(esp_frame(sa, 2))).ipsec().at(0).icv == IcvVerdict::bad);
  CHECK(ahead.both(esp_frame(sa, 3, inner_v4(), 59)).ipsec().at(0).next_header == 59);
  const Octets odd = esp_frame(sa, 4, {0x45, 0, 0}, 4);  // no IP header
  const Packet& malformed = ahead.both(odd);
  CHECK_FALSE(malformed.findings().empty());
  const Octets udp = ethernet_frame(outer_packet(sa, 17, udp_datagram("", "", 53, 53, Octets(8))));
  CHECK(ahead.both(udp).ipsec().empty());
  CHECK(ahead.both({1, 2, 3}).layers().empty());
  CHECK(ahead.both(esp_frame(sa, 5)).ipsec().at(0).decrypted);
}

TEST_CASE("pre-decoder: findings of what came out stand behind those of the frame, once") {
  Ahead ahead{{sa}};
  ahead.both(esp_frame(sa, 1));
  Octets inner = inner_v4();
  inner[0] = 0x44;  // a header of 16 bytes
  for (const std::uint64_t number : {2, 3}) {
    const Packet& packet = ahead.both(esp_frame(sa, number, inner));
    const auto malformed = std::count_if(packet.findings().begin(), packet.findings().end(), [](const Finding& one) {
      return one.info == &codes::packet_malformed || one.info == &codes::esp_malformed;
    });
    CHECK(malformed == 1);
  }
}
