# shellcheck shell=bash disable=SC2154
# Key files of several formats, and policies.
group_keys() {
  run 0 -q "$good/wire.pcap" --keys "$testdata/keys/manual-tunnel.esp_sa" --keys "$testdata/keys/manual-tunnel.sh"
  says out ': 38 opened'
  run 0 -q --json "$good/wire.pcap" --keys "$testdata/keys/manual-tunnel-stars.esp_sa"
  says out '"mode":"tunnel"'
  lacks out '"mode":"unknown"'
  lacks out '"nat"'
  run 0 -q --json "$beet/wire.pcap" --keys "$testdata/keys/manual-tunnel.esp_sa"
  says out '"mode":"unknown"'

  run 2 -q "$good/wire.pcap" --keys "$captures/beet-manual-4in4/xfrm-policy.txt"
  says err 'xfrm-policy\.txt: .*--policy'
  run 2 -q "$good/wire.pcap" --policy "$good/xfrm-state.txt"
  says err 'xfrm-state\.txt: .*ip xfrm policy'
  run 2 -q "$good/wire.pcap" --policy - --keys -
  says err 'standard input'
  run 2 -q "$good/wire.pcap" --keys "$testdata/README.md"
  says err 'esp_sa'
}
