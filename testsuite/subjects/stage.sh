#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stage.sh SRC BUILD: probe points in programs, as -l, -L and --explain-probe show them, what passes 2 and 3 make of
# them, and their errors; no guest.  The programs are compiled here.
SRC=$1 BUILD=$2
. "$SRC/testsuite/lib/setup.sh"
. "$SRC/testsuite/lib/expect.sh"
stap=$BUILD/stap k=$(newest_kernel 6.1) area=programs
own_folder
sh "$SRC/testsuite/subjects/build.sh" "$tmp" > "$tmp/log" 2>&1 || { echo "not ok programs: not compiled: $(tail -3 "$tmp/log")"; exit 1; }
cp "$tmp/subject" "$tmp/damaged"
printf 'not an ELF file' > "$tmp/script"
chmod +x "$tmp/script"
P=$tmp/subject

at='@subject\.c:[0-9]+"\)'
work="process\(\"T/subject\"\)\.function\(\"work$at"
expect entry "^$work \\\$n:int\|\$" -L "process(\"$P\").function(\"work\")"
expect return "^$work\.return \\\$return:int \\\$n:int\|\$" -L "process(\"$P\").function(\"work\").return"
expect static "^process\(\"T/subject\"\)\.function\(\"find$at\.call \\\$list:struct node\* \\\$value:int\|\$" \
	-L "process(\"$P\").function(\"find\").call"
expect inline 'function\("inlined@' -l "process(\"$P\").function(\"inlined\").inline"
expect inlined-return 'inlined everywhere' -l "process(\"$P\").function(\"inlined\").return"
expect statement "^process\(\"T/subject\"\)\.statement\(\"work$at" -l "process(\"$P\").statement(\"work@subject.c:*\")"
expect library '^process\("T/subject"\)\.library\("T/libsubject\.so\.1"\)\.function\("lib_add@lib\.c:[0-9]+"\)' \
	-l "process(\"$P\").library(\"libsubject.so.1\").function(\"lib_add\")"
expect library-path '^process\("T/libsubject\.so\.1"\)\.function\("lib_add@' \
	-l "process(\"$tmp/libsubject.so.1\").function(\"lib_add\")"
expect exported 'function\("lib_(add|calls)@[^|]*exported\|process[^|]*lib_(add|calls)@[^|]*\|$' \
	-l "process(\"$tmp/libsubject.so.1\").function(\"*\").exported"
expect glob 'process\("T/subject"\)[^|]*work@.*process\("T/subject0"\)[^|]*work@' -l "process(\"$tmp/subject*\").function(\"work\")"
expect stripped '^process\("T/stripped"\)\.function\("work"\)\|$' -L "process(\"$tmp/stripped\").function(\"work\")"
expect target '^process\("T/subject"\)\.function\("work@' -l 'process.function("work")' -c "$P 1 2"
expect target-quotes '^process\("T/subject"\)\.function\("work@' -l 'process.function("work")' -c "$P 'a b' \"c;d\""
expect target-shell 'process\("/[^"]*sh"\)\.function|sh has no debuginfo' -l 'process.function("*")' -c "$P | cat"
expect no-target 'run with -c CMD or -x PID, or give its path' -l 'process.function("work")'
PATH=$tmp:$PATH expect in-path "^$work\|\$" -l 'process("subject").function("work")'
expect mark '^process\("T/subject"\)\.provider\("subject"\)\.mark\("plain"\) \$arg1:int \$arg2:long unsigned int\|$' \
	-L "process(\"$P\").mark(\"plain\")"
expect marks 'mark\("counted"\).*mark\("plain"\)' -l "process(\"$P\").provider(\"*\").mark(\"*\")"
expect no-mark 'no match: the marks of T/subject are subject\.plain, subject\.counted' -l "process(\"$P\").mark(\"plian\")"
expect no-marks 'no match: T/libsubject.so.1 has no marks' -l "process(\"$tmp/libsubject.so.1\").mark(\"x\")"
expect plt '^process\("T/subject"\)\.plt\("lib_add"\)\|$' -l "process(\"$P\").plt(\"lib_add\")"
expect no-plt 'does not call such a function' -l "process(\"$P\").plt(\"nothing\")"
expect similar 'no match \(similar functions: work' -l "process(\"$P\").function(\"wrok\")"
expect no-file "cannot find the program 'T/none'" -l "process(\"$tmp/none\").function(\"x\")"
expect no-word "cannot find the program 'no-such-program' in \\\$PATH" -l 'process("no-such-program").function("x")'
expect script "'T/script' is no program or shared library" -l "process(\"$tmp/script\").function(\"x\")"
expect no-library "no shared library 'libnothing.so' is linked" -l "process(\"$P\").library(\"libnothing.so\").function(\"x\")"
expect no-debuginfo "unable to find local 'n'.*T/stripped has no debuginfo.*-g" \
	-p2 -e "probe process(\"$tmp/stripped\").function(\"work\") { println(\$n) }"
expect alternatives "unable to find local 'm'.*did you mean \\\$n" -p2 -e "probe process(\"$P\").function(\"work\") { println(\$m) }"
expect guru 'write to target variable not permitted' -p2 -e "probe process(\"$P\").function(\"work\") { \$n = 1 }"
expect other-program 'can be read in probes of that file only' \
	-p2 -e "probe process(\"$P\").function(\"work\") { println(@var(\"calls@lib.c\", \"$tmp/libsubject.so.1\")) }"
expect unprivileged 'process\("T/subject"\)\.function\("work@' --unprivileged -p2 -e "probe process(\"$P\").function(\"work\") { println(\$n) }"
expect callees-deep 'of programs one level is known, callees\(1\)' -l "process(\"$P\").function(\"main\").callees(2)"
expect callees 'callee\("work@.*subject.c' -l "process(\"$P\").function(\"once\").callees"
expect absent 'single steps of a process .* are not supported' -p2 -e 'probe process("x").insn { exit() }'
expect unknown 'mismatch \(similar: function' -p2 -e 'probe process("x").functoin("y") { exit() }'
expect explain 'armed as: a breakpoint in the program' --explain-probe "process(\"$P\").function(\"work\")"
expect explain-mark 'arguments, as the compiler wrote them: -4@%' --explain-probe "process(\"$P\").mark(\"plain\")"
expect life '^process\("T/subject"\)\.end\|process\.begin\|$' -l "process.begin, process(\"$P\").end"
expect syscall '^process\.syscall \$syscall:long int \$arg1:long int' -L process.syscall
expect syscall-return '^process\.syscall\.return \$return:long int \$syscall:long int\|$' -L process.syscall.return
expect pid "there is no process 999999999" -l 'process(999999999).function("x")'
sleep 60 & pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do	# until it is sleep, with its library
	grep -q sleep "/proc/$pid/comm" && grep -q 'r-xp.*libc' "/proc/$pid/maps" && break
	sleep 0.2
done
at=$(awk '/r-xp.*libc/ { sub("-.*", "", $1); print "0x" $1; exit }' /proc/$pid/maps)
expect pid-address 'process\([0-9]+\)\.statement\(0x[0-9a-f]+\)\.absolute' -g -l "process($pid).statement($at).absolute"
expect pid-nowhere 'has no code of a file at' -g -l "process($pid).statement(0x10).absolute"
kill $pid
expect absolute '^process\("T/subject"\)\.statement\(0x[0-9a-f]+\)\.absolute\|$' -g \
	-l "process(\"$P\").statement(0x$(nm "$P" | awk '$3 == "work" { print $1 }')).absolute"
expect no-guru 'need stap -g' -l "process(\"$P\").statement(0x1234).absolute"
if command -v g++ > /dev/null; then
	printf 'namespace a { namespace b { struct S { int n; int times(int k) const; };
int S::times(int k) const { return n * k; }
int inner(const S *s) { return s->times(2); } } } int main() { a::b::S s = { 3 }; return a::b::inner(&s); }\n' > "$tmp/space.cc"
	g++ -g -O0 "$tmp/space.cc" -o "$tmp/space"
	expect namespaces 'function\("inner@[^|]*space.cc:3"\) \$s:struct S const\*\|process[^|]*"times@[^|]*space.cc:[12]"\) \$this:' \
		-L "process(\"$tmp/space\").function(\"inner\"), process(\"$tmp/space\").function(\"times\")"
fi
# Files that were cut are errors, or have fewer functions.
size=$(wc -c < "$tmp/subject")
for part in 1 2 3 5 7; do
	head -c $((size * part / 8)) "$tmp/subject" > "$tmp/damaged"
	timeout 60 "$stap" -r "$k" -l "process(\"$tmp/damaged\").function(\"*\")" > "$tmp/out" 2>&1
	timeout 60 "$stap" -r "$k" -l "process(\"$tmp/damaged\").mark(\"*\"), process(\"$tmp/damaged\").plt" >> "$tmp/out" 2>&1
	status=$?
	[ $status -le 1 ] && ! grep -q 'ERROR: AddressSanitizer\|runtime error' "$tmp/out" && echo "ok programs damaged-$part" ||
		{ echo "not ok programs damaged-$part: status $status: $(head -3 "$tmp/out")"; failed=1; }
done
exit $failed
