# Two CPUs print as fast as they can, $STAP_VOLUME lines each: all there, in order per CPU; with the smallest
# buffers and a reader that sleeps, what is missing is told to the record.
N=${STAP_VOLUME:-100000}
fail() { echo "$*"; exit 1; }
reads="for c in 0 1; do taskset -c \$c dd if=/dev/zero of=/dev/null bs=1 count=$N 2> /dev/null & done; wait"
# Numbers of each CPU grow by one; prints how many are missing.
check() {
	awk '$1 == "printed" { total[$2] = $3; next }
		$2 <= last[$1] { print "cpu " $1 ": " $2 " after " last[$1]; bad = 1 }
		{ last[$1] = $2; seen[$1]++ }
		END { for (c in total) { lines += total[c]; missing += total[c] - seen[c] } print missing + 0, lines + 0; exit bad }' "$1"
}
"$STAPRUN" -o "$W/out" -c "$reads" "$KO/t_volume_mod.ko" 2> "$W/err" || fail "status $?: $(cat "$W/err")"
set -- $(check "$W/out")
[ "$1" = 0 ] && [ "$2" -ge $((2 * N)) ] && [ ! -s "$W/err" ] || fail "missing, of: $* $(cat "$W/err")"
echo "$2 lines, none lost"
"$STAPRUN" -b 1 -c "$reads" "$KO/t_volume_mod.ko" 2> "$W/err" | { sleep 20; cat > "$W/slow"; }
set -- $(check "$W/slow")
told=$(sed -n 's/^WARNING: There were \([0-9]*\) transport failures\.$/\1/p' "$W/err")
[ "$1" = "${told:-0}" ] || fail "$1 of $2 lines are missing, told: $(cat "$W/err")"
sum=$(sed -n 's/^WARNING: \([0-9]*\) records of CPU .*/\1/p' "$W/err" | awk '{ n += $1 } END { print n + 0 }')
[ "$sum" = "$1" ] || fail "per CPU $sum, together $1"
[ "$1" = 0 ] || grep -q "MB per CPU would have held" "$W/err" || fail "no size: $(cat "$W/err")"
echo "$1 of $2 lines lost and told: $(tail -1 "$W/err")"
