# The portable half of the runtime's data room, for stapio and for its unit test.
# (In the kernel these files are built from runtime/sources.list.)
noinst_LIBRARIES += runtime/data/libformat.a
runtime_data_libformat_a_SOURCES = runtime/data/format.c runtime/data/format.h

check_PROGRAMS += testsuite/unit/test_data
testsuite_unit_test_data_SOURCES = testsuite/unit/test_data.c testsuite/unit/test_data.h \
	testsuite/unit/mock_error.h testsuite/unit/test_data_format.c testsuite/unit/test_data_text.c \
	testsuite/unit/test_data_names.c testsuite/unit/test_data_map.c testsuite/unit/test_data_stat.c \
	runtime/data/data.h runtime/data/map.h runtime/data/memory.h runtime/data/text.h \
	runtime/data/date.c runtime/data/errno.c runtime/data/hist.c runtime/data/ip6.c runtime/data/iter.c \
	runtime/data/map.c runtime/data/names.c runtime/data/quote.c runtime/data/stat.c runtime/data/string.c \
	runtime/data/utf.c
testsuite_unit_test_data_LDADD = runtime/data/libformat.a
TESTS += testsuite/unit/test_data

check_PROGRAMS += testsuite/unit/test_float
testsuite_unit_test_float_SOURCES = testsuite/unit/test_float.c runtime/data/float.c runtime/data/float.h \
	runtime/data/decimal.c runtime/data/float_parts.h
testsuite_unit_test_float_LDADD = -lm
TESTS += testsuite/unit/test_float
