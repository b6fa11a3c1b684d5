#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: stap-prep on made-up roots of several distributions, and with a package manager that
# only writes down what it is asked.
prep=$1/prep/stap-prep
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
status=0

# root NAME OS-RELEASE-LINES: an empty system.
root() {
	r=$tmp/$1
	shift
	mkdir -p "$r/etc" "$r/usr/bin"
	printf '%s\n' "$@" >"$r/etc/os-release"
}

# expect NAME STATUS WANTED-LINES...: every line must come out, in any order, and nothing else be run.
expect() {
	name=$1 want=$2
	shift 2
	bad=
	[ "$got" -eq "$want" ] || bad="exit status $got, not $want"
	for line; do grep -qxF -- "stap-prep: $line" "$tmp/out" || bad="${bad:+$bad; }no line '$line'"; done
	if [ -z "$bad" ]; then
		echo "ok prep/$name"
	else
		echo "not ok prep/$name: $bad"
		sed 's/^/# /' "$tmp/out"
		status=1
	fi
}
dry() { STAP_PREP_ROOT=$r sh "$prep" "$@" >"$tmp/out" 2>&1; got=$?; }

root debian ID=debian 'PRETTY_NAME="Debian GNU/Linux 12"'
dry 6.1.0-9-amd64
expect debian 0 "kernel 6.1.0-9-amd64 on Debian GNU/Linux 12" \
	"would run: apt-get update -qq" \
	"would run: env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc make" \
	"would run: env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends linux-headers-6.1.0-9-amd64" \
	"would run: env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends linux-image-6.1.0-9-amd64-dbg" \
	"nothing was installed"
mkdir -p "$r/lib/modules/6.1.0-9-amd64/build" "$r/usr/lib/debug/boot"
: >"$r/lib/modules/6.1.0-9-amd64/build/Makefile"
: >"$r/usr/lib/debug/boot/vmlinux-6.1.0-9-amd64"
: >"$r/usr/bin/gcc"
: >"$r/usr/bin/make"
dry 6.1.0-9-amd64
expect present 0 "compiler: present (gcc and make)" \
	"headers: present (/lib/modules/6.1.0-9-amd64/build/Makefile)" \
	"debuginfo: present (/usr/lib/debug/boot/vmlinux-6.1.0-9-amd64)"
if grep -q 'would run' "$tmp/out"; then echo "not ok prep/idle: $(grep 'would run' "$tmp/out")"; status=1; else echo "ok prep/idle"; fi
root mint ID=linuxmint 'ID_LIKE="ubuntu debian"'
dry -n 6.5.0-14-generic
expect like 0 "debuginfo: missing, package linux-image-6.5.0-14-generic-dbg"
root ubuntu ID=ubuntu ID_LIKE=debian
dry -n 6.5.0-14-generic
expect ubuntu 0 "debuginfo: missing, package linux-image-6.5.0-14-generic-dbgsym"
root fedora ID=fedora
dry --dry-run 6.5.6-300.fc39.x86_64
expect fedora 0 "would run: dnf install -y kernel-devel-6.5.6-300.fc39.x86_64" \
	"would run: dnf install -y --enablerepo=*debug* kernel-debuginfo-6.5.6-300.fc39.x86_64 kernel-debuginfo-common-x86_64-6.5.6-300.fc39.x86_64"
root alma ID=almalinux 'ID_LIKE="rhel centos fedora"'
dry 5.14.0-362.el9.x86_64+rt
expect flavour 0 "would run: dnf install -y kernel-rt-devel-5.14.0-362.el9.x86_64" \
	"would run: dnf install -y --enablerepo=*debug* kernel-rt-debuginfo-5.14.0-362.el9.x86_64 kernel-debuginfo-common-x86_64-5.14.0-362.el9.x86_64"
root other ID=plan9
dry 6.1
expect unknown 1 "this distribution is not known: install by hand what is missing" "headers: missing" "debuginfo: missing"
dry '6.1;reboot'
expect name 2 "'6.1;reboot' is no kernel release (uname -r shows one)"
dry 6.1 6.2
expect two 2 "one kernel at a time: '6.1' and '6.2'"
dry --force
expect option 2 "unknown option '--force'"

# For true, but with an apt-get that installs nothing.
if grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
	mkdir "$tmp/bin"
	printf '#!/bin/sh\necho "$@" >>%s/asked\n' "$tmp" >"$tmp/bin/apt-get"
	printf '#!/bin/sh\necho 0\n' >"$tmp/bin/id"
	chmod +x "$tmp/bin/"*
	PATH=$tmp/bin:$PATH sh "$prep" 9.9.9-none >"$tmp/out" 2>&1
	got=$?
	expect run 1 "headers: missing, package linux-headers-9.9.9-none" "headers: still missing" "debuginfo: still missing" \
		"running: env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends linux-headers-9.9.9-none"
	if [ "$(sed -n 1p "$tmp/asked")" = "update -qq" ] && [ "$(grep -c '^install -y' "$tmp/asked")" -ge 2 ] &&
		[ "$(grep -c update "$tmp/asked")" -eq 1 ]; then
		echo "ok prep/asked"
	else
		echo "not ok prep/asked: $(tr '\n' '|' <"$tmp/asked")"
		status=1
	fi
fi
exit $status
