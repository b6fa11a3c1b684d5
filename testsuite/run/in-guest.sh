#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# in-guest.sh SRC BUILD WORK [PATTERN]: the half of suite.sh that runs inside the guest.
SRC=$1 BUILD=$2 WORK=$3 PATTERN=$4 BLESS=$5
KVER=$(uname -r)
STAPRUN=$BUILD/staprun/staprun
STAP=$BUILD/stap
PROGRAMS=$WORK/programs
export SRC BUILD STAPRUN STAP KVER PROGRAMS
cd "$SRC/testsuite/run" || exit 1
R=/tmp/results
mkdir -p $R
if [ -f "$WORK/rt/session.sh" ]; then
	cp -r "$WORK/rt" /tmp/rt		# they write beside their modules
	{ sh /tmp/rt/session.sh /tmp/rt; sh /tmp/rt/context.sh /tmp/rt unit_context; } 2>&1 |
		sed "s,^\(ok\|not ok\) ,\1 $KVER/rt/,"
fi
[ ! -f "$WORK/kmod/stap_kmod.ko" ] || insmod "$WORK/kmod/stap_kmod.ko"
dmesg -C

chosen() {
	[ -n "$PATTERN" ] || return 0
	for word in $PATTERN; do case $1 in *"$word"*) return 0 ;; esac; done
	return 1
}

# Programs start slowly in here, so what can be had without is: tags come as a file made outside, $want and so on.
tags() { want= run= re= btf=; . "$WORK/$1.tags"; }

# Whether TEST.sh is for this kernel: its second line may say that one is enough.
is_for() {
	{ read -r _; read -r line; } < "$1"
	case $line in '#@ only: '*) case $KVER in "${line#*: }"*) ;; *) return 1 ;; esac ;; esac
}

# match EXPECTED ACTUAL: line by line; "re:" lines are patterns.
match() {
	awk -v actual="$2" '
		function bad(why) { print why; failed = 1; exit 1 }
		{ have = (getline line < actual) > 0
		  if (!have) bad("line " NR " is missing: " $0)
		  if (substr($0, 1, 3) == "re:") { if (line !~ ("^" substr($0, 4) "$")) bad("line " NR " is \"" line "\", not like \"" substr($0, 4) "\"") }
		  else if (line != $0) bad("line " NR " is \"" line "\", not \"" $0 "\"") }
		END { if (!failed && (getline line < actual) > 0) { print "more than expected: \"" line "\""; exit 1 } }' "$1"
}

# What must hold after every test: no module of ours, nothing in the kernel log.
aftermath() {
	left=
	while read -r loaded _; do
		case $loaded in t_* | stap_[0-9a-f]*) left="$left$loaded " ;; esac
	done < /proc/modules
	[ -z "$left" ] || { echo "left loaded: $left"; for m in $left; do "$STAPRUN" -d "$m" >/dev/null 2>&1; done; return 1; }
	dmesg -c > $R/log
	if [ -s $R/log ] && grep -E 'BUG|WARNING|Oops|lockdep|Call Trace|scheduling while|soft lockup|rcu.*stall|general protection' $R/log > $R/dmesg; then
		echo "kernel log: $(head -1 $R/dmesg)"
		tail -40 $R/log
		return 1
	fi
}

run_stp() {
	ko=$WORK/${1%/*}/$module$2.ko
	[ -f "$ko" ] || return 2
	eval "timeout 240 \"\$STAPRUN\" $run \"\$ko\"" > $R/out 2> $R/err < /dev/null
	got=$?
	[ "$got" -eq "${want:-0}" ] || { echo "exit status $got, not ${want:-0}: $(head -2 $R/err)"; return 1; }
	if [ -n "$BLESS" ] && ! { [ -f "$1.out" ] && match "$1.out" $R/out > /dev/null; }; then
		echo "bless $1 $(base64 -w0 < $R/out)" >> $R/bless
	elif [ -f "$1.out" ]; then
		match "$1.out" $R/out || return 1
	elif [ -s $R/out ]; then
		echo "there is no $1.out to hold the output against"
		return 1
	fi
	if [ -n "$re" ]; then
		grep -aqE -- "$re" $R/err || { echo "stderr is not like $re: $(head -2 $R/err)"; return 1; }
	elif [ -s $R/err ]; then
		echo "stderr: $(head -2 $R/err)"
		return 1
	fi
}

run_sh() {
	KO=$WORK/${1%/*} W=$R/w
	export KO W
	rm -rf $W
	mkdir -p $W
	timeout "${STAP_TIMEOUT:-900}" sh "$1.sh" < /dev/null
}

report() {
	name=$KVER/$1
	shift
	read -r began _ < /proc/uptime
	why=$("$@" 2>&1)
	status=$?
	read -r now _ < /proc/uptime
	took=$((${now%.*} - ${began%.*}))
	[ $took -lt 8 ] || echo "# $name took $took s"
	case $status in
	0) bad= ;;
	2) return ;;
	77) echo "skip $name: $why"; return ;;
	*) bad=${why:-failed} ;;
	esac
	aftermath > $R/after || bad="${bad:+$bad; }$(cat $R/after)"
	[ -z "$bad" ] && echo "ok $name" || echo "not ok $name: $bad"
}

for t in */*.stp; do
	case $t in *.mod.stp) continue ;; esac
	chosen "$t" || continue
	tags "$t"
	report "${t%.stp}" run_stp "${t%.stp}"
	[ -z "$btf" ] || report "${t%.stp}+btf" run_stp "${t%.stp}" _btf
done
for t in */*.sh; do
	[ -f "$t" ] && chosen "$t" && is_for "$t" || continue
	report "${t%.sh}" run_sh "${t%.sh}"
done
[ -z "$BLESS" ] || cat $R/bless
echo "end of suite"
