// The packets of a page as data for its script: lines of JSON, with what repeats said once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <espdump/report.hpp>

#include "base/packet_hash.hpp"
#include "report/json_packets.hpp"
#include "report/packet_tree.hpp"

namespace espdump {

class PacketData {
 public:
  // `summary` must outlive it. Of each packet at most `most_bytes` of its bytes are there, shared by its buffers.
  PacketData(const TextOptions& options, const Summary& summary, std::size_t most_bytes)
      : options_(options), summary_(summary), most_bytes_(most_bytes), lines_(false, summary.files) {}

  void add(const Packet& packet);

  // Of each packet a line: where links find it, the object that --json prints, and the words of its line.
  [[nodiscard]] const std::string& rows() const { return rows_; }
  // Of each packet a line: its tree, its bytes and its findings; numbers stand for what tables() has.
  [[nodiscard]] const std::string& details() const { return details_; }
  // One line: {…,"strings":[…],"shapes":[…],"severities":{…}}, the latter by code. A shape is a tree without values: of
  // each line [kind, depth, name, buffer, offset, size, flags], the place being that of a field in its layer.
  [[nodiscard]] std::string tables() const;

 private:
  // Texts by their numbers.
  class Table {
   public:
    std::size_t number_of(const std::string& text) {
      const auto [place, added] = numbers_.try_emplace(text, list_.size());
      if (added) list_.push_back(&place->first);
      return place->second;
    }
    [[nodiscard]] const std::vector<const std::string*>& list() const { return list_; }

   private:
    std::unordered_map<std::string, std::size_t, SecretHash> numbers_;
    std::vector<const std::string*> list_;  // of what stands there: its nodes stay
  };
  void row(const Packet& packet);
  void tree(const Packet& packet);
  void buffers(const Packet& packet);
  void findings(const Packet& packet);

  TextOptions options_;
  const Summary& summary_;
  std::size_t most_bytes_;
  JsonRenderer lines_;
  JsonLine json_;
  Table strings_, shapes_;
  std::string shape_, rows_, details_;
};

}  // namespace espdump
