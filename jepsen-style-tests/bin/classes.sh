# Sourced by what runs a class of this module: builds what is older than its sources, and sets root, class_path and java. Before it
# are set: module, and with_tests where test classes are needed, too. QUORATE_TEST_CLASS_PATH names classes that are ready, as a
# build has them that is under way.
root=$(dirname "$module")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
class_path=${QUORATE_TEST_CLASS_PATH:-}
if [ -z "$class_path" ]; then
    jar=$root/server/target/quorate-server.jar
    if [ -n "${with_tests:-}" ]; then
        built=$module/target/test-classes.built not_these=(-name target) skip=skipTests
    else
        built=$module/target/classes.built not_these=(-name target -o -path '*/src/test') skip=maven.test.skip
    fi
    if [ ! -f "$jar" ] || [ ! -d "$module/target/classes/io/quorate/jepsen" ] || [ ! -f "$built" ] ||
        [ -n "$(find "$root"/{pom.xml,proto,statemachine,client,server,jepsen-style-tests} \( "${not_these[@]}" \) -prune \
            -o -type f \( -path '*/src/*' -o -name pom.xml \) -newer "$built" -print -quit)" ]; then
        echo "building …" >&2
        mkdir -p "$module/target"
        : >"$built.now"
        (cd "$root" && mvn -q -B "-D$skip=true" package -pl jepsen-style-tests -am) </dev/null >&2
        mv "$built.now" "$built"
    fi
    class_path=$module/target/classes:$jar
fi
