// The pseudorandom functions of IKEv2 (RFC 7296 section 2.13, RFC 4868, RFC 4434, RFC 4615) and prf+.
// Each is a MAC of the table of algorithms in full length.
#include "crypto/ike_prf.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "crypto/mac.hpp"
#include "crypto/wiped.hpp"

namespace espdump {
namespace {

constexpr std::size_t aes_key_size = 16;

struct Row {
  Prf prf;
  std::string_view mac;
  std::size_t size;
};
constexpr Row rows[] = {
    {Prf::hmac_md5, "hmac(md5)", 16},           {Prf::hmac_sha1, "hmac(sha1)", 20},
    {Prf::hmac_sha256, "hmac(sha256)", 32},     {Prf::hmac_sha384, "hmac(sha384)", 48},
    {Prf::hmac_sha512, "hmac(sha512)", 64},     {Prf::aes_xcbc, "xcbc(aes)", aes_key_size},
    {Prf::aes_cmac, "cmac(aes)", aes_key_size},
};

const Row* row_of(Prf prf) {
  const Row* found = std::find_if(std::begin(rows), std::end(rows), [prf](const Row& row) { return row.prf == prf; });
  return found == std::end(rows) ? nullptr : found;
}

Unexpected<Error> does_not_compute() { return fail("OpenSSL does not compute a pseudorandom function"); }

// A key of another length than AES has: RFC 4434 fills up a short one with zeros, everything else becomes the MAC of
// itself under a key of zeros (RFC 4434 section 2, RFC 4615 section 3).
Status fit_aes_key(Prf prf, const AlgorithmInfo& info, Bytes key, MutableBytes fitted) {
  if (prf == Prf::aes_xcbc && key.size() < fitted.size()) {
    std::copy(key.begin(), key.end(), fitted.begin());
    return Nothing{};
  }
  constexpr std::array<std::uint8_t, aes_key_size> zeros{};
  auto mac = Mac::make(info, zeros);
  if (!mac) return Unexpected{mac.error()};
  Mac::Value value{};
  const bool done = mac->compute(key, {}, value);
  std::copy_n(value.begin(), fitted.size(), fitted.begin());
  wipe(value);
  return done ? Status{Nothing{}} : does_not_compute();
}

Result<Mac> keyed(Prf prf, Bytes key) {
  const Row* row = row_of(prf);
  if (row == nullptr) return fail("the pseudorandom function is not known");
  const AlgorithmInfo* info = find_algorithm(AlgorithmKind::integrity, row->mac);
  ESPDUMP_ASSERT(info != nullptr);
  const bool aes = prf == Prf::aes_xcbc || prf == Prf::aes_cmac;
  if (!aes || key.size() == aes_key_size) return Mac::make(*info, key);
  Wiped fitted{aes_key_size};
  if (Status fits = fit_aes_key(prf, *info, key, fitted.bytes()); !fits) return Unexpected{fits.error()};
  return Mac::make(*info, fitted.bytes());
}

std::size_t total(std::span<const Bytes> parts) {
  std::size_t size = 0;
  for (const Bytes part : parts) size += part.size();
  return size;
}

void join(std::span<const Bytes> parts, MutableBytes out) {
  auto to = out.begin();
  for (const Bytes part : parts) to = std::copy(part.begin(), part.end(), to);
}

// The front of the MAC, as much as `out` takes.
bool compute_into(Mac& mac, Bytes message, MutableBytes out) {
  Mac::Value value{};
  const bool done = mac.compute(message, {}, value);
  if (done) std::copy_n(value.begin(), out.size(), out.begin());
  wipe(value);
  return done;
}

}  // namespace

std::size_t prf_size(Prf prf) noexcept {
  const Row* row = row_of(prf);
  return row == nullptr ? 0 : row->size;
}

Status compute_prf(Prf prf, Bytes key, std::span<const Bytes> parts, MutableBytes out) {
  auto mac = keyed(prf, key);
  if (!mac) return Unexpected{mac.error()};
  ESPDUMP_ASSERT(out.size() == prf_size(prf));
  Wiped message{total(parts)};
  join(parts, message.bytes());
  if (!compute_into(*mac, message.bytes(), out)) return does_not_compute();
  return Nothing{};
}

// T1 | T2 | …, where Tn = prf(K, T(n-1) | S | n). One buffer has T(n-1), S and n in this order.
Status prf_plus(Prf prf, Bytes key, std::span<const Bytes> parts, MutableBytes out) {
  auto mac = keyed(prf, key);
  if (!mac) return Unexpected{mac.error()};
  const std::size_t step = prf_size(prf);
  if (out.size() > 255 * step) return fail(fmt::format("prf+ does not give {} bytes", out.size()));
  Wiped message{step + total(parts) + 1};
  const MutableBytes all = message.bytes(), previous = all.first(step);
  join(parts, all.subspan(step));
  for (std::size_t offset = 0; offset < out.size(); offset += step) {
    ++all.back();
    const Bytes input = offset == 0 ? all.subspan(step) : all;
    if (!compute_into(*mac, input, previous)) return does_not_compute();
    std::copy_n(previous.begin(), std::min(step, out.size() - offset),
                out.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  return Nothing{};
}

}  // namespace espdump
