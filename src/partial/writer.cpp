// Writing partial results: frames are packed block by block, each with a hash.
#include <algorithm>
#include <string_view>
#include <utility>

#include "base/write_all.hpp"
#include "partial/head.hpp"
#include "partial/partial.hpp"
#include "partial/section.hpp"

namespace espdump::partial {
namespace {

constexpr std::size_t most_block = 8U << 20;

std::string_view text_of(const Stream& stream) {
  return {reinterpret_cast<const char*>(stream.data()), stream.size()};  // NOLINT: bytes are bytes
}

}  // namespace

Keystore::Told told_of(const Keystore& keystore) {
  Keystore::Told out;
  for (const SecurityAssociation& sa : keystore.associations()) {
    SecurityAssociation& told = out.associations.emplace_back(sa);
    told.encryption.key = told.integrity.key = Secret{};
    out.key_sizes.emplace_back(static_cast<std::uint16_t>(sa.encryption.key.size()),
                               static_cast<std::uint16_t>(sa.integrity.key.size()));
  }
  out.proposals.assign(keystore.logged_proposals().begin(), keystore.logged_proposals().end());
  out.selectors.assign(keystore.logged_selectors().begin(), keystore.logged_selectors().end());
  out.ike_keys = keystore.has_ike_keys();
  return out;
}

Result<Writer> Writer::create(const std::string& path) {
  auto file = AsideFile::create(path);
  if (!file) return Unexpected{file.error()};
  return Writer{std::move(*file)};
}

void Packing::begin(const Settings& settings, const Keystore& keystore) {
  put_start(out_);
  Head head{settings, names_, told_of(keystore)};
  Packer packer;
  describe(packer, head);
  put_section(out_, head_section, compress(packer.streams()));
}

void Packing::add(FrameRecord& frame) {
  describe(packer_, names_, frame, before_);
  if (++frames_ == most_frames || packer_.size() > most_block) flush();
}

void Packing::flush() {
  if (frames_ == 0) return;
  put_section(out_, frames_section, compress(packer_.streams()));
  packer_.clear();
  before_.clear();
  frames_ = 0;
}

void Packing::end(Ending ending) {
  flush();
  Packer packer;
  describe(packer, ending);
  put_section(out_, end_section, compress(packer.streams()));
}

void Writer::drain() {
  if (error_ == 0) error_ = write_all(file_.descriptor(), text_of(*bytes_));
  bytes_->clear();
}

void Writer::begin(const Settings& settings, const Keystore& keystore) {
  packing_.begin(settings, keystore);
  drain();
}

void Writer::add(FrameRecord& frame) {
  packing_.add(frame);
  if (!bytes_->empty()) drain();
}

Status Writer::close(Ending ending) {
  packing_.end(std::move(ending));
  drain();
  if (error_ == 0) return file_.close();
  const Error failure = file_.write_failure(error_);
  file_.discard();
  return Unexpected{failure};
}

}  // namespace espdump::partial
