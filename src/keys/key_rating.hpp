// What can be said about keys as such: patterns, lengths, and which SAs share one.
#pragma once

#include <span>

#include <espdump/sa.hpp>

namespace espdump::keys {

// The worst that is wrong with `key` (without salt) under that algorithm. Takes time in proportion to its length.
KeyWeakness rate_key(const AlgorithmInfo& info, Bytes key);

// Fills in weakness and key group of every key.
void rate_keys(std::span<SecurityAssociation> associations);

}  // namespace espdump::keys
