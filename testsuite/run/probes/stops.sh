# Two CPUs add to globals that timers and a procfs file read and delete meanwhile, hundreds of times: what was read and
# what is left is what was added, and no look sees half of a hit.  Then, one after the other, what deletion leaves: the
# order of keys, and room.
cat > "$W/work" << 'END'
proc=/proc/systemtap/t_stops_mod
"$PROGRAMS/stops" $proc/looks ${STAP_VOLUME:-300} > "$W/hits" || exit 1
reads() { for i in "$@"; do dd if=/dev/zero of=/dev/null bs="$i" count=1 2> /dev/null; done; }
reads 1 2 3 4
cat $proc/order
echo 2 > $proc/forget
reads 2 3 5
cat $proc/order
END
"$STAPRUN" -o "$W/out" -c "sh $W/work" "$KO/t_stops_mod.ko" > "$W/order" 2> "$W/err" ||
	{ echo "status $?: $(cat "$W/err")"; exit 1; }
[ ! -s "$W/err" ] || { cat "$W/err"; exit 1; }
hits=$(cat "$W/hits")
[ "$(cat "$W/order")" = "1:1 2:1 3:1 4:1 1:1 3:2 4:1 2:1 5:1 " ] || { echo "order: $(cat "$W/order")"; exit 1; }
cat > "$W/want" << END
n $hits h $hits $((hits / 8 * 36)) s $hits a $hits named $hits big $hits torn 0
few 1 1
few 3 2
few 2 1
full 2 mixed 1 1 rarely 1 1
END
diff -u "$W/want" "$W/out"
