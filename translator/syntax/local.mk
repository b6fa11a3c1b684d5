noinst_LIBRARIES += translator/syntax/libsyntax.a
translator_syntax_libsyntax_a_SOURCES = \
	translator/syntax/ast.c translator/syntax/ast.h translator/syntax/lex.h \
	translator/syntax/parse.h translator/syntax/pp.h translator/syntax/syntax.h \
	translator/syntax/tokens.def \
	translator/syntax/condition.c \
	translator/syntax/directive.c translator/syntax/directive.h \
	translator/syntax/format.c translator/syntax/habit.c \
	translator/syntax/format.h \
	translator/syntax/lex.c \
	translator/syntax/macro.c \
	translator/syntax/parse.c \
	translator/syntax/parse_at.c \
	translator/syntax/parse_decl.c \
	translator/syntax/parse_expr.c \
	translator/syntax/parse_foreach.c \
	translator/syntax/parse_point.c \
	translator/syntax/parse_stmt.c \
	translator/syntax/parse_value.c \
	translator/syntax/pp.c \
	translator/syntax/print.c \
	translator/syntax/print_expr.c \
	translator/syntax/token.c

syntax_test_libs = translator/syntax/libsyntax.a translator/base/libbase.a
check_PROGRAMS += testsuite/unit/test_syntax testsuite/unit/test_syntax_fuzz
testsuite_unit_test_syntax_SOURCES = testsuite/unit/test_syntax.c testsuite/unit/syntax_setup.h
testsuite_unit_test_syntax_LDADD = $(syntax_test_libs)
testsuite_unit_test_syntax_fuzz_SOURCES = testsuite/unit/test_syntax_fuzz.c \
	testsuite/fuzz/fuzz_parse.c testsuite/unit/syntax_setup.h
testsuite_unit_test_syntax_fuzz_LDADD = $(syntax_test_libs)
TESTS += testsuite/unit/test_syntax testsuite/unit/test_syntax_fuzz
