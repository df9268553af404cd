// Systems that are not Linux.
#include "run/confinement.hpp"

namespace espdump::run {

std::vector<std::string> confine() { return {"there is none on this system"}; }

}  // namespace espdump::run
