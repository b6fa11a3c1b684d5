noinst_LIBRARIES += translator/regex/libregex.a
translator_regex_libregex_a_SOURCES = \
	translator/regex/capture.c \
	translator/regex/dfa.c \
	translator/regex/nfa.h \
	translator/regex/parse.c \
	translator/regex/places.c \
	translator/regex/regex.h

check_PROGRAMS += testsuite/unit/test_regex
testsuite_unit_test_regex_SOURCES = testsuite/unit/test_regex.c
testsuite_unit_test_regex_LDADD = translator/regex/libregex.a translator/base/libbase.a
TESTS += testsuite/unit/test_regex
