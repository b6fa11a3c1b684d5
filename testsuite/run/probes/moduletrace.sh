# Tracepoints of a module that is loaded after the probes are armed: a packet to ourselves over vsock.
command -v python3 > /dev/null && modinfo vsock_loopback > /dev/null 2>&1 || { echo "no python3 or no vsock_loopback"; exit 77; }
cat > "$W/do" <<'DO'
modprobe vsock_loopback && python3 -c '
import socket
s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
try: s.connect((1, 4321))
except OSError: pass'
DO
"$STAPRUN" -c "sh $W/do" "$KO/t_moduletrace_mod.ko" > "$W/out" 2> "$W/err" || { cat "$W/err"; exit 1; }
grep -q '^1 4321 1$' "$W/out" || { echo "printed: $(cat "$W/out"); $(cat "$W/err")"; exit 1; }
grep -v 'will be armed when vmw_vsock_virtio_transport_common is loaded' "$W/err" && exit 1
rmmod vsock_loopback vmw_vsock_virtio_transport_common vsock
true
