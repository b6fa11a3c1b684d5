#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: is what tapset/linux/renamed.def says true of the kernels with debuginfo here?
#
# For a kernel not older than a fact's release the old name must be gone; of the facts about one old name the
# last that applies must have its new name there.  A function that is inlined in this kernel has no
# parameters to look at, but in one of the kernels it must have.
src=$1 build=$2
# As testsuite/dwarf/stage.sh: whole kernels by the plain build.
[ "${build##*/}" != asan ] || [ ! -x "${build%/asan}/stap" ] || build=${build%/asan}
table=$src/tapset/linux/renamed.def
query=$build/testsuite/unit/dbgquery
. "$src/testsuite/lib/setup.sh"
own_folder
(cd "$build" && make -s testsuite/unit/dbgquery) >"$build/dbgquery.log" 2>&1 || {
	echo "not ok names: dbgquery does not compile, see $build/dbgquery.log"
	exit 1
}
status=0 kernels=
n=$(grep -cE '^(function|tracepoint|param|member|number|type) ' "$table")
[ "$n" -ge 100 ] && echo "ok names/table: $n facts" || { echo "not ok names/table: only $n facts"; status=1; }
grep -v '^point ' "$table" >"$tmp/table"	# those are in no debuginfo
for image in /usr/lib/debug/boot/vmlinux-*; do
	[ -f "$image" ] || continue
	k=${image##*/vmlinux-}
	kernels="$kernels $k"
	DBGQUERY=dwarf "$query" "$k" kernel facts "$tmp/table" >"$tmp/$k.facts"
	awk -v k="$k" '
		function number(r,  v) { split(r "..", v, "."); return v[1] * 1000000 + v[2] * 1000 + v[3] }
		{ of = $1 " " $2 }
		number($4) > number(k) || $5 != "subject" { next }
		$6 == "old" { print of " is still there, and the table says gone since " $4; next }
		{ last[of] = $7; now[of] = $3 }
		END { for (of in last) if (last[of] != "new") print of ": " now[of] " is not there" }' "$tmp/$k.facts" >"$tmp/wrong"
	checked=$(grep -c ' subject ' "$tmp/$k.facts")
	if [ -s "$tmp/wrong" ]; then
		echo "not ok names/$k: $(wc -l <"$tmp/wrong") facts are wrong: $(sort "$tmp/wrong" | head -5 | tr '\n' '|')"
		status=1
	elif [ "$checked" -lt 100 ]; then
		echo "not ok names/$k: only $checked facts could be looked at"
		status=1
	else
		echo "ok names/$k: $checked facts"
	fi
done
if [ -z "$kernels" ]; then
	echo "ok names # SKIP no kernel debuginfo in /usr/lib/debug/boot"
	exit $status
fi

# What a script of old gets to hear: "KERNEL-GLOB|PATTERN|SCRIPT", every line on its own.
said() {
	name=$1 re=$2
	shift 2
	"$build/stap" -r "$k" -p2 "$@" >"$tmp/out" 2>&1
	if grep -qE -- "$re" "$tmp/out"; then
		echo "ok names/$name $k"
	else
		echo "not ok names/$name $k: no /$re/ in: $(head -3 "$tmp/out" | tr '\n' '|')"
		status=1
	fi
}
for k in $kernels; do
	said point "'nfs.proc.read' is gone since Linux 2.6.21; the nearest is nfs.proc.read_setup" \
		-e 'probe nfs.proc.read.return { println(retstr) }'
	said function "WARNING: function 'resched_task' is 'resched_curr' since Linux 3.18, which is taken" \
		-e 'probe kernel.function("resched_task") { println(1) }'
	said return "^kernel.function..kernel_clone.*<- kernel.function..do_fork...return" \
		-e 'probe kernel.function("do_fork").return { println($clone_flags, $return) }'
	said call "<- kernel.function..sys_read" -e 'probe kernel.function("sys_read").call { println(1) }'
	said syscall "'.filename' of '__x64_sys_openat' is '.regs->si' since Linux 4.17" \
		-e 'probe kernel.function("sys_openat") { println(user_string($filename), $dfd) }'
	said syscall-type "mode = zext16.u64..reg5 . 104" --dump=program -w \
		-e 'probe kernel.function("sys_mkdir") { println($mode) }'
	said param "'.mm' of 'handle_mm_fault' is '.vma->vm_mm' since Linux 4.8" \
		-e 'probe kernel.function("handle_mm_fault") { println($mm->pgd) }'
	said member "'bi_size' of 'bio' is 'bi_iter->bi_size' since Linux 3.14" \
		-e 'probe kernel.function("submit_bio") { println($bio->bi_size) }'
	said path "'start_time->tv_sec' of 'task_struct' is 'start_time/1000000000' since Linux 3.17" \
		-e 'probe kernel.trace("sched_switch") { println($prev->start_time->tv_sec) }'
	said number "the number in a 'kuid_t' is its member 'val' since Linux 3.5" \
		-e 'probe kernel.trace("sched_switch") { println($prev->cred->uid) }'
	said type "type 'wait_queue_t' is 'wait_queue_entry_t' since Linux 4.13" \
		-e 'probe begin { println(@cast(1, "wait_queue_t")->flags) }'
	said tracepoint "tracepoint 'power_start' is 'cpu_idle' since Linux 2.6.38" \
		-e 'probe kernel.trace("power_start") { println(1) }'
	said strict "semantic error: .*no match .function 'resched_task' is 'resched_curr' since Linux 3.18" \
		--strict-names -e 'probe kernel.function("resched_task") { println(1) }'
	said strict-member "member 'bi_size' of 'bio' is 'bi_iter->bi_size' since Linux 3.14$" --strict-names \
		-e 'probe kernel.function("submit_bio") { println($bio->bi_size) }'
	said strict-fails "Pass 2: analysis failed" --strict-names \
		-e 'probe kernel.function("submit_bio") { println($bio->bi_size) }'
	said unknown "unable to find member 'bi_sizes'" \
		-e 'probe kernel.function("submit_bio") { println($bio->bi_sizes) }'
	# What is read by the old name is what is read by the new one, to the last load.
	while IFS='|' read -r point old new; do
		for e in "$old" "$new"; do
			"$build/stap" -r "$k" -w --dump=program -e "probe $point { println($e) }" 2>&1 |
				sed -n 's/^  # [^=]* = //p; s/^  saved [^=]* = //p; /error/p'
			echo --
		done | awk 'BEGIN { n = 0 } $0 == "--" { n++; next } { t[n] = t[n] "\n" $0 }
			END { if (t[0] == "" || t[0] != t[1]) print "by the old name:" t[0] "\nby the new:" t[1] }' >"$tmp/differ"
		if [ -s "$tmp/differ" ]; then
			echo "not ok names/same $k $old: $(tr '\n' ' ' <"$tmp/differ")"
			status=1
		else
			echo "ok names/same $k $old"
		fi
	done <<-'END'
	kernel.function("handle_mm_fault")|$mm->mmap_sem->count->counter|$vma->vm_mm->mmap_lock->count->counter
	kernel.function("vfs_read").call|$file->f_dentry->d_inode->i_uid|$file->f_path->dentry->d_inode->i_uid->val
	kernel.function("vfs_read").return|$file->f_dentry->d_count|$file->f_path->dentry->d_lockref->count
	kernel.function("__wake_up").call|$q->task_list->next|$wq_head->head->next
	kernel.function("submit_bio").call|$bio->bi_sector|$bio->bi_iter->bi_sector
	kernel.trace("sched_switch")|$prev->real_start_time|$prev->start_boottime
	kernel.trace("sched_switch")|$prev->se->statistics->wait_max|$prev->stats->wait_max
	kernel.trace("sched_switch")|$next->euid|$next->cred->euid->val
	kernel.function("tcp_sendmsg").call|$sk->sk_dport|$sk->__sk_common->skc_dport
	kernel.function("sys_read").call|$buf|$regs->si
	END
	# A script that asks knows both names, and alternatives are its own.
	"$build/stap" -r "$k" -p2 -e 'probe kernel.function("resched_task")?, kernel.function("resched_curr") {
		println(@defined(@cast(0, "bio")->bi_size) ? 1 : @cast(0, "bio")->bi_iter->bi_size) }' >"$tmp/out" 2>&1
	if ! grep -q WARNING "$tmp/out" && [ "$(grep -c 'function("resched' "$tmp/out")" -eq 1 ]; then
		echo "ok names/asked $k"
	else
		echo "not ok names/asked $k: $(head -3 "$tmp/out" | tr '\n' '|')"
		status=1
	fi
done
cat "$tmp"/*.facts | awk '$5 == "subject" { has[$2] = 1 } { all[$2] = 1 } END { for (f in all) if (!has[f]) print f }' >"$tmp/unseen"
if [ -s "$tmp/unseen" ]; then
	echo "not ok names/unseen: no kernel here has $(head -5 "$tmp/unseen" | tr '\n' ' ')"
	status=1
fi
exit $status
