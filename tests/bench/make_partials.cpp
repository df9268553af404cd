// Writes partial results as a job over billions of packets would leave them, for measuring how they are merged: one SA
// with ESN, 64 bytes inside, every packet there once and in its turn.   make_partials [OPTION]... DIRECTORY
//
// Two blocks of frames are really sealed and decoded. The frames of any other one differ from those of one of the two
// in the upper bits of their numbers, which shows in a few small columns only. Digests are counters, so that they
// compress.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <espdump/decoder.hpp>

#include "base/aside_file.hpp"
#include "base/write_all.hpp"
#include "bench/traffic.hpp"
#include "bench/xfrm_state.hpp"
#include "partial/partial.hpp"
#include "partial/section.hpp"

namespace {

using namespace espdump;
using bench::Traffic;
using bench::TrafficOptions;
using partial::Column;
using partial::Stream;

constexpr std::uint64_t block_size = partial::most_frames;
// Blocks with digests of their own, which take turns.
constexpr std::uint64_t variants = 16;
// How many blocks in a row the identification of IP headers tells apart, 16 bits of the sequence number.
constexpr std::uint64_t patterns = 65'536 / block_size;
constexpr std::uint64_t flows = 1024;
static_assert(65'536 % block_size == 0 && block_size % flows == 0);
constexpr std::uint64_t pcap_header = 24, record_header = 16;

struct Options {
  std::string directory;
  std::uint64_t packets = 1'000'000, slices = 200, first = 1, apart = 1;
};

// The first frame of a block.
struct Place {
  std::uint64_t sequence = 0;
  FrameNumber number = 1;
  std::int64_t time = 0, apart = 0;  // nanoseconds
};

TrafficOptions traffic_from(std::uint64_t sequence) {
  TrafficOptions out;
  out.size = 64;
  out.esn = true;
  out.flows = flows;
  out.first = sequence;
  return out;
}

Keystore keys_of(const TrafficOptions& options) {
  const std::string text = bench::xfrm_state(options, Traffic{options}.keys(0), Traffic::first_spi);
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  Keystore out;
  const auto report = out.import_text("xfrm-state.txt", bytes);
  if (!report || report->usable != 1) throw std::runtime_error("the key of the traffic is not usable");
  out.seal();
  return out;
}

// As a worker of the job makes them.
std::vector<FrameRecord> decoded(std::uint64_t sequence, std::uint64_t count) {
  const TrafficOptions options = traffic_from(sequence);
  const Keystore keystore = keys_of(options);
  DecoderOptions how;
  how.note_nonces = false;
  how.taping = Taping::records;
  Decoder decoder{keystore, how};
  Traffic traffic{options};
  Packet packet;
  std::vector<FrameRecord> out(count);
  for (FrameRecord& record : out) {
    const auto bytes = traffic.next();
    decoder.decode({1, 0, 0, Timestamp{}, 1, bytes, bytes.size()}, packet, record);
  }
  return out;
}

void put_big(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * (size - 1 - i));
}

SealedRecord& sealed_of(FrameRecord& record) {
  ChainRecord& chain = record.chains.front();
  if (chain.layers.empty() || chain.sealed.size() != 1 || chain.sealed.front().tries.size() != 1 ||
      chain.sealed.front().tries.front().outcome != Opener::Outcome::verified)
    throw std::runtime_error("a packet of the traffic was not opened at once");
  return chain.sealed.front();
}

std::uint64_t digest_of(std::uint64_t sequence) { return bench::mixed(0) << 32U | sequence % (variants * block_size); }

// What a frame has from its place rather than from its bytes; and its digest.
void put_in_place(FrameRecord& record, const Place& place, std::uint64_t index) {
  record.number = place.number + index;
  record.time.nanoseconds = place.time + static_cast<std::int64_t>(index) * place.apart;
  sealed_of(record).digest = digest_of(place.sequence + index);
}

// A record becomes that of the packet `index` behind the first one of a block.
void renumber(FrameRecord& record, const Place& place, std::uint64_t index) {
  const std::uint64_t sequence = place.sequence + index;
  put_in_place(record, place, index);
  sealed_of(record).tries.front().high = static_cast<std::uint32_t>(sequence >> 32U);
  const std::size_t esp = record.chains.front().layers.back().header;
  put_big(record.kept, esp + 4, sequence & 0xffff'ffffU, 4);
  put_big(record.kept, esp + 8, sequence, 8);
}

// The columns of a block as the program makes them.
Stream made(const Place& place) {
  const partial::Names names = partial::Names::own();
  std::vector<FrameRecord> records = decoded(place.sequence, block_size);
  partial::Packer packer;
  std::vector<partial::Before> before;
  for (std::size_t i = 0; i < records.size(); ++i) {
    put_in_place(records[i], place, i);
    describe(packer, names, records[i], before);
  }
  return partial::compress(packer.streams());
}

// All blocks whose sequence numbers begin alike in their lowest 16 bits.
class Pattern {
 public:
  explicit Pattern(std::vector<FrameRecord> records) : records_(std::move(records)), all_(records_.size()) {
    std::iota(all_.begin(), all_.end(), std::size_t{0});
    partial::Packer whole = pack({}, all_);
    for (std::size_t i = 0; i < partial::columns; ++i) partial::put_column(columns_[i], whole.streams()[i]);
    find_new_shapes();
    for (std::uint64_t variant = 0; variant < variants; ++variant) {
      partial::Packer packer;
      for (std::uint64_t i = 0; i < block_size; ++i) {
        std::uint64_t digest = digest_of(variant * block_size + i);
        packer.digest(digest);
      }
      partial::put_column(digests_.emplace_back(), packer.at(Column::digest));
    }
  }

  // The columns of such a block, compressed.
  [[nodiscard]] Stream derived(const Place& place) const {
    const partial::Packer beginnings = pack(place, with_new_shape_);
    Stream out;
    for (std::size_t i = 0; i < partial::columns; ++i) {
      const auto column = static_cast<Column>(i);
      if (column == Column::number)
        partial::put_column(out, spaced(static_cast<std::int64_t>(place.number - 1), 0));
      else if (column == Column::time)
        partial::put_column(out, spaced(place.time, place.apart));
      else if (column == Column::shapes || column == Column::start)
        partial::put_column(out, beginnings.streams()[i]);
      else
        append(out, column == Column::digest ? digests_[place.sequence / block_size % variants] : columns_[i]);
    }
    return out;
  }

  [[nodiscard]] std::uint64_t frame_size() const { return records_.front().size; }

 private:
  static void append(Stream& out, const Stream& more) { out.insert(out.end(), more.begin(), more.end()); }

  // Numbers of a block, as the first one and distances.
  static Stream spaced(std::int64_t first, std::int64_t distance) {
    Stream out;
    partial::put_number(out, partial::zigzag(first));
    for (std::uint64_t i = 1; i < block_size; ++i) partial::put_number(out, partial::zigzag(distance));
    return out;
  }

  // Their headers are written as they are, those of others as differences.
  void find_new_shapes() {
    partial::Packer packer;
    std::vector<partial::Before> before;
    for (const std::size_t i : all_) {
      const std::size_t known = packer.at(Column::shapes).size();
      FrameRecord record = records_[i];
      describe(packer, names_, record, before);
      if (packer.at(Column::shapes).size() != known) with_new_shape_.push_back(i);
    }
  }

  partial::Packer pack(const Place& place, const std::vector<std::size_t>& frames) const {
    partial::Packer packer;
    std::vector<partial::Before> before;
    for (const std::size_t i : frames) {
      FrameRecord record = records_[i];
      renumber(record, place, i);
      describe(packer, names_, record, before);
    }
    return packer;
  }

  std::vector<FrameRecord> records_;
  std::vector<std::size_t> all_, with_new_shape_;
  partial::Names names_ = partial::Names::own();
  std::array<Stream, partial::columns> columns_;
  std::vector<Stream> digests_;
};

// A partial result that is written.
class Output {
 public:
  explicit Output(const std::string& path) : file_(AsideFile::create(path)) {
    if (!file_) throw std::runtime_error(file_.error().to_string());
  }
  Stream& bytes() { return bytes_; }
  void drain(std::size_t from) {
    if (bytes_.size() < from) return;
    const int error = write_all(file_->descriptor(), {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
    if (error != 0) throw std::runtime_error(file_->write_failure(error).to_string());
    written_ += bytes_.size();
    bytes_.clear();
  }
  std::uint64_t close() {
    drain(0);
    if (const Status closed = file_->close(); !closed) throw std::runtime_error(closed.error().to_string());
    return written_;
  }

 private:
  Result<AsideFile> file_;
  Stream bytes_;
  std::uint64_t written_ = 0;
};

class Job {
 public:
  explicit Job(const Options& options)
      : options_(options),
        blocks_((options.packets + options.slices * block_size - 1) / (options.slices * block_size)),
        first_((std::max(options.first, block_size) + block_size - 1) / block_size * block_size),
        keystore_(keys_of(traffic_from(first_))) {
    const auto apart = static_cast<double>(options.apart * 1000);
    if (static_cast<double>((blocks_ * options.slices + 1) * block_size) * apart > 0x1p61)
      throw std::runtime_error("the last packet would be too late; take fewer of them or a smaller --apart");
    std::vector<FrameRecord> records = decoded(patterns * block_size, patterns * block_size);
    for (auto at = records.begin(); at != records.end(); at += block_size)
      patterns_.emplace_back(std::vector<FrameRecord>(at, at + block_size));
  }

  void run() {
    check();
    std::uint64_t bytes = 0;
    for (std::uint64_t slice = 0; slice < options_.slices; ++slice) bytes += write(slice);
    const std::uint64_t packets = options_.slices * blocks_ * block_size;
    fmt::print("{} packets in {} partial results, {:.3f} bytes a packet; sequence numbers {} to {}\n", packets,
               options_.slices, static_cast<double>(bytes) / static_cast<double>(packets), first_,
               first_ + packets - 1);
  }

 private:
  [[nodiscard]] const Pattern& pattern_of(const Place& place) const {
    return patterns_[place.sequence / block_size % patterns];
  }

  [[nodiscard]] Place place_of(std::uint64_t slice, std::uint64_t block) const {
    const std::uint64_t before = (slice * blocks_ + block) * block_size;
    Place out;
    out.sequence = first_ + before;
    out.number = block * block_size + 1;
    out.apart = static_cast<std::int64_t>(options_.apart * 1000);
    out.time =
        static_cast<std::int64_t>(Traffic::begins_at * 1'000'000'000) + static_cast<std::int64_t>(before) * out.apart;
    return out;
  }

  // That blocks at the ends of the job, and of the cycles between, are what the program would have made of them.
  void check() const {
    const std::uint64_t last = options_.slices * blocks_ - 1;
    const std::uint64_t cycle = ((first_ >> 32U) + 1) * ((std::uint64_t{1} << 32U) / block_size) - first_ / block_size;
    for (const std::uint64_t block : {std::uint64_t{0}, std::uint64_t{1}, cycle - 1, cycle, last - 1, last}) {
      if (block > last) continue;
      const Place place = place_of(block / blocks_, block % blocks_);
      if (pattern_of(place).derived(place) != made(place))
        throw std::runtime_error(fmt::format("block {} is not what the program would have made", block));
    }
  }

  [[nodiscard]] partial::Ending ending_of(std::uint64_t slice) const {
    partial::Ending out;
    partial::Source& source = out.sources.emplace_back();
    source.name = fmt::format("capture-{:04}.pcap", slice + 1);
    for (std::uint64_t i = 0; i < 4; ++i) source.sha256 += fmt::format("{:016x}", bench::mixed(slice * 4 + i));
    source.frames = source.part.records = blocks_ * block_size;
    source.first_time = place_of(slice, 0).time;
    const Place behind = place_of(slice + 1, 0);
    source.last_time = behind.time - behind.apart;
    source.part.begin.offset = pcap_header;
    source.part.end.offset = pcap_header + source.frames * (record_header + patterns_.front().frame_size());
    out.alone = true;
    return out;
  }

  std::uint64_t write(std::uint64_t slice) {
    constexpr std::size_t much = 4U << 20;
    Output out{fmt::format("{}/{:04}.esp", options_.directory, slice + 1)};
    partial::Packing packing{out.bytes()};
    packing.begin({}, keystore_);
    for (std::uint64_t block = 0; block < blocks_; ++block) {
      const Place place = place_of(slice, block);
      partial::put_section(out.bytes(), partial::frames_section, pattern_of(place).derived(place));
      out.drain(much);
    }
    packing.end(ending_of(slice));
    return out.close();
  }

  const Options& options_;
  std::uint64_t blocks_, first_;  // of a slice; sequence number
  Keystore keystore_;
  std::vector<Pattern> patterns_;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("directory", options.directory, "where the files go: 0001.esp and so on")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--packets", options.packets,
                 fmt::format("number of packets; each slice is rounded up to a multiple of {} (1000000)", block_size))
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  app.add_option("--slices", options.slices, "number of partial results, each of one capture (200)")
      ->check(CLI::Range(1, 65'536));
  app.add_option("--first", options.first,
                 fmt::format("the first sequence number, rounded up to a multiple of {0} ({0})", block_size))
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 62U));
  app.add_option("--apart", options.apart, "microseconds from one packet to the next (1)")
      ->check(CLI::Range(0, 1'000'000));
}

}  // namespace

int main(int count, char** words) {
  CLI::App app{"Writes partial results of generated ESP, packed but never captured"};
  Options options;
  add_options(app, options);
  CLI11_PARSE(app, count, words);
  try {
    Job{options}.run();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_partials: {}\n", error.what());
    return 1;
  }
}
