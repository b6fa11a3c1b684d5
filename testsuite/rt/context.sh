#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# context.sh DIR MODULE: in a guest, as root: loads DIR/MODULE.ko (unit_context.c), lets DIR/control run
# DIR/context_target, and compares what the probes saw with what the process knows of itself.
# Prints "ok" and "not ok" lines; the status is 1 when there is one of the latter.
dir=$1 module=$2
out=$(mktemp) || exit 1
insmod "$dir/$module.ko" || { echo "not ok insmod"; exit 1; }
# Jump-optimised kprobes are so some time after they are armed.
"$dir/control" "$module" sh -c "sleep 1; '$dir/context_target'" > "$out" 2>&1 || echo "not ok control: status $?" >> "$out"
rmmod "$module" || echo "not ok rmmod" >> "$out"

value() { sed -n "s/^value $1 //p" "$out" | head -1; }
check() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: wanted $2, got $3"; fi; }
names() { sed -n "/^stack $1\$/,/^end\$/s/^\\(Returning [a-z ]*: \\)\\{0,1\\} 0x[0-9a-f]* : \\([^+]*\\)+.*/\\2/p" "$out" | tr '\n' ' '; }
{
	grep -E '^(not )?ok ' "$out"
	sed -n 's/^want //p' "$out" | while read -r name v; do
		got=$(value "$name")
		# The clock may have passed a second in between.
		[ "$name" = realtime_s ] && [ "$((got - v))" -ge -1 ] && [ "$((got - v))" -le 1 ] && got=$v
		check "$name" "$v" "$got"
	done
	check execname context_thread "$(value execname)"
	check pexecname context_target "$(value pexecname)"
	check task_parent context_target "$(value parent_execname)"
	check module_name "$module" "$(value module)"
	check symname vfs_read "$(value symname)"
	case $(value symdata) in
	"vfs_read+0x"[48]"/0x"*" [kernel]") echo "ok symdata" ;;
	*) echo "not ok symdata: $(value symdata)" ;;
	esac
	check "stack at entry" "vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe " "$(names entry)"
	case $(names switch) in
	"__schedule "*" entry_SYSCALL_64_after_hwframe "|"__schedule "*" asm_"*) echo "ok stack at a tracepoint" ;;
	*) echo "not ok stack at a tracepoint: $(names switch)" ;;
	esac
	case $(names profile) in
	*" entry_SYSCALL_64_after_hwframe "|*" asm_"*) echo "ok stack at a tick" ;;
	*) echo "not ok stack at a tick: $(names profile)" ;;
	esac
	if [ "$module" = unit_context ]; then
		check "stack at return" "vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe " "$(names return)"
	else
		case $(names middle) in
		"vfs_read ksys_read "*) echo "ok stack inside a function" ;;
		*) echo "not ok stack inside a function: $(names middle)" ;;
		esac
	fi
	check "samples in the aggregate are those of the histogram" "$(sed -n 's/^reads context_thread \([0-9]*\) .*/\1/p' "$out")" \
		"$(sed -n 's/.*|[ @]* \([0-9]*\)$/\1/p' "$out" | awk '{ n += $1 } END { print n }')"
} > "$out.checks"
cat "$out.checks"
if grep -q '^not ok' "$out.checks"; then
	sed 's/^/    /' "$out"
	exit 1
fi
rm -f "$out" "$out.checks"
