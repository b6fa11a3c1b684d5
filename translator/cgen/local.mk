noinst_LIBRARIES += translator/cgen/libcgen.a
translator_cgen_libcgen_a_SOURCES = \
	translator/cgen/body.c \
	translator/cgen/cgen.c \
	translator/cgen/cgen.h \
	translator/cgen/counters.c \
	translator/cgen/data.c \
	translator/cgen/embed.c \
	translator/cgen/emit.h \
	translator/cgen/expr.c \
	translator/cgen/inner_names.c \
	translator/cgen/map.c \
	translator/cgen/needs.c \
	translator/cgen/probes.c \
	translator/cgen/regex.c \
	translator/cgen/rows.c \
	translator/cgen/stmt.c \
	translator/cgen/unit.c

# Links what is below the families, the session (what options say) among it.
check_PROGRAMS += testsuite/unit/test_cgen
testsuite_unit_test_cgen_SOURCES = testsuite/unit/test_cgen.c testsuite/unit/random_cases.c testsuite/unit/random_cases.h testsuite/unit/bind.c testsuite/unit/bind.h \
	testsuite/unit/cgen_cases.inc testsuite/unit/cgen_declarations.inc testsuite/unit/syntax_setup.h
testsuite_unit_test_cgen_LDADD = translator/cgen/libcgen.a translator/opt/libopt.a translator/ir/libir.a \
	translator/program/libprogram.a translator/syntax/libsyntax.a translator/session/libsession.a \
	translator/regex/libregex.a translator/base/libbase.a
EXTRA_DIST += testsuite/unit/mock_runtime.c testsuite/unit/mock_error.h
TESTS += testsuite/unit/test_cgen

# The scripts of testsuite/{parse,sem,trans}{ok,ko}; the kernel and its debuginfo are world.c's.
check_PROGRAMS += testsuite/unit/test_scripts
testsuite_unit_test_scripts_SOURCES = testsuite/unit/test_scripts.c testsuite/unit/world.c testsuite/unit/world.h \
	testsuite/unit/syntax_setup.h
testsuite_unit_test_scripts_LDADD = translator/cgen/libcgen.a translator/opt/libopt.a translator/sema/libsema.a \
	translator/family/libfamily.a translator/ir/libir.a translator/library/liblibrary.a translator/session/libsession.a \
	translator/program/libprogram.a translator/syntax/libsyntax.a translator/regex/libregex.a \
	translator/base/libbase.a
TESTS += testsuite/unit/test_scripts

# Random handlers: reference interpreter against generated C.
check_PROGRAMS += testsuite/unit/test_random
testsuite_unit_test_random_SOURCES = testsuite/unit/test_random.c testsuite/unit/interp.c testsuite/unit/interp.h \
	testsuite/unit/bind.c testsuite/unit/bind.h testsuite/unit/syntax_setup.h
testsuite_unit_test_random_LDADD = $(testsuite_unit_test_cgen_LDADD)
TESTS += testsuite/unit/test_random

# Mutated scripts through passes 1 to 3.
check_PROGRAMS += testsuite/unit/test_translate_fuzz
testsuite_unit_test_translate_fuzz_SOURCES = testsuite/unit/test_syntax_fuzz.c testsuite/fuzz/fuzz_translate.c \
	testsuite/unit/world.c testsuite/unit/world.h testsuite/unit/syntax_setup.h
testsuite_unit_test_translate_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"[st][er][ma]*[ok]"' -DROUNDS=1500
testsuite_unit_test_translate_fuzz_LDADD = $(testsuite_unit_test_scripts_LDADD)
TESTS += testsuite/unit/test_translate_fuzz
