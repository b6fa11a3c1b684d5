# What is counted agrees with what strace sees the same command do.
export LC_ALL=C
unset LANG LANGUAGE
for cmd in "cat /etc/passwd" "cat /etc/passwd /etc/services /etc/group" "head -c 70000 /dev/zero"; do
	strace -e trace=read,pread64 $cmd 2>&1 > /dev/null |
		awk '/^(read|pread64)\(/ { match($0, /, [0-9]+(, [0-9]+)?\) += [0-9]+$/)
			split(substr($0, RSTART + 2), f, /[,) =]+/); n++; asked += f[1]; got += f[length(f)] } END { print n, asked, got }' > "$W/strace"
	"$STAPRUN" -c "exec $cmd > /dev/null" "$KO/t_strace_mod.ko" 2> "$W/err" | grep "^${cmd%% *} " | cut -d' ' -f2- > "$W/stap"
	[ ! -s "$W/err" ] || { echo "$cmd: $(cat "$W/err")"; exit 1; }
	cmp -s "$W/strace" "$W/stap" || { echo "$cmd: strace says $(cat "$W/strace"), stap says $(cat "$W/stap")"; exit 1; }
done
