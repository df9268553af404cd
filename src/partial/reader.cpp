// Reading partial results. Everything in them may be damaged or forged.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "base/file_digest.hpp"
#include "base/input_file.hpp"
#include "partial/head.hpp"
#include "partial/partial.hpp"
#include "partial/section.hpp"

namespace espdump::partial {

struct Member::File {
  File(int opened, std::uint64_t bytes) : descriptor(opened), size(bytes) {}
  explicit File(Bytes bytes) : memory(bytes), size(bytes.size()) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }

  // Whether all of them are there.
  [[nodiscard]] bool read(std::uint64_t offset, MutableBytes out) const {
    if (offset > size || out.size() > size - offset) return false;
    if (descriptor < 0) {
      std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
      return true;
    }
    while (!out.empty()) {
      const ssize_t got = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      offset += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }

  int descriptor = -1;
  Bytes memory;  // where there is no descriptor
  std::uint64_t size;
};

Result<Stream> Member::read(const Section& section) const {
  Stream payload(static_cast<std::size_t>(section.size));
  if (!file_->read(section.offset, payload) || lasting_hash(payload) != section.hash)
    return fail(fmt::format("damaged: the section at byte {} is not as it was written; make it anew", section.offset),
                path_);
  return payload;
}

Status Member::read_head(const Section& section) {
  head_ = section;
  auto payload = read(section);
  if (!payload) return Unexpected{payload.error()};
  likeness_ = section.hash;
  auto streams = decompress(*payload);
  Head head;
  if (streams) {
    Unpacker unpacker{std::move(*streams)};
    describe(unpacker, head);
    if (unpacker.failed()) streams.reset();
  }
  if (!streams)
    return fail("names SAs or algorithms that this version of espdump does not know; use the one that made it", path_);
  names_ = std::move(head.names);
  settings_ = std::move(head.settings);
  return Nothing{};
}

Status Member::read_end(const Section& section) {
  auto payload = read(section);
  if (!payload) return Unexpected{payload.error()};
  auto streams = decompress(*payload);
  if (streams) {
    Unpacker unpacker{std::move(*streams), most_memory_of_an_end};
    describe(unpacker, ending_);
    const auto& sources = ending_.sources;
    const bool in_ranges =
        std::any_of(sources.begin(), sources.end(), [](const Source& one) { return !one.part.beginning.empty(); });
    if (!unpacker.failed() && (sources.size() == 1 || !in_ranges)) return Nothing{};
  }
  return fail("damaged: its end makes no sense; make it anew", path_);
}

Keystore Member::keystore() const {
  Head head;
  if (auto payload = read(head_))
    if (auto streams = decompress(*payload)) {
      Unpacker unpacker{std::move(*streams)};
      describe(unpacker, head);
    }
  return Keystore::without_keys(std::move(head.told));
}

bool Member::next_block() {
  unpacker_.reset();
  if (next_ == blocks_.size()) return false;
  auto payload = read(blocks_[next_++]);
  if (!payload) {
    damage_ = payload.error();
    return false;
  }
  auto streams = decompress(*payload);
  if (!streams) {
    damage_ = Error{"damaged: a block of frames makes no sense; make it anew", path_};
    return false;
  }
  unpacker_ = std::make_unique<Unpacker>(std::move(*streams), most_memory_of_a_frame);
  before_.clear();
  frames_ = 0;
  return true;
}

bool Member::next(FrameRecord& frame) {
  if (damage_) return false;
  while (!unpacker_ || unpacker_->ended())
    if (!next_block()) return false;
  describe(*unpacker_, names_, frame, before_);
  if (++frames_ <= most_frames && !unpacker_->failed() && frame.file < ending_.sources.size()) return true;
  damage_ = Error{"damaged: a frame in it makes no sense; make it anew", path_};
  return false;
}

Status Member::copy(const std::function<Status(Bytes)>& take) const {
  constexpr std::uint64_t piece = 1U << 20;
  for (const Section& block : blocks_)
    if (auto payload = read(block); !payload) return Unexpected{payload.error()};
  Stream bytes;
  for (std::uint64_t at = begin_; at < end_; at += bytes.size()) {
    bytes.resize(static_cast<std::size_t>(std::min(piece, end_ - at)));
    if (!file_->read(at, bytes)) return fail(fmt::format("cannot be read at byte {}", at), path_);
    if (Status taken = take(bytes); !taken) return taken;
  }
  return Nothing{};
}

// Whether it was the last one of its member.
Result<bool> Member::take(const Section& section) {
  Status done = Nothing{};
  switch (section.type) {
    case head_section: done = read_head(section); break;
    case frames_section: blocks_.push_back(section); break;
    case end_section: done = read_end(section); break;
    default:
      if (section.type < optional_sections)
        done = fail(fmt::format("has a section of kind {}, which this espdump does not know and may not pass over",
                                section.type),
                    path_);
  }
  if (!done) return Unexpected{done.error()};
  return section.type == end_section;
}

Result<std::vector<Member>> Member::members_of(const std::shared_ptr<File>& file, const std::string& path) {
  std::vector<Member> out;
  std::array<std::uint8_t, magic.size() + 4> start{};
  std::array<std::uint8_t, section_header> header{};
  bool open = false;
  for (std::uint64_t at = 0; at != file->size;) {
    if (!open) {
      if (!file->read(at, start) || !std::equal(magic.begin(), magic.end(), start.begin()))
        return fail(at == 0 ? "is no partial result; `espdump CAPTURE --partial FILE` makes one"
                            : fmt::format("damaged: at byte {} another partial result should begin", at),
                    path);
      if (const std::uint32_t found = read_u32(start, magic.size()); found != version)
        return fail(fmt::format("is of version {} of the format; this espdump reads version {}", found, version), path);
      Member& made = out.emplace_back();
      made.begin_ = at;
      at += start.size();
      made.path_ = path;
      made.file_ = file;
    }
    open = true;
    if (!file->read(at, header)) break;
    const Section section{read_u32(header, 0), at + section_header, read_u64(header, 4), read_u64(header, 12)};
    if (section.size > most_section || section.size > file->size - section.offset) break;
    at = section.offset + section.size;
    const Result<bool> ended = out.back().take(section);
    if (!ended) return Unexpected{ended.error()};
    out.back().end_ = at;
    open = !*ended;
  }
  if (out.empty()) return fail("is empty", path);
  if (open) return fail("ends early: it was never finished, or cut; make it anew", path);
  return out;
}

Result<std::vector<Member>> open_partial(const std::string& path) {
  const int descriptor = open_input(path, Opening::never_waits);
  if (descriptor < 0) return fail(std::strerror(errno), path);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return fail("is no regular file; partial results are read in several places at once", path);
  }
  return Member::members_of(std::make_shared<Member::File>(descriptor, static_cast<std::uint64_t>(status.st_size)),
                            path);
}

Result<std::vector<Member>> partial_over(Bytes bytes, const std::string& name) {
  return Member::members_of(std::make_shared<Member::File>(bytes), name);
}

}  // namespace espdump::partial
