// One writer for each format.
#include "run/keys.hpp"

#include <unistd.h>

#include <span>

#include "keys/export_wireshark.hpp"
#include "keys/export_xfrm.hpp"
#include "keys/secret_output.hpp"
#include "report/key_list.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"

namespace espdump::run {
namespace {

// The result: what the format cannot say.
std::vector<ImportProblem> write(const KeysOptions& options, const LoadedKeys& loaded, keys::SecretOutput& out) {
  const std::span<const SecurityAssociation> sas = loaded.keystore.associations();
  switch (options.to) {
    case KeyFormat::wireshark: return keys::export_wireshark(sas, out);
    case KeyFormat::xfrm: return keys::export_xfrm(sas, out);
    case KeyFormat::json: list_keys_as_json(sas, options.show_secrets, out); break;
    case KeyFormat::listing: list_keys(loaded.reports, sas, options.show_secrets, out); break;
  }
  return {};
}

}  // namespace

Outcome show_keys(const KeysOptions& options) {
  Outcome outcome;
  const LoadedKeys loaded = load_keys(options.files, options.policies, options.verbose, outcome);
  keys::SecretOutput out(STDOUT_FILENO);
  const std::vector<ImportProblem> notes = write(options, loaded, out);
  out.flush();
  say(notes, {}, options.verbose);
  outcome.written(out.error());
  return outcome;
}

}  // namespace espdump::run
