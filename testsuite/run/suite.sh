#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# suite.sh SRC BUILD RELEASE [PATTERN]: compile the scripts below testsuite/run/ for RELEASE here, then run
# all of them in one guest.  PATTERN: only those whose name has one of its words in it.
#
# A test is AREA/NAME.stp with AREA/NAME.out, what it prints, to the letter; or AREA/NAME.sh, a program that is
# run in the guest, with $STAPRUN, $KO (directory of the compiled modules of its AREA), $W (a directory of its own)
# and prints why and fails when something is wrong.  Tags in comments of the script:
#	#@ stap: OPTIONS     for the translation
#	#@ args: WORDS       script arguments; $PROGRAMS is where the programs of testsuite/subjects are
#	#@ run: OPTIONS      for staprun
#	#@ status: N         expected exit status (0)
#	#@ stderr: REGEX     a line of stderr must match; without this tag stderr must be empty
#	#@ only: 6.12        for kernels whose release begins so (of NAME.sh: its second line); AREA/only for all of an area
#	#@ btf: yes          a second time with --debuginfo=btf, as NAME+btf: the same must come out
# Lines of NAME.out that begin with "re:" are extended regular expressions.
# NAME.sh alone gets the module of NAME.mod.stp when there is one.
SRC=$1 BUILD=$2 KVER=$3 PATTERN=$4
WORK=$BUILD/run-$KVER
rm -rf "$WORK"
mkdir -p "$WORK" || exit 1
cd "$SRC/testsuite/run" || exit 1
STAP=$BUILD/stap
status=0

# Whether the test of that name was asked for: PATTERN is words, one of which is in the name.
chosen() {
	[ -n "$PATTERN" ] || return 0
	for word in $PATTERN; do case $1 in *"$word"*) return 0 ;; esac; done
	return 1
}

tag() { sed -n "s/^#@ $1: *//p" "$2"; }

# The release that TEST is for, or its beginning: by its tag, or for all of its area by the file AREA/only.
only() { tag only "$1"; cat "${1%/*}/only" 2> /dev/null; }

if [ -d ../kmod ]; then
	mkdir -p "$WORK/kmod" && cp ../kmod/*.[ch] ../kmod/Kbuild "$WORK/kmod/" &&
	make -C "/lib/modules/$KVER/build" M="$WORK/kmod" modules > "$WORK/kmod.log" 2>&1 ||
		{ echo "not ok $KVER/kmod: the test module does not compile"; tail -20 "$WORK/kmod.log"; exit 1; }
fi
# Debian's headers come without vmlinux, so the build makes no BTF for modules; pahole does, from the same.
if [ -f "$WORK/kmod/stap_kmod.ko" ] && command -v pahole >/dev/null && [ -f "/usr/lib/debug/boot/vmlinux-$KVER" ]; then
	pahole -J --btf_base "/usr/lib/debug/boot/vmlinux-$KVER" "$WORK/kmod/stap_kmod.ko"
fi
KMOD=$WORK/kmod PROGRAMS=$WORK/programs
export KMOD PROGRAMS
sh ../subjects/build.sh "$PROGRAMS" > "$WORK/programs.log" 2>&1 ||
	{ echo "not ok $KVER/programs: the test programs do not compile"; tail -20 "$WORK/programs.log"; exit 1; }
"$STAP" --prepare -r "$KVER" || { echo "not ok $KVER/prepare: the runtime does not compile"; exit 1; }

# For tests that translate in the guest: what takes long there.
echo "${SYSTEMTAP_DIR:-$HOME/.systemtap}" > "$WORK/state"

# The runtime's own tests: hand-written units.
if chosen rt; then
	sh ../rt/rt.sh "$BUILD" "$KVER" "$KMOD/stap_kmod.ko" "$WORK/rt" > "$WORK/rt.log" 2>&1 ||
		{ echo "not ok $KVER/rt: does not compile"; tail -15 "$WORK/rt.log"; status=1; rm -rf "$WORK/rt"; }
fi

# The name of the module of TEST.stp.
module_of() { base=${1%.stp}; echo "t_$(echo "${base##*/}" | tr -c 'A-Za-z0-9\n' _)"; }

# What in-guest.sh has to know of TEST.stp, as a script that sets variables.
note_tags() {
	mkdir -p "$WORK/${1%/*}"
	{ sed -n "s/'/'\\\\''/g; s/^#@ status: *\(.*\)/want='\1'/p; s/^#@ run: *\(.*\)/run='\1'/p
		s/^#@ stderr: *\(.*\)/re='\1'/p; s/^#@ btf: *\(.*\)/btf='\1'/p" "$1"
	echo "module=$(module_of "$1")"; } > "$WORK/$1.tags"
}

# compile TEST.stp: the module t_NAME.ko in the work folder, or a line that says why not.
compile() {
	t=$1 base=${1%.stp} more=$2
	mkdir -p "$WORK/${base%/*}"
	out=$WORK/$base.build
	(
		cd "$WORK/${base%/*}" || exit 1
		eval "set -- $more $(tag stap "$SRC/testsuite/run/$t") -- $(tag args "$SRC/testsuite/run/$t")"
		# Cycles that a host takes away count as a handler's.
		opts=; case $* in *OVERLOAD*) ;; *) opts=-DSTP_NO_OVERLOAD ;; esac
		while [ "$1" != -- ]; do opts="$opts '$1'"; shift; done; shift
		eval "timeout 300 \"\$STAP\" -p4 -r \"\$KVER\" -m \"$(module_of "$t")${more:+_btf}\" $opts \"\$SRC/testsuite/run/\$t\" \"\$@\""
	) > "$out" 2>&1 < /dev/null || {
		echo "not ok $KVER/$base${more:++btf}: does not compile"
		sed 's/^/    /' "$out" | tail -15
	}
}

for t in */*.stp; do
	case $t in *.mod.stp) ;; *) note_tags "$t" ;; esac
done
# Two at a time.
for half in 0 1; do
	n=0
	for t in */*.stp; do
		chosen "$t" || continue
		case $KVER in "$(only "$t")"*) ;; *) continue ;; esac
		n=$((n + 1))
		[ $((n % 2)) -ne $half ] || compile "$t"
		[ $((n % 2)) -ne $half ] || [ -z "$(tag btf "$t")" ] || compile "$t" --debuginfo=btf
	done > "$WORK/compile.$half" &
done
wait
cat "$WORK/compile.0" "$WORK/compile.1"
grep -q '^not ok' "$WORK/compile.0" "$WORK/compile.1" && status=1
{
	# What raises the counts of tests: STAP_VOLUME, STAP_KILLS, STAP_LOADS, STAP_SECONDS, STAP_EVERY, STAP_TIMEOUT.
	"$STAP" --guest-shell="$KVER" -- env $(env | grep '^STAP_[A-Z]*=[0-9]*$') sh "$SRC/testsuite/run/in-guest.sh" "$SRC" "$BUILD" "$WORK" "$PATTERN" "$BLESS" 2> "$WORK/guest.err"
	echo $? > "$WORK/guest.status"
} | tee "$WORK/guest.out" | grep -a --line-buffered -v '^bless '
gs=$(cat "$WORK/guest.status")
# BLESS=1: what does not match becomes what is expected; git diff is the review.
grep -a '^bless ' "$WORK/guest.out" | while read -r _ name text; do echo "$text" | base64 -d > "$name.out"; done
grep -aq '^not ok ' "$WORK/guest.out" && status=1
if ! grep -aq '^end of suite$' "$WORK/guest.out"; then
	echo "not ok $KVER/guest: ended with status $gs before the suite did, after: $(grep -aE '^(ok|not ok|skip) ' "$WORK/guest.out" | tail -1)"
	tail -60 "$WORK/guest.err"
	status=1
fi
exit $status
