// Keys of IKE SAs, and the results of key exchanges, in strongSwan's log at `ike = 4` and `chd = 4`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "keys/charon_line.hpp"
#include "keys/charon_sas.hpp"
#include "keys/intake.hpp"

namespace espdump::keys {

class CharonIke {
 public:
  explicit CharonIke(Intake& intake) : intake_(intake), sas_(intake.ike()) {}

  // Takes a line that continues no dump. What the next lines of its thread belong to, where it is the heading of a dump
  // that matters here; or null.
  CharonDump* read(const CharonLine&, std::size_t number);
  // The dump of that thread is whole.
  void shown(unsigned thread);
  // The log ends.
  void finish();
  // Whether there were keys.
  [[nodiscard]] bool found() const { return found_; }

 private:
  // Keys that lines of one thread show one after the other.
  struct Keys {
    CharonDump d, ai, ar, ei, er;
    std::size_t line = 0;
    unsigned thread = 0;
    std::optional<std::uint32_t> sa;
    std::uint64_t beginning = 0;  // of that, when the keys began
  };
  enum class Shown : std::uint8_t {
    other,
    hashed,
    header,
    seed,
    last_key
  };  // what a dump is good for once it is whole
  struct Thread {
    std::optional<Keys> keys;
    CharonDump exchange, more_exchanges, nonces;  // for the keys that follow
    CharonDump data;                              // what `shown` says
    Shown shown = Shown::other;
    std::size_t line = 0;             // of the heading
    std::optional<std::uint32_t> sa;  // the same

    std::string_view message;                // the kind of the message at hand: "CREATE_CHILD_SA"
    bool response = false;                   // it is one
    std::optional<std::uint32_t> parsed_sa;  // whose it is
    std::string_view proposal;               // chosen in it
    std::optional<SpiPair> hashed;           // the same, of a log without names
    bool header = false;                     // the next dump is one
  };

  void read_message(Thread&, const CharonLine&);
  CharonDump* read_ike(Thread&, const CharonLine&, std::size_t number);
  CharonDump* read_child(Thread&, const CharonLine&, std::size_t number);
  CharonDump* read_header(Thread&, const CharonLine&);
  CharonDump* read_exchange(Thread&, std::string_view message);
  CharonDump* read_key(Thread&, const CharonLine&, std::size_t number);
  CharonDump* open_data(Thread&, Shown, const CharonLine&, std::string_view size, std::size_t number);

  void end_keys(Thread&);
  void renew(Thread&);
  void set_algorithms(const Thread&, const std::optional<std::uint32_t>& sa, IkeKeys&, std::size_t line);
  void set_spis(Thread&, const Keys&, std::uint32_t index);
  [[nodiscard]] std::string_view proposal(const Thread&, const std::optional<std::uint32_t>& sa) const;
  Secret secret(const CharonDump&);
  void add_exchange(Thread&, std::size_t line);
  void add_seed(Thread&);
  void add_exchange(const CharonDump&, Secret nonces, std::size_t line);

  Intake& intake_;
  CharonSas sas_;
  std::unordered_map<unsigned, Thread> threads_;  // at most 100
  bool found_ = false;
};

}  // namespace espdump::keys
