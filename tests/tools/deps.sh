#!/bin/sh
# Installs Debian packages, and only those that are missing; then checks the versions of the two
# libraries that matter.
#   deps.sh demo|test|dev [PACKAGE...]
# demo: what building and `make demo` need; test: and what `make test` needs; dev: and what lint, the
# long tests, fuzzing and the benches need.  Arguments behind it are further packages.
# Tests start servers by themselves; none of those installed here may run as a service.
set -eu

demo="gcc libc6-dev make pkg-config libhts-dev libssl-dev libzstd-dev libxxhash-dev libjansson-dev libcurl4-gnutls-dev libmicrohttpd-dev samtools"
test="libbotan-2-dev openssh-client strace libhtscodecs-dev libbz2-dev g++ check bcftools tabix openssl python3 python3-cryptography python3-zstandard python3-xxhash python3-numpy"
dev="git python3-venv clang libclang-rt-dev clang-format mandoc htslib-test samtools-test time nginx-light subread chromium"
tier=$1
shift
case $tier in
demo) packages="$demo $*" ;;
test) packages="$demo $test $*" ;;
dev) packages="$demo $test $dev $*" ;;
*) echo "deps: $tier is none of demo, test, dev" >&2 && exit 2 ;;
esac

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Waits for another apt, tries again where the network fails.
apt_get() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 \
        -o Acquire::Retries=3 "$@"
}

# Debian asks policy-rc.d before a package starts a service.
forbid_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -n "$services" ] && [ ! -e $policy ]; then
        trap '$as_root rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod 755 $policy
    fi
}

install_packages() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "deps: not root and no sudo; as root: apt-get install --no-install-recommends $*" >&2
            exit 1
        }
        as_root=sudo
    fi
    services=
    for package; do
        case $package in
        nginx-light) services="$services nginx" ;;
        slurm-wlm) services="$services slurmctld slurmd" ;;
        munge) services="$services munge" ;;
        esac
    done
    forbid_services
    echo "deps: installing $* (${as_root:+$as_root }apt-get)"
    apt_get update || echo 'deps: apt-get update failed; going on with the package lists that are here' >&2
    apt_get install -y --no-install-recommends "$@"
    if [ -n "$services" ] && command -v systemctl >/dev/null; then
        # shellcheck disable=SC2086 # a list of words
        $as_root systemctl disable $services || true
    fi
}

if command -v dpkg-query >/dev/null; then
    missing=
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
    # shellcheck disable=SC2086 # a list of words
    [ -z "$missing" ] || install_packages $missing
else
    echo "deps: no dpkg-query here; these Debian packages, by whatever name, must be there:" \
        $packages
fi

require() {
    ${PKG_CONFIG:-pkg-config} --atleast-version="$2" "$1" || {
        echo "deps: $1 >= $2 is needed, found: $(${PKG_CONFIG:-pkg-config} --modversion "$1" 2>&1 | head -n 1)" >&2
        exit 1
    }
}
require htslib 1.16
require libcrypto 3.0
