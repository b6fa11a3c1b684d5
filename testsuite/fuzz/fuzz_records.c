// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes of a trace file, after a table of formats, through stapio's reader, merge and formatter. */
#include <stdlib.h>
#include <string.h>
#include "stapio/format.h"
#include "stapio/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = size ? data[0] < size ? data[0] : size - 1 : 0;
	struct stream streams[2] = { 0 }, *all[] = { &streams[0], &streams[1] };
	struct merge m = { .streams = all, .n = 2 };
	struct formats f;
	struct json j;
	struct bytes out = { 0 };
	int i;

	if (!formats_init(&f, data + !!size, cut))
		memset(&f, 0, sizeof(f));
	if (!json_init(&j, &f, calloc(1, 16), 16))
		return 0;
	for (i = 0; i < 2 && size; i++) {
		memcpy(stream_room(&streams[i], size), data + 1 + cut, size - 1 - cut);
		streams[i].end += size - 1 - cut;
	}
	while ((i = merge_next(&m, true)) >= 0) {
		json_record(&out, &j, i, &streams[i].first);
		if (streams[i].first.type == STP_REC_PRINTF)
			format_printf(&out, &f, streams[i].first.payload, streams[i].first.len);
		out.len = 0;
		stream_drop(&streams[i]);
	}
	json_deinit(&j);
	formats_deinit(&f);
	stream_deinit(&streams[0]);
	stream_deinit(&streams[1]);
	free(out.v);
	return 0;
}
