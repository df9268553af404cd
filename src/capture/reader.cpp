// One capture of either format. Our own reader, not libpcap: it is faster, knows interface numbers, and reads
// files whose interfaces differ in link type.
#include <espdump/capture.hpp>

#include <fmt/core.h>

#include <variant>

#include "capture/chain.hpp"
#include "capture/decompress.hpp"
#include "capture/pcap.hpp"
#include "capture/pcapng.hpp"
#include "capture/recognise.hpp"
#include "capture/source.hpp"

namespace espdump {

struct CaptureReader::State {
  capture::Source source;
  std::variant<capture::PcapFile, capture::PcapngFile> file;
  FrameNumber frames = 0;
  bool done = false;
  std::optional<Error> damage{};
};

namespace {

using capture::Source;
using File = std::variant<capture::PcapFile, capture::PcapngFile>;

template <typename Format>
Result<File> open_as(Source& source) {
  auto file = Format::open(source);
  if (!file) return Unexpected{file.error()};
  return File{std::move(*file)};
}

constexpr std::size_t magic_size = 6;  // of xz; the others have less

// Puts what a compressed source holds in its place.
void unpack(Source& source) {
  const capture::Compression* compression = capture::find_compression(source.here());
  if (compression == nullptr) return;
  if (auto codec = compression->make(); codec != nullptr)
    source = Source::unpacked(std::make_unique<capture::Unpacker>(std::move(source), *compression, std::move(codec)));
}

Result<File> open_file(Source& source) {
  source.need(magic_size);
  unpack(source);
  const bool enough = source.need(magic_size);
  if (capture::PcapFile::recognises(source.here())) return open_as<capture::PcapFile>(source);
  if (capture::PcapngFile::recognises(source.here())) return open_as<capture::PcapngFile>(source);
  if (!enough && source.trouble()) return Unexpected{*source.trouble()};
  auto failure = source.failure(capture::why_not_a_capture(source));
  if (capture::is_key_file(source.here())) source.forget();
  return failure;
}

// To some record before `begin` that is not far from it, where one can be found.
template <typename Format>
void jump_near(const Format& file, Source& source, std::uint64_t begin) {
  const std::uint64_t here = source.offset();
  const std::uint64_t from = (begin - capture::usual_record) / Format::alignment * Format::alignment;
  source.jump(from);
  const bool at_end = !source.need(capture::chain_window);
  const auto found = capture::ChainSearch<Format>{file, source.here(), at_end}.find();
  source.jump(found && from + *found <= begin ? from + *found : here);
}

// To the first record that begins at `begin` or behind it.
template <typename Format>
Status go_to(Format& file, Source& source, std::uint64_t begin) {
  if (!source.can_jump())
    return source.failure("is compressed, or a pipe: only files that lie on the disk as they are can be read in parts");
  file.read_descriptions(source);
  if (begin == 0) return Nothing{};
  if (begin > source.progress().total)
    return source.failure(fmt::format("has {} bytes only, none from {} on", source.progress().total, begin));
  if (begin > source.offset() + capture::usual_record) jump_near(file, source, begin);
  source.stop_at(begin);
  Frame frame;
  std::optional<Error> damage;  // told by who reads it
  while (file.next(source, frame, damage)) {
  }
  return Nothing{};
}

Result<File> open_range(Source& source, const ByteRange& range) {
  auto file = open_file(source);
  if (!file || range.is_all()) return file;
  const Status there = std::visit([&](auto& one) { return go_to(one, source, range.begin); }, *file);
  if (!there) return Unexpected{there.error()};
  source.stop_at(range.end);
  return file;
}

}  // namespace

CaptureReader::CaptureReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

Result<CaptureReader> CaptureReader::open(const std::string& path, const ByteRange& range) {
  auto source = Source::open(path);
  if (!source) return Unexpected{source.error()};
  auto file = open_range(*source, range);
  if (!file) return Unexpected{file.error()};
  return CaptureReader{std::make_unique<State>(State{std::move(*source), std::move(*file)})};
}

Result<CaptureReader> CaptureReader::over(Bytes bytes, std::string name, const ByteRange& range) {
  auto source = Source::over(bytes, std::move(name));
  auto file = open_range(source, range);
  if (!file) return Unexpected{file.error()};
  return CaptureReader{std::make_unique<State>(State{std::move(source), std::move(*file)})};
}

std::optional<Frame> CaptureReader::next() {
  State& state = *state_;
  if (state.done) return std::nullopt;
  Frame frame;
  const auto read = [&](auto& file) { return file.next(state.source, frame, state.damage); };
  if (!std::visit(read, state.file)) {
    state.done = true;
    return std::nullopt;
  }
  frame.number = ++state.frames;
  return frame;
}

Status CaptureReader::seek(std::uint64_t offset) {
  Status there = std::visit([&](auto& file) { return go_to(file, state_->source, offset); }, state_->file);
  state_->source.stop_at(UINT64_MAX);
  return there;
}

const std::optional<Error>& CaptureReader::damage() const { return state_->damage; }
const std::string& CaptureReader::name() const { return state_->source.name(); }
CapturePlace CaptureReader::place() const {
  const auto descriptions = [](const auto& file) { return file.descriptions(); };
  return {state_->source.offset(), std::visit(descriptions, state_->file)};
}

bool CaptureReader::is_in_place() const { return state_->source.can_jump(); }
bool CaptureReader::is_stream() const { return state_->source.is_stream(); }

bool CaptureReader::would_block() const {
  const State& state = *state_;
  if (state.done || state.source.ended()) return false;
  return !std::visit([&](const auto& file) { return file.has_next(state.source.here()); }, state.file);
}

ReadProgress CaptureReader::progress() const { return state_->source.progress(); }

}  // namespace espdump
