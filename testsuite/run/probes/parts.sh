# Two CPUs add to the same arrays and aggregates at once: nothing is lost, whoever made the element, and elements are
# in the order in which they were made.  500 sizes are more than one CPU's first piece of memory holds.
"$STAPRUN" -o "$W/out" -c "$PROGRAMS/parts 500 20" "$KO/t_parts_mod.ko" 2> "$W/err" || { echo "status $?: $(cat "$W/err")"; exit 1; }
[ ! -s "$W/err" ] || { cat "$W/err"; exit 1; }
diff -u probes/parts.want "$W/out"
