// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seconds since 1970 to "Thu Jan  1 00:00:00 1970", in UTC, by the proleptic Gregorian calendar.
 * Limits are those that the tapset reference gives for ctime(): 32 bits of seconds.
 */
#include "data/format.h"

/* Days since 1970-01-01 to a date; years are counted from March, so that leap days come last. */
static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t from0 = days + 719468;		/* since 0000-03-01 */
	int64_t era = from0 / 146097;		/* 400 years; never negative within the limits */
	int64_t d = from0 - era * 146097;
	int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t in_year = d - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;	/* 0 = March */

	*day = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 2 : m - 10;	/* 0 = January */
	*year = era * 400 + y + (*month < 2);
}

bool stp_ctime(char *to, uint32_t size, int64_t seconds)
{
	static const char weekdays[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t days, left, year, month, day;
	union stp_val v[7];

	if (seconds < -2147483648LL || seconds > 2147483647LL) {
		stp_strcpy(to, "", size);
		return false;
	}
	days = seconds / 86400;
	left = seconds % 86400;
	if (left < 0) {
		left += 86400;
		days--;
	}
	date_of(days, &year, &month, &day);
	v[0].s = weekdays + 3 * ((days + 4 + 7 * 10000) % 7);
	v[1].s = months + 3 * month;
	v[2].n = day;
	v[3].n = left / 3600;
	v[4].n = left / 60 % 60;
	v[5].n = left % 60;
	v[6].n = year;
	stp_format(to, size, "%.3s %.3s %2d %02d:%02d:%02d %d", v, 7, NULL);
	return true;
}
