#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: options that need neither kernel nor guest: what is read from where, what is shown how,
# what is refused and why.
stap=$2/stap
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export SYSTEMTAP_DIR="$tmp/state"
unset SYSTEMTAP_COLORS NO_COLOR
mkdir -p "$SYSTEMTAP_DIR"
status=0
hello='probe begin { println("hello") }'

# want NAME STATUS TEXT ARGS...: ends with STATUS, and prints TEXT ("!TEXT": not) somewhere.
want() {
	name=$1 code=$2 text=$3
	shift 3
	timeout 60 "$stap" "$@" > "$tmp/out" 2>&1 < /dev/null
	got=$?
	case $text in
	!*) grep -qF -e "${text#!}" "$tmp/out"; found=$((! $?)) ;;
	*) grep -qF -e "$text" "$tmp/out"; found=$? ;;
	esac
	if [ $got -eq "$code" ] && [ $found -eq 0 ]; then
		echo "ok options/$name"
	else
		echo "not ok options/$name: status $got instead of $code, or not as wanted: $text"
		sed 's/^/# /' "$tmp/out" | head -20
		status=1
	fi
}
rc() { printf -- "$1" > "$SYSTEMTAP_DIR/rc"; }

esc=$(printf '\033')
want extra-script 0 'probe end' -p1 -e "$hello" -E 'probe end { println("x") }'
want extra-script-error 1 'saw: <-E> EOF' -p1 -e "$hello" -E 'probe'
want unoptimized 0 '!Eliding' -u -v -p2 -e 'function f() { return 1 } probe begin { x = f() println("x") }'
want warns 0 'WARNING: Eliding assignment' -p2 -e 'probe begin { x = 1; println("x") }'
want no-warnings 0 '!WARNING' -w -p2 -e 'probe begin { x = 1; println("x") }'
want warnings-are-errors 1 'WARNING: Eliding' -W -p2 -e 'probe begin { x = 1; println("x") }'
want verbose-warns 0 'WARNING: Eliding unused function' -v -p2 -e 'function f() { return 1 } probe begin { println("x") }'
want parse-error-status 1 'Pass 1: parse failed.' -p1 -e 'probe'
want semantic-error-status 1 'Pass 2: analysis failed.' -p2 -e 'probe begin { nosuch() }'
want unknown-option 1 "unknown option '--nosuch'" --nosuch
want similar-option 1 '(similar: --dump)' --dmup=ast
want missing-argument 1 "option '-e' needs an argument" -e
if unshare -m sh -c 'mount -t tmpfs none /lib/modules && mount -t tmpfs none /boot' 2>/dev/null; then
	stap="unshare -m sh -c 'mount -t tmpfs none /lib/modules; mount -t tmpfs none /boot; exec $2/stap -p1 -e \"probe begin { }\"'"
	timeout 60 sh -c "$stap" > "$tmp/out" 2>&1 && grep -q 'probe begin' "$tmp/out" && echo "ok options/no-kernel-at-all" || {
		echo "not ok options/no-kernel-at-all"; status=1; }
	stap=$2/stap
fi

want explain 0 'What to do:' --explain=unresolved-function
want explain-similar 1 '(similar: unresolved-function)' --explain=unresolved-functoin
want explain-list 0 'type-mismatch' --explain=list
want no-tag 1 '!unresolved-function' -p2 -e 'probe begin { nosuch() }'
want tag-verbose 1 '[unresolved-function]' -v -p2 -e 'probe begin { nosuch() }'
want colour-off 1 "!$esc" --color=never -p2 -e 'probe begin { nosuch() }'
want colour-auto 1 "!$esc" -p2 -e 'probe begin { nosuch() }'
want colour-error 1 "$esc[01;31msemantic error:$esc[0m" --color=always -p2 -e 'probe begin { nosuch() }'
want colour-plain 1 "$esc[01;31msemantic error:" --colour -p2 -e 'probe begin { nosuch() }'
want colour-token 1 "$esc[01mnosuch()$esc[0m" --color=always -p2 -e 'probe begin { nosuch() }'
want colour-source 1 "$esc[00;34m<input>:1:15$esc[0m" --color=always -p2 -e 'probe begin { nosuch() }'
export SYSTEMTAP_COLORS='error=07;35'
want colours-own 1 "$esc[07;35msemantic error:" --color=always -p2 -e 'probe begin { nosuch() }'
want colours-no-other 1 "!$esc[01m" --color=always -p2 -e 'probe begin { nosuch() }'
export SYSTEMTAP_COLORS='nosuch=1'
want colours-wrong 1 "!$esc" --color=always -p2 -e 'probe begin { nosuch() }'
export SYSTEMTAP_COLORS=
want colours-empty 1 "!$esc" --color=always -p2 -e 'probe begin { nosuch() }'
unset SYSTEMTAP_COLORS

rc '# comment\n-w\n --vp "1" # more\n'
want rc 0 'Pass 1: parsed' -p2 -e 'function f() { return 1 } probe begin { println("x") }'
want rc-warnings 0 '!WARNING' -p2 -e 'function f() { return 1 } probe begin { println("x") }'
rc '-D "A=b c" stray\n'
want rc-word 1 "'stray' is no option" -p1 -e "$hello"
rc '-D "open\n'
want rc-quote 1 'a quote is not closed' -p1 -e "$hello"
rc '--nosuch\n'
want rc-option 1 "unknown option '--nosuch'" -p1 -e "$hello"
rm "$SYSTEMTAP_DIR/rc"

want vp 0 'Pass 2: analyzed' --vp 01 -p2 -e "$hello"
want vp-other 0 '!Pass 1: parsed' --vp 01 -p2 -e "$hello"
want vp-wrong 1 "cannot be used" --vp 0x -p2 -e "$hello"
want rlimit 0 'probe begin' --rlimit-cpu=50 --rlimit-fsize=100000000 --rlimit-stack=8000000 -p1 -e "$hello"
want rlimit-wrong 1 'cannot be used' --rlimit-as=much -p1 -e "$hello"
want skip-badvars 0 'begin' --skip-badvars -p2 -e 'probe begin { println($nosuch, $nosuch$) }'
want badvars 1 'unable to find local' -p2 -e 'probe begin { println($nosuch) }'
want skip-badvars-write 1 '$nosuch' -g --skip-badvars -p2 -e 'probe begin { $nosuch = 1 }'
want privilege 1 'not allowed for --privilege=stapusr' --privilege=stapusr -p2 -e 'probe kernel.trace("sched_switch") { println("x") }'
want privilege-function 1 'may not be used when --privilege=stapusr' --unprivileged -p2 -e 'probe begin { println(kernel_string(1)) }'
want privilege-allowed 0 'begin' --privilege=stapusr -p2 -e 'probe begin, timer.s(1) { println("x") exit() }'
want privilege-condition 0 'println("usr")' --privilege=stapusr -p1 \
	-e '%( systemtap_privilege == "stapusr" %? probe begin { println("usr") } %)'
want privilege-guru 1 'cannot be used together' -g --privilege=stapusr -p1 -e "$hello"
want privilege-wrong 1 'cannot be used' --privilege=root -p1 -e "$hello"
want privilege-dev 0 'probe begin' --privilege -g -p1 -e "$hello"
want time-limits 1 'needs guru mode' --suppress-time-limits -p1 -e "$hello"
want time-limits-guru 0 '.maxaction = 0x7fffffff' -g --suppress-time-limits -p3 -e "$hello"
want handler-errors 0 '.suppress_handler_errors = true' --suppress-handler-errors -p3 -e "$hello"
want compatible 0 'old' --compatible=1.8 -p1 -e '%( systemtap_v <= "1.8" %? probe begin { println("old") } %)'
want harmless 0 'probe begin' -P --prologue-searching=never -d kernel --ldd --all-modules --check-version -p1 -e "$hello"
want runtime 0 'probe begin' --runtime=kernel -p1 -e "$hello"
want runtime-other 1 'cannot be used' --runtime=bpf -p1 -e "$hello"
want refused-server 1 'there are no compile servers' --use-server -p1 -e "$hello"
want refused-monitor 1 'there is no status window' --monitor=5 -p1 -e "$hello"
want probe-types 0 'kernel.trace(string)' --dump-probe-types
want probe-aliases 0 'vfs.read' --dump-probe-aliases
want functions 0 'execname:string ()' --dump-functions

# --fmt: to standard output, in place, from standard input; what is formatted stays so.
printf '# one\nprobe   begin{\nx=1 # two\n  println( x ) }\n' > "$tmp/f.stp"
printf '# one\nprobe begin {\n\tx = 1 # two\n\tprintln(x) }\n' > "$tmp/want.stp"
same() {	# same NAME FILE
	if cmp -s "$2" "$tmp/want.stp"; then echo "ok options/$1"; else echo "not ok options/$1"; diff "$2" "$tmp/want.stp"; status=1; fi
}
"$stap" --fmt "$tmp/f.stp" > "$tmp/out"; same fmt "$tmp/out"
"$stap" --fmt - < "$tmp/f.stp" > "$tmp/out"; same fmt-stdin "$tmp/out"
chmod 640 "$tmp/f.stp"
"$stap" --fmt -w "$tmp/f.stp"; same fmt-in-place "$tmp/f.stp"
[ "$(stat -c %a "$tmp/f.stp")" = 640 ] && echo "ok options/fmt-mode" || { echo "not ok options/fmt-mode"; status=1; }
printf 'probe begin { }\n/* no end\n' > "$tmp/open.stp"
want fmt-open-comment 1 "Could not find matching '*/'" --fmt "$tmp/open.stp"
want fmt-missing 1 'cannot read the script' --fmt "$tmp/nosuch.stp"
# What SystemTap's manual has and little comes of here.
want taken 0 'begin' -p2 --download-debuginfo=no --use-server-on-error=no --remote-prefix --sysroot=/ -a "$(uname -m)" -e "$hello"
want other-sysroot 1 'cannot be used' --sysroot=/mnt -e "$hello"
want other-arch 1 'cannot be used' -a s390 -e "$hello"
want modinfo 0 'section(".modinfo"), aligned(1))) = "intree=Y"' -p3 --modinfo intree=Y -e "$hello"
want modinfo-no-value 1 'cannot be used' --modinfo intree -e "$hello"
want make-variable 1 'cannot be used' -B -i -e "$hello"
want arguments-in-argv 0 '!unused' -p2 -e 'probe begin { println(argv[1]) }' one two
SYSTEMTAP_RELEASE=9.9.9 want release-by-environment 1 'kernel release 9.9.9' -p2 -e "$hello"
# A function of the script takes the place of one that a tapset of the user's has for itself.
mkdir "$tmp/lib"
echo 'function started() { return unit_of_time() }' > "$tmp/lib/common.stp"
echo 'function unit_of_time() { return gettimeofday_us() }' > "$tmp/lib/default.stp"
want tapset-default 0 'gettimeofday_us' -p2 -I "$tmp/lib" -e 'probe begin { println(started()) }'
want tapset-override 0 'get_cycles' -p2 -I "$tmp/lib" -e 'probe begin { println(started()) } function unit_of_time() { return get_cycles() }'
# The manual pages name every option.
page() { sed 's/\\-/-/g' "$1" > "$tmp/page"; }
sh "$1/man/options.sh" "$1/translator/options.def" "$1/man/stap.1.in" > "$tmp/stap.1"
named() {	# named NAME PAGE OPTIONS
	page "$2"
	for o in $3; do grep -qF -e "$o" "$tmp/page" || missing="$missing $o"; done
	if [ -z "$missing" ] && ! grep -q '^@[A-Z]*@$' "$tmp/page"; then echo "ok options/$1"
	else echo "not ok options/$1: not in it:$missing"; status=1; fi
	missing=
}
named page-of-stap "$tmp/stap.1" "$("$stap" --help | grep -oE '^  -[A-Za-z]|--[a-z-]+')"
named page-of-staprun "$1/man/staprun.8" "$("$2/staprun/staprun" -h | grep -oE '^  (-[A-Za-z]|--[a-z-]+)')"
exit $status
