# What the scripts of this directory have in common. It is read by them, not run.

# Java 17 wants to be told that the engines may look into these.
java_flags=(-Dorg.apache.logging.log4j.level=INFO -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-exports java.base/sun.net.util=ALL-UNNAMED)
for p in java.lang java.lang.invoke java.lang.reflect java.util java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks \
	java.nio java.io java.net java.text java.time sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
	java_flags+=(--add-opens "java.base/$p=ALL-UNNAMED")
done

missing() {
	echo "engines: $*" >&2
	exit 75
}

# fetch prints the folder with the jars of an engine, after it has fetched what is not there.
fetch() {
	local pom=$here/$1/pom.xml dir
	[ -f "$pom" ] || { echo "engines: no engine $1" >&2; exit 2; }
	command -v java >/dev/null || missing "no java"
	[ "$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')" -ge 17 ] || missing "java is older than 17"
	dir=${XDG_CACHE_HOME:-$HOME/.cache}/neardup-engines/$1-$(cksum <"$pom" | cut -d' ' -f1)
	if [ ! -d "$dir" ]; then
		command -v mvn >/dev/null || missing "no mvn"
		mkdir -p "${dir%/*}"
		local part=$dir.part.$$
		echo "engines: fetching the artifacts of $1" >&2
		if ! mvn -B -q -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$part" >"$part.log" 2>&1; then
			tail -n 5 "$part.log" >&2
			rm -rf "$part" "$part.log"
			missing "the artifacts of $1 cannot be had"
		fi
		rm -f "$part.log"
		mv "$part" "$dir" 2>/dev/null || rm -rf "$part" # somebody else was faster
	fi
	echo "$dir"
}

# await waits for a line in the log of a process and prints what a sed program makes of it.
await() {
	local found
	for _ in $(seq 300); do
		found=$(sed -n "$3" "$2" 2>/dev/null | head -n 1)
		[ -z "$found" ] || { echo "$found"; return; }
		kill -0 "$1" 2>/dev/null || break
		sleep 0.2
	done
	echo "engines: not started:" >&2
	tail -n 20 "$2" >&2
	return 1
}

# used tells the processor time and the largest memory of a process.
used() {
	local ticks peak
	ticks=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $12 + $13}')
	peak=$(sed -n 's/VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -z "$ticks" ] || printf 'engines: %s used %d s of processor time and %d MB\n' "$2" $((ticks / $(getconf CLK_TCK))) $((peak / 1024))
}
