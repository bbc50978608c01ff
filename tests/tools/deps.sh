#!/bin/sh
# Installs the Debian packages that building and testing need, and only those that are missing;
# then checks the versions of the two libraries that matter.  Arguments are further packages.
# Tests start servers by themselves; none of those installed here may run as a service.
set -eu

packages="build-essential pkg-config libhts-dev libhtscodecs-dev libssl-dev libzstd-dev libxxhash-dev check samtools bcftools tabix
openssl python3 python3-cryptography python3-zstandard python3-xxhash mandoc htslib-test samtools-test clang
clang-format time nginx-light $*"

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

if command -v dpkg-query >/dev/null; then
    missing=
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        as_root=
        if [ "$(id -u)" -ne 0 ]; then
            command -v sudo >/dev/null || {
                echo "deps: not root and no sudo; as root: apt-get install$missing" >&2
                exit 1
            }
            as_root=sudo
        fi
        services=
        for package in $missing; do
            case $package in
            nginx-light) services="$services nginx" ;;
            slurm-wlm) services="$services slurmctld slurmd" ;;
            munge) services="$services munge" ;;
            esac
        done
        policy=/usr/sbin/policy-rc.d # what Debian asks before a package starts a service
        if [ -n "$services" ] && [ ! -e $policy ]; then
            trap '$as_root rm -f $policy' EXIT
            printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
            $as_root chmod 755 $policy
        fi
        echo "deps: installing$missing (${as_root:+$as_root }apt-get)"
        $as_root apt-get update -q
        # shellcheck disable=SC2086 # a list of words
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends $missing
        if [ -n "$services" ] && command -v systemctl >/dev/null; then
            # shellcheck disable=SC2086
            $as_root systemctl disable $services || true
        fi
    fi
else
    echo "deps: no dpkg-query here; these Debian packages, by whatever name, must be there:" \
        $packages
fi

require() {
    pkg-config --atleast-version="$2" "$1" || {
        echo "deps: $1 >= $2 is needed, found: $(pkg-config --modversion "$1" 2>&1 | head -n 1)" >&2
        exit 1
    }
}
require htslib 1.16
require libcrypto 3.0
