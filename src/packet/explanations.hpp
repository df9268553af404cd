// The parts of the table of explanations, by what they are about.
#pragma once

#include <span>

#include <espdump/explanation.hpp>

namespace espdump::explanations {

std::span<const Explanation> esp() noexcept;
std::span<const Explanation> keys() noexcept;
std::span<const Explanation> ike() noexcept;
std::span<const Explanation> sizes() noexcept;
std::span<const Explanation> gateway() noexcept;

}  // namespace espdump::explanations
