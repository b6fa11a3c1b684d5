noinst_LIBRARIES += translator/syntax/libsyntax.a
translator_syntax_libsyntax_a_SOURCES = \
	translator/syntax/ast.c \
	translator/syntax/condition.c \
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
