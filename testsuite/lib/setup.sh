# SPDX-License-Identifier: GPL-2.0-or-later
# Set-up shared by quickstart, runtests and tests: packages of packages.list by kind, the build, kernels, folders.

# Install what is missing of the given kinds; silent when nothing is.
setup_packages() {
	kinds="$*" missing=
	for p in $(awk -v k=" $kinds " '!/^#/ && NF == 2 && index(k, " " $1 " ") { print $2 }' packages.list); do
		dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
	done
	[ -z "$missing" ] && return 0
	echo "installing:$missing" >&2
	if [ "$(id -u)" -ne 0 ]; then
		sudo=sudo
		command -v sudo >/dev/null || { echo "ERROR: run as root, or install these packages yourself:$missing" >&2; return 1; }
	else
		sudo=
	fi
	export DEBIAN_FRONTEND=noninteractive
	out=$(mktemp)
	if $sudo apt-get update -qq > "$out" 2>&1; $sudo apt-get install -y -q --no-install-recommends $missing >> "$out" 2>&1; then
		rm -f "$out"
		return 0
	fi
	tail -20 "$out" >&2
	rm -f "$out"
	echo "ERROR: the packages could not be installed" >&2
	return 1
}

# setup_build SRC DIR [configure options]: configure and make in DIR; output only on failure.
setup_build() {
	src=$1 dir=$2
	shift 2
	mkdir -p "$dir" || return 1
	out=$dir/setup.log
	{
		{ [ -x "$src/configure" ] && [ ! "$src/configure.ac" -nt "$src/configure" ] &&
			[ -f "$src/Makefile.in" ] || (cd "$src" && autoreconf -i); } &&
		{ [ -f "$dir/Makefile" ] || (cd "$dir" && "$src/configure" -q "$@"); } &&
		make -C "$dir" -j2
	} > "$out" 2>&1 && return 0
	tail -40 "$out" >&2
	echo "ERROR: the build failed; all of its output is in $out" >&2
	return 1
}

# setup_state BUILD: what takes long to find out about the kernels with debuginfo, once for all tests: indexes and
# runtimes, in $STAP_TEST_STATE.
setup_state() {
	STAP_TEST_STATE=$1/known
	export STAP_TEST_STATE
	rm -rf "$STAP_TEST_STATE"
	mkdir -p "$STAP_TEST_STATE/cache" || return 1
	for kernel in 6.1 6.12; do
		release=$(newest_kernel $kernel)
		[ -n "$release" ] || continue
		"$1/stap" --prepare -r "$release" > "$1/known-$kernel.log" 2>&1 &
	done
	wait
	# Not the SQLite file: each test has its own.
	state=${SYSTEMTAP_DIR:-$HOME/.systemtap}
	[ ! -d "$state/index" ] || links "$state/index" "$STAP_TEST_STATE/"
	[ ! -d "$state/cache/runtime" ] || links "$state/cache/runtime" "$STAP_TEST_STATE/cache/"
}

# links FROM TO: copies, by links where both are on one file system.
links() { cp -al "$1" "$2" 2> /dev/null || cp -a "$1" "$2"; }

# new_state DIR: a folder for SYSTEMTAP_DIR where a test may do as it likes, but for writing into files of index/ and
# cache/runtime/ in place: they are links to those of setup_state, when there are any.
new_state() {
	mkdir -p "$1" || return 1
	[ ! -d "${STAP_TEST_STATE:-none}/index" ] || links "$STAP_TEST_STATE/." "$1"
}

# own_folder: $tmp, a folder until the script ends, with a SYSTEMTAP_DIR in it as new_state has it.
own_folder() {
	tmp=$(mktemp -d) || exit 1
	trap 'rm -rf "$tmp"' EXIT
	export SYSTEMTAP_DIR="$tmp/state"
	new_state "$SYSTEMTAP_DIR"
}

# Release of the newest installed kernel whose version begins with $1: one that can be booted and built for.
newest_kernel() {
	for d in /lib/modules/"$1".*; do
		r=${d##*/}
		[ -e "/boot/vmlinuz-$r" ] && [ -e "$d/build/Makefile" ] && echo "$r"
	done | sort -V | tail -1
}
