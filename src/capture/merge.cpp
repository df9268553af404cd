// Several captures as one, in order of time.
#include <espdump/capture.hpp>

#include <algorithm>
#include <utility>

namespace espdump {

struct CaptureSet::State {
  std::vector<CaptureReader> readers;
  std::vector<Frame> heads{};          // by file: its next frame
  std::vector<std::size_t> heap{};     // files that have a head; the earliest is on top
  bool started = false;                // not before the first next(): filling the heads may wait for a pipe
  std::optional<std::size_t> given{};  // the file whose frame is with the caller, and must not move yet

  [[nodiscard]] auto later() const {
    return [this](std::size_t a, std::size_t b) { return std::pair{heads[a].time, a} > std::pair{heads[b].time, b}; };
  }

  std::optional<Frame> next_of_the_only_one() {
    started = true;
    given = 0;
    return readers.front().next();
  }

  void advance(std::size_t file) {
    auto frame = readers[file].next();
    if (!frame) return;
    frame->file = static_cast<std::uint16_t>(file);
    heads[file] = *frame;
    heap.push_back(file);
    std::push_heap(heap.begin(), heap.end(), later());
  }
};

CaptureSet::CaptureSet() : CaptureSet(std::make_unique<State>()) {}
CaptureSet::CaptureSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureSet::CaptureSet(CaptureSet&&) noexcept = default;
CaptureSet& CaptureSet::operator=(CaptureSet&&) noexcept = default;
CaptureSet::~CaptureSet() = default;

CaptureSet CaptureSet::of(std::vector<CaptureReader> readers) {
  auto state = std::make_unique<State>();
  state->readers = std::move(readers);
  state->heads.resize(state->readers.size());
  return CaptureSet{std::move(state)};
}

CaptureSet CaptureSet::open_readable(const std::vector<std::string>& paths, std::vector<Error>& failures) {
  constexpr std::size_t most_files = 65536;  // Frame::file has 16 bits
  std::vector<CaptureReader> readers;
  bool standard_input = false;
  for (const std::string& path : paths) {
    if (readers.size() == most_files) {
      failures.push_back({"too many captures; join some with mergecap first", path});
      break;
    }
    if (path == "-" && std::exchange(standard_input, true)) {
      failures.push_back({"can be read only once", "standard input"});
      continue;
    }
    auto reader = CaptureReader::open(path);
    if (reader)
      readers.push_back(std::move(*reader));
    else
      failures.push_back(reader.error());
  }
  return of(std::move(readers));
}

Result<CaptureSet> CaptureSet::open(const std::vector<std::string>& paths) {
  if (paths.empty()) return fail("no capture given");
  if (std::count(paths.begin(), paths.end(), "-") > 1) return fail("can be read only once", "standard input");
  std::vector<Error> failures;
  CaptureSet captures = open_readable(paths, failures);
  if (!failures.empty()) return Unexpected{failures.front()};
  return captures;
}

std::optional<Frame> CaptureSet::next() {
  State& state = *state_;
  if (state.readers.size() == 1) return state.next_of_the_only_one();
  if (!std::exchange(state.started, true))
    for (std::size_t file = 0; file < state.readers.size(); ++file) state.advance(file);
  if (state.given) state.advance(*std::exchange(state.given, std::nullopt));
  if (state.heap.empty()) return std::nullopt;
  std::pop_heap(state.heap.begin(), state.heap.end(), state.later());
  state.given = state.heap.back();
  state.heap.pop_back();
  return state.heads[*state.given];
}

std::vector<Error> CaptureSet::damages() const {
  std::vector<Error> damages;
  for (const CaptureReader& reader : state_->readers)
    if (reader.damage()) damages.push_back(*reader.damage());
  return damages;
}

std::size_t CaptureSet::files() const { return state_->readers.size(); }
const std::string& CaptureSet::name(std::size_t file) const { return state_->readers.at(file).name(); }

CapturePlace CaptureSet::place(std::size_t file) const { return state_->readers.at(file).place(); }

bool CaptureSet::has_stream() const {
  const auto& readers = state_->readers;
  return std::any_of(readers.begin(), readers.end(), [](const CaptureReader& reader) { return reader.is_stream(); });
}

bool CaptureSet::would_block() const {
  const State& state = *state_;
  const auto blocks = [](const CaptureReader& reader) { return reader.would_block(); };
  if (!state.started) return std::any_of(state.readers.begin(), state.readers.end(), blocks);
  return state.given && blocks(state.readers[*state.given]);
}

ReadProgress CaptureSet::progress() const {
  ReadProgress out;
  bool known = true;
  for (const CaptureReader& reader : state_->readers) {
    const ReadProgress one = reader.progress();
    out.read += one.read;
    out.total += one.total;
    known = known && one.total != 0;
  }
  return known ? out : ReadProgress{out.read, 0};
}

}  // namespace espdump
