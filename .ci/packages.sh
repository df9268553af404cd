# Sourced by the other scripts: installing Debian packages.
build_packages=(cmake ninja-build g++ pkg-config libpcap-dev libssl-dev libsodium-dev libfmt-dev libcli11-dev
  rapidjson-dev libxxhash-dev zlib1g-dev libgcrypt20-dev nettle-dev libzstd-dev liblzma-dev liblz4-dev libbz2-dev
  libseccomp-dev)
# There for that machine only.
if [[ $(uname -m) == x86_64 ]]; then build_packages+=(libipsec-mb-dev); fi
test_packages=(catch2 ccache clang clang-format clang-tidy cppcheck git libc++-dev libc++abi-dev tshark valgrind strace procps
  mandoc zsh fish jq chromium chromium-driver python3-selenium python3-scapy python3-cryptography
  python3-jsonschema python3-yaml sqlite3 parallel lintian dpkg-dev man-db file)

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

has_package() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs those of the named packages that are missing; elsewhere than on Debian, only says so.
install_packages() {
  local package missing=()
  if ! command -v apt-get dpkg-query >/dev/null; then
    echo "no apt-get here; docs/building.md lists what has to be installed" >&2
    return 0
  fi
  for package in "$@"; do
    has_package "$package" || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  echo "installing ${missing[*]}"
  as_root apt-get update --quiet=2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
    -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null </dev/null
}

# The sanitizers' and the fuzzer's runtime, which Debian keeps in a package of its own.
clang_runtime_package() {
  local major
  major=$(clang --version | sed -n 's/.*clang version \([0-9]*\).*/\1/p;q')
  echo "libclang-rt-$major-dev"
}
