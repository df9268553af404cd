// Keys, names and ICV lengths that are not as they should be.
#include "keys/key_line.hpp"

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::KeyLine;

namespace {

constexpr const char* closed = "; packets of this SA cannot be opened";

struct Read {
  SecretArena arena;
  keys::KeyReading reading;
};

Read read(AlgorithmKind kind, std::string_view name, std::string_view rest, bool states_icv) {
  Read out;
  KeyLine line;
  line.kind = kind;
  line.name = name;
  line.states_icv = states_icv;
  line.pieces = {rest};
  out.reading = keys::read_key_line(line, out.arena);
  return out;
}
Read aead(std::string_view name, std::string_view rest) { return read(AlgorithmKind::aead, name, rest, true); }
Read enc(std::string_view name, std::string_view rest) { return read(AlgorithmKind::encryption, name, rest, false); }
Read auth(std::string_view name, std::string_view rest) { return read(AlgorithmKind::integrity, name, rest, true); }

std::string key(std::size_t bytes) {
  std::string out = " 0x";
  for (std::size_t i = 0; i < bytes; ++i) out += "5a";
  return out;
}

void check_unusable(const Read& out, const std::string& text) {
  CHECK(out.reading.use.state == KeyState::unusable);
  CHECK(out.reading.problem == text + closed);
  CHECK(out.reading.serious);
  CHECK(out.reading.use.key.empty());
}

}  // namespace

TEST_CASE("key line: wrong lengths name those that are right") {
  check_unusable(aead("rfc4106(gcm(aes))", key(19) + " 128"),
                 "key of rfc4106(gcm(aes)) has 19 bytes, 20, 28 or 36 wanted (16, 24 or 32 and 4 bytes of salt)");
  check_unusable(aead("rfc4309(ccm(aes))", key(20) + " 128"),
                 "key of rfc4309(ccm(aes)) has 20 bytes, 19, 27 or 35 wanted (16, 24 or 32 and 3 bytes of salt)");
  check_unusable(aead("rfc7539esp(chacha20,poly1305)", key(32) + " 128"),
                 "key of rfc7539esp(chacha20,poly1305) has 32 bytes, 36 wanted (32 and 4 bytes of salt)");
  check_unusable(enc("cbc(aes)", key(1)), "key of cbc(aes) has 1 byte, 16, 24 or 32 wanted");
  check_unusable(enc("cbc(blowfish)", key(57)), "key of cbc(blowfish) has 57 bytes, 4 to 56 wanted");
  check_unusable(enc("cbc(des)", " 0x"), "key of cbc(des) has 0 bytes, 8 wanted");
  check_unusable(auth("xcbc(aes)", key(20) + " 96"), "key of xcbc(aes) has 20 bytes, 16, 24 or 32 wanted");
}

TEST_CASE("key line: HMAC takes keys of any length, with a note") {
  const Read out = auth("hmac(sha256)", key(20) + " 128");
  CHECK(out.reading.use.state == KeyState::present);
  CHECK(out.reading.use.key.size() == 20);
  CHECK(out.reading.problem == "key of hmac(sha256) has 20 bytes, 32 is customary; used as it stands");
  CHECK_FALSE(out.reading.serious);
  CHECK(auth("hmac(sha256)", key(32) + " 128").reading.problem.empty());
  CHECK(auth("hmac(sha1)", " 0x 96").reading.use.state == KeyState::unusable);
}

TEST_CASE("key line: all lengths that the table allows are taken") {
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind == AlgorithmKind::compression || info.key_max == 0) continue;
    for (std::size_t size = 1; size < 80; ++size) {
      const bool right = size >= std::size_t{info.key_min} + info.salt &&
                         size <= std::size_t{info.key_max} + info.salt &&
                         (size - info.salt - info.key_min) % info.key_step == 0;
      const bool any = info.xfrm.substr(0, 4) == "hmac";
      const Read out =
          read(info.kind, info.xfrm, key(size) + (info.icv_bits == 0 ? "" : " " + std::to_string(info.icv_bits)),
               info.icv_bits != 0);
      INFO(info.xfrm << ' ' << size);
      CHECK((out.reading.use.state == KeyState::present) == (right || any));
    }
  }
}

TEST_CASE("key line: what is not a whole key is named") {
  check_unusable(enc("cbc(aes)", " 0x123"),
                 "key of cbc(aes) has an odd number of hexadecimal digits (3): the line is cut");
  check_unusable(enc("cbc(aes)", ""), "no key behind cbc(aes): the line is cut");
  check_unusable(enc("cbc(aes)", " 0x12zz"), "key of cbc(aes) holds something that is not hexadecimal");
  check_unusable(enc("cbc(aes)", key(16) + " (256 bits)"), "key of cbc(aes) has 128 bits, but the line says 256");
  check_unusable(enc("cbc(aes)", " (ERROR truncated)"), "`ip` could not print this line (ERROR truncated)");
  check_unusable(enc("", ""), "no algorithm name: the line is cut");
}

TEST_CASE("key line: unknown algorithms are named, cut to what can be printed") {
  check_unusable(enc("cbc(aria)", key(16)), "unknown algorithm \"cbc(aria)\"");
  check_unusable(enc("rfc4106(gcm(aes))", key(20)), "unknown algorithm \"rfc4106(gcm(aes))\"");
  check_unusable(enc("a\x1b" + std::string(40, 'z'), key(20)), "unknown algorithm \"a?" + std::string(30, 'z') + "…\"");
  check_unusable(enc("0x0102", ""), "unknown algorithm (not shown)");
}

TEST_CASE("key line: ICV lengths") {
  check_unusable(aead("rfc4106(gcm(aes))", key(20) + " 32"),
                 "ICV of rfc4106(gcm(aes)) has 32 bits, 64, 96 or 128 wanted");
  check_unusable(aead("rfc4543(gcm(aes))", key(20) + " 64"), "ICV of rfc4543(gcm(aes)) has 64 bits, 128 wanted");
  check_unusable(aead("rfc4106(gcm(aes))", key(20)),
                 "no ICV length behind the key of rfc4106(gcm(aes)): the line is cut");
  check_unusable(auth("hmac(sha1)", key(20) + " 168"),
                 "ICV of hmac(sha1) has 168 bits, a multiple of 8 up to 160 wanted");
  check_unusable(auth("hmac(sha1)", key(20) + " 97"),
                 "ICV of hmac(sha1) has 97 bits, a multiple of 8 up to 160 wanted");
  check_unusable(auth("hmac(sha1)", key(20) + " 0"), "ICV of hmac(sha1) has 0 bits, a multiple of 8 up to 160 wanted");
  check_unusable(auth("digest_null", "  96"), "ICV of digest_null has 96 bits, 0 wanted");
  check_unusable(auth("hmac(sha1)", key(20) + " 99999999999999999999"),
                 "ICV of hmac(sha1) has 1000000 bits, a multiple of 8 up to 160 wanted");
  CHECK(auth("hmac(sha1)", key(20) + " 160").reading.use.icv_bits == 160);
  CHECK(auth("hmac(sha512)", key(64) + " 512").reading.use.icv_bits == 512);
  CHECK(aead("rfc4309(ccm(aes))", key(19) + " 64").reading.use.icv_bits == 64);
}

TEST_CASE("key line: hidden keys and keys of a kernel in lockdown") {
  const Read hidden = aead("rfc4106(gcm(aes))", " <<Keys hidden>> 96");
  CHECK(hidden.reading.use.state == KeyState::hidden);
  CHECK(hidden.reading.use.icv_bits == 96);
  CHECK(hidden.reading.problem.find("nokeys") != std::string::npos);
  const Read zero = aead("rfc4106(gcm(aes))", " 0x" + std::string(40, '0') + " 128");
  CHECK(zero.reading.use.state == KeyState::all_zero);
  CHECK(zero.reading.use.key.size() == 20);
  CHECK(zero.reading.problem.find("lockdown") != std::string::npos);
}

TEST_CASE("key line: an SA whose key is of no use stays known") {
  const Loaded out = load(
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n"
      "\taead rfc4106(gcm(aes)) 0x1234 128\n\tif_id 0x1\n");
  CHECK((out.report.records == 1 && out.report.usable == 0 && out.report.problems.size() == 1));
  CHECK(out.report.problems[0].line == 3);
  CHECK(out.report.problems[0].file == "keys.txt");
  CHECK_FALSE(out.sa().usable());
  CHECK(out.store.find(IpsecProtocol::esp, 0x1001).size() == 1);
  // Told once for an SA, though both keys are hidden.
  const Loaded both = load(
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n"
      "\tauth-trunc hmac(sha1) <<Keys hidden>> 96\n\tenc cbc(aes) <<Keys hidden>>\n");
  CHECK(both.report.problems.size() == 1);
  CHECK_FALSE(both.sa().usable());
}

TEST_CASE("key line: what can continue a broken key") {
  for (const char* yes :
       {"0123abcdef", "ab 128", "128", "(256 bits) 128", "its) 96", "0x12 (8 bits)", "aead 128", "aead"})
    CHECK(keys::continues_key_line(yes));
  for (const char* no : {"", "aead rfc4106(gcm(aes)) 0x12 128", "add 2026", "enc cbc(aes)", "dir in", "if_id 0x2a"})
    CHECK_FALSE(keys::continues_key_line(no));
}
