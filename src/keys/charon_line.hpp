// Lines of strongSwan's log, and the dumps of bytes in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <espdump/bytes.hpp>

#include "keys/key_material.hpp"

namespace espdump::keys {

// "… 11[CHD] <lab|1> adding inbound ESP SA"
struct CharonLine {
  unsigned thread = 0;              // 0 to 99
  std::string_view group;           // CHD
  std::optional<std::uint32_t> sa;  // the number of the IKE SA, where `ike_name = yes` shows it
  std::string_view message;         // with the blanks in front of it
};

std::optional<CharonLine> read_charon_line(std::string_view line);

// Bytes that a log shows: as many as a heading says, 16 on a line.
class CharonDump {
 public:
  // Begins anew with what stands behind a heading's arrow: "36 bytes @ 0x7fdc0c007a80".
  void open(std::string_view size);
  // Takes the next line, where it is one of this dump's.
  bool add(std::string_view message);

  [[nodiscard]] bool opened() const { return opened_; }
  [[nodiscard]] bool cut() const { return shown_ != size_; }      // lines of it are missing, so far
  [[nodiscard]] bool whole() const { return opened_ && !cut(); }  // perhaps of no bytes
  [[nodiscard]] bool has_bytes() const { return whole() && size_ != 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Pieces digits() const { return lines_; }
  // The first bytes, of a dump that has so many and holds no secret.
  bool read(MutableBytes into) const;

 private:
  std::vector<std::string_view> lines_;  // their hexadecimal columns
  std::size_t size_ = 0, shown_ = 0;     // bytes
  bool opened_ = false;
};

}  // namespace espdump::keys
