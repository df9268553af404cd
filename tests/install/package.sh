#!/usr/bin/env bash
# Packs what a build tree has and holds the Debian packages against lintian; takes the program's apart, and runs it.
# Installs nothing, builds nothing.   package.sh BUILD
# Exit status: 0 all as it should be, 1 not, 77 where dpkg-deb, dpkg-shlibdeps, file or lintian is missing.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
captures=$source/testdata/captures/replay-and-icv
for tool in dpkg-deb dpkg-shlibdeps file lintian; do
  command -v "$tool" >/dev/null || { echo "package: skipped, no $tool here"; exit 77; }
done
scratch=$build/package-check
rm -rf "$scratch"
mkdir -p "$scratch"

fail() {
  echo "package: $1" >&2
  exit 1
}

# Whatever the user's umask is, others can read what is installed.
(umask 077 && cd "$build" && cpack -G DEB -B "$scratch") >"$scratch/cpack.log" 2>&1 ||
  { cat "$scratch/cpack.log"; fail "cpack failed"; }
shopt -s nullglob
programs=("$scratch"/espdump_*.deb) packages=("$scratch"/*.deb)
((${#programs[@]} == 1)) || fail "${#programs[@]} packages espdump, not 1"

# lintian --allow-root says no more than that it runs as root. Tags of less weight than a warning come and go with its
# versions: they are shown, and decide nothing.
for package in "${packages[@]}"; do
  lintian --allow-root --tag-display-limit 0 --fail-on error,warning --display-info --pedantic "$package" ||
    fail "lintian does not accept ${package##*/}"
  [[ -z $(dpkg-deb --contents "$package" | awk '$2 != "root/root" || $1 ~ /^.....w|^........w/') ]] ||
    fail "${package##*/} has files that are not root's, or that others may write"
done
depends=$(dpkg-deb --field "${programs[0]}" Depends)
for library in libc6 libpcap0.8 libsodium23; do
  [[ $depends == *"$library"* ]] || fail "no dependency on $library: $depends"
done

dpkg-deb --extract "${programs[0]}" "$scratch/root"
cd "$scratch/root"
status=0
usr/bin/espdump "$captures/wire.pcap" --keys "$captures/xfrm-state.txt" -q --fail-on error >"$scratch/report" || status=$?
((status == 1)) || fail "exit status $status, not 1"
# Where its lines break depends on the length of the path.
[[ $(tr '\n' ' ' <"$scratch/report") == *"388 frames in 6.0 s; 5 SAs, 384 ESP packets: 364 opened, 18 bad"* ]] ||
  fail "another report"

pages=(usr/share/man/man1/espdump*.1.gz)
((${#pages[@]} == 5)) || fail "${#pages[@]} manual pages, not 5"
for page in "${pages[@]}"; do
  [[ $(od --address-radix=n --read-bytes=4 --skip-bytes=4 --format=d4 "$page" | tr -d ' ') == 0 ]] ||
    fail "$page has the time of its making"
  if command -v mandoc >/dev/null; then
    gzip --decompress --stdout "$page" | mandoc -T lint -W error || fail "mandoc does not accept $page"
  fi
  if command -v man >/dev/null; then
    MANPAGER='cat' man --local-file "$page" >"$scratch/page"
    grep --quiet '^NAME' "$scratch/page" || fail "man does not show $page"
  fi
done
for file in copyright changelog.gz changelog.Debian.gz README.md docs/findings.md docs/examples/inner_packets.cpp; do
  [[ -s usr/share/doc/espdump/$file ]] || fail "no $file"
done
grep --quiet '^License: BSD-3-clause$' usr/share/doc/espdump/copyright || fail "copyright names no licence"
for file in bash-completion/completions/espdump zsh/vendor-completions/_espdump fish/vendor_completions.d/espdump.fish; do
  [[ -s usr/share/$file ]] || fail "no $file"
done
printf '%s\n' "${packages[@]##*/}"
