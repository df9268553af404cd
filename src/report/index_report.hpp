// What `espdump index` says of captures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>

namespace espdump {

// A capture that was read.
struct IndexedCapture {
  std::string name;
  std::uint64_t size = 0;  // on the disk; 0: not known
  std::uint64_t frames = 0;
  Timestamp first, last;  // the earliest and the latest
  std::uint64_t ike_messages = 0;
  std::uint64_t fragments = 0;  // frames with one of an IP packet
  std::vector<SaStatistics> sas;
};

// A range of a capture for a task of its own.
struct IndexedRange {
  std::string name;
  ByteRange bytes;
  std::optional<Timestamp> first;  // of its first frame
};

// For people: a line, and one for each SA, of many SAs the first.
std::string index_text(const IndexedCapture& capture);
// "NAME BEGIN-END": what a list of tasks has in a line.
std::string index_text(const IndexedRange& range);
// A line of JSON each, of type "capture" or "range".
std::string index_json(const IndexedCapture& capture);
std::string index_json(const IndexedRange& range);

}  // namespace espdump
