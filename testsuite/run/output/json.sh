# --json: every line is an object, and they say what the text says.
"$STAPRUN" --json "$KO/t_json_mod.ko" > "$W/out" 2> "$W/err" && { echo "status 0"; exit 1; }
"$STAPRUN" "$KO/t_json_mod.ko" > "$W/text" 2> "$W/err.text"
cmp "$W/err" "$W/err.text" || { echo "the messages differ: $(cat "$W/err")"; exit 1; }
cat > "$W/check.py" <<'P'
import json, re, sys
out = [json.loads(l) for l in open(sys.argv[1])]
def want(a, b):
    if a != b: sys.exit("%r, not %r" % (a, b))
for r in out[:-1]:
    want(sorted(set(r) & {"time", "cpu", "probe"}), ["cpu", "probe", "time"])
want([r["time"] for r in out[:-1]], sorted(r["time"] for r in out[:-1]))
want({r["probe"] for r in out[:-1]}, {"begin", "error"})
want(out[0]["text"], "42 sixseven of 1%\n")
want(list(out[0]["fields"].values()), [42, "sixseven", 1])
want(list(out[0]["fields"])[0], "x * 7"); want(list(out[0]["fields"])[2], "pid() > 0")
want(out[1]["fields"]["x"], 6)
want(out[2]["fields"], {"execname()": "stapio"})
want(out[3]["text"], "constant\n")
want(out[4]["histogram"], {"of": "s", "kind": "log", "buckets": [
    {"from": -2, "count": 1}, {"from": 1, "count": 1}, {"from": 4, "count": 2}]})
want(out[5]["histogram"], {"of": "t", "keys": ["k", 2], "kind": "linear", "buckets": [
    {"from": 10, "count": 1}, {"above": 100, "count": 1}]})
want(out[7]["fields"], {"@count(s)": 4, "@sum(s)": 8, "@avg(t[\"k\", 2])": 507})
want(out[8]["warning"], "careful")
want(out[9]["error"].split(" near ")[0], "over")
want(out[10]["text"], "error probe\n")
want(out[-1]["end"]["errors"], 1); want(out[-1]["end"]["status"], 1)
text = "".join(r.get("text", "") for r in out)
plain = [l for l in open(sys.argv[2]) if "|" not in l and not l.startswith("value") and l.strip() != "~"]
want(re.sub("\n+", "\n", "".join(plain)), re.sub("\n+", "\n", text))
P
python3 "$W/check.py" "$W/out" "$W/text" 2>&1 || { head -c 2000 "$W/out"; exit 1; }
