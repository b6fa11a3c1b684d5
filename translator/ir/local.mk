noinst_LIBRARIES += translator/ir/libir.a
translator_ir_libir_a_SOURCES = \
	translator/ir/ir.c \
	translator/ir/ir.h \
	translator/ir/lower.c \
	translator/ir/lower.h \
	translator/ir/lower_assign.c \
	translator/ir/lower_enum.c \
	translator/ir/lower_expr.c \
	translator/ir/lower_print.c \
	translator/ir/lower_stmt.c \
	translator/ir/lower_target.c \
	translator/ir/ops.def \
	translator/ir/print.c \
	translator/ir/verify.c
