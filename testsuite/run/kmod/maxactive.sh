# Calls in flight beyond maxactive are not seen, counted, and reported with what helps.
call=/sys/kernel/debug/stap_kmod/call
"$STAPRUN" -c "for i in 1 2 3 4 5 6; do echo sleep > $call & done; wait" "$KO/t_maxactive_mod.ko" >"$W/out" 2>"$W/err"
seen=$(cat "$W/out")
[ "$seen" -ge 2 ] && [ "$seen" -lt 6 ] || { echo "$seen of 6 seen: $(cat "$W/err")"; exit 1; }
grep -q "$((6 - seen))" "$W/err" && grep -q 'maxactive\|KRETACTIVE' "$W/err" || { echo "not reported: $(cat "$W/err")"; exit 1; }
