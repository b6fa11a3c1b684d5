# The portable half of the runtime's data room, for stapio and for its unit test.
# (In the kernel these files are built from runtime/sources.list.)
noinst_LIBRARIES += runtime/data/libdata.a
runtime_data_libdata_a_SOURCES = runtime/data/format.c runtime/data/format.h

check_PROGRAMS += testsuite/unit/test_data
testsuite_unit_test_data_SOURCES = testsuite/unit/test_data.c testsuite/unit/test_data.h \
	testsuite/unit/test_data_format.c
testsuite_unit_test_data_LDADD = runtime/data/libdata.a
TESTS += testsuite/unit/test_data
