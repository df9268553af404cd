// The file that packets are written to, in whichever format.
#include <espdump/capture.hpp>

#include <utility>

#include "base/aside_file.hpp"
#include "base/write_all.hpp"
#include "capture/written.hpp"

namespace espdump {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

}  // namespace

struct CaptureWriter::State {
  AsideFile file;
  bool pcapng = false;
  std::vector<std::uint8_t> buffer{};
  std::optional<Error> error{};

  void begin(std::uint32_t link_type);
  void flush();
  void finish();
};

void CaptureWriter::State::begin(std::uint32_t link_type) {
  buffer.clear();
  pcapng ? capture::begin_pcapng(buffer, link_type) : capture::begin_pcap(buffer, link_type);
}

void CaptureWriter::State::flush() {
  if (!error) {
    const std::string_view text{reinterpret_cast<const char*>(buffer.data()),
                                buffer.size()};  // NOLINT: bytes are bytes
    if (const int number = write_all(file.descriptor(), text); number != 0) error = file.write_failure(number);
  }
  buffer.clear();
}

void CaptureWriter::State::finish() {
  flush();
  if (error)
    file.discard();
  else if (const Status closed = file.close(); !closed)
    error = closed.error();
}

CaptureWriter::CaptureWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureWriter::CaptureWriter(CaptureWriter&&) noexcept = default;
CaptureWriter& CaptureWriter::operator=(CaptureWriter&&) noexcept = default;
CaptureWriter::~CaptureWriter() = default;

Result<CaptureWriter> CaptureWriter::create(const std::string& path, std::uint32_t link_type) {
  auto file = AsideFile::create(path);
  if (!file) return Unexpected{file.error()};
  auto state = std::make_unique<State>(State{std::move(*file), path.ends_with(".pcapng")});
  state->buffer.reserve(buffer_size + capture::most_written);
  state->begin(link_type);
  return CaptureWriter{std::move(state)};
}

Status CaptureWriter::entrust() { return state_->file.entrust(); }

void CaptureWriter::use_link_type(std::uint32_t link_type) { state_->begin(link_type); }

bool CaptureWriter::keeps_comments() const { return state_->pcapng; }

void CaptureWriter::write(Timestamp time, Bytes packet, std::size_t wire_length, std::string_view comment) {
  State& state = *state_;
  if (state.error || !state.file.is_open()) return;
  const capture::Written written{time, packet, wire_length, comment};
  state.pcapng ? capture::add_to_pcapng(state.buffer, written) : capture::add_to_pcap(state.buffer, written);
  if (state.buffer.size() >= buffer_size) state.flush();
}

void CaptureWriter::flush() {
  if (state_->file.is_open()) state_->flush();
}

Status CaptureWriter::close() {
  if (state_->file.is_open()) state_->finish();
  if (state_->error) return Unexpected{*state_->error};
  return Nothing{};
}

}  // namespace espdump
