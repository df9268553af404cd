// What a kernel counted against what the capture shows, in words and as JSON.
#include "report/kernel_section.hpp"

#include <fmt/core.h>

#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_told = 100;

std::string subject(const KernelComparison& one) {
  if (one.sa == 0) return "/proc/net/xfrm_stat";
  return fmt::format("#{}, {}", one.sa, one.sends ? "where it is sent" : "where it is received");
}

std::string counts_text(const KernelComparison& one) {
  std::string out;
  for (const KernelCount& count : one.counts)
    out += fmt::format(
        "{}{} {}", out.empty() ? "" : ", ", count.name,
        count.equal() ? fmt::format("{}", count.kernel) : fmt::format("{} (capture: {})", count.kernel, count.capture));
  return out;
}

void print(const KernelComparison& one, Output& out, const Palette& palette) {
  out.write(palette.paragraph(
      fmt::format("{}: {}: {}", subject(one), one.equal() ? "equal" : "differs", counts_text(one)), 2, 2));
  for (const KernelCount& count : one.counts)
    if (!count.equal()) out.write(palette.paragraph(fmt::format("{}: {}.", count.name, count.meaning), 6));
}

}  // namespace

void print_kernel_check(const KernelCheck& check, Output& out, const Palette& palette) {
  out.write("\n" + palette.heading("AGAINST THE KERNEL'S COUNTERS") + "\n");
  std::size_t told = 0;
  for (const KernelComparison& one : check.comparisons)
    if (told++ < most_told) print(one, out, palette);
  if (told > most_told) out.write(fmt::format("  … and {} more (--json has them all)\n", told - most_told));
  told = 0;
  for (const KernelSa* sa : check.unseen) {
    if (told++ == most_told) break;
    out.write(palette.paragraph(
        fmt::format("{} > {} {} 0x{:08x}: the kernel counted {} packets, the capture has none of them",
                    sa->source.to_string(), sa->destination.to_string(), to_string(sa->protocol), sa->spi, sa->packets),
        2, 2));
  }
  for (const auto& [name, counted] : check.others)
    out.write(palette.paragraph(fmt::format("{} {}: {}", name, counted.first, counted.second), 2, 2));
  if (check.comparisons.empty() && check.unseen.empty() && check.others.empty())
    out.write("  No SA of these counters is in the capture.\n");
}

void write_kernel_check(const KernelCheck& check, JsonLine& json, Output& out) {
  for (const KernelComparison& one : check.comparisons) {
    json.start_line("kernel_stats");
    if (one.sa != 0) {
      json.number("sa", one.sa);
      json.text("side", one.sends ? "sender" : "receiver");
    }
    json.boolean("equal", one.equal());
    json.key("counters").begin();
    for (const KernelCount& count : one.counts) {
      json.key(count.name).begin();
      json.number("kernel", count.kernel);
      json.number("capture", count.capture);
      if (!count.equal()) json.text("meaning", count.meaning);
      json.end();
    }
    json.end();
    out.write(json.end_line());
  }
  for (const KernelSa* sa : check.unseen) {
    json.start_line("kernel_stats");
    json.text("src", sa->source.to_string());
    json.text("dst", sa->destination.to_string());
    json.text("spi", fmt::format("0x{:08x}", sa->spi));
    json.text("protocol", to_string(sa->protocol));
    json.boolean("equal", false);
    json.number("packets", sa->packets);
    out.write(json.end_line());
  }
  for (const auto& [name, counted] : check.others) {
    json.start_line("kernel_stats");
    json.text("counter", name);
    json.number("kernel", counted.first);
    json.text("meaning", counted.second);
    out.write(json.end_line());
  }
}

}  // namespace espdump
