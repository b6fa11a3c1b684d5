noinst_LIBRARIES += translator/sema/libsema.a
translator_sema_libsema_a_SOURCES = translator/sema/sema.c translator/sema/points.c translator/sema/point_shape.c translator/sema/point_sight.c translator/sema/point_unknown.c \
	translator/sema/handler.c translator/sema/fold.c translator/sema/called.c translator/sema/counter.c translator/sema/renamed.c translator/sema/target.c translator/sema/target_start.c translator/sema/target_text.c translator/sema/target_failure.c translator/sema/datum.c \
	translator/sema/pretty.c translator/sema/bind.c translator/sema/function.c translator/sema/elide.c translator/sema/enumerator.c \
	translator/sema/collect.c translator/sema/infer.c translator/sema/aggregate.c translator/sema/format.c \
	translator/sema/check.c translator/sema/privilege.c translator/sema/entry.c translator/sema/unset.c translator/sema/walk.c translator/sema/autocast.c \
	translator/sema/display.c translator/sema/list.c translator/sema/names.c translator/sema/dump.c
