# What has a condition is armed while it holds, and at no other time; nothing is lost by changing it in haste.
P=/proc/systemtap/t_conditions_mod
TR=/sys/kernel/tracing
fail() { echo "$*"; [ -z "$pid" ] || kill "$pid"; [ -z "$spin" ] || kill "$spin"; exit 1; }
await() {	# await WHAT COMMAND...
	what=$1 n=0
	shift
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 100 ] || fail "waited in vain for $what: $(cat $TR/enabled_functions) $(cat /sys/kernel/debug/kprobes/list) $(cat "$W/err")"
		sleep 0.1
	done
}
entry() { grep -q "^$1 " $TR/enabled_functions; }
no_entry() { ! entry "$1"; }
statement() { grep 'vfs_fsync_range' /sys/kernel/debug/kprobes/list | grep -qv DISABLED; }
no_statement() { ! statement; }
# The first byte of work() in the program that runs: a breakpoint, or what the compiler put there.
byte() { dd if="/proc/$spin/mem" bs=1 skip="$at" count=1 2> /dev/null | od -An -tx1 | tr -d ' '; }
program() { [ "$(byte)" = cc ]; }
no_program() { [ "$(byte)" = "$plain" ]; }
work() { for i in 1 2 3 4 5 6 7 8; do cat /proc/version > /dev/null; echo x > "$W/file"; sync "$W/file"; sleep 0.02; done; }
"$PROGRAMS/subject" spin 1 &
spin=$!
await "the program" grep -q subject "/proc/$spin/maps"
at=$((0x$(nm "$PROGRAMS/subject" | sed -n 's/ T work$//p') + 0x$(sed -n '/subject/{s/-.*//p;q}' "/proc/$spin/maps")))
plain=$(byte)
"$STAPRUN" "$KO/t_conditions_mod.ko" > "$W/out" 2> "$W/err" &
pid=$!
await "the start" [ -e $P/on ]
await "vfs_read to be left alone" no_entry vfs_read
await "vfs_write to be left alone" no_entry vfs_write
await "the statement to be left alone" no_statement
await "the program to be left alone" no_program
work
echo 1 > $P/on
await "vfs_read" entry vfs_read
await "vfs_write" entry vfs_write
await "the statement" statement
await "the program" program
work
echo 9 > $P/level
echo 0 > $P/on
await "vfs_write to be left alone again" no_entry vfs_write
await "the statement to be left alone again" no_statement
program || fail "work() is probed twice, and was left alone with the first condition"
entry vfs_read || fail "vfs_read is probed twice, and was left alone with the first condition"
work
echo 0 > $P/level
await "vfs_read to be left alone again" no_entry vfs_read
await "the program to be left alone again" no_program
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	echo $((i % 2)) > $P/on
	cat /proc/version > /dev/null
done
await "rest" no_entry vfs_read
await "rest of the program" no_program
kill -INT "$pid"
wait "$pid" || fail "status $?: $(cat "$W/err")"
pid=
kill "$spin"
spin=
set -- $(cat "$W/out")
while [ $# -gt 1 ]; do
	[ "$2" -gt 0 ] || fail "$1: never hit, of: $(cat "$W/out")"
	shift 2
done
