// One writer for each format.
#include "run/keys.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "base/input_file.hpp"
#include "keys/export_wireshark.hpp"
#include "keys/export_wireshark_ike.hpp"
#include "keys/export_xfrm.hpp"
#include "keys/secret_output.hpp"
#include "report/key_list.hpp"
#include "run/confinement.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

// The result: what the format cannot say.
std::vector<ImportProblem> write(const KeysOptions& options, const LoadedKeys& loaded, keys::SecretOutput& out) {
  const Keystore& store = loaded.keystore;
  switch (options.to) {
    case KeyFormat::wireshark: return keys::export_wireshark(store.associations(), out);
    case KeyFormat::wireshark_ike: return keys::export_wireshark_ike(store.ike_keys(), out);
    case KeyFormat::xfrm: return keys::export_xfrm(store.associations(), out);
    case KeyFormat::json: list_keys_as_json(store, options.show_secrets, out); break;
    case KeyFormat::listing:
      list_keys(loaded.reports, store, options.show_secrets, table_width(STDOUT_FILENO), out);
      break;
  }
  return {};
}

// A format has either SAs or IKE SAs; what there is of the others is told.
void tell_left_out(KeyFormat to, const Keystore& store) {
  const std::size_t sas = store.associations().size(), ike = store.ike_keys().size();
  if ((to == KeyFormat::wireshark || to == KeyFormat::xfrm) && ike != 0)
    say(fmt::format("keys of {} IKE SA{} left out: `--to wireshark-ike` writes them", ike, ike == 1 ? "" : "s"));
  if (to == KeyFormat::wireshark_ike && sas != 0)
    say(fmt::format("{} SA{} left out: `--to wireshark` writes them", sas, sas == 1 ? "" : "s"));
}

}  // namespace

Outcome show_keys(const KeysOptions& options) {
  Outcome outcome;
  open_ahead(options.files);
  open_ahead(options.policies);
  confine(options.no_sandbox, options.verbose);
  const LoadedKeys loaded = load_keys(options.files, options.policies, options.verbose, outcome);
  keys::SecretOutput out(STDOUT_FILENO);
  const std::vector<ImportProblem> notes = write(options, loaded, out);
  out.flush();
  say(notes, {}, options.verbose);
  tell_left_out(options.to, loaded.keystore);
  outcome.written(out.error());
  return outcome;
}

}  // namespace espdump::run
