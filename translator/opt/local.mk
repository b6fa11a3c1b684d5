noinst_LIBRARIES += translator/opt/libopt.a
translator_opt_libopt_a_SOURCES = translator/opt/copy.c translator/opt/dead.c translator/opt/fold.c translator/opt/opt.h \
	translator/opt/text.c

check_PROGRAMS += testsuite/unit/test_ir
testsuite_unit_test_ir_SOURCES = testsuite/unit/test_ir.c testsuite/unit/bind.c testsuite/unit/bind.h \
	testsuite/unit/syntax_setup.h
testsuite_unit_test_ir_LDADD = translator/opt/libopt.a translator/ir/libir.a translator/program/libprogram.a \
	translator/syntax/libsyntax.a translator/regex/libregex.a \
	translator/base/libbase.a
TESTS += testsuite/unit/test_ir
