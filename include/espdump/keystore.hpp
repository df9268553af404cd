// All key material of a run: filled once, then only read, shared without locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/ike_keys.hpp>
#include <espdump/ike_log.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>
#include <espdump/secret.hpp>

namespace espdump {

// Something in a key file that could not be used as it stands. Never stops the other SAs.
struct ImportProblem {
  std::string file;
  std::size_t line = 0;  // from 1
  std::string text;      // what is wrong and what was done about it; never key bytes
  bool serious = true;   // false: worth knowing only (an unknown line)
};

// What one file held.
struct ImportReport {
  std::string file;
  std::string format;        // "ip xfrm state", "ip -s xfrm state", "esp_sa" …; several with " + " between them
  std::size_t records = 0;   // SA records read, usable or not, snapshots of one SA counted each; of policies theirs
  std::size_t usable = 0;    // of these, with all keys
  std::size_t ike_keys = 0;  // sets of keys of IKE SAs, each once; one for each generation (RFC 9370)
  std::vector<ImportProblem> problems;
  bool others_can_read = false;  // every user of the system can read the file, and so the keys
};

class Keystore {
 public:
  Keystore();
  Keystore(Keystore&&) noexcept;
  Keystore& operator=(Keystore&&) noexcept;
  ~Keystore();

  // Reads a file ("-": standard input). The error: it cannot be opened, or holds nothing that is a key format.
  Result<ImportReport> import_file(const std::string& path);
  // The same from memory; `name` stands in messages.
  Result<ImportReport> import_text(const std::string& name, Bytes text);

  // Reads `ip xfrm policy`. What the policies say of SAs, in whatever order the files come, counts from seal() on:
  // selectors for SAs without, and what traffic may use them.
  Result<ImportReport> import_policy(const std::string& path);
  Result<ImportReport> import_policy_text(const std::string& name, Bytes text);

  // Ends importing: the arena becomes read-only, the lookups below work.
  void seal();

  // In the order of first loading. An SA loaded several times (same destination, protocol, SPI, algorithms, keys
  // and ESN) stands here once; with other keys it stands here again, as another generation.
  [[nodiscard]] std::span<const SecurityAssociation> associations() const;
  // Indices into associations() of all SAs for (destination, protocol, SPI), newest generation last.
  [[nodiscard]] std::span<const std::uint32_t> find(const IpAddress& destination, IpsecProtocol,
                                                    std::uint32_t spi) const;
  // The same by protocol and SPI alone, for traffic whose addresses NAT changed.
  [[nodiscard]] std::span<const std::uint32_t> find(IpsecProtocol, std::uint32_t spi) const;
  // Of the SAs that leave destination or SPI open, those that cover these; at most 16, in the order of loading.
  [[nodiscard]] std::vector<std::uint32_t> find_wildcards(const IpAddress& source, const IpAddress& destination,
                                                          IpsecProtocol, std::uint32_t spi) const;
  // Every port that an SA's `encap type espinudp` or a mapping change names, without 0, sorted.
  [[nodiscard]] std::vector<std::uint16_t> udp_encapsulation_ports() const;
  // The same of `encap type espintcp`.
  [[nodiscard]] std::vector<std::uint16_t> tcp_encapsulation_ports() const;

  // Keys of IKE SAs in the order of loading. The same keys loaded several times, from both ends, stand here once.
  [[nodiscard]] std::span<const IkeKeys> ike_keys() const;
  // What key exchanges came to, each once.
  [[nodiscard]] std::span<const SharedSecret> shared_secrets() const;
  // What logs tell of negotiations, in the order of loading, each once.
  [[nodiscard]] std::span<const LoggedProposals> logged_proposals() const;
  [[nodiscard]] std::span<const LoggedSelectors> logged_selectors() const;
  // Keys of IKE SAs, or results of their key exchanges.
  [[nodiscard]] bool has_ike_keys() const;
  // No key of any kind.
  [[nodiscard]] bool empty() const { return associations().empty() && !has_ike_keys(); }

  // What partial results tell of a keystore.
  struct Told {
    std::vector<SecurityAssociation> associations;                   // with everything but keys
    std::vector<std::pair<std::uint16_t, std::uint16_t>> key_sizes;  // of each: bytes of encryption and integrity
    std::vector<LoggedProposals> proposals;
    std::vector<LoggedSelectors> selectors;
    bool ike_keys = false;
  };
  // A sealed one like it: with false keys, which are equal where their groups are.
  static Keystore without_keys(Told told);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace espdump
