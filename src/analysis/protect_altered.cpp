// Altered packets by keys weaker than all of their bytes: what NAT leaves (RFC 3022), what MSS clamping leaves.
#include <algorithm>
#include <array>

#include "analysis/protect_pairs.hpp"
#include "base/packet_hash.hpp"

namespace espdump {
namespace {

constexpr std::int64_t longest_stay = 5'000'000'000;  // nanoseconds

struct Keyed {
  std::uint64_t key = 0;
  std::int64_t time = 0;
  ProtectIndex index = no_packet;
  bool operator<(const Keyed& other) const {
    return key != other.key ? key < other.key : time != other.time ? time < other.time : index < other.index;
  }
};

class Search {
 public:
  Search(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways, const AlteredSearch& search)
      : plain_(plain), outer_(outer), ways_(ways), search_(search) {}

  std::vector<AlteredPair> run() {
    by([](const ProtectSide&, const ProtectPacket& packet) { return packet.keys.content; });
    by([](const ProtectSide& side, const ProtectPacket& packet) { return identity(side, packet, true); });
    by([](const ProtectSide&, const ProtectPacket& packet) { return packet.keys.stream; });
    by([](const ProtectSide& side, const ProtectPacket& packet) {
      return side.hosts()[packet.hosts].source.is_v4() ? identity(side, packet, false) : 0;
    });
    return std::move(out_);
  }

 private:
  static std::uint64_t identity(const ProtectSide& side, const ProtectPacket& packet, bool with_length) {
    if (packet.id == 0) return 0;
    const ClearHosts& hosts = side.hosts()[packet.hosts];
    std::array<std::uint8_t, 7> rest{hosts.protocol};
    const MutableBytes numbers = MutableBytes{rest}.subspan(1);
    write_u32(numbers, 0, packet.id);
    if (with_length) write_u16(numbers, 4, packet.length);
    return hosts_hash(hosts.source, hosts.destination, rest) | 1;
  }

  [[nodiscard]] const ProtectPacket& other(ProtectIndex index) const {
    return search_.in_clear ? outer_.clear()[index] : outer_.opened()[index];
  }

  template <typename Key>
  void by(Key key) {
    std::vector<Keyed> ins, outs;
    for (const ProtectIndex i : search_.plain)
      if (const std::uint64_t it = key(plain_, plain_.clear()[i])) ins.push_back({it, plain_.clear()[i].time, i});
    for (const ProtectIndex o : search_.other)
      if (const std::uint64_t it = key(outer_, other(o))) outs.push_back({it, other(o).time, o});
    std::sort(ins.begin(), ins.end());
    std::sort(outs.begin(), outs.end());
    for (auto in = ins.begin(), out = outs.begin(); in != ins.end() && out != outs.end();) {
      if (in->key != out->key) {
        ++(in->key < out->key ? in : out);
        continue;
      }
      const auto ends = [](auto from, auto last, std::uint64_t value) {
        return std::find_if(from, last, [&](const Keyed& one) { return one.key != value; });
      };
      const auto in_end = ends(in, ins.end(), in->key), out_end = ends(out, outs.end(), out->key);
      pair(in, in_end, out, out_end);
      in = in_end;
      out = out_end;
    }
    drop_settled();
  }

  // As many on both sides, and each in its time: they are paired in order. Else nobody knows which is which.
  template <typename At>
  void pair(At in, At in_end, At out, At out_end) {
    if (in_end - in != out_end - out) return;
    for (auto i = in, o = out; i != in_end; ++i, ++o)
      if (!is_likely(i->index, o->index)) return;
    for (; in != in_end; ++in, ++out) out_.push_back({in->index, out->index});
  }

  [[nodiscard]] bool is_likely(ProtectIndex in, ProtectIndex out) const {
    const ProtectPacket& a = plain_.clear()[in];
    const ProtectPacket& b = other(out);
    const std::int64_t needed = b.time - a.time - ways_.offset();
    if (needed < -ways_.slowest() || needed > longest_stay) return false;
    const ClearHosts& from = plain_.hosts()[a.hosts];
    const ClearHosts& to = outer_.hosts()[b.hosts];
    // A network card makes several segments of one: that is no alteration, and the first has the number of all.
    if (a.keys.stream != 0 && b.length < a.length) return false;
    const bool same_id = a.id != 0 && a.id == b.id && from.source.is_v4() && to.source.is_v4();
    return from.protocol == to.protocol && (same_id || from.source == to.source || from.destination == to.destination);
  }

  void drop_settled() {
    std::vector<bool> in(plain_.clear().size()), out(search_.in_clear ? outer_.clear().size() : outer_.opened().size());
    for (const AlteredPair& pair : out_) in[pair.plain] = out[pair.other] = true;
    const auto drop = [](std::vector<ProtectIndex>& list, const std::vector<bool>& settled) {
      list.erase(std::remove_if(list.begin(), list.end(), [&](ProtectIndex i) { return settled[i]; }), list.end());
    };
    drop(search_.plain, in);
    drop(search_.other, out);
  }

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  const ProtectWays& ways_;
  AlteredSearch search_;
  std::vector<AlteredPair> out_;
};

}  // namespace

std::vector<AlteredPair> find_altered(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                                      const AlteredSearch& search) {
  if (search.plain.empty() || search.other.empty()) return {};
  return Search{plain, outer, ways, search}.run();
}

}  // namespace espdump
