noinst_LIBRARIES += translator/sema/libsema.a
translator_sema_libsema_a_SOURCES = translator/sema/sema.c translator/sema/points.c \
	translator/sema/handler.c translator/sema/fold.c translator/sema/target.c translator/sema/datum.c \
	translator/sema/pretty.c translator/sema/bind.c translator/sema/function.c translator/sema/elide.c \
	translator/sema/collect.c translator/sema/infer.c translator/sema/format.c \
	translator/sema/check.c translator/sema/entry.c translator/sema/walk.c \
	translator/sema/list.c translator/sema/dump.c

check_PROGRAMS += testsuite/unit/test_sema
testsuite_unit_test_sema_SOURCES = testsuite/unit/test_sema.c testsuite/unit/syntax_setup.h
testsuite_unit_test_sema_LDADD = translator/sema/libsema.a translator/family/libfamily.a \
	translator/library/liblibrary.a translator/program/libprogram.a \
	translator/syntax/libsyntax.a translator/base/libbase.a
TESTS += testsuite/unit/test_sema
