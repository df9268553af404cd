# shellcheck shell=bash disable=SC2154
# --fail-on and what outweighs it.
group_status() {
  local keys=(--keys "$bad/xfrm-state.txt") healthy=(-q "$captures/beet-manual-4in4/wire.pcap" --keys "$captures/beet-manual-4in4/xfrm-state.txt")
  run 0 -q "$bad/wire.pcap" "${keys[@]}"
  for level in info warning error; do run 1 -q "$bad/wire.pcap" "${keys[@]}" --fail-on "$level"; done
  run 1 -q --json "$bad/wire.pcap" "${keys[@]}" --fail-on=error

  for level in info warning error; do run 0 "${healthy[@]}" --fail-on "$level"; done
  # Without keys: warnings, but no error.
  run 1 -q "$good/wire.pcap" --fail-on warning
  run 0 -q "$good/wire.pcap" --fail-on error

  # A file that cannot be opened weighs more than findings, findings more than an early end.
  run 2 -q "$bad/wire.pcap" nosuch.pcap "${keys[@]}" --fail-on error
  head -c 20000 "$bad/wire.pcap" >cut.pcap
  run 1 -q cut.pcap "${keys[@]}" --fail-on error
  run 3 -q cut.pcap "${keys[@]}"
}
