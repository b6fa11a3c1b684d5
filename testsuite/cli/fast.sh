#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fast.sh SRC BUILD: modules made by replay against those that kbuild makes, on both kernels: the same sections, undefined
# symbols with the same versions, .modinfo; and the sections that the kernel wants for unwinding and mitigations.
SRC=$1 BUILD=$2
. "$SRC/testsuite/lib/setup.sh"
STAP=$BUILD/stap
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
export SYSTEMTAP_DIR=$T/state TMPDIR=$T
new_state "$SYSTEMTAP_DIR"
cd "$T" || exit 1
mkdir replay kbuild

plain='global n probe kernel.function("vfs_read") { n[execname()] <<< $count } probe end { print(@hist_log(n["x"])) }'
# Symbols that the runtime does not import, so that versions come from Module.symvers.
guru='%{ #include <linux/utsname.h>
#include <linux/random.h> %}
function version:string() %{ /* pure */ strscpy(STAP_RETVALUE, init_uts_ns.name.release, MAXSTRINGLEN); %}
function roll:long() %{ STAP_RETVALUE = get_random_u32(); %}
probe begin { printf("%s %d\n", version(), roll()) exit() }'

# Sections with name, type, flags; without those of debuginfo and the BTF made from it, which replay leaves out.
sections() { readelf -SW "$1" | sed -n 's/^ *\[[ 0-9]*\] //p' | awk 'NF > 6 { print $1, $2, $(NF - 3) }' | grep -vE 'debug|^\.BTF' | sort; }
undefined() { nm -u "$1" | sort; }
versions() { objcopy -O binary -j __versions --set-section-flags __versions=alloc "$1" /dev/stdout | od -An -v -tx1 -w64 | sort; }
modinfo_() { objcopy -O binary -j .modinfo "$1" /dev/stdout | tr '\0' '\n' | sort; }

this_module() { readelf -x .gnu.linkonce.this_module "$1"; readelf -rW "$1" | sed -n '/linkonce.this_module/,/^$/p' | awk '/R_/ { print $1, $3, $5 }'; }

for kernel in 6.1 6.12; do
	release=$(newest_kernel $kernel)
	[ -n "$release" ] || { echo "skip fast/$kernel: not installed"; continue; }
	for script in plain guru; do
		eval "text=\$$script"
		option=; [ $script = guru ] && option=-g
		(cd replay && "$STAP" -r "$release" $option -vv -p4 -m "m_$script" -e "$text") > log 2>&1 &&
		(cd kbuild && "$STAP" -r "$release" $option --kbuild -p4 -m "m_$script" -e "$text") >> log 2>&1 ||
			{ echo "not ok fast/$kernel-$script: $(grep -aE 'rror' log | head -3 | tr '\n' ' ')"; continue; }
		for what in sections undefined versions modinfo_ this_module; do
			$what "replay/m_$script.ko" > a
			$what "kbuild/m_$script.ko" > b
			if [ -s a ] && cmp -s a b; then
				echo "ok fast/$kernel-$script-$what"
			else
				echo "not ok fast/$kernel-$script-$what: $(diff a b | head -4 | tr '\n' ' ')"
			fi
		done
	done
	sections replay/m_plain.ko > a
	for want in .orc_unwind .return_sites .gnu.linkonce.this_module; do
		grep -q "^$want " a && echo "ok fast/$kernel$want" || echo "not ok fast/$kernel$want: no such section"
	done
	grep -q 'using kbuild' log && echo "not ok fast/$kernel-replayed: $(grep -a 'using kbuild' log)"
done

# A compiler that says it is another version: a warning that names the package, and the module is made.
release=$(newest_kernel 6.1)
cc=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="*\([^ "]*\).*/\1/p' "/lib/modules/$release/build/include/config/auto.conf")
if grep -qs DEBIAN_KERNEL_NO_CC_VERSION_CHECK "/lib/modules/$release/build/.kernelvariables"; then
	echo "skip fast/other-compiler: the headers of $release name their compiler ($cc) and have kbuild compare nothing"
elif [ -n "$cc" ] && real=$(command -v "$cc"); then
	mkdir -p bin
	printf '#!/bin/sh\n[ "$1" = --version ] && { echo "%s (Other 99.1.0) 99.1.0"; exit; }\nexec %s "$@"\n' "$cc" "$real" > "bin/$cc"
	chmod +x "bin/$cc"
	PATH=$T/bin:$PATH "$STAP" -r "$release" --kbuild --disable-cache -p4 -m other -e 'probe begin { exit() }' > log 2>&1
	if [ $? -eq 0 ] && [ -s other.ko ] && grep -q 'WARNING: .*version 99' log && grep -q 'apt-get install gcc-[0-9]' log; then
		echo "ok fast/other-compiler"
	else
		echo "not ok fast/other-compiler: $(head -3 log | tr '\n' ' ')"
	fi
fi
exit 0
