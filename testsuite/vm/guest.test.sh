#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The promises of guest.h, kept or not: each test boots a guest for about two seconds.
#
#	guest.test.sh [STAP-GUEST [KERNEL...]]
#
# STAP-GUEST is the program to test, with stap-agent next to it, or their directory (default:
# ./stap-guest); KERNEL is a release or its beginning (default: the newest installed). ONLY=PATTERN
# runs the tests whose name matches. Prints "ok NAME", "not ok NAME: why" or "skip NAME: why"; exits
# with 1 if a test failed.

self=$(realpath "$0")
guest=$(realpath "${1:-./stap-guest}") || exit 2
[ -d "$guest" ] && guest=$guest/stap-guest
[ -x "$guest" ] || { echo "not ok guest: no $guest"; exit 1; }
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- ''
work=$(mktemp -d "${TMPDIR:-/var/tmp}/guest-test-XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$work/tmp" && cd "$work" || exit 2
TMPDIR=$work/tmp
export TMPDIR
failed=0

# run ARG...: a guest whose output is in out and err, its status in $status
run() {
	timeout -k 5 90 "$guest" ${kernel:+-k "$kernel"} "$@" >out 2>err </dev/null
	status=$?
}

# start ARG...: the same in the background, as $pid, once its command has printed "ready". The output of the test
# before goes first: the background process empties it too, but perhaps only after await has read it.
start() {
	: >out
	env --default-signal=HUP "$guest" ${kernel:+-k "$kernel"} "$@" >out 2>err </dev/null &
	pid=$!
	await grep -q ready out
}

finish() {
	wait "$pid"
	status=$?
}

# await COMMAND...: up to 20 s
await() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 200 ] || fail "waited in vain for: $*" || return 1
		sleep 0.1
	done
}

gone() {
	for p in "$@"; do
		[ -d "/proc/$p" ] && ! grep -q '^State:.Z' "/proc/$p/status" 2>/dev/null && return 1
	done
	return 0
}

fail() {
	why=${why:-$*}
	return 1
}

is_status() { [ "$status" = "$1" ] || fail "status $status, not $1: $(tail -n 3 err | tr '\n' ' ')"; }
is_out() { [ "$(cat out)" = "$1" ] || fail "stdout is '$(head -c 200 out)', not '$1' (status $status: $(tail -n 3 err))"; }
is_err() { [ "$(cat err)" = "$1" ] || fail "stderr is '$(head -c 200 err)', not '$1'"; }
err_has() { grep -q -- "$1" err || fail "stderr lacks '$1': $(head -c 300 err)"; }
children() { cat "/proc/$1/task/$1/children"; }

t_status() {
	run sh -c 'echo out; echo err >&2; exit 3'
	is_status 3 && is_out out && is_err err
}

t_success_is_silent() {
	run true
	is_status 0 && is_out '' && is_err ''
}

t_killed_by_signal() {
	run sh -c 'kill -SEGV $$'
	is_status 139
}

t_no_such_command() {
	run no-such-command
	is_status 127 && err_has 'ERROR: cannot run no-such-command: No such file'
}

t_system_is_usable() {
	export SYSTEMTAP_TEST='a b' UNRELATED=x
	run sh -c 'uname -r; echo "$1|$SYSTEMTAP_TEST|$UNRELATED|$PWD|$(umask)|$(id -u)"
		ls /proc/self/fd /sys/kernel/debug/tracing/events /dev/pts/ptmx >/dev/null && echo a >/dev/stderr &&
		mkdir /tmp/made-in-the-guest && echo b >/tmp/made-in-the-guest/y && cat /tmp/made-in-the-guest/y &&
		[ "$(date +%Y)" -gt 2022 ] && modprobe loop && grep -c ^loop /proc/modules' sh "two  words
and a line"
	release=$(head -n 1 out)
	case $release in "$kernel"*) ;; *) fail "booted $release" ;; esac
	is_status 0 && is_err a && is_out "$release
two  words
and a line|a b||$work|$(umask)|0
b
1"
}

t_large_streams() {
	seq 100000 | timeout -k 5 60 "$guest" ${kernel:+-k "$kernel"} sh -c 'sha1sum; seq 300000; seq 1000 >&2' >out 2>err
	{ seq 100000 | sha1sum; seq 300000; } | cmp -s - out || fail "stdout differs"
	seq 1000 | cmp -s - err || fail "stderr differs"
}

t_stdin_unread() {
	seq 1000000 | timeout -k 5 60 "$guest" ${kernel:+-k "$kernel"} head -n 1 >out 2>err
	is_out 1
}

t_reader_leaves() {
	{ timeout -k 5 60 "$guest" ${kernel:+-k "$kernel"} sh -c 'yes; echo "$?" >&2' 2>err; } | head -n 2 >out
	is_out "y
y" && is_err 141
}

t_slow_reader_is_no_hang() {
	{ "$guest" ${kernel:+-k "$kernel"} -t 3 seq 200000 2>err; echo "$?" >st; } | { sleep 8; sha1sum >out; }
	status=$(cat st)
	is_status 0 && is_out "$(seq 200000 | sha1sum)"
}

t_host_is_untouched() {
	run sh -c 'echo x >made; rm out; echo x >/etc/guest-test; ls made /etc/guest-test; mount -o remount,rw /host'
	[ ! -e made ] && [ ! -e /etc/guest-test ] && [ -e out ] || fail "a file of the host has changed"
	is_out "/etc/guest-test
made"
}

# Output is there when it is written, and what serves the files cannot write any.
t_live_and_read_only() {
	start sh -c 'echo ready; sleep 60'
	grep -q ready out || return
	for p in $(children "$pid"); do
		grep -q virtiofsd "/proc/$p/comm" && awk '$6 !~ /^ro/ && $5 !~ /^.(proc|sys)/' "/proc/$p/mountinfo" >>rw
	done
	kill -TERM "$pid" && finish && is_status 143
	[ -e rw ] && [ ! -s rw ] || fail "writable: $(head -n 2 rw)"
}

t_share() {
	mkdir -p share && echo from-host >share/a
	run -s "$work/share" sh -c 'cat share/a; echo from-guest >share/b; echo x >c'
	is_out from-host && [ "$(cat share/b)" = from-guest ] && [ ! -e c ] || fail "share/b or c is wrong"
}

# A share is FUSE to the guest, as a home on another machine may be.
t_cache_on_network_file_system() {
	mkdir -p share/state
	run -s "$work/share" sh -c "export SYSTEMTAP_DIR=$work/share/state; ${guest%/*}/stap --cache && ls /var/tmp/stap-0/*.sqlite"
	is_status 0 && grep -q '^/var/tmp/stap-0/[0-9a-f]*.sqlite$' out && [ -d share/state/cache ] || fail "$(cat out err)"
	[ -z "$(find share/state -name '*.sqlite*')" ] || fail "on the share: $(find share/state -name '*.sqlite*')"
}

t_interrupt() {
	start sh -c 'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.1; done'
	kill -INT "$pid"
	finish
	is_status 7 && is_out "ready
caught"
}

t_hangup() {
	start sh -c 'trap "exit 8" HUP; echo ready; while :; do sleep 0.1; done'
	kill -HUP "$pid"
	finish
	is_status 8
}

t_second_interrupt() {
	start sh -c 'trap "echo caught" INT TERM; echo ready; while :; do sleep 0.1; done'
	kill -INT "$pid"
	await grep -q caught out
	sleep 0.5
	kill -INT "$pid"
	finish
	is_status 130
}

t_interrupt_at_boot() {
	"$guest" ${kernel:+-k "$kernel"} true >out 2>err </dev/null &
	pid=$!
	sleep 0.7
	kill -TERM "$pid"
	finish
	is_status 143
}

# as timeout(1) sends them
t_two_signals_at_once_are_one() {
	start sh -c 'trap "sleep 1; echo cleaned; exit 9" TERM
		echo ready; while :; do sleep 0.1; done'
	kill -TERM "$pid"
	sleep 0.05
	kill -TERM "$pid"
	finish
	is_status 9 && is_out "ready
cleaned"
}

t_panic() {
	run sh -c 'echo before; sleep 1; echo c >/proc/sysrq-trigger; sleep 30'
	is_status 125 && is_out before && err_has 'ERROR: the guest.s kernel .* panicked:' &&
		err_has 'Kernel panic - not syncing: sysrq triggered crash' && err_has 'Call Trace' &&
		! grep -q 'Linux version' err || fail "the whole boot log"
}

t_splat() {
	run sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at test" >/dev/kmsg; exit 4'
	is_status 4 && err_has '^WARNING: the guest.s kernel .* complained:' && err_has 'PID: 1 at test'
}

t_splat_strict() {
	run -S sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at test" >/dev/kmsg; exit 0'
	is_status 125 && err_has '^ERROR: the guest.s kernel .* complained:'
}

# build_module: breakage.ko in this directory, whose parameter what= says what to do when it is loaded
build_module() {
	release=${release:-$("$guest" ${kernel:+-k "$kernel"} uname -r </dev/null)}
	[ -d "/lib/modules/$release/build" ] || { skip="no headers for $release"; return 1; }
	mkdir -p "breakage-$release" && cd "breakage-$release" || return 1
	echo 'obj-m := breakage.o' >Makefile
	cp "${self%/*}/breakage.c" .
	[ -e breakage.ko ] || make -s -C "/lib/modules/$release/build" M="$PWD" modules >make.log 2>&1 ||
		fail "make: $(tail -n 3 make.log)"
	built=$?
	cd "$work" || return 1
	ko=$work/breakage-$release/breakage.ko
	return $built
}

t_oops() {
	build_module || return
	run sh -c "echo before; sleep 1; insmod $ko what=oops; echo after"
	is_status 125 && is_out before && err_has 'BUG: kernel NULL pointer dereference' &&
		err_has 'breakage_init+0x.* .breakage.' &&
		err_has 'Kernel panic - not syncing: Fatal exception'
}

t_kernel_warning() {
	build_module || return
	run sh -c "insmod $ko what=warn; echo after"
	is_status 0 && is_out after && err_has '^WARNING: the guest' && err_has 'a test of warnings' && err_has 'end trace'
}

t_kernel_hang() {
	build_module || return
	run -t 4 sh -c "echo before; sleep 1; insmod $ko what=hang; sleep 60"
	is_status 125 && is_out before && err_has 'hangs: no sign of life for 4 seconds'
}

t_hang() {
	start -t 3 sh -c 'echo ready; sleep 60'
	for p in $(children "$pid"); do
		grep -q qemu "/proc/$p/comm" && kill -STOP "$p"
	done
	finish
	is_status 125 && err_has 'ERROR: the guest with kernel .* hangs: no sign of life for 3 seconds'
}

t_boot_limit() {
	run -b 1 -a 'initcall_blacklist=populate_rootfs' true
	is_status 125 && err_has '^ERROR: the guest'
}

t_qemu_dies() {
	start sh -c 'echo ready; sleep 60'
	for p in $(children "$pid"); do
		grep -q qemu "/proc/$p/comm" && kill -KILL "$p"
	done
	finish
	is_status 125 && err_has 'ended unexpectedly'
}

t_kill_leaves_nothing() {
	start sh -c 'echo ready; sleep 60'
	kids=$(children "$pid")
	set -- $kids
	[ $# -eq 2 ] || fail "has children $kids"
	kill -KILL "$pid"
	finish
	await gone $kids
}

t_nothing_is_left() {
	start sh -c 'echo ready; sleep 1'
	kids=$(children "$pid")
	finish
	gone $kids || fail "children are left"
	[ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
}

t_several_at_once() {
	"$guest" ${kernel:+-k "$kernel"} echo one >one 2>err &
	pid=$!
	run echo two
	is_out two
	finish
	[ "$(cat one)" = one ] || fail "the other said '$(cat one err)'"
}

t_missing_kernel() {
	timeout 5 "$guest" -k 1.2.3 true >out 2>err
	status=$?
	is_status 125 && err_has 'ERROR: no kernel 1.2.3 is installed' && err_has "^  $(ls /lib/modules | head -n 1)$"
}

t_missing_programs() {
	unshare -m sh -c 'mount -t tmpfs none /usr/lib/qemu && exec "$0" true' "$guest" >out 2>err
	status=$?
	is_status 125 && err_has 'ERROR: a guest needs virtiofsd; on Debian: apt-get install .*qemu-system-common'
}

t_ordinary_user() {
	[ "$(id -u)" = 0 ] || { skip="not root"; return; }
	chmod 755 "$work"
	mkdir -p home && cp "$guest" "${guest%/*}/stap-agent" "${guest%/*}/stap-noatime.so" home/ && chmod -R go+rX home
	chmod 1777 "$TMPDIR"
	timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups "home/${guest##*/}" ${kernel:+-k "$kernel"} id -u \
		>out 2>err </dev/null
	status=$?
	[ "$(cat /proc/sys/user/max_user_namespaces)" != 0 ] || { err_has 'user namespaces'; return; }
	is_status 0 && is_out 0
}

t_terminal() {
	command -v script >/dev/null || { skip="no script(1)"; return; }
	printf 'tty; stty size; exit 5\r' | { sleep 5; cat; sleep 1; } |
		SHELL=/bin/sh timeout 60 script -qec "stty rows 33 cols 77; $guest ${kernel:+-k $kernel}" /dev/null >out 2>err
	status=$?
	is_status 5 && grep -q /dev/pts/ out && grep -q '33 77' out || fail "no terminal: $(head -c 300 out)"
}

# An emulated processor either lacks cmpxchg16b or has its flags right: XOR clears carry and overflow.
t_processor_flags() {
	[ "$(uname -m)" = x86_64 ] || { skip="not for $(uname -m)"; return; }
	cat > flags.c <<-'E'
		static struct { unsigned long lo, hi; } __attribute__((aligned(16))) m;
		int main(void)
		{
			int bad = 0;

			for (unsigned long di = 1; di < 2000; di++) {
				unsigned long a = m.lo - di, d = m.hi, f, b = 0, c = 7;

				__asm__ volatile("pushfq; popfq; add %[di], %%rax; xor %%rcx, %%rbx; cmpxchg16b %[m]; pushfq; pop %[f]"
						 : [f] "=r"(f), "+a"(a), "+d"(d), "+b"(b), "+c"(c), [m] "+m"(m) : [di] "r"(di) : "cc");
				bad |= (f & 0x801) != 0;
			}
			return bad;
		}
	E
	gcc -O1 -mcx16 -o flags flags.c || { fail "flags.c does not compile"; return; }
	run sh -c "! grep -q cx16 /proc/cpuinfo || $work/flags"
	is_status 0
}

t_icount() {
	run -i echo fine
	is_status 0 && is_out fine
}

for kernel; do
	release=
	for name in $(sed -n 's/^t_\([a-z_]*\)() {$/\1/p' "$self"); do
		case $name in ${ONLY:-*}) ;; *) continue ;; esac
		why='' skip=''
		"t_$name" || [ -n "$skip" ] || fail "failed"
		label=guest/$name${kernel:+ ($kernel)}
		if [ -n "$why" ]; then
			printf 'not ok %s: %s\n' "$label" "$(echo "$why" | tr '\n' ' ')"
			failed=1
		elif [ -n "$skip" ]; then
			echo "skip $label: $skip"
		else
			echo "ok $label"
		fi
	done
done
exit $failed
