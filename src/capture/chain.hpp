// Records in the middle of a capture, which nothing marks: the length of each leads to the next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <espdump/bytes.hpp>

#include "capture/source.hpp"

namespace espdump::capture {

// So much of a capture is looked at to find a record in it: wherever that begins, a chain longer than any record has
// left the one in whose contents it may have begun, and so has another that begins where it ends.
inline constexpr std::size_t chain_window = 4 * usual_record;

template <typename Format>
class ChainSearch {
 public:
  // `here`: what stands at some place in the capture; `at_end`: nothing comes behind it.
  ChainSearch(const Format& file, Bytes here, bool at_end)
      : file_(file), here_(here), at_end_(at_end), leads_nowhere_(here.size()) {}

  // Where in the first usual_record bytes a record begins; nothing: it cannot be told. Linear in the size of `here`.
  std::optional<std::size_t> find() {
    std::size_t doubtful = 0;
    const std::size_t end = std::min(here_.size(), usual_record);
    for (std::size_t at = 0; at < end && doubtful < most_doubtful; at += Format::alignment) {
      const std::optional<std::size_t> last = last_of_chain(at);
      if (last && !is_echo(*last)) return at;
      doubtful += last ? 1 : 0;
      rule_out(at);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t few = 2;     // a length that leads past the end of the file proves little
  static constexpr std::size_t enough = 8;  // of contents that repeat themselves, two or three lengths fit by chance
  static constexpr std::size_t longest_header = 24, most_doubtful = 1000;

  // The last record of a chain that begins at `begin` and is longer than any record, or goes on to the end of the file;
  // nothing where there is none.
  std::optional<std::size_t> last_of_chain(std::size_t begin) const {
    std::size_t records = 0, last = begin, at = begin;
    while ((at - begin <= usual_record || records < enough) && at < here_.size()) {
      const std::size_t size = leads_nowhere_[at] ? 0 : file_.looks_like_record(here_.subspan(at));
      if (size == 0)
        return at_end_ && records >= few && here_.size() - at < longest_header ? std::optional{last} : std::nullopt;
      last = at;
      at += size, ++records;
    }
    const bool left_it = at - begin > usual_record && records >= enough;
    const bool to_the_end = at_end_ && (at == here_.size() || (at > here_.size() && records >= few));
    return left_it || to_the_end ? std::optional{last} : std::nullopt;
  }

  // It is the second half of a header, and contents: Format says how.
  [[nodiscard]] bool is_echo(std::size_t at) const {
    return Format::echo != 0 && at >= Format::echo && last_of_chain(at - Format::echo).has_value();
  }

  void rule_out(std::size_t at) {
    while (at < here_.size() && !leads_nowhere_[at]) {
      leads_nowhere_[at] = true;
      at += file_.looks_like_record(here_.subspan(at));
    }
  }

  const Format& file_;
  Bytes here_;
  bool at_end_;
  std::vector<bool> leads_nowhere_;  // what was begun there, or came there, was no chain of records
};

}  // namespace espdump::capture
