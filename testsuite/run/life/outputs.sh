# Where output goes: strftime names, -S, SIGUSR2, switch_file(), -D, -o -.
M=$KO/t_outputs_mod.ko
fail() { echo "$*"; exit 1; }
cd "$W" || exit 1
is() { got=$(cat "$1" 2>&1 | tr '\n' ,); [ "$got" = "$2" ] || fail "$1: $got, not $2"; }
hang_on() { for i in $(seq 100); do "$@" && return; sleep 0.1; done; fail "in vain: $*"; }
"$STAPRUN" -o 'day_%Y_%%' "$M" every=9 || fail "-o %Y"
is "day_$(date +%Y)_%" "line 1,line 2,line 3,end,"
[ "$("$STAPRUN" -o - "$M" every=9 | tr '\n' ,)" = "line 1,line 2,line 3,end," ] || fail "-o -"
"$STAPRUN" -o sw "$M" every=1 || fail "switch_file"
is sw "line 1,"; is sw.1 "line 2,"; is sw.2 "line 3,end,"
"$STAPRUN" -o sig "$M" & pid=$!
hang_on grep -qs "line 3" sig
kill -USR2 $pid
hang_on test -e sig.1
kill -INT $pid; wait $pid || fail "status $?"
is sig "line 1,line 2,line 3,"; is sig.1 "end,"
"$STAPRUN" -o size -S 1,2 "$M" lines=450000 every=1000000 || fail "-S"
ls size.* | tr '\n' ' ' > names
is names "size.4 size.5 "
[ "$(wc -c < size.4)" -ge 1048576 ] && [ "$(wc -c < size.4)" -lt 1400000 ] || fail "size.4 has $(wc -c < size.4) bytes"
[ "$(tail -2 size.5 | tr '\n' ,)" = "line 450000,end," ] || fail "the end of size.5: $(tail -2 size.5)"
pid=$("$STAPRUN" -D -o bg "$M" < /dev/null) || fail "-D: $pid"
kill -0 "$pid" || fail "-D printed $pid"
kill -TERM "$pid"
hang_on test ! -e /sys/module/t_outputs_mod
is bg "line 1,line 2,line 3,end,"
exit 0
