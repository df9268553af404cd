// What is cut into pieces and comes in any order, among pieces of nothing: IP fragments (RFC 791, RFC 8200), TCP
// segments (RFC 9329), IKE fragments (RFC 7383) and AGGFRAG payloads (RFC 9347). Of the whole ones each must be put
// together: the input only chooses how they are cut, and what else is on the way. Every other datagram is in two
// captures, which have to put it together each.
#include <algorithm>
#include <utility>

#include "fuzz_run.hpp"
#include "fuzz_seal.hpp"

using namespace espdump;
using test::Octets;

namespace {

constexpr const char *host = fuzz::host, *peer = fuzz::peer;
constexpr const char *host6 = "2001:db8::1", *peer6 = "2001:db8::2";
constexpr std::size_t in_tunnel = 0, in_iptfs = 4;  // of fuzz::kinds
constexpr std::size_t most_frames = 256, most_pieces = 32;

struct Piece {
  std::size_t offset = 0;
  Octets bytes;
};

class Making {
 public:
  Making(const Keystore& keys, Bytes input) : run_(keys, fuzz::Run::Captures::one), in_(input) {}

  void run() {
    while (in_.remaining() > 4 && frames_ < most_frames) {
      switch (in_.u8() % 8) {
        case 0: whole_datagram(false); break;
        case 1: whole_datagram(true); break;
        case 2: whole_stream(); break;
        case 3: whole_message(); break;
        case 4: fragment(false); break;
        case 5: fragment(true); break;
        case 6: segment(); break;
        default: aggregate(); break;
      }
    }
    run_.finish();
  }

 private:
  Octets take(std::size_t most) {
    const Bytes bytes = in_.take(std::min<std::size_t>(in_.remaining() > 1 ? in_.u16() % most : 0, in_.remaining()));
    return {bytes.begin(), bytes.end()};
  }
  std::uint8_t choice() { return in_.remaining() != 0 ? in_.u8() : std::uint8_t{0}; }

  void frame(const Octets& packet) {
    ++frames_;
    run_.frame(test::ethernet_frame(packet), 0, capture_);
  }

  // Pieces of sizes that the input chooses, multiples of `unit` but for the last, in an order that it chooses; some
  // come twice.
  std::vector<Piece> cut(const Octets& bytes, std::size_t unit) {
    const std::size_t least = (bytes.size() / most_pieces / unit + 1) * unit;
    std::vector<Piece> out;
    for (std::size_t at = 0; at < bytes.size(); at += out.back().bytes.size()) {
      const std::size_t size = std::min(least + choice() % 16 * unit, bytes.size() - at);
      out.push_back({at, Octets(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                bytes.begin() + static_cast<std::ptrdiff_t>(at + size))});
    }
    for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[choice() % i]);
    const std::size_t again = choice();
    if (out.size() > 1 && again < out.size()) out.insert(out.begin(), Piece{out[again]});
    return out;
  }

  [[nodiscard]] std::uint64_t sum(std::uint64_t SaStatistics::*count) const {
    std::uint64_t out = 0;
    for (const SaStatistics& sa : run_.decoder().statistics()) out += sa.*count;
    return out;
  }
  [[nodiscard]] std::uint64_t opened() const { return sum(&SaStatistics::decrypted); }
  [[nodiscard]] std::uint64_t copies() const { return sum(&SaStatistics::capture_duplicates); }

  Octets sealed(std::size_t most) {
    const Octets inner = test::ipv4_packet("10.0.0.1", "10.0.0.2", 17, take(most));
    return fuzz::sealed_esp(in_tunnel, ++number_, 4, inner);
  }

  void ip_fragment(bool v6, std::uint32_t id, std::uint8_t protocol, const Piece& piece, bool more) {
    if (!v6) {
      test::Ipv4Options options;
      options.id = static_cast<std::uint16_t>(id), options.mf = more;
      options.offset = static_cast<std::uint16_t>(piece.offset);
      return frame(test::ipv4_packet(host, peer, protocol, piece.bytes, options));
    }
    Octets header{protocol, 0, static_cast<std::uint8_t>(piece.offset >> 8U),
                  static_cast<std::uint8_t>((piece.offset & 0xf8U) | (more ? 1U : 0U))};
    fuzz::add32(header, id);
    header.insert(header.end(), piece.bytes.begin(), piece.bytes.end());
    frame(test::ipv6_packet(host6, peer6, 44, header));
  }

  void whole_datagram(bool v6) {
    const Octets esp = sealed(8192);
    const std::uint64_t before = opened(), copies_before = copies();
    const std::uint32_t id = 0x8000 + datagrams_++;  // fragment() has others
    const auto captures = static_cast<std::uint16_t>(1 + id % 2);
    for (const Piece& piece : cut(esp, 8))
      for (capture_ = 0; capture_ < captures; ++capture_)
        ip_fragment(v6, id, 50, piece, piece.offset + piece.bytes.size() < esp.size());
    capture_ = 0;
    ESPDUMP_ASSERT(opened() == before + 1);
    ESPDUMP_ASSERT(copies() == copies_before + captures - 1);
  }

  void tcp(std::uint16_t port, std::uint32_t sequence, const Octets& bytes, std::uint8_t flags = 0x10) {
    test::TcpOptions options;
    options.sequence = sequence, options.flags = flags;
    frame(test::ipv4_packet(host, peer, 6, test::tcp_segment(host, peer, port, 4500, bytes, options)));
  }

  void whole_stream() {
    constexpr std::uint8_t syn = 2;
    Octets stream{'I', 'K', 'E', 'T', 'C', 'P'};
    const std::size_t messages = 1 + choice() % 4;
    for (std::size_t i = 0; i < messages; ++i) {
      const Octets esp = sealed(2048);
      stream.push_back(static_cast<std::uint8_t>((esp.size() + 2) >> 8U));
      stream.push_back(static_cast<std::uint8_t>(esp.size() + 2));
      stream.insert(stream.end(), esp.begin(), esp.end());
    }
    const std::uint64_t before = opened();
    const std::uint16_t port = 20'000 + connections_++;
    const std::uint32_t begins_at = 0xffffff00U + choice();
    tcp(port, begins_at - 1, {}, syn);
    for (const Piece& piece : cut(stream, 1))
      tcp(port, begins_at + static_cast<std::uint32_t>(piece.offset), piece.bytes);
    ESPDUMP_ASSERT(opened() == before + messages);
  }

  void whole_message() {
    const Octets contents = take(4096);
    fuzz::IkeHead head;
    head.message_id = messages_++;
    std::vector<Piece> pieces = cut(contents, 1);
    if (pieces.size() < 2) return;
    std::vector<std::size_t> offsets;
    for (const Piece& piece : pieces) offsets.push_back(piece.offset);
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    head.fragments = static_cast<std::uint16_t>(offsets.size());
    bool joined = false;
    for (const Piece& piece : pieces) {
      const auto place = std::lower_bound(offsets.begin(), offsets.end(), piece.offset) - offsets.begin();
      head.fragment = static_cast<std::uint16_t>(place + 1);
      head.first_payload = place == 0 ? 43 : 0;
      ++frames_;
      run_.frame(fuzz::ike_in_udp(false, fuzz::sealed_ike(head, piece.bytes, ++ivs_)), 0);
      joined = joined || run_.packet().reassembled;
    }
    ESPDUMP_ASSERT(joined);
  }

  void fragment(bool v6) {
    const std::uint32_t chosen = choice(), id = chosen % 4;
    capture_ = static_cast<std::uint16_t>(chosen >> 7U);
    const std::size_t offset = std::size_t{choice()} * 8;
    const bool more = (choice() & 1) != 0;
    constexpr std::array<std::uint8_t, 4> protocols{50, 17, 6, 44};
    ip_fragment(v6, id, protocols[choice() % protocols.size()], {offset, take(2048)}, more);
    capture_ = 0;
  }

  void segment() {
    const std::uint16_t port = 40'000 + choice() % 4;
    const std::uint32_t sequence = 0xffffff80U + choice();
    const std::uint8_t flags = choice();
    tcp(port, sequence, take(1024), flags);
  }

  void aggregate() {
    const Octets esp = fuzz::sealed_esp(in_iptfs, iptfs_ += 1 + choice() % 3, 144, take(2048));
    frame(test::ipv4_packet(host, peer, 50, esp));
  }

  fuzz::Run run_;
  ByteReader in_;
  std::size_t frames_ = 0;
  std::uint64_t number_ = 0, iptfs_ = 0;
  std::uint32_t datagrams_ = 0, messages_ = 0, ivs_ = 0;
  std::uint16_t connections_ = 0, capture_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::store();
  Making{keys, Bytes{data, size}}.run();
  return 0;
}
