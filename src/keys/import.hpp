// Recognises what kind of key file a text is and has it read.
#pragma once

#include <string>

#include <espdump/keystore.hpp>

#include "keys/ike_table.hpp"
#include "keys/sa_table.hpp"

namespace espdump::keys {

// The error: the text is no key format that is understood, and what it is instead, where that is easy to see.
Result<ImportReport> import_keys(const std::string& name, Bytes text, SecretArena&, SaTable&, IkeTable&);

}  // namespace espdump::keys
