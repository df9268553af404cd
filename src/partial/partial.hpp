// Partial results: what a run over some captures found out, for one that joins it with what others did.
// docs/partials.md is the format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/result.hpp>

#include "base/aside_file.hpp"
#include "decode/record.hpp"
#include "partial/archive.hpp"
#include "partial/describe.hpp"
#include "partial/names.hpp"

namespace espdump::partial {

// What has to be the same in all that are to be joined.
struct Settings {
  bool verify_only = false;
  std::string filter;
};

// Which part of a capture was read.
struct Part {
  CapturePlace begin, end;    // of its first record, and of the first one behind it
  std::uint64_t records = 0;  // in it, whether the filter let them through or not
  bool is_first = true;       // it was read from the beginning
  bool is_last = true;        // reading did not end at the end of a range
  std::string beginning;      // SHA-256 of the capture's first 64 KiB; empty: the whole capture was wanted
};

// A capture that a partial result is about.
struct Source {
  std::string name;
  std::string sha256;  // of what was read; empty: it was a pipe
  std::uint64_t frames = 0;
  std::int64_t first_time = 0, last_time = 0;
  Part part{};
};

// What is known once all is read.
struct Ending {
  std::vector<Source> sources;
  std::vector<std::pair<std::string, std::string>> damages;  // text and file
  ReassemblyStatistics reassembly;
  std::uint64_t ike_messages = 0;  // in fragments, given up
  bool alone = false;              // nothing was known of what came before the captures
};

// What a keystore tells of itself without its keys.
Keystore::Told told_of(const Keystore& keystore);

// The bytes of a partial result, as they come; whoever takes them away empties `out`.
class Packing {
 public:
  explicit Packing(Stream& out) : out_(out) {}
  void begin(const Settings& settings, const Keystore& keystore);
  void add(FrameRecord& frame);
  void end(Ending ending);

 private:
  void flush();

  Stream& out_;
  Names names_ = Names::own();
  Packer packer_;
  std::vector<Before> before_;
  std::size_t frames_ = 0;  // in the packer
};

class Writer {
 public:
  // Errors: as AsideFile::create().
  static Result<Writer> create(const std::string& path);

  // As AsideFile::entrust().
  Status entrust() { return file_.entrust(); }
  void begin(const Settings& settings, const Keystore& keystore);
  void add(FrameRecord& frame);
  // Writes what is left and gives the file its name. The error of this or any earlier write.
  Status close(Ending ending);

 private:
  explicit Writer(AsideFile file) : file_(std::move(file)) {}
  void drain();

  AsideFile file_;
  std::unique_ptr<Stream> bytes_ = std::make_unique<Stream>();
  Packing packing_{*bytes_};
  int error_ = 0;
};

// One partial result; a file may have several.
class Member {
 public:
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Ending& ending() const { return ending_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  // Equal where names, settings and keys are.
  [[nodiscard]] std::uint64_t likeness() const { return likeness_; }
  [[nodiscard]] Keystore keystore() const;

  // Hands over its bytes as they are, in pieces, until one cannot be taken. Errors: it is damaged; that of `take`.
  Status copy(const std::function<Status(Bytes)>& take) const;

  // The next frame, in place of one before; false at the end, and where the file is damaged, of which damage() tells.
  bool next(FrameRecord& frame);
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

 private:
  friend Result<std::vector<Member>> open_partial(const std::string& path);
  friend Result<std::vector<Member>> partial_over(Bytes bytes, const std::string& name);
  struct File;
  struct Section {
    std::uint32_t type = 0;
    std::uint64_t offset = 0, size = 0, hash = 0;
  };
  Result<Stream> read(const Section& section) const;
  Status read_head(const Section& section);
  Status read_end(const Section& section);
  static Result<std::vector<Member>> members_of(const std::shared_ptr<File>& file, const std::string& path);
  Result<bool> take(const Section& section);
  bool next_block();

  std::string path_;
  std::shared_ptr<File> file_;
  std::uint64_t begin_ = 0, end_ = 0;  // in the file
  std::vector<Section> blocks_;
  Section head_;
  std::size_t next_ = 0;
  Names names_;
  Settings settings_;
  Ending ending_;
  std::uint64_t likeness_ = 0;
  std::unique_ptr<Unpacker> unpacker_;
  std::vector<Before> before_;
  std::size_t frames_ = 0;  // of the block
  std::optional<Error> damage_;
};

// All that a file holds. Errors: cannot be read, is none, was never finished, is damaged, comes from a later version.
Result<std::vector<Member>> open_partial(const std::string& path);
// The same from memory, which must outlive them: for tests and fuzzers.
Result<std::vector<Member>> partial_over(Bytes bytes, const std::string& name);

}  // namespace espdump::partial
