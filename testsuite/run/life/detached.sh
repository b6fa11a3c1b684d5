# Sessions that go on by themselves: -L and SIGQUIT leave one, -A comes back, -d ends it; a flight
# recorder keeps the latest, without a hole; when the ring was large enough everything is there.
M=t_detached_mod
fail() { echo "$*"; exit 1; }
loaded() { grep -q "^$M " /proc/modules; }
hang_on() { for i in $(seq 100); do "$@" && return; sleep 0.1; done; fail "in vain: $*"; }
in_steps() { awk '$1 ~ /^[0-9]+$/ { if (last && $1 != last + 1) { print "after " last " comes " $1; exit 1 } last = $1 }' "$1" || fail "$1"; }

"$STAPRUN" -L "$KO/$M.ko" > "$W/l" 2> "$W/err" || fail "-L: $(cat "$W/err")"
grep -qx "To reconnect, type \"staprun -A $M\"" "$W/err" || fail "-L says: $(cat "$W/err")"
sleep 1
"$STAPRUN" -A $M > "$W/a" 2> "$W/err" & pid=$!
hang_on grep -q "^9 " "$W/a"
kill -QUIT $pid; wait $pid || fail "SIGQUIT: status $?: $(cat "$W/err")"
loaded || fail "SIGQUIT: not loaded any more"
[ "$(head -2 "$W/a" | cut -c1-6)" = "begin
1 and " ] || fail "-A begins with: $(head -3 "$W/a")"
! grep -q end "$W/a" || fail "an end probe ran"
in_steps "$W/a"
"$STAPRUN" -A $M > "$W/b" 2> "$W/err" & pid=$!
hang_on grep -q " and" "$W/b"
"$STAPRUN" -d $M 2> "$W/d" && fail "-d removed a module in use"
grep -q "in use" "$W/d" || fail "-d says: $(cat "$W/d")"
"$STAPRUN" -d '*' 2> "$W/d" || fail "-d * of a module in use: $(cat "$W/d")"
kill -INT $pid; wait $pid || fail "status $?: $(cat "$W/err")"
in_steps "$W/b"
[ "$(tail -1 "$W/b")" = "end $(tail -2 "$W/b" | head -1 | cut -d' ' -f1)" ] || fail "the end: $(tail -2 "$W/b")"
loaded && fail "still loaded"

# 1 MB is some 10,000 lines; at 100 a tick they go round several times, and who comes back can keep up with the rest.
"$STAPRUN" -L -b 1 "$KO/$M.ko" per=100 2> "$W/err" || fail "-L per=100: $(cat "$W/err")"
sleep 4
"$STAPRUN" -A $M > "$W/c" 2> "$W/err" & pid=$!
hang_on grep -q " and" "$W/c"
kill -INT $pid; wait $pid || fail "status $?: $(cat "$W/err")"
# begin probes have a buffer of their own, and so has the CPU on which the timer may have been before.
grep -v begin "$W/c" | tail -5001 > "$W/flight"
in_steps "$W/flight"
first=$(grep -v begin "$W/c" | head -1 | cut -d' ' -f1)
last=$(tail -1 "$W/c" | cut -d' ' -f2)
[ "$first" -gt 1 ] && [ $((last - first)) -gt 5000 ] || fail "a flight of $first to $last"
grep -q "^end" "$W/c" || fail "no end: $(tail -1 "$W/c")"

"$STAPRUN" -L "$KO/$M.ko" 2> "$W/err"
"$STAPRUN" -d '*' 2> "$W/d" || fail "-d *: $(cat "$W/d")"
loaded && fail "-d * left it"
"$STAPRUN" -A $M 2> "$W/d" && fail "attached to nothing"
exit 0
