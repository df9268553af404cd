// What a kernel counted against what the capture shows, in words and as JSON.
#pragma once

#include "analysis/kernel_check.hpp"
#include "report/json_line.hpp"
#include "report/text.hpp"

namespace espdump {

void print_kernel_check(const KernelCheck& check, Output& out, const Palette& palette);
// Lines of the type kernel_stats.
void write_kernel_check(const KernelCheck& check, JsonLine& json, Output& out);

}  // namespace espdump
