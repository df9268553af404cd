// Importer of `ip xfrm state` in its plain, -s, -d and -o forms, and of `ip xfrm monitor`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <espdump/keystore.hpp>

#include "keys/sa_table.hpp"

namespace espdump::keys {

struct XfrmReading {
  ImportReport report;       // its format is empty where no SA was found
  std::size_t policies = 0;  // records of `ip xfrm policy`: they hold no keys and are passed over
};

// Reads everything that is there, in linear time; what cannot be used becomes a problem in the report.
XfrmReading read_xfrm_state(const std::string& name, std::string_view text, SecretArena&, SaTable&);

}  // namespace espdump::keys
