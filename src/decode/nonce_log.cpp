// IVs that follow one another, as those of Linux and of most others do, have digests that follow one another in their
// lowest bits, for the sake of caches.
#include "decode/nonce_log.hpp"

#include <array>

#include "base/packet_hash.hpp"

namespace espdump {
namespace {

constexpr std::uint64_t run = 64;

std::uint64_t digest_of(std::uint64_t run_digest, std::uint64_t value) {
  const std::uint64_t digest = run_digest ^ value % run;
  return digest == 0 ? 1 : digest;
}

std::uint64_t digest_of_run(std::uint32_t key_group, std::uint64_t number) {
  std::array<std::uint8_t, 12> facts;
  write_u32(facts, 0, key_group);
  write_u32(facts, 4, static_cast<std::uint32_t>(number >> 32));
  write_u32(facts, 8, static_cast<std::uint32_t>(number));
  return packet_hash(facts);
}

}  // namespace

void NonceLog::take(NonceRun& latest, std::uint32_t key_group, Bytes iv, const Sighting& sighting, OpenRecord& record) {
  const std::uint64_t value = iv.size() == 8 ? read_u64(iv, 0) : iv.empty() ? record.sequence : packet_hash(iv);
  if (latest.number != value / run || latest.digest == 0) latest = {value / run, digest_of_run(key_group, value / run)};
  const std::uint64_t nonce = digest_of(latest.digest, value);
  const Meeting* before = seen_.find(nonce);
  if (before == nullptr) return seen_.remember({nonce, sighting.digest, sighting.frame, record.sa, sighting.file});
  if (before->packet == sighting.digest) return;
  record.nonce_frame = before->frame;
  record.nonce_file = before->file;
  record.nonce_sa = before->sa;
}

void NonceLog::expect(const NonceRun& latest, Bytes iv) const noexcept {
  if (iv.size() != 8 || latest.digest == 0) return;
  const std::uint64_t value = read_u64(iv, 0);
  if (latest.number == value / run) seen_.expect(digest_of(latest.digest, value));
}

}  // namespace espdump
