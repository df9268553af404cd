#include "keys/kernel_stats.hpp"

#include <espdump/secret.hpp>

#include <charconv>

#include "keys/text.hpp"

namespace espdump {
namespace {

using keys::number;
using keys::starts_with;
using keys::Words;

constexpr std::size_t most_sas = 100'000, most_totals = 256;

// "11(packets)": the number in front, where that unit is behind it.
std::optional<std::uint64_t> counted(std::string_view word, std::string_view unit) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const std::string_view rest = word.substr(static_cast<std::size_t>(end - word.data()));
  if (error != std::errc{} || !starts_with(rest, unit)) return std::nullopt;
  return value;
}

class StatsReader {
 public:
  explicit StatsReader(KernelStats& out) : out_(out) {}

  void line(std::string_view text) {
    Words words{text};
    const std::string_view first = words.next();
    if (first == "src" && !keys::is_blank(text.front())) {
      begin(words);
    } else if (starts_with(first, "Xfrm")) {
      total(first, words.next());
    } else if (open_) {
      KernelSa& sa = out_.sas.back();
      if (first == "proto") identity(words, sa);
      if (first == "replay-window" || first == "seq" || first == "seq-hi" || first == "anti-replay") numbers(text, sa);
      if (const auto bytes = counted(first, "(bytes)"); bytes) lifetime(words.next(), sa);
    }
  }

  [[nodiscard]] bool found() const { return found_; }

 private:
  void begin(Words& words) {
    const auto source = IpAddress::parse(words.next());
    const bool has_destination = words.next() == "dst";
    const auto destination = IpAddress::parse(words.next());
    open_ = source && has_destination && destination && out_.sas.size() < most_sas;
    if (!open_) return;
    KernelSa& sa = out_.sas.emplace_back();
    sa.source = *source;
    sa.destination = *destination;
  }

  void identity(Words& words, KernelSa& sa) {
    const std::string_view protocol = words.next();
    const bool known = protocol == "esp" || protocol == "ah";
    sa.protocol = protocol == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp;
    const auto spi = words.next() == "spi" ? number(words.next()) : std::nullopt;
    if (known && spi) {
      sa.spi = *spi;
      return;
    }
    out_.sas.pop_back();  // IPComp, which counts nothing of its own
    open_ = false;
  }

  // "replay-window 0 replay 0 failed 0", and "seq 0x1, oseq 0x0" in its many forms.
  void numbers(std::string_view text, KernelSa& sa) {
    Words words{text};
    std::uint64_t window = 0;
    for (std::string_view name = words.next(); !name.empty(); name = words.next()) {
      const bool counter = name == "replay-window" || name == "replay" || name == "failed";
      const bool low = name == "seq" || name == "oseq", high = name == "seq-hi" || name == "oseq-hi";
      if (!counter && !low && !high) continue;
      const auto value = number(words.next());
      if (!value) continue;
      std::uint64_t& place = name.front() == 's' ? sa.seq : sa.oseq;
      if (high) place |= std::uint64_t{*value} << 32U;
      if (low) place |= *value;
      if (name == "replay-window") window = *value;
      if (name == "replay") sa.replay = *value;
      if (name != "failed") continue;
      sa.failed = *value;
      sa.replay_window = window;
      sa.has_stats = found_ = true;
    }
  }

  void lifetime(std::string_view word, KernelSa& sa) {
    const auto packets = counted(word, "(packets)");
    if (!packets) return;
    sa.packets = *packets;
    sa.has_packets = found_ = true;
  }

  void total(std::string_view name, std::string_view word) {
    const auto value = counted(word, "");
    if (!value || name.size() > 40) return;
    found_ = out_.has_totals = true;
    if (*value != 0 && out_.totals.size() < most_totals) out_.totals[std::string{name}] += *value;
  }

  KernelStats& out_;
  bool open_ = false, found_ = false;
};

}  // namespace

// `ip -o` writes a backslash where a line would end.
Status add_kernel_stats(Bytes text, const std::string& name, KernelStats& out) {
  const std::string_view all{reinterpret_cast<const char*>(text.data()), text.size()};  // NOLINT: bytes are bytes
  StatsReader reader{out};
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find_first_of("\n\\", at), all.size());
    const std::string_view line = keys::trim_right(all.substr(at, end - at));
    if (!line.empty()) reader.line(line);
    at = end + 1;
  }
  if (reader.found()) return Nothing{};
  return fail("holds no counters of a kernel; take them with `sudo ip -s xfrm state` or `cat /proc/net/xfrm_stat`",
              name);
}

Status add_kernel_stats(const std::string& path, KernelStats& out) {
  const auto text = SecretText::read(path);
  if (!text) return Unexpected{text.error()};
  return add_kernel_stats(text->bytes(), path == "-" ? "standard input" : path, out);
}

}  // namespace espdump
