noinst_LIBRARIES += stapio/libstapio.a
stapio_libstapio_a_SOURCES = stapio/stream.c stapio/stream.h stapio/format.c stapio/format.h \
	stapio/output.c stapio/output.h stapio/child.c stapio/child.h stapio/control.c stapio/control.h \
	stapio/colour.c stapio/colour.h stapio/json.c stapio/json.h stapio/report.c stapio/report.h

# The program is named like its folder, so it stays inside: stapio/stapio in the build tree.
pkglibexec_PROGRAMS += stapio/stapio
stapio_stapio_SOURCES = stapio/main.c stapio/session.c stapio/session_output.c stapio/session.h
stapio_stapio_LDADD = stapio/libstapio.a runtime/data/libformat.a -lpthread

bin_PROGRAMS += stap-merge
stap_merge_SOURCES = stapio/merge.c stapio/bulk.h

check_PROGRAMS += testsuite/unit/test_stapio
testsuite_unit_test_stapio_SOURCES = testsuite/unit/test_stapio.c testsuite/fuzz/fuzz_records.c
testsuite_unit_test_stapio_LDADD = stapio/libstapio.a runtime/data/libformat.a -lpthread
TESTS += testsuite/unit/test_stapio

check_PROGRAMS += testsuite/unit/test_stapio_faults
testsuite_unit_test_stapio_faults_SOURCES = testsuite/unit/test_stapio_faults.c stapio/session.c stapio/session_output.c
testsuite_unit_test_stapio_faults_LDADD = stapio/libstapio.a runtime/data/libformat.a -lpthread
testsuite_unit_test_stapio_faults_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=strdup,--wrap=strndup,--wrap=write
TESTS += testsuite/unit/test_stapio_faults
