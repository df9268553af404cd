// What can be said about keys as such: patterns, lengths, and which SAs share one.
#pragma once

#include <span>
#include <string_view>

#include <espdump/sa.hpp>

namespace espdump::keys {

// The worst that is wrong with `key` (without salt) under that algorithm. Takes time in proportion to its length.
KeyWeakness rate_key(const AlgorithmInfo& info, Bytes key);

// What it is, behind "the key": "is one byte over and over". Empty for none.
std::string_view weakness_text(KeyWeakness);

// Fills in weakness and key group of every key.
void rate_keys(std::span<SecurityAssociation> associations);

}  // namespace espdump::keys
