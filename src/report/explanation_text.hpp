// Explanations of findings as people read them, on a terminal and in docs/findings.md.
#pragma once

#include <string>

#include <espdump/explanation.hpp>
#include <espdump/finding.hpp>

namespace espdump {

// Several paragraphs with a newline at the end, in lines of at most 100 columns but for commands.
std::string explanation_text(const FindingInfo& info, const Explanation& explanation);
// A section of a document, its heading the code.
std::string explanation_markdown(const Explanation& explanation);
// One JSON object in a line: type, code, severity, when, meaning, causes, checks, cures.
std::string explanation_json(const FindingInfo& info, const Explanation& explanation);

}  // namespace espdump
