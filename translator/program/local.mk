noinst_LIBRARIES += translator/program/libprogram.a
translator_program_libprogram_a_SOURCES = translator/program/ctype.c translator/program/loc.c

check_PROGRAMS += testsuite/unit/test_ctype
testsuite_unit_test_ctype_SOURCES = testsuite/unit/test_ctype.c
testsuite_unit_test_ctype_LDADD = translator/program/libprogram.a translator/base/libbase.a
TESTS += testsuite/unit/test_ctype
