# The program is named like its folder, so it stays inside: staprun/staprun in the build tree.
bin_PROGRAMS += staprun/staprun
staprun_staprun_SOURCES = staprun/main.c $(staprun_parts)
staprun_parts = staprun/child.c staprun/files.c staprun/load.c staprun/modinfo.c staprun/policy.c \
	staprun/staprun.h runtime/abi.h
