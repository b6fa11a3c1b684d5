# process(PID) and -x: translated here, for a process that runs; others of the same program do not count.
S=$PROGRAMS/subject
"$S" spin 1 & one=$!
"$S" spin 1 & other=$!
export SYSTEMTAP_DIR="$W/state"
mkdir -p "$W/state/cache" && read -r state < "$KO/../state" && cp -r "$state/cache/runtime" "$W/state/cache/"
sleep 1
"$STAP" -p4 -m pid_one -e "
global hits, wrong, calls
probe process($one).function(\"work\") { hits++; if (pid() != $one) wrong++ }
probe process.function(\"work\") { calls++ }
probe process($one).begin { printf(\"begin %d\\n\", pid() == $one) }
probe end { printf(\"%d %d %d\\n\", hits > 0, wrong, calls > 0) }" -x $one > "$W/build" 2>&1 ||
	{ kill $one $other; echo "not translated: $(head -3 "$W/build")"; exit 1; }
(sleep 2; kill -INT $(pidof stapio)) &
timeout 60 "$STAPRUN" -x $one pid_one.ko > "$W/out" 2> "$W/err"
status=$?
kill $one $other
rm -f pid_one.ko
[ $status -eq 0 ] || { echo "exit status $status: $(head -2 "$W/err")"; exit 1; }
[ "$(tr '\n' ' ' < "$W/out")" = "begin 1 1 0 1 " ] || { echo "printed $(cat "$W/out")"; exit 1; }
