noinst_LIBRARIES += translator/family/libfamily.a
translator_family_libfamily_a_SOURCES = translator/family/registry.c translator/family/absent.c translator/family/been.c \
	translator/family/debuginfo.c translator/family/hwbkpt.c translator/family/kprobe.c translator/family/kprobe_absent.c \
	translator/family/kprobe_explain.c \
	translator/family/kprobe_part.c translator/family/kprobe_search.c translator/family/mark.c translator/family/never.c translator/family/operand.c \
	translator/family/netfilter.c translator/family/perf.c translator/family/procfs.c \
	translator/family/process.c translator/family/program.c \
	translator/family/timer.c translator/family/tracepoint.c translator/family/uprobe.c
