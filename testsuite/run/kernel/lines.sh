# A stack with lines and inlined calls, and the functions that name the place of an address.
"$STAPRUN" -c "cat /etc/passwd" "$KO/t_lines_mod.ko" > "$W/out" 2> "$W/err" || { cat "$W/err"; exit 1; }
want() { grep -qE "$1" "$W/out" || { echo "no line like $1:"; cat "$W/out"; exit 1; }; }
want '^ 0x[0-9a-f]{16} : vfs_read\+0x[04]/0x[0-9a-f]+ \[kernel\] at fs/read_write\.c:[0-9]+$'
want '^ 0x[0-9a-f]{16} : ksys_read\+0x[0-9a-f]+/0x[0-9a-f]+ \[kernel\] at fs/read_write\.c:[0-9]+$'
want '^ 0x[0-9a-f]{16} : do_syscall_x64 \[inlined\] at arch/x86/entry/common\.c:[0-9]+$'
want '^ 0x[0-9a-f]{16} : do_syscall_64\+0x[0-9a-f]+/0x[0-9a-f]+ \[kernel\] at arch/x86/entry/common\.c:[0-9]+$'
want '^place fs/read_write\.c:([0-9]+) fs/read_write\.c [0-9]+ 0x10$'
set -- $(grep ^place "$W/out")
[ "$2" = "$3:$4" ] || { echo "parts differ: $*"; exit 1; }
