# The program is named like its folder, so it stays inside: staprun/staprun in the build tree.
bin_PROGRAMS += staprun/staprun
staprun_staprun_SOURCES = staprun/main.c $(staprun_parts)
staprun_parts = staprun/child.c staprun/files.c staprun/load.c staprun/modinfo.c staprun/policy.c staprun/request.c \
	staprun/staprun.h runtime/abi.h

check_PROGRAMS += testsuite/unit/test_staprun
testsuite_unit_test_staprun_SOURCES = testsuite/unit/test_staprun.c testsuite/fuzz/fuzz_staprun.c \
	staprun/policy.c staprun/modinfo.c staprun/request.c
testsuite_unit_test_staprun_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc
TESTS += testsuite/unit/test_staprun
