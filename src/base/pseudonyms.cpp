#include "base/pseudonyms.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <new>

#include <espdump/assert.hpp>

#include "base/append.hpp"

namespace espdump {
namespace {

constexpr std::size_t key_size = crypto_generichash_KEYBYTES, most_known = 65'536;

// Which kind of address it is shows in these bits. `whole`: what follows them shows it as well, and tells of nobody.
struct Kind {
  std::string_view prefix;
  bool whole;
};
constexpr Kind kinds[] = {
    {"0.0.0.0/8", true},       {"10.0.0.0/8", false},    {"100.64.0.0/10", false},  {"127.0.0.0/8", true},
    {"169.254.0.0/16", false}, {"172.16.0.0/12", false}, {"192.168.0.0/16", false}, {"224.0.0.0/4", true},
    {"240.0.0.0/4", true},     {"::/127", true},         {"fc00::/7", false},       {"fe80::/10", false},
    {"ff00::/8", false},       {"ff02::/16", false},     {"ff02::/112", true},
};

bool bit_of(Bytes bytes, std::size_t index) { return (bytes[index / 8] >> (7 - index % 8) & 1U) != 0; }

// How many of the leading bits of both are the same.
std::size_t common_bits(Bytes one, Bytes other) {
  std::size_t bits = 0;
  while (bits < one.size() * 8 && bit_of(one, bits) == bit_of(other, bits)) ++bits;
  return bits;
}

class Kinds {
 public:
  Kinds() {
    for (const Kind& kind : kinds) {
      const auto prefix = Prefix::parse(kind.prefix);
      ESPDUMP_ASSERT(prefix);
      list_.push_back({*prefix, kind.whole});
    }
  }
  // Up to which bit an address has to stay as it is for its kind, and others', to be told.
  [[nodiscard]] std::size_t fixed_bits(const IpAddress& address) const {
    std::size_t fixed = 0;
    for (const auto& [prefix, whole] : list_) {
      if (prefix.address.family() != address.family()) continue;
      const std::size_t common = common_bits(prefix.address.bytes(), address.bytes());
      if (common >= prefix.length && whole) return address.size() * 8;
      // The bit in which they part is told, too: flipped it would lead into the prefix.
      fixed = std::max(fixed, std::min<std::size_t>(common + 1, prefix.length));
    }
    return fixed;
  }

 private:
  struct Known {
    Prefix prefix;
    bool whole;
  };
  std::vector<Known> list_;
};

bool is_v4_mapped(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return address.is_v6() && std::equal(prefix.begin(), prefix.end(), address.bytes().begin());
}

std::unique_ptr<Pseudonyms>& in_use() {
  static std::unique_ptr<Pseudonyms> one;
  return one;
}
const Pseudonyms* used = nullptr;  // read with every address that is printed

}  // namespace

struct Pseudonyms::State {
  explicit State(Bytes secret) : key(static_cast<std::uint8_t*>(sodium_malloc(key_size)), &sodium_free) {
    if (!key) throw std::bad_alloc{};
    crypto_generichash(key.get(), key_size, secret.data(), secret.size(), nullptr, 0);
    sodium_mprotect_readonly(key.get());
  }

  template <std::size_t Size>
  [[nodiscard]] std::array<std::uint8_t, Size> hash(std::uint8_t purpose, Bytes bytes) const {
    std::array<std::uint8_t, Size> out{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, key.get(), key_size, out.size());
    crypto_generichash_update(&state, &purpose, 1);
    crypto_generichash_update(&state, bytes.data(), bytes.size());
    crypto_generichash_final(&state, out.data(), out.size());
    return out;
  }

  [[nodiscard]] IpAddress map(const IpAddress& address) const;

  std::unique_ptr<std::uint8_t, decltype(&sodium_free)> key;
  Kinds kinds;
  std::mutex mutex;
  std::map<IpAddress, IpAddress> known;
};

// Whether a bit is turned depends on the bits before it alone.
IpAddress Pseudonyms::State::map(const IpAddress& address) const {
  std::array<std::uint8_t, 17> before{};  // the number of bits, and these
  std::array<std::uint8_t, 16> out{};
  const Bytes bytes = address.bytes();
  const std::size_t fixed = kinds.fixed_bits(address), bits = bytes.size() * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    before[0] = static_cast<std::uint8_t>(bit);
    const bool turned =
        bit >= fixed && (hash<crypto_generichash_BYTES_MIN>(address.is_v4() ? 4 : 6, before)[0] & 1U) != 0;
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (bit_of(bytes, bit)) before[1 + bit / 8] |= mask;
    if (bit_of(bytes, bit) != turned) out[bit / 8] |= mask;
  }
  return IpAddress{Bytes{out}.first(bytes.size())};
}

Pseudonyms::Pseudonyms(Bytes secret) {
  if (sodium_init() < 0) assertion_failed("sodium_init", __FILE__, __LINE__);
  state_ = std::make_unique<State>(secret);
}
Pseudonyms::~Pseudonyms() = default;

IpAddress Pseudonyms::of(const IpAddress& address) const {
  if (address.family() == Family::none) return address;
  if (is_v4_mapped(address)) {
    std::array<std::uint8_t, 16> out{};
    std::copy_n(address.bytes().begin(), 12, out.begin());
    const IpAddress inside = of(IpAddress{address.bytes().last(4)});
    std::copy_n(inside.bytes().begin(), 4, out.begin() + 12);
    return IpAddress{Bytes{out}};
  }
  const std::lock_guard lock{state_->mutex};
  if (const auto found = state_->known.find(address); found != state_->known.end()) return found->second;
  if (state_->known.size() >= most_known) state_->known.clear();
  return state_->known.emplace(address, state_->map(address)).first->second;
}

std::vector<std::uint8_t> Pseudonyms::of_hardware(Bytes address) const {
  std::vector<std::uint8_t> bytes(address.begin(), address.end());
  const bool is_group = !bytes.empty() && (bytes[0] & 1U) != 0;
  const bool is_nothing = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
  if (!is_group && !is_nothing) {
    const auto hashed = state_->hash<32>(2, address);
    std::copy_n(hashed.begin(), std::min(bytes.size(), hashed.size()), bytes.begin());
    bytes[0] = 2;
  }
  return bytes;
}

std::string Pseudonyms::of_name(std::string_view name) const {
  if (name.empty()) return {};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.data());  // NOLINT: bytes are bytes
  const auto hashed = state_->hash<crypto_generichash_BYTES_MIN>(3, {bytes, name.size()});
  std::string out = "name-";
  for (const std::uint8_t byte : Bytes{hashed}.first(4)) append(out, "{:02x}", byte);
  return out;
}

void use_pseudonyms(Bytes secret) {
  in_use() = std::make_unique<Pseudonyms>(secret);
  used = in_use().get();
}

const Pseudonyms* pseudonyms() noexcept { return used; }

}  // namespace espdump
