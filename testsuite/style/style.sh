#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# style.sh SRC BUILD: the rules of the house that a machine can check.
SRC=$1
cd "$SRC" || exit 1
status=0
check() {	# check NAME OFFENDERS: passes when there are none
	if [ -z "$2" ]; then
		echo "ok style/$1"
	else
		echo "not ok style/$1: $(echo "$2" | head -5 | tr '\n' ' ')"
		status=1
	fi
}
sources() { find translator runtime staprun stapio testsuite \( -name '*.c' -o -name '*.h' \) -type f | sort; }

# Headers of the translator compile alone.
check headers "$(find translator -name '*.h' | sort | while read -r h; do
	gcc -std=gnu11 -D_GNU_SOURCE -fsyntax-only -Itranslator -Iruntime -I. -x c "$h" 2>/dev/null || echo "$h"; done)"
# Only dbginfo/ knows libdw and libelf, only cache/ knows SQLite.
check libdw "$(grep -lE '#include <(elfutils/|dwarf\.h|gelf\.h|libelf\.h)' -r translator staprun stapio | grep -v '^translator/dbginfo/')"
check sqlite "$(grep -lE '#include <sqlite3' -r translator staprun stapio | grep -v '^translator/cache/')"
# Lower layers do not include higher ones.
layer() {	# layer ROOM "ALLOWED|..."
	grep -nE '#include "[a-z]+/' -r "translator/$1" 2>/dev/null | grep -vE "#include \"($1|$2)/" | sed "s/:#include//"
}
check layers "$(layer base base; layer syntax base; layer program 'base|syntax|family'; layer library 'base|syntax'
	layer dbginfo 'base|program|cache'; layer session 'base|syntax'; layer ir 'base|syntax|program|regex'
	layer opt 'base|ir|program|syntax'; layer cgen 'base|ir|program|session|family|syntax'
	layer family 'base|session|program|syntax|dbginfo'; layer sema 'base|session|regex|program|syntax|library|family|dbginfo'
	layer cache base; layer build 'base|session|cache'; layer run 'base|session')"
# sema knows families only through family.h; staprun and stapio share only the ABI with the runtime.
check families "$(grep -nE '#include "family/' -r translator/sema | grep -v 'family/family.h"')"
check no-version-tests "$(grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION' -r runtime)"
check spdx "$(sources | while read -r f; do head -1 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f"; done)"
check length "$(sources | while read -r f; do [ "$(wc -l < "$f")" -le 1000 ] || echo "$f"; done)"
check width "$(sources | xargs awk '{ gsub(/\t/, "        ") } length($0) > 120 { print FILENAME ":" FNR; n++ } n > 5 { exit }')"
check blanks "$(sources | xargs grep -nE '[ 	]+$' | head -5)"
# Every tag of a message is in the catalogue, and is explained.
check tags "$(find translator -name '*.c' -exec cat {} + | tr '\n\t' '  ' |
	grep -oE '\b(diag_error2?|diag_warn|token_error|family_unresolved|fail|target_fail|err)\([^"();]*(\([^()]*\)[^"();]*)*"[a-z0-9]+(-[a-z0-9]+)*",?' |
	grep -oE '"[a-z0-9-]+"' | sort -u | while read -r tag; do
	grep -qF "DIAG($tag, \"" translator/base/diag.def || echo "$tag (not in translator/base/diag.def)"; done)"
# No path of a build machine in anything that is shipped.
check paths "$(grep -rnE '/(work|root|home/[a-z]+)/' translator runtime staprun stapio tapset examples README ARCHITECTURE.md 2>/dev/null | grep -v '/root/\.systemtap' | head -5)"
for f in quickstart runtests .ci/run testsuite/lib/*.sh testsuite/run/*.sh testsuite/vm/*.sh testsuite/cli/*.sh; do
	[ -f "$f" ] && ! sh -n "$f" 2>/dev/null && bad="$bad $f"
done
check shell "$bad"
exit $status
