// Names and lengths of keys of IKE SAs, the same for every format.
#pragma once

#include <string>

#include <espdump/ike_keys.hpp>

#include "keys/algorithm_names.hpp"

namespace espdump::keys {

// The algorithm that a name stands for, with the table's length of the ICV where the name says none.
AlgorithmChoice choice_of(const NamedAlgorithm&);

// Whether a key of any PRF has so many bytes.
bool is_prf_key_size(std::size_t bytes);

// What is wrong with the lengths of the keys of both directions and, where algorithms are named, under these.
// Empty: nothing.
std::string wrong_ike_lengths(const IkeKeys&);

}  // namespace espdump::keys
