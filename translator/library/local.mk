noinst_LIBRARIES += translator/library/liblibrary.a
translator_library_liblibrary_a_SOURCES = \
	translator/library/library.c translator/library/defs.c \
	translator/library/library.h \
	translator/library/search.c \
	translator/library/search.h

check_PROGRAMS += testsuite/unit/test_library
testsuite_unit_test_library_SOURCES = testsuite/unit/test_library.c testsuite/unit/syntax_setup.h
testsuite_unit_test_library_LDADD = translator/library/liblibrary.a translator/syntax/libsyntax.a \
	translator/base/libbase.a
TESTS += testsuite/unit/test_library
