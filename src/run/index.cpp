#include "run/index.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>

#include "base/input_file.hpp"
#include "base/interruption.hpp"
#include "base/write_all.hpp"
#include "packet/fragment.hpp"
#include "report/index_report.hpp"
#include "run/confinement.hpp"
#include "run/message.hpp"
#include "run/progress.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

IndexedCapture described(CaptureSet& capture) {
  Keystore no_keys;
  no_keys.seal();
  Decoder decoder{no_keys};
  Packet packet;
  IndexedCapture out;
  out.name = capture.name(0);
  Progress progress{is_capable_terminal(STDERR_FILENO), capture};
  while (interruption() == 0) {
    const std::optional<Frame> frame = capture.next();
    if (!frame) break;
    progress.frame();
    decoder.decode(*frame, packet);
    out.first = out.frames == 0 ? frame->time : std::min(out.first, frame->time);
    out.last = out.frames++ == 0 ? frame->time : std::max(out.last, frame->time);
    out.ike_messages += packet.ike().size();
    out.fragments += fragment_in(packet) != nullptr ? 1 : 0;
  }
  out.size = capture.progress().total;
  out.sas = decoder.statistics();
  return out;
}

// Of a pcap, whose records are found where they are looked for.
void cut_at_once(CaptureReader& reader, std::uint64_t slice, std::vector<IndexedRange>& ranges) {
  const std::uint64_t size = reader.progress().total;
  for (std::uint64_t at = slice; at < size && interruption() == 0; at += slice) {
    if (const Status there = reader.seek(at); !there) return say(there.error());
    const std::uint64_t place = reader.place().offset;
    const std::optional<Frame> frame = reader.next();
    if (!frame) return;
    if (place == ranges.back().bytes.begin) continue;
    ranges.back().bytes.end = place;
    ranges.push_back({reader.name(), {place}, frame->time});
  }
}

// Of a pcapng, which has to be read: an interface that is described in between makes what follows dependent on it.
void cut_reading(CaptureReader& reader, std::uint64_t slice, std::vector<IndexedRange>& ranges) {
  const std::uint64_t known = reader.place().descriptions;
  std::vector<IndexedRange> found;
  std::uint64_t next = slice;
  for (CapturePlace place = reader.place(); interruption() == 0; place = reader.place()) {
    const std::optional<Frame> frame = reader.next();
    if (!frame) break;
    if (reader.place().descriptions != known)
      return say(Error{"interfaces are described between its packets, so it cannot be cut", reader.name()});
    if (place.offset < next) continue;
    found.push_back({reader.name(), {place.offset}, frame->time});
    next = place.offset + slice;
  }
  for (IndexedRange& range : found) {
    ranges.back().bytes.end = range.bytes.begin;
    ranges.push_back(std::move(range));
  }
}

std::vector<IndexedRange> ranges_of(CaptureReader& reader, std::uint64_t slice) {
  std::vector<IndexedRange> out{{reader.name(), {}, {}}};
  if (!reader.is_in_place()) {
    say(Error{"is compressed, or a pipe, and cannot be cut: one task has to read it all", reader.name()});
    return out;
  }
  if (reader.progress().total <= slice) return out;
  if (const Status there = reader.seek(0); !there) return out;
  if (reader.place().descriptions == 0)
    cut_at_once(reader, slice, out);
  else
    cut_reading(reader, slice, out);
  return out;
}

// `damages`: why it was not read to its end.
std::string description(CaptureReader reader, bool json, std::vector<Error>& damages) {
  std::vector<CaptureReader> one;
  one.push_back(std::move(reader));
  CaptureSet capture = CaptureSet::of(std::move(one));
  const IndexedCapture it = described(capture);
  damages = capture.damages();
  return json ? index_json(it) : index_text(it);
}

std::string list_of_ranges(CaptureReader reader, const IndexOptions& options, std::vector<Error>& damages) {
  std::string out;
  for (const IndexedRange& range : ranges_of(reader, options.slice))
    out += options.json ? index_json(range) : index_text(range);
  if (reader.damage()) damages.push_back(*reader.damage());
  return out;
}

}  // namespace

Outcome index(const IndexOptions& options) {
  Outcome outcome;
  open_ahead(options.captures);
  confine(options.no_sandbox, false);
  heed_interruption();
  for (const std::string& path : options.captures) {
    auto reader = CaptureReader::open(path);
    if (!reader) {
      say(reader.error());
      outcome.unusable_input = true;
      continue;
    }
    std::vector<Error> damages;
    const std::string text = options.slice == 0 ? description(std::move(*reader), options.json, damages)
                                                : list_of_ranges(std::move(*reader), options, damages);
    if ((outcome.signal = interruption()) != 0) break;
    for (const Error& damage : damages) say(damage);
    outcome.damaged_input = outcome.damaged_input || !damages.empty();
    const int error = write_all(STDOUT_FILENO, text);
    outcome.written(error);
    if (error != 0) break;
  }
  return outcome;
}

}  // namespace espdump::run
